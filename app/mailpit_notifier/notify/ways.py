"""Which ways of notifying this platform has, best first."""

import sys

from mailpit_notifier.assets import resource

from .chain import Chain
from .notice import Activated, Notifier
from .printed import PrintedNotifier
from .texts import default_label
from .tray_message import ShowMessage, TrayMessageNotifier

ICON = "icons/mailpit-notifier.svg"


def desktop_notifier(activated: Activated, show_message: ShowMessage, *, printing: bool) -> Notifier:
    """The desktop's notifications, else the tray's balloon, else a printed line, which `printing` always adds."""
    printed = PrintedNotifier(sys.stdout)
    ways = (_native(activated, is_needed=not printing), TrayMessageNotifier(show_message))
    return Chain(ways, also=[printed]) if printing else Chain((*ways, printed))


def _native(activated: Activated, *, is_needed: bool) -> Notifier:
    if sys.platform.startswith("linux"):
        from .freedesktop import FreedesktopNotifier

        native: Notifier = FreedesktopNotifier(
            activated, icon=resource(ICON).as_uri(), default_label=default_label(), is_needed=is_needed
        )
    else:
        from .desktop import DesktopNotifier

        native = DesktopNotifier(activated, icon=resource(ICON))
    return native
