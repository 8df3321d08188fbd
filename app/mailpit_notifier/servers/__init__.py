"""The Mailpits that are listened to: where they are found, how they are reached, and what comes of their mails."""
