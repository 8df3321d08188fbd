"""One instance per user session, and the socket over which commands reach it."""
