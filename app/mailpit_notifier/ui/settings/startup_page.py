"""Whether the program starts by itself."""

from PySide6.QtCore import Signal

from .fields import Remark, Switch
from .page import Page


class StartUpPage(Page):
    """Autostart is the desktop's business, not the file's: somebody else says how it is."""

    autostart_wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.title = self.tr("Start-up")
        self._autostart = Switch(self.tr("&Start when I log in"))
        self._autostart.switched.connect(self.autostart_wanted)
        self.column.addWidget(self._autostart)
        self.column.addWidget(
            Remark(
                self.tr("It starts in the tray. The window stays hidden until you open it; a second start shows it.")
            )
        )
        self.column.addStretch()

    def set_autostart(self, on: bool) -> None:
        """Show how it is."""
        self._autostart.setChecked(on)
