"""Mailpit as a client meets it: addresses, messages, events, one connection and its supervisor. No Qt here."""
