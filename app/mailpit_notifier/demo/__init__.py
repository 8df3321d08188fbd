"""A stand-in for Mailpit, in its own process: for trying the program and for its tests. Nothing else imports it."""
