"""What people see: tray, window, icons. Everything here runs on the Qt main thread and knows no network."""
