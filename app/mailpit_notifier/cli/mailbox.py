"""REST calls that only commands make: a mail's whole source."""

from mailpit_notifier.mailpit.rest import Rest


class Mailbox(Rest):
    """One server's REST interface, for commands."""

    def whole_source(self, message_id: str) -> bytes:
        """A mail as it came, to its end; it stays unread."""
        return self._request("GET", self._url.raw(message_id))
