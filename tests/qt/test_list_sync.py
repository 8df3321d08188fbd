"""The rows equal the server's messages after changes in the web UI."""

import asyncio
from collections.abc import Iterator

import pytest

from conditions import until
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.ui.window.list_model import MessageListModel, Role
from standin import MAILPIT_BIN, RealMailpit, Server, StandIn


@pytest.fixture(
    params=[
        StandIn,
        pytest.param(
            RealMailpit,
            marks=[pytest.mark.real, pytest.mark.skipif(not MAILPIT_BIN, reason="MAILPIT_BIN names no real Mailpit")],
        ),
    ]
)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as started:
        yield started


async def test_rows_follow_the_web_ui(server: Server, qapp: object) -> None:
    model = MessageListModel()
    observer = SessionCallbacks(
        changed=model.apply, caught_up=lambda *_: None, news=lambda *_: None, status=lambda _: None
    )
    session = Session(servers_from([server.url])[0], observer)
    model.set_servers((session.status,))
    running = asyncio.create_task(session.run())

    def rows() -> list[tuple[str, bool, tuple[str, ...]]]:
        model.update_rows()
        shown = (model.index(place).data(Role.ROW).message for place in range(model.rowCount()))
        return [(message.id, message.read, message.tags) for message in shown]

    def expected() -> list[tuple[str, bool, tuple[str, ...]]]:
        return [(row["ID"], row["Read"], tuple(row["Tags"] or ())) for row in server.rows()]

    async def done(method: str, path: str, body: object = None) -> None:
        assert (await asyncio.to_thread(server.rest, method, path, body))[0] == 200
        wanted = await asyncio.to_thread(expected)
        await until(lambda: rows() == wanted)

    await until(lambda: session.status.total == 0)
    ids = [await asyncio.to_thread(server.send, f"Mail {number}") for number in range(6)]
    await until(lambda: [name for name, *_ in rows()] == ids[::-1])

    await done("PUT", "api/v1/messages", {"IDs": ids[:3], "Read": True})
    await done("PUT", "api/v1/messages", {"IDs": ids[:1], "Read": False})
    await done("PUT", "api/v1/tags", {"IDs": ids[1:2], "Tags": ["one", "two"]})
    await done("PUT", "api/v1/tags/one", {"Name": "three"})
    await done("DELETE", "api/v1/messages", {"IDs": ids[2:3]})
    await done("PUT", "api/v1/messages", {"Read": True})
    await done("DELETE", "api/v1/search?query=subject%3A%22Mail+5%22")
    assert len(rows()) == 4
    await done("DELETE", "api/v1/messages")
    assert rows() == []
    await asyncio.to_thread(server.send, "After")
    await until(lambda: len(rows()) == 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
