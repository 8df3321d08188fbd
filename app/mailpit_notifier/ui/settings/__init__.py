"""The settings window, loaded when it is first opened."""
