"""The commands that are not the tray application. None of them imports Qt."""
