"""The baseline for memory, start and quit: only a tray icon with a menu. A line on stdin ends it.

It imports nothing else: asyncio alone takes 10 MiB. With `--libraries URL` it also has what such a program cannot do
without: qasync loop, websocket and session bus.
"""

import sys

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def connect_libraries(app: QApplication, url: str) -> None:
    """Run with connected, idle libraries."""
    import asyncio
    import threading

    import qasync
    import websocket
    from dbus_fast.aio import MessageBus

    connection = websocket.create_connection(url.replace("http", "ws", 1) + "api/events", suppress_origin=True)
    threading.Thread(target=lambda: [None for _ in iter(connection.recv_data, None)], daemon=True).start()

    async def run() -> None:
        bus = await MessageBus().connect()
        print("ready", flush=True)
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        runner.run(run())


def main() -> None:
    """Show the icon until a line arrives on stdin."""
    app = QApplication(sys.argv[:1])
    pixmap = QPixmap(22, 22)
    pixmap.fill("black")
    menu = QMenu()
    menu.addAction("Quit", app.quit)
    tray = QSystemTrayIcon(QIcon(pixmap))
    tray.setContextMenu(menu)
    tray.show()
    line = QSocketNotifier(0, QSocketNotifier.Type.Read)
    line.activated.connect(app.quit)
    if "--libraries" in sys.argv:
        connect_libraries(app, sys.argv[-1])
    else:
        print("ready", flush=True)
        app.exec()


if __name__ == "__main__":
    main()
