"""Controllers between a window, or a task of the user, and the servers: one module for each."""
