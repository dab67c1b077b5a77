<?php

declare(strict_types=1);

namespace Acme\Mailer;

use DOMDocument;
use PHPMailer\PHPMailer\PHPMailer;

/**
 * Turns the pictures of a newsletter into attachments, so that mail programs show them at once.
 */
final class ImageEmbedder
{
    public function __construct(private PHPMailer $mail)
    {
    }

    /** Returns the HTML with every `<img src>` pointing to its attachment. */
    public function embed(string $html): string
    {
        $document = new DOMDocument();
        @$document->loadHTML('<?xml encoding="utf-8">' . $html, LIBXML_NOERROR);

        foreach ($document->getElementsByTagName('img') as $number => $image) {
            $source = $image->getAttribute('src');
            if ($source === '') {
                continue;
            }
            $content = file_get_contents($source);
            if ($content === false) {
                continue;
            }
            $id = 'image' . $number;
            $this->mail->addStringEmbeddedImage($content, $id, basename($source));
            $image->setAttribute('src', 'cid:' . $id);
        }

        return (string) $document->saveHTML($document->documentElement);
    }
}
