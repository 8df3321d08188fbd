"""Marks for tests of what one platform lacks. The reason names the feature."""

import sys

import pytest

IS_WINDOWS = sys.platform == "win32"

needs_permissions = pytest.mark.skipif(IS_WINDOWS, reason="Windows has no permission bits")
needs_links = pytest.mark.skipif(IS_WINDOWS, reason="on Windows, links need a right that few users have")
needs_pipes_with_names = pytest.mark.skipif(IS_WINDOWS, reason="Windows has no FIFOs")
needs_devices = pytest.mark.skipif(IS_WINDOWS, reason="Windows has no device files")
needs_unix_sockets = pytest.mark.skipif(IS_WINDOWS, reason="Python has no Unix sockets on Windows")
needs_shell = pytest.mark.skipif(IS_WINDOWS, reason="the commands are those of a POSIX shell")
needs_signals = pytest.mark.skipif(IS_WINDOWS, reason="Windows sends no signals to other processes")
needs_desktop_entries = pytest.mark.skipif(sys.platform != "linux", reason="desktop entries: Linux")
needs_named_pipes = pytest.mark.skipif(not IS_WINDOWS, reason="named pipes: Windows")
