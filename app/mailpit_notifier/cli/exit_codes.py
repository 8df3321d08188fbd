"""The exit codes that all commands share; a command that is run for somebody hands on its own."""

DONE = 0

NO = 1
"""The answer is no: no such mail in time, faults found, not all removed, refused by the running instance."""

FAILED = 2
"""Wrong usage, or something around us: the configuration, a file, a command that failed, nobody to ask."""

NOT_REACHED = 3
"""No server was ever reached."""
