"""Mailpit Notifier: a desktop notification for each message that Mailpit captures."""

__version__ = "0.1.0"

APP_ID = "mailpit-notifier"
"""Command, desktop file name and icon name on all platforms."""

APP_NAME = "Mailpit Notifier"
"""The name that users see; also the AppUserModelID on Windows and the bundle name on macOS."""
