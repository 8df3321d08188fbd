"""Announce each message once: by its own notification, or counted in a summary. See announcer.py for the parts."""
