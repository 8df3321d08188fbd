"""Where a frozen program starts: puts the environment right before anything else, then it is the program.

PyInstaller sets LD_LIBRARY_PATH, Qt's search paths and variables of its own, which every child would inherit: a browser
that a click opens would load our libraries, and a second start would believe that it is a part of the first. Qt needs
none of them: it finds its plugins by where its own library is.
"""

import os
import sys


def restore_environment() -> None:
    """Have the environment that we were started with."""
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        original = os.environ.pop(f"{name}_ORIG", None)
        os.environ.pop(name, None)
        if original:
            os.environ[name] = original
    for name in [name for name in os.environ if name.startswith(("_PYI_", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH"))]:
        del os.environ[name]


def main() -> None:
    """Run the program; or one of its modules, as `python -m` would: the demo is started as `sys.executable -m`."""
    if sys.argv[1:3] == ["-m", "mailpit_notifier.demo"]:
        del sys.argv[1:3]
        from mailpit_notifier.demo.__main__ import main as run
    else:
        from mailpit_notifier.main import main as run
    sys.exit(run())


if __name__ == "__main__":
    restore_environment()
    main()
