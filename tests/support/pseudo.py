"""A test language: the English texts with accents, 40 % longer, from right to left.

Plain English in it cannot be translated. Texts that are cut off would also be cut off in Finnish.
"""

import re
import tempfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from devtools import translations
from PySide6.QtCore import QCoreApplication, QTranslator

_ACCENTS = str.maketrans("aceginorsuyACEGINORSUY", "áćéģíñóŕšúýÁĆÉĢÍÑÓŔŠÚÝ")
_KEPT = re.compile(r"(\{[^}]*\}|%n|&.|\(\*[^)]*\)|\n)")
"""Parts that are not translated: placeholders, access keys, file patterns, line breaks."""


def pseudo(text: str) -> str:
    """Return the text in that language: readable, in brackets, and marked as right to left."""
    parts = _KEPT.split(text)
    parts[::2] = [part.translate(_ACCENTS) for part in parts[::2]]
    more = " ".join("ëxţŕä" for _ in range(-(-len(text) * 4 // 60)))
    return f"\u200f⟦{''.join(parts)} {more}⟧"


def built(folder: Path) -> Path:
    """Build a .qm of all texts in the code."""
    source = folder / "pseudo_ar.ts"  # languages count differently: this is the hardest one
    translations.update(source)
    tree = ET.parse(source)
    for message in tree.iter("message"):
        place = message.find("translation")
        text = pseudo(message.findtext("source"))
        for form in place.findall("numerusform"):
            form.text = text
        if message.get("numerus") is None:
            place.text = text
        del place.attrib["type"]
    direction = ET.SubElement(tree.getroot(), "context")
    ET.SubElement(direction, "name").text = "QGuiApplication"
    message = ET.SubElement(direction, "message")
    ET.SubElement(message, "source").text = "QT_LAYOUT_DIRECTION"
    ET.SubElement(message, "translation").text = "RTL"
    tree.write(source, "utf-8", xml_declaration=True)
    return translations.build(source)


@cache
def built_once() -> Path:
    """Build the .qm for this process: that takes 0.5 s of lupdate."""
    return built(Path(tempfile.mkdtemp()))


def speak_pseudo(app: QCoreApplication) -> QTranslator:
    """Switch the program to that language."""
    translator = QTranslator(app)
    assert translator.load(str(built_once()))
    assert app.installTranslator(translator)
    return translator
