"""Integration with the desktop: autostart, menu entry, session bus, clipboard."""
