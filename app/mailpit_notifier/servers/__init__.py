"""The Mailpit servers of the program: how they are found and connected, and what happens to their messages."""
