"""The name of a server: its label, else its project on this machine."""

import json

from hostile import Visit, hostile
from mailpit_notifier.client.calls import Calls, ServerNames
from mailpit_notifier.client.transport import dial
from mailpit_notifier.protocol.urls import ServerUrl


class LabeledServer:
    """A server with this label; without one it does not know the request. `asked` has the look-ups of its project."""

    def __init__(self, label: str, project: str) -> None:
        self.label = label
        self.project = project
        self.asked: list[str] = []

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        while True:
            assert visit.request().path == "/api/v1/webui"
            visit.answer(200 if self.label else 404, json.dumps({"Label": self.label}).encode())

    def project_of(self, url: ServerUrl) -> str:
        self.asked.append(url.base)
        return self.project


async def names(server: LabeledServer, *may_be_project: bool) -> list[str]:
    """Return its name for each of these calls."""
    with hostile(server) as listening:
        url = ServerUrl.parse(listening.url())
        naming, calls = ServerNames(url, server.project_of), Calls("shop", url, dial)
        try:
            return [await naming.name(calls, may_be_project=may) for may in may_be_project]
        finally:
            calls.close()


async def test_the_label_is_preferred_to_the_project() -> None:
    server = LabeledServer("The shop", "blog")
    assert await names(server, True) == ["The shop"]
    assert not server.asked


async def test_the_project_is_looked_up_once_and_only_for_a_local_server() -> None:
    server = LabeledServer("", "blog")
    assert await names(server, False, True, True) == ["", "blog", "blog"]
    assert len(server.asked) == 1
    unnamed = LabeledServer("", "")
    assert await names(unnamed, True, True) == ["", ""]
    assert len(unnamed.asked) == 1
