"""One instance per user session, and the command socket to it."""
