"""The registry of the current user on Windows, behind the few calls that we need: elsewhere there is no winreg."""

import sys
from typing import Protocol


class Registry(Protocol):
    """Values of HKEY_CURRENT_USER."""

    def get(self, key: str, name: str) -> object:
        """A value, None where there is none. Raises OSError."""

    def set(self, key: str, name: str, text: str) -> None:
        """Set a text. Raises OSError."""

    def remove(self, key: str, name: str) -> None:
        """Have no such value. Raises OSError."""


if sys.platform == "win32":
    import contextlib
    import winreg

    class CurrentUser:
        """HKEY_CURRENT_USER."""

        def get(self, key: str, name: str) -> object:
            """A value, None where there is none. Raises OSError."""
            with contextlib.suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return winreg.QueryValueEx(opened, name)[0]
            return None

        def set(self, key: str, name: str, text: str) -> None:
            """Set a text. Raises OSError."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, text)

        def remove(self, key: str, name: str) -> None:
            """Have no such value. Raises OSError."""
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened,
            ):
                winreg.DeleteValue(opened, name)
