"""Puts all texts into the user's language: ours, and those that Qt brings for its own buttons and menus.

The code says it in English; which way the script runs comes with Qt's texts.

Marks sentences for translation where no Qt may be: whoever shows them translates them, the command line does not.

Apart because every layer may import it. lupdate knows the function by its name.
"""

from typing import TYPE_CHECKING

from mailpit_notifier import APP_ID

from .resources import resource

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication


def install(app: "QCoreApplication") -> None:
    """Take the first of the user's languages that there is, else English, which only has its plurals."""
    from PySide6.QtCore import QLibraryInfo, QLocale  # commands mark texts and have no Qt

    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for language in [*QLocale().uiLanguages(), "en"]:
        name = language.replace("-", "_")
        if _load(app, f"{APP_ID}_{name}", str(resource("translations"))):
            _load(app, f"qtbase_{name}", qt)
            return


def _load(app: "QCoreApplication", name: str, folder: str) -> bool:
    from PySide6.QtCore import QTranslator

    translator = QTranslator(app)
    return translator.load(name, folder) and app.installTranslator(translator)


def translatable(context: str, text: str) -> str:  # noqa: ARG001 - lupdate reads it
    """The text as it is. It is translated later, as one of this context."""
    return text
