"""The baseline for memory, start and end: a tray icon with a menu and nothing else. A line on stdin makes it quit.

With `--libraries URL` it also has what no such program can do without: the qasync loop, a websocket, the session bus.
"""

import asyncio
import sys
import threading

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon


def connect_libraries(app: QApplication, url: str) -> None:
    """Run with the libraries connected and idle."""
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
    """Show the icon until told to quit."""
    app = QApplication(sys.argv[:1])
    pixmap = QPixmap(22, 22)
    pixmap.fill("black")
    menu = QMenu()
    menu.addAction("Quit", app.quit)
    tray = QSystemTrayIcon(QIcon(pixmap))
    tray.setContextMenu(menu)
    tray.show()
    told = QSocketNotifier(0, QSocketNotifier.Type.Read)
    told.activated.connect(app.quit)
    if "--libraries" in sys.argv:
        connect_libraries(app, sys.argv[-1])
    else:
        print("ready", flush=True)
        app.exec()


if __name__ == "__main__":
    main()
