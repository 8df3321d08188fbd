"""The pages of the settings window, by name for whoever does what they ask for."""

from collections.abc import Iterable, Mapping

from mailpit_notifier.core.settings import Button
from mailpit_notifier.ui.clicks import Clicks

from .appearance_page import AppearancePage
from .diagnostics_page import DiagnosticsPage
from .notifications_page import NotificationsPage
from .page import Page
from .rules_page import RulesPage
from .servers_page import ServersPage
from .startup_page import StartUpPage


class Pages:
    """All of them. `buttons` are the labels of a notification's, `places` the paths of configuration and log."""

    def __init__(
        self, clicks: Clicks, buttons: Mapping[Button, str], places: Iterable[str], *, overridden: bool
    ) -> None:
        self.servers = ServersPage(overridden=overridden)
        self.notifications = NotificationsPage(buttons)
        self.rules = RulesPage()
        self.start_up = StartUpPage()
        self.appearance = AppearancePage(clicks)
        self.diagnostics = DiagnosticsPage(places)

    @property
    def all(self) -> tuple[Page, ...]:
        """In the order in which they are offered."""
        return (self.servers, self.notifications, self.rules, self.start_up, self.appearance, self.diagnostics)
