"""The versions of Mailpit that the stand-in behaves like, and says it is: clients may go by it."""

VERSION, OLD = "v1.30.5", "v1.8"
"""The usual one, and one of 2023: no `before`, no `stats`, `update` or `delete`, and less in a summary."""
