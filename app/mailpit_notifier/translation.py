"""Puts all texts into the user's language: ours, and those that Qt brings for its own buttons and menus.

The code says it in English; which way the script runs comes with Qt's texts.
"""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from . import APP_ID
from .assets import resource


def install(app: QCoreApplication) -> None:
    """Take the first of the user's languages that there is, else English, which only has its plurals."""
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for language in [*QLocale().uiLanguages(), "en"]:
        name = language.replace("-", "_")
        if _load(app, f"{APP_ID}_{name}", str(resource("translations"))):
            _load(app, f"qtbase_{name}", qt)
            return


def _load(app: QCoreApplication, name: str, folder: str) -> bool:
    translator = QTranslator(app)
    return translator.load(name, folder) and app.installTranslator(translator)
