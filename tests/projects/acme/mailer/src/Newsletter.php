<?php

declare(strict_types=1);

namespace Acme\Mailer;

use PHPMailer\PHPMailer\PHPMailer;

final class Newsletter
{
    private const SENDER = 'hello@acme.example';

    public function __construct(private string $smtpHost, private string $smtpPassword)
    {
    }

    public static function fromEnvironment(): self
    {
        return new self(
            getenv('SMTP_HOST') ?: 'localhost',
            getenv('SMTP_PASSWORD') ?: '',
        );
    }

    /** @param list<string> $recipients */
    public function send(string $subject, string $html, array $recipients): int
    {
        $sent = 0;
        foreach ($recipients as $recipient) {
            if (filter_var($recipient, FILTER_VALIDATE_EMAIL) === false) {
                continue;
            }
            $mail = $this->message();
            $mail->addAddress($recipient);
            $mail->Subject = $subject;
            $mail->Body = (new ImageEmbedder($mail))->embed($html);
            $mail->AltBody = strip_tags($html);
            $mail->send();
            $sent++;
        }

        return $sent;
    }

    private function message(): PHPMailer
    {
        $mail = new PHPMailer(true);
        $mail->isSMTP();
        $mail->Host = $this->smtpHost;
        $mail->SMTPAuth = true;
        $mail->Username = self::SENDER;
        $mail->Password = $this->smtpPassword;
        $mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;
        $mail->isHTML();
        $mail->setFrom(self::SENDER, 'Acme Parcel');

        return $mail;
    }
}
