"""Where the files of `resources/` are: in the package once installed or frozen, at the top level in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The path of a file in `resources/`, e.g. `resource("icons/mailpit-notifier.svg")`."""
    packaged = _PACKAGE / "resources" / name
    return packaged if packaged.exists() else _PACKAGE.parents[1] / "resources" / name
