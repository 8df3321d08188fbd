"""The command line: all commands except the tray application itself. None of them imports Qt."""
