"""Entry point of the frozen program: restores the environment, then runs the application.

PyInstaller sets LD_LIBRARY_PATH, Qt search paths and its own variables. Child processes would inherit them: a browser
would load the libraries of this program, and a second start would be mistaken for a child process of the first. Qt does
not need them, because it finds its plugins relative to its library.
"""

import os
import sys


def restore_environment() -> None:
    """Restore the environment from before PyInstaller changed it."""
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        original = os.environ.pop(f"{name}_ORIG", None)
        os.environ.pop(name, None)
        if original:
            os.environ[name] = original
    for name in [name for name in os.environ if name.startswith(("_PYI_", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH"))]:
        del os.environ[name]


def main() -> None:
    """Run the application, or the stand-in: `demo.process` starts it with `sys.executable -m`."""
    if sys.argv[1:3] == ["-m", "mailpit_notifier.demo"]:
        del sys.argv[1:3]
        from mailpit_notifier.demo.__main__ import main as run
    else:
        from mailpit_notifier.main import main as run
    sys.exit(run())


if __name__ == "__main__":
    restore_environment()
    main()
