"""The window with recent messages."""
