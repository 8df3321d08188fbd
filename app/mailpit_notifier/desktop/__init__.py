"""What the program is to the desktop, and asks of it: autostart, menu entry, session bus, clipboard."""
