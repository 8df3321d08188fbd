"""Translation of texts into the user's language.

`install` loads the translations of this program and of Qt's own buttons and menus, which also set the direction of the
script. `translatable` marks texts in modules that must not import Qt: the user interface translates them when it shows
them, the command line prints them in English. lupdate finds them by the name of the function.
"""

from typing import TYPE_CHECKING

from mailpit_notifier import APP_ID

from .files import resource

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication


def install(app: "QCoreApplication") -> None:
    """Load the first of the user's languages that is available, else English, which only has plural forms."""
    from PySide6.QtCore import QLibraryInfo, QLocale  # commands import this module without Qt

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
    """Return the text unchanged; it is translated later in this context."""
    return text
