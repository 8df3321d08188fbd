"""User interface: tray, windows, icons. Runs on the Qt main thread and has no network access."""
