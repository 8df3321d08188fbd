"""Run as a script: renders the icon from SVG to PNG files of all sizes, an .ico or an .icns.

Needs PySide6. The formats of Windows and macOS are PNG files after a short table, so no other tool is needed.
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Sizes of the hicolor theme, in pixels."""

ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)

ICNS_TYPES = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}
"""Types for PNG by size in pixels (Apple's header IconStorage.h)."""


def main() -> None:
    """Run `drawings SVG FOLDER|FILE.ico|FILE.icns`."""
    svg, target = sys.argv[1], Path(sys.argv[2])
    application = QGuiApplication(["drawings", "-platform", "offscreen"])
    if target.suffix == ".ico":
        target.write_bytes(ico({size: drawn(svg, size) for size in ICO_SIZES}))
    elif target.suffix == ".icns":
        target.write_bytes(icns({size: drawn(svg, size) for size in ICNS_TYPES}))
    else:
        for size in SIZES:
            (target / f"{size}.png").write_bytes(drawn(svg, size))
    application.shutdown()


def drawn(svg: str, size: int) -> bytes:
    """Return an SVG file rendered as PNG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(svg).render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know the name as bytes, the library as str
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """Return an .ico: a header, one entry per image (size 0 means 256), then the images."""
    head, entries = struct.pack("<HHH", 0, 1, len(pictures)), b""
    offset = len(head) + 16 * len(pictures)
    for size, picture in pictures.items():
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + entries + b"".join(pictures.values())


def icns(pictures: dict[int, bytes]) -> bytes:
    """Return an .icns: a header with the total length, then type, length and data of each image."""
    body = b"".join(
        ICNS_TYPES[size] + struct.pack(">I", 8 + len(picture)) + picture for size, picture in pictures.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


if __name__ == "__main__":
    main()
