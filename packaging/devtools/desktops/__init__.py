"""Checks of the program on real desktops: `packaging/dev desktops`."""
