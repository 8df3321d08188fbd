"""What connects a window or a task of the user with the servers: one module for each."""
