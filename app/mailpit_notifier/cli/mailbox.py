"""REST calls that only commands make: a mail's whole source, and sending one."""

import contextlib
import json
from typing import Any

from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.model import id_from
from mailpit_notifier.mailpit.rest import Rest


class Mailbox(Rest):
    """One server's REST interface, for commands."""

    def whole_source(self, message_id: str) -> bytes:
        """A mail as it came, to its end; it stays unread."""
        return self._request("GET", self._url.raw(message_id))

    def send(self, mail: dict[str, Any]) -> str:
        """Hand in a mail in the form of `POST api/v1/send`; returns its ID. To be called first: never twice."""
        answer = self._request("POST", self._url.api("send"), mail)
        with contextlib.suppress(ValueError, AttributeError):
            if message_id := id_from(json.loads(answer).get("ID")):
                return message_id
        raise FaultError(Fault.NOT_MAILPIT, "it gave the mail no ID")
