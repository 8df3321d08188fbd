"""The checks: what a user does and sees, the same on every desktop.

Each check is a method of `Checks`. It raises CheckError with a sentence, or NotOfferedError if the desktop lacks the
feature.
"""

import re
import subprocess
import time
from collections.abc import Callable, Sequence

from devtools.output import SetupError, report

from .program import PROGRAM, SETTINGS, SOON, WINDOW, Program
from .results import CheckError, Outcome, Result
from .session import QUIET, NotOfferedError, Place

EXPIRED = 40.0
"""Seconds until the desktop takes a notification from the screen by itself."""

NOISE = re.compile(r"qt\.accessibility|AT-SPI|dbind-WARNING|Sandbox: |kf\.kio")
"""Lines caused by the accessibility tree, with which the checks read the windows, and by the browser."""

LATE = "<p>" + "Thank you for trying Acme. " * 20 + "</p><p>Your sign-in code is <b>739204</b>.</p>"
"""A message whose code is behind the part that the list of messages contains."""

_PORTAL, _BACK_ENDS = "org.freedesktop.portal.Desktop", "org.freedesktop.impl.portal.desktop."
"""The service that programs ask for settings, and the beginning of the names of those that it asks."""

OFF = re.compile("Do not disturb|turned off in the system settings")
"""How the program reports that the desktop does not show its notifications."""


class Checks(Program):
    """All checks of one desktop, in order."""

    def run(self, only: Sequence[str] = ()) -> list[Result]:
        """Run all checks, or those with one of these words in their names."""
        checks: dict[str, Callable[[], None]] = {
            "text and buttons": self.check_text,
            "copy, read by another program": self.check_copy,
            "click brings Firefox to the front": self.check_click,
            "order after an update": self.check_order,
            "gone after reading": self.check_reading,
            "tray icon and menu": self.check_tray,
            "window opens at a tray click": self.check_window,
            "show brings the window to the front": self.check_show,
            "hidden and shown again": self.check_shown_again,
            "light and dark, live": self.check_dark,
            "the same after the portal was killed": self.check_killed_portal,
            "text size, live": self.check_text_size,
            "do not disturb": self.check_do_not_disturb,
            "nothing on stderr": self.check_stderr,
            "nothing left after quit": self.check_quit,
        }
        try:
            self.start_program()
        except CheckError as failure:
            self._picture("failed-start")
            return [Result(check="start", outcome=Outcome.FAILED, detail=str(failure))]
        return [
            self._run(name, check) for name, check in checks.items() if not only or any(word in name for word in only)
        ]

    def _run(self, name: str, check: Callable[[], None]) -> Result:
        outcome, detail = Outcome.PASSED, ""
        try:
            check()
        except NotOfferedError as lack:
            outcome, detail = Outcome.NOT_OFFERED, str(lack)
        except (CheckError, LookupError, SetupError, subprocess.TimeoutExpired, StopIteration) as failure:
            outcome, detail = Outcome.FAILED, str(failure) or repr(failure)
            self._picture(f"failed-{name.replace(' ', '-').replace(',', '')}")
        report(f"  {outcome.value:8}{name}{': ' if detail else ''}{detail}")
        self._clean_up()
        return Result(check=name, outcome=outcome, detail=detail)

    def check_text(self) -> None:
        """A message is shown with subject, code, recipient, start of the text, and buttons."""
        self._mailpit.send("Your Acme code", "Your sign-in code is 482913. It expires in 10 minutes.")
        shown = self._until(lambda: self._find("Your Acme code"), "no notification was shown")
        time.sleep(QUIET)
        self._picture("notification")
        parts = ["ann@example.com.", "It expires in 10 minutes"]
        for part in parts if self._session.has_buttons else ["Code 482913", *parts]:
            _expect(part in shown.body, f'"{part}" is not in the body "{shown.body}"')
        for label in ("Copy 482913", "Mark as read"):
            _expect(label in shown.buttons, f'"{label}" is not among the buttons {shown.buttons}')

    def check_copy(self) -> None:
        """A click on "Copy" puts the code on the clipboard, without another key press where that is possible."""
        self._mailpit.send("Copy this", "Your sign-in code is 605172.")
        self._until(lambda: self._find("Copy this"), "no notification was shown")
        self._session.click_notification("Copy this", "Copy 605172")
        if self._session.copies_at_key:
            self._until(lambda: "Copy" in self._session.active_window(), "the window with the code is not in front")
            self._picture("copy")
            self._session.key("Return")
        self._until(lambda: self._session.clipboard() == "605172", lambda: f"pasted: {self._session.clipboard()!r}")

    def check_click(self) -> None:
        """A click on a notification opens its message in a Firefox that runs behind another window."""
        self._session.spawn("firefox-esr", self._mailpit.url, log="firefox")
        self._until(lambda: self._has_window("Mozilla Firefox"), "Firefox did not start", 60)
        time.sleep(3)  # Firefox takes the focus again when its page is loaded
        self._open_editor()
        self._mailpit.send("Click this", "Hello Ann.")
        self._until(lambda: self._find("Click this"), "no notification was shown")
        self._session.click_notification("Click this")
        self._until(
            lambda: "Mozilla Firefox" in self._session.active_window(),
            lambda: f'in front is "{self._session.active_window()}"',
        )
        self._picture("firefox")

    def check_order(self) -> None:
        """A message whose source is received late has its place in the list: the list has the order of arrival."""
        self._restart_program()
        self._mailpit.source_delay = 1.5
        try:
            self._mailpit.send("First message", "x", LATE)
            self._until(lambda: self._find("First message"), "no notification was shown")
            self._mailpit.send("Second message", "Your code is 111222.")
            time.sleep(2.5)  # until the source of the first one has arrived
            self._mailpit.send("Third message", "Your code is 333444.")
            self._until(lambda: self._find("Third message") or "Third message" in self._session.listed(), "not shown")
            self._wait_for_list("Third message")
        finally:
            self._mailpit.source_delay = 0.0
        titles = [title for title in self._session.listed() if title.endswith(" message")]
        self._picture("order")
        arrived = ["First message", "Second message", "Third message"]
        _expect(titles == (arrived[::-1] if self._session.lists_newest_first else arrived), f"the list is {titles}")

    def check_reading(self) -> None:
        """A message that is read elsewhere leaves the list, also when its notification has expired."""
        self._restart_program()
        message = self._mailpit.send("Read this", "Your code is 555666.")
        self._until(lambda: self._find("Read this"), "no notification was shown")
        self._wait_for_list("Read this")
        self._mailpit.mark_read(message)
        self._until(
            lambda: "Read this" not in self._session.listed(), lambda: f"it stays in the list {self._session.listed()}"
        )
        self._picture("after-reading")

    def check_tray(self) -> None:
        """The icon has a menu, from which an entry can be chosen."""
        x, y = self._until(self._session.tray_icon, "there is no tray icon").center
        self._session.click(x, y, self._session.menu_button)
        time.sleep(1)
        self._picture("menu")
        self._session.choose_settings()
        self._until(lambda: self._has_window(SETTINGS), 'the second entry from below did not open "Settings"')
        time.sleep(1)
        self._picture("settings")
        self._close(SETTINGS)

    def check_window(self) -> None:
        """A click on the icon opens the window, where the desktop has clicks besides the menu."""
        if self._session.name == "gnome":
            raise NotOfferedError("every click opens the menu")
        icon = self._until(self._session.tray_icon, "there is no tray icon")
        self._session.click(*icon.center)
        place = self._until(lambda: self._session.window_place(WINDOW), "the window did not open")
        self._until(
            lambda: WINDOW in self._session.active_window(),
            lambda: f'the window does not have the focus, but "{self._session.active_window()}"',
        )
        self._picture("window")
        if not self._session.is_wayland:
            near = abs(place.center[0] - icon.center[0]) < place.width + 100 and _is_beside(place, icon)
            _expect(near, f"the window opened at {place}, the icon is at {icon}")

    def check_show(self) -> None:
        """`mailpit-notifier show`, typed in a terminal, brings the open window to the front."""
        self._session.run(PROGRAM, "show")
        self._until(lambda: self._has_window(WINDOW), "the window did not open")
        self._open_editor()
        self._session.run(PROGRAM, "show")
        self._until(
            lambda: WINDOW in self._session.active_window(), lambda: f'in front is "{self._session.active_window()}"'
        )

    def check_shown_again(self) -> None:
        """The window has its size and the focus when it is shown again: its native window is a new one."""
        self._show_window()
        self._session.resize_window(WINDOW, 600, 500)
        time.sleep(QUIET)
        size = self._window_size()
        for _ in range(2):
            self._hide_window()
            self._show_window()
            self._until(
                lambda: WINDOW in self._session.active_window(),
                lambda: f'the window does not have the focus, but "{self._session.active_window()}"',
            )
            _expect(self._window_size() == size, f"its size was {size} and is {self._window_size()}")
        self._picture("shown-again")

    def check_dark(self) -> None:
        """The window follows the style of the desktop while it is open, in both directions."""
        self._show_window()
        for dark in (True, False, True, False):
            self._session.set_dark(dark=dark)
            self._until(
                lambda dark=dark: self._is_dark() == dark,  # type: ignore[misc]
                f"the window did not become {'dark' if dark else 'light'}",
            )
            self._picture(f"window-{'dark' if dark else 'light'}")

    def check_killed_portal(self) -> None:
        """The program starts a killed settings portal and its back end, and follows them again.

        The style changes after that: Plasma's back end reports the old one if it starts while the style changes.
        """
        self._show_window()
        for dark in (True, False):
            self._session.kill_owners(_PORTAL, _BACK_ENDS)
            self._until(
                lambda: self._session.names(_PORTAL) and self._session.names(_BACK_ENDS), "the portal is not started"
            )
            self._session.set_dark(dark=dark)
            self._until(
                lambda dark=dark: self._is_dark() == dark,  # type: ignore[misc]
                f"the window did not become {'dark' if dark else 'light'}",
            )

    def check_text_size(self) -> None:
        """The window follows the text size of the desktop while it is open."""
        self._mailpit.send("Large text", "Your code is 222333.")  # an empty window has no search field
        self._show_window()
        before = self._until(self._field_height, "the window has no search field")
        self._session.set_text_scale(1.5)
        try:
            self._until(lambda: self._field_height() > before, "the text did not become larger")
            time.sleep(QUIET)
            self._picture("window-large-text")
        finally:
            self._session.set_text_scale(1.0)
        self._until(lambda: self._field_height() == before, "the text did not become smaller again")

    def check_do_not_disturb(self) -> None:
        """The window and `doctor` report that notifications are turned off, and the window stops afterwards."""
        self._session.set_do_not_disturb(on=True)
        try:
            self._hide_window()
            self._show_window()
            self._until(lambda: OFF.search(self._window_text()), "the window does not say it")
            self._picture("do-not-disturb")
            _expect(
                OFF.search(self._session.run(PROGRAM, "doctor", "--server", self._mailpit.url)),
                "doctor does not say it",
            )
        finally:
            self._session.set_do_not_disturb(on=False)
        self._hide_window()
        self._show_window()
        self._until(lambda: not OFF.search(self._window_text()), "the window still says it")

    def check_stderr(self) -> None:
        """The program prints nothing that a user would wonder about."""
        lines = [line for line in self._session.log_of("program").splitlines() if line and not NOISE.search(line)]
        _expect(not lines, " / ".join(dict.fromkeys(lines)))

    def check_quit(self) -> None:
        """Icon and notifications go with the program, and it ends with exit code 0."""
        self._restart_program()
        self._mailpit.send("Last message", "Your code is 777888.")
        self._until(lambda: self._find("Last message"), "no notification was shown")
        assert self._program is not None
        self._session.run(PROGRAM, "quit")
        try:
            code = self._program.wait(SOON)
        except subprocess.TimeoutExpired:
            raise CheckError("it does not end") from None
        _expect(code == 0, f"its exit code is {code}")
        self._until(lambda: not self._has_icon(), "the icon is still there")
        self._until(
            lambda: "Last message" not in self._session.listed(), lambda: f"left in the list: {self._session.listed()}"
        )

    # Help

    def _window_size(self) -> tuple[int, int]:
        place = self._session.window_place(WINDOW)
        return place.width, place.height

    def _wait_for_list(self, title: str) -> None:
        """Wait until the newest notification is only in the list, where the desktop keeps one."""
        if self._session.keeps_list:
            self._until(lambda: not self._find(title), f'"{title}" stays on the screen', EXPIRED)
            self._until(lambda: title in self._session.listed(), f'"{title}" is not in the list')


def _expect(fact: object, otherwise: str) -> None:
    if not fact:
        raise CheckError(otherwise)


def _is_beside(window: Place, icon: Place) -> bool:
    """Return whether a window begins or ends close to the panel with the icon."""
    return abs(window.y - (icon.y + icon.height)) < 60 or abs(window.y + window.height - icon.y) < 60
