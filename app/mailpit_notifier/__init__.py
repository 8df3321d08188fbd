"""Mailpit Notifier: a desktop notification for every mail that Mailpit captures."""

__version__ = "0.1.0"

APP_ID = "mailpit-notifier"
"""Command, desktop file name and icon name on every platform."""

APP_NAME = "Mailpit Notifier"
"""What people read; also the AppUserModelID on Windows and the bundle name on macOS."""
