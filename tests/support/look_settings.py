"""Shows the settings window with sample servers, rules and messages, for manual inspection.

Nothing is connected and nothing is written. `page` is the title of the first page to show.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from look import samples, speak
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Server, Settings
from mailpit_notifier.notify import texts
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.ui.settings.rules_page import Sample
from mailpit_notifier.ui.settings.settings_window import Pages, SettingsWindow
from mailpit_notifier.ui.theme import DARK, palette
from mailpit_notifier.ui.tray.panel import Clicks

SETTINGS = Settings(
    servers=(
        Server(url=ServerUrl.parse("http://localhost:8025/"), name="shop", user="ann"),
        Server(url=ServerUrl.parse("https://mail.blog.test/mailpit/"), name="blog", color="#b8642a"),
        Server(url=ServerUrl.parse("http://api.ddev.site:8025/"), enabled=False),
    ),
    rules=(
        Rule(outcome=Outcome.SILENT, name="Monitoring", sender="nagios@*"),
        Rule(outcome=Outcome.OPEN, name="Mine", to="ann@*", subject="sign-in"),
        Rule(outcome=Outcome.RUN, name="rule 3", tag="billing", command=("notify", "an invoice")),
    ),
)
REPORT = (
    "Mailpit Notifier 1.0",
    "Python 3.11.2, Qt 6.11.3",
    "shop: connected, 3 unread of 340",
    "ok     There is a tray.",
)


def window_on(title: str, *, overridden: bool) -> SettingsWindow:
    """Return the window with this page in front."""
    clicks = Clicks(left=True, middle=True, double=False, menu=True)
    pages = Pages(clicks, texts.choices(), ("~/.config/mailpit-notifier/config.toml",), overridden=overridden)
    window = SettingsWindow(pages.all, SETTINGS, Path(tempfile.mkdtemp(), "window.ini"))
    pairs = ((server, message) for server, messages in samples().items() for message in messages)
    pages.rules.set_samples([Sample(message=message, server=("shop", server)) for server, message in pairs])
    pages.rules.entries.list.setCurrentRow(1)
    for line in REPORT:
        pages.diagnostics.add_line(line)
    shown = (page for page in pages.all if page.title == QCoreApplication.translate(type(page).__name__, title))
    window.show_page(next(shown))
    return window


def main() -> int:
    """Show the window until it is closed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", default="Servers")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("--language", default="en_GB", help="de, or pseudo: longer, from right to left")
    parser.add_argument("--overridden", action="store_true", help="as with --server")
    parser.add_argument("--tell", default="", help="a sentence about what could not be done")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    speak(app, options.language)
    if options.dark:
        app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
        app.setPalette(palette(DARK))  # for platforms that have no scheme to set
    if options.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window = window_on(options.page, overridden=options.overridden)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    window.edited.connect(print)
    window.present()
    if options.tell:
        window.show_error(options.tell, {"Open the file": lambda: None})
    return app.exec()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # for all that main puts aside
        code = main()
    sys.exit(code)
