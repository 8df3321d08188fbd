"""Takes pictures of a display, and draws its background; orders on standard input, answers on standard output.

A process of its own, as Qt keeps the display that it began with. `{"wall": "#rrggbb"}` paints the wall. `{"file": PATH,
"area": [x, y, width, height]}` saves an area once it no longer changes: there is no event for the last change.
Without a file it only waits for that.
"""

import json
import sys

from PySide6.QtCore import QObject, QRect, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QWidget

GAP_MS = 100
STILL, TRIES = 8, 200
"""Number of equal pictures in a row after which the display is considered stable."""


class Camera(QObject):
    """Executes orders one after another."""

    def __init__(self) -> None:
        super().__init__()
        self._wall = QWidget()
        self._wall.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeDesktop)
        self._wall.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._wall.setGeometry(self._wall.screen().geometry())
        self._wall.show()
        self._order: dict[str, object] = {}
        self._seen, self._same, self._tries = QImage(), 0, 0
        self._orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._orders.activated.connect(self._on_order)
        self._timer = QTimer(self, interval=GAP_MS)
        self._timer.timeout.connect(self._look)

    def _on_order(self) -> None:
        line = sys.stdin.readline()
        if not line:
            QApplication.quit()
            return
        self._order = json.loads(line)
        if color := self._order.get("wall"):
            self._wall.setPalette(QPalette(QColor(str(color))))
            print("done", flush=True)
            return
        self._seen, self._same, self._tries = QImage(), 0, 0
        self._timer.start()

    def _look(self) -> None:
        area = QRect(*self._order["area"])
        screen = self._wall.screen()
        image = screen.grabWindow(0, area.x(), area.y(), area.width(), area.height()).toImage()
        self._same = self._same + 1 if image == self._seen else 0
        self._seen, self._tries = image, self._tries + 1
        if self._same == STILL:
            self._timer.stop()
            if file := self._order.get("file"):
                assert image.convertToFormat(QImage.Format.Format_RGB32).save(str(file))
            print("done", flush=True)
        elif self._tries == TRIES:
            self._timer.stop()
            print("the picture does not become stable", flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    camera = Camera()
    sys.exit(app.exec())
