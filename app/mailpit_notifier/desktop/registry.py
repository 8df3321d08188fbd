"""The current user's registry on Windows. An interface, so that tests run where there is no winreg."""

import sys
from typing import Protocol


class Registry(Protocol):
    """Values of HKEY_CURRENT_USER."""

    def get(self, key: str, name: str) -> object:
        """Return a value; None if it does not exist. Raises OSError."""

    def set(self, key: str, name: str, text: str) -> None:
        """Set a string value. Raises OSError."""

    def remove(self, key: str, name: str) -> None:
        """Delete a value, if it exists. Raises OSError."""


if sys.platform == "win32":
    import contextlib
    import winreg

    class CurrentUser:
        """HKEY_CURRENT_USER."""

        def get(self, key: str, name: str) -> object:
            """Return a value; None if it does not exist. Raises OSError."""
            with contextlib.suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return winreg.QueryValueEx(opened, name)[0]
            return None

        def set(self, key: str, name: str, text: str) -> None:
            """Set a string value. Raises OSError."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, text)

        def remove(self, key: str, name: str) -> None:
            """Delete a value, if it exists. Raises OSError."""
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened,
            ):
                winreg.DeleteValue(opened, name)
