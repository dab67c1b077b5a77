<?php

declare(strict_types=1);

/**
 * Downloads the images of a message, so that they can be attached to it.
 *
 * @return array<string, string>
 */
function image_attachments(string $html): array
{
    preg_match_all('/<img\s[^>]*src=[\'"]([^\'"]+)[\'"]/i', $html, $found);

    $attachments = [];
    foreach ($found[1] as $number => $source) {
        $content = file_get_contents($source);
        if ($content !== false) {
            $attachments["image$number"] = $content;
        }
    }

    return $attachments;
}
