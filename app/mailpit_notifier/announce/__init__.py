"""Announcing: what is said of a mail, when, and that it is said once."""
