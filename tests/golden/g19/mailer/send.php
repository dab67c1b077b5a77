<?php

declare(strict_types=1);

require __DIR__ . '/ImageAttachments.php';

// A visitor's form: to whom, and the message with its fancy images. See ../message.html for one.
$recipient = filter_input(INPUT_POST, 'recipient', FILTER_VALIDATE_EMAIL);
if (!is_string($recipient)) {
    http_response_code(400);
    exit;
}

$boundary = bin2hex(random_bytes(16));
$html = '<html><body><p>Hello ' . $_POST['name'] . ',</p>' . $_POST['message'] . '</body></html>';

$body = "--$boundary\r\nContent-Type: text/html; charset=utf-8\r\n\r\n$html\r\n";
foreach (image_attachments($html) as $name => $content) {
    $body .= "--$boundary\r\n"
        . "Content-Type: application/octet-stream\r\n"
        . "Content-Transfer-Encoding: base64\r\n"
        . "Content-Disposition: attachment; filename=\"$name\"\r\n\r\n"
        . chunk_split(base64_encode($content));
}
$body .= "--$boundary--\r\n";

mail($recipient, 'A message for you', $body, [
    'From' => 'hello@startup.example',
    'MIME-Version' => '1.0',
    'Content-Type' => "multipart/mixed; boundary=\"$boundary\"",
]);
