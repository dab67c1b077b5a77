<?php

declare(strict_types=1);

require __DIR__ . '/../vendor/autoload.php';

use Acme\Mailer\Newsletter;
use Acme\Mailer\Preferences;

session_start();
if (!isset($_SESSION['user'])) {
    http_response_code(401);
    exit;
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST' || !hash_equals($_SESSION['csrf'] ?? '', $_POST['csrf'] ?? '')) {
    http_response_code(400);
    exit;
}

$html = '<html><body>' . $_POST['message'] . '</body></html>';
$recipients = Preferences::lists($_POST['campaign'])['recipients'] ?? [];
$sent = Newsletter::fromEnvironment()->send($_POST['subject'], $html, $recipients);

header('Content-Type: text/html; charset=utf-8');
echo '<!doctype html><html lang="' . Preferences::load()->language() . '">';
echo '<p>Sent to ' . $sent . ' readers: ' . htmlspecialchars($_POST['subject']) . '</p></html>';
