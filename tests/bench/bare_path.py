"""The baseline for latency: websocket frame to Notify, and nothing in between. `python bare_path.py URL`.

It runs on plain asyncio without Qt, because the cost of the application's loop is part of what is compared.
"""

import asyncio
import json
import sys
import threading
from typing import Any

import websocket
from dbus_fast import Message
from dbus_fast.aio import MessageBus

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


def read(url: str, loop: asyncio.AbstractEventLoop, frames: "asyncio.Queue[str | bytes]") -> None:
    """Pass every frame to the loop."""
    connection = websocket.create_connection(url.replace("http", "ws", 1) + "api/events", suppress_origin=True)
    print("ready", flush=True)
    while frame := connection.recv():
        loop.call_soon_threadsafe(frames.put_nowait, frame)


def notification(message: dict[str, Any]) -> Message:
    """Return the call that shows a message."""
    body = ["bench", 0, "", message["Subject"], message["Snippet"], [], {}, -1]
    return Message(NAME, PATH, NAME, "Notify", signature="susssasa{sv}i", body=body)


async def main(url: str) -> None:
    """Show each new message, one after another, as the application does."""
    bus = await MessageBus().connect()
    frames: asyncio.Queue[str | bytes] = asyncio.Queue()
    threading.Thread(target=read, args=(url, asyncio.get_running_loop(), frames), daemon=True).start()
    while True:
        event = json.loads(await frames.get())
        if event["Type"] == "new":
            await bus.call(notification(event["Data"]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
