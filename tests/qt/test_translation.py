"""Each text has a German translation with correct plurals; layouts have room for longer texts and right-to-left."""

import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from devtools import translations
from PySide6.QtCore import QLocale, QPoint, QRect, Qt, QTranslator
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

import every_window
from look import shown_window
from look_settings import window_on
from mailpit_notifier.desktop.obstacles import Obstacle
from mailpit_notifier.notify.texts import counted
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.runtime import translation
from mailpit_notifier.ui import opening, theme
from mailpit_notifier.ui.dialogs import CertificateDialog, PasswordDialog
from mailpit_notifier.ui.labels import ElidedLabel, elided
from mailpit_notifier.ui.settings.fields import Fold
from mailpit_notifier.ui.window.bars import Footer, ServerButton
from pseudo import speak_pseudo

FILES = sorted(translations.FOLDER.glob("*.ts"))
PAGES = ("Servers", "Notifications", "Rules", "General", "Diagnostics")


Speak = Callable[[str], None]


@pytest.fixture
def speak(qapp: QApplication, tmp_path: Path) -> Iterator[Speak]:
    """Set the language for one test."""
    before = QLocale()

    def take(language: str) -> None:
        if language == "pseudo":
            speak_pseudo(qapp)
            return
        translations.release()
        QLocale.setDefault(QLocale(language))
        translation.install(qapp)

    yield take
    QLocale.setDefault(before)
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    qapp.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)


def messages(path: Path) -> dict[tuple[str, str, bool], list[str]]:
    """Return the translations of a .ts file by context, source, and whether it has plurals."""
    return {
        (context.findtext("name"), message.findtext("source"), message.get("numerus") == "yes"): [
            form.text or "" for form in message.findall("translation//numerusform") or message.findall("translation")
        ]
        for context in ET.parse(path).iter("context")
        for message in context.iter("message")
    }


# The files


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_has_every_text_of_the_code_and_no_other(file: Path, tmp_path: Path) -> None:
    now = tmp_path / file.name
    shutil.copy(file, now)
    translations.update(now)
    missing = translations.untranslated(now)
    assert not missing, f"`packaging/dev translate` puts these into {file.name}, to be translated: {missing}"
    assert messages(now).keys() == messages(file).keys(), "`packaging/dev translate` takes them out"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_has_the_places_and_the_key_of_its_text(file: Path) -> None:
    for (_, text, counts), forms in messages(file).items():
        assert counts == ("%n" in text)
        for form in forms:
            assert sorted(re.findall(r"\{\w*\}|%n", form)) == sorted(re.findall(r"\{\w*\}|%n", text)), text
            assert len(re.findall(r"&\w", form)) == len(re.findall(r"&\w", text)), text
            assert form.endswith("…") == text.endswith("…"), text


def test_texts_used_without_qt_are_among_the_translations() -> None:
    texts = {(context, text) for context, text, _ in messages(translations.FOLDER / "mailpit-notifier_de.ts")}
    assert {("Fault", fault.value) for fault in Fault} <= texts
    assert {("Obstacle", one.value) for one in Obstacle} <= texts


# The languages


def test_plurals_are_translated(speak: Speak) -> None:
    speak("de_AT")
    texts = [counted("%n messages while you were away", None, number) for number in (1, 2)]
    assert texts == ["1 Nachricht in Ihrer Abwesenheit", "2 Nachrichten in Ihrer Abwesenheit"]


def test_plurals_are_right_in_english_too(speak: Speak) -> None:
    speak("en_GB")
    texts = [counted("%n messages while you were away", None, number) for number in (1, 2)]
    assert texts == ["1 message while you were away", "2 messages while you were away"]


def test_texts_of_qt_are_translated(speak: Speak) -> None:
    speak("de")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it is not said by LANGUAGE")
@pytest.mark.parametrize(
    ("languages", "expected"),
    [("de_CH", "Öffnen"), ("en_US:de_DE", "Open"), ("xx:de_DE:en_US", "Öffnen"), ("xx", "Open")],
)
def test_the_first_available_language_of_the_user_is_used(languages: str, expected: str) -> None:
    translations.release()
    code = (
        "from PySide6.QtCore import QCoreApplication as App; from mailpit_notifier.runtime.translation import install;"
        "app = App([]); install(app); print(App.translate('MessageAction', 'Open'))"
    )
    environment = {
        **os.environ,
        "LC_ALL": "",
        "LANG": "fr_FR.UTF-8",
        "LANGUAGE": languages,
        "PYTHONIOENCODING": "utf-8",
    }
    texts = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert texts.stdout.strip() == expected


# The room


def shown(root: QWidget, kind: type) -> list:
    """Return the visible children of a kind after layout."""
    QApplication.processEvents()
    return [widget for widget in root.findChildren(kind) if widget.isVisibleTo(root) and widget.width() > 0]


def cut(root: QWidget) -> list[str]:
    """Return the texts that do not fit into their widgets."""
    found = []
    for widget in shown(root, QWidget):
        if isinstance(widget, QCheckBox) and widget.hasHeightForWidth():
            short = widget.height() < widget.heightForWidth(widget.width())
        elif isinstance(widget, QAbstractButton):
            drawn = widget.toolButtonStyle() if isinstance(widget, QToolButton) else None
            short = widget.width() < widget.sizeHint().width() and drawn is not Qt.ToolButtonStyle.ToolButtonIconOnly
        elif isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel):
            wide = widget.width() < widget.sizeHint().width()
            short = widget.height() < widget.heightForWidth(widget.width()) if widget.wordWrap() else wide
        else:
            continue
        if short:
            found.append(f"{widget.text()}: {widget.size()} of {widget.sizeHint()}")
    return found


def shortened(root: QWidget) -> list[str]:
    """Return the texts that end in an ellipsis."""
    found = [label.text() for label in shown(root, ElidedLabel) if label.text() and label.shown_text().endswith("…")]
    for line in (line for line in shown(root, QLineEdit) if not line.text()):
        margins = line.textMargins()
        room = line.contentsRect().width() - margins.left() - margins.right() - 8
        found += [line.placeholderText()] * (line.fontMetrics().horizontalAdvance(line.placeholderText()) > room)
    for box in shown(root, QComboBox):
        found += [box.currentText()] * (box.width() < min(box.sizeHint().width(), _needed(box)))
    for view in shown(root, QListWidget):
        names = [view.item(row).text() for row in range(view.count())]
        found += [name for name in names if view.fontMetrics().horizontalAdvance(name) > view.viewport().width() - 8]
    return found


def _needed(box: QComboBox) -> int:
    """Return the width of a box for its current value: with its icon, its arrow and the room around them."""
    icon = 0 if box.itemIcon(box.currentIndex()).isNull() else box.iconSize().width() + 4
    return box.fontMetrics().horizontalAdvance(box.currentText()) + icon + 18 + 18


def places(root: QWidget) -> list[QRect]:
    """Return the rectangles of all visible widgets."""
    return [QRect(widget.mapTo(root, QPoint()), widget.size()) for widget in shown(root, QWidget)]


def english(root: QWidget) -> set[str]:
    """Return the texts that are not in the pseudo language."""
    texts = {widget.text() for kind in (QAbstractButton, QLabel) for widget in shown(root, kind)}
    texts |= {widget.itemText(row) for widget in shown(root, QComboBox) for row in range(widget.count())}
    texts |= {action.text() for menu in root.findChildren(QMenu) for action in menu.actions()}
    texts |= {widget.accessibleName() for widget in shown(root, QWidget)} | {root.windowTitle()}
    return {text for text in texts if re.search(r"[A-Za-z]{2}", text) and "⟦" not in text}


def recent(name: str, **asked: object) -> QWidget:
    chosen = {"scene": name, "beyond": 7, "ask": False, "only": "", "refused": False, "search": "", "deleted": False}
    return shown_window(Namespace(**chosen | asked))


def password() -> QWidget:
    dialog = PasswordDialog("shop", "http://shop.test/", "", can_keep=True)
    dialog.show()
    return dialog


def certificate() -> QWidget:
    dialog = CertificateDialog("shop", ":".join(["ab"] * 32), None, ":".join(["cd"] * 32), None)
    dialog.show()
    return dialog


SCENES = ("mail", "servers", "stopped", "wrong", "empty", "disconnected")

WINDOWS: dict[str, Callable[[], QWidget]] = {
    **{name: lambda name=name: recent(name) for name in SCENES},
    "password": password,
    "certificate": certificate,
}


@pytest.mark.parametrize("name", WINDOWS)
def test_longer_texts_are_not_cut_and_everything_is_mirrored(
    name: str, speak: Speak, qtbot: QtBot, qapp: QApplication
) -> None:
    speak("pseudo")
    root = WINDOWS[name]()
    qtbot.addWidget(root)
    assert not cut(root)
    assert_mirrored(root, qapp)


@pytest.mark.parametrize("page", PAGES)
def test_longer_texts_are_not_cut_in_the_settings_and_everything_is_mirrored(
    page: str, speak: Speak, qtbot: QtBot, qapp: QApplication
) -> None:
    speak("pseudo")
    root = window_on(page, overridden=True)
    qtbot.addWidget(root)
    root.show()
    assert not cut(root)
    assert_mirrored(root, qapp)


def assert_mirrored(root: QWidget, qapp: QApplication) -> None:
    assert root.layoutDirection() is Qt.LayoutDirection.RightToLeft
    right = places(root)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    left = places(root)
    mirrored = [
        QRect(root.width() - place.x() - place.width(), place.y(), place.width(), place.height()) for place in left
    ]
    off = [(one, other) for one, other in zip(right, mirrored, strict=True) if abs(one.x() - other.x()) > 2]
    assert not off


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("page", PAGES)
def test_no_two_controls_of_a_page_have_the_same_key(page: str, language: str, speak: Speak, qtbot: QtBot) -> None:
    speak(language)
    root = window_on(page, overridden=False)
    qtbot.addWidget(root)
    root.show()
    texts = [widget.text() for widget in (*shown(root, QAbstractButton), *shown(root, QLabel))]
    keys = [key.lower() for text in texts for key in re.findall(r"&(\w)", text)]
    assert len(keys) == len(set(keys)), sorted(text for text in texts if "&" in text)


@pytest.mark.parametrize("scale", [1, 2])
def test_every_german_text_of_every_window_is_shown_as_a_whole(
    scale: int, speak: Speak, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak("de")  # longer than English
    monkeypatch.setattr(opening, "available", lambda _window: QRect(0, 0, 1280, 800))
    font = QApplication.font()
    found = {}
    try:
        theme.set_font(None, scale)
        for name, make in every_window.WINDOWS.items():
            window = make(tmp_path / name)
            qtbot.addWidget(window)
            opening.fit_to_screen(window)
            window.show()
            for fold in shown(window, Fold):
                fold.set_open(open_=True)
            if texts := shortened(window) + cut(window):
                found[name] = texts
            window.hide()
    finally:
        QApplication.setFont(font)
    assert not found


def test_a_text_that_is_as_wide_as_its_place_is_not_shortened(qapp: QApplication) -> None:
    """Qt's own function cuts some, because of the kerning beside the access key."""
    flag, font = Qt.TextFlag.TextShowMnemonic, QApplication.font()
    texts = [text for path in FILES for forms in messages(path).values() for text in forms if "\n" not in text]
    for size in (8, 9, 10.5, 11, 15, 18):
        font.setPointSizeF(size)
        metrics = QFontMetrics(font)
        widths = {text: metrics.size(flag, text).width() for text in texts}
        assert [text for text, width in widths.items() if elided(metrics, text, width, flag.value) != text] == []
        assert elided(metrics, "Alle als gelesen", metrics.horizontalAdvance("Alle als"), flag.value).endswith("…")


def longer_than_its_room(label: ElidedLabel) -> str:
    """Return feedback that is a little longer than the room beside the button, in any font."""
    text = "Copied http://localhost:8025/view/"
    while label.fontMetrics().horizontalAdvance(text) <= label.width():
        text += "8f"
    return text


@pytest.mark.parametrize("language", ["en", "de"])
def test_feedback_takes_the_room_of_the_button_beside_it(
    language: str, speak: Speak, qtbot: QtBot, tmp_path: Path
) -> None:
    speak(language)
    window = every_window.recent(tmp_path)
    qtbot.addWidget(window)
    window.show()
    footer = window.findChild(Footer)
    label, button, height = footer.findChild(ElidedLabel), footer.findChild(ServerButton), footer.height()
    assert not button.isHidden()
    footer.show_status("Copied")
    assert not button.isHidden()
    QApplication.processEvents()
    long = longer_than_its_room(label)
    footer.show_status(long)
    QApplication.processEvents()
    assert button.isHidden()
    assert (label.shown_text(), footer.height()) == (label.text(), height)
    button.setFocus()
    footer.show_status("Copied")
    assert not button.isHidden()
    button.setFocus()
    footer.show_status(long)
    assert not button.isHidden()  # it has the keyboard


@pytest.mark.parametrize(
    "name", ["error page", "found page", "not found page", "Notifications", "Rules", "Diagnostics"]
)
def test_german_texts_of_200_percent_are_as_wide_as_a_screen_at_300_percent(
    name: str, speak: Speak, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No control is outside the window to the left or right. Pages do not even scroll in that direction."""
    speak("de")
    monkeypatch.setattr(opening, "available", lambda _window: QRect(0, 0, 640, 360))
    font = QApplication.font()
    try:
        theme.set_font(None, 2)
        window = every_window.WINDOWS[name](tmp_path)
        qtbot.addWidget(window)
        opening.fit_to_screen(window)
        window.show()
        QApplication.processEvents()
        areas = [area for area in window.findChildren(QScrollArea) if area.isVisibleTo(window)]
        assert [area.horizontalScrollBar().maximum() for area in areas] == [0] * len(areas)
    finally:
        QApplication.setFont(font)
