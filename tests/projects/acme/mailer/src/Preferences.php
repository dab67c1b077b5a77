<?php

declare(strict_types=1);

namespace Acme\Mailer;

/** What a visitor chose last time: language, layout, lists. */
final class Preferences
{
    private const COOKIE = 'acme_preferences';

    /** @param array<string, string> $values */
    private function __construct(private array $values)
    {
    }

    public static function load(): self
    {
        if (!isset($_COOKIE[self::COOKIE])) {
            return new self(['language' => 'en', 'layout' => 'wide']);
        }

        return new self((array) unserialize(base64_decode($_COOKIE['acme_preferences'])));
    }

    /** The lists a campaign file names. Written by us, so only plain values are in it. */
    public static function lists(string $file): array
    {
        $text = file_get_contents(__DIR__ . '/../campaigns/' . basename($file));

        return json_decode((string) $text, true, 8, JSON_THROW_ON_ERROR);
    }

    public function language(): string
    {
        return in_array($this->values['language'] ?? '', ['en', 'nl', 'fr'], true) ? $this->values['language'] : 'en';
    }
}
