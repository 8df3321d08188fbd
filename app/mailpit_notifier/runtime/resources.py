"""Find files of `resources/`: in the package if installed or frozen, at the top level in a checkout."""

from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def resource(name: str) -> Path:
    """Return the path of a file in `resources/`, e.g. `resource("icons/mailpit-notifier.svg")`."""
    packaged = _PACKAGE / "resources" / name
    return packaged if packaged.exists() else _PACKAGE.parents[1] / "resources" / name


def files_in(folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of a folder in `resources/`, also from the zip archive `mailpit-wait.pyz`."""
    path = resource(folder)
    if path.is_dir():
        for file in sorted(path.iterdir()):
            yield file.name, file.read_bytes()
        return
    from importlib.resources import files  # takes 8 ms, and only a zip archive needs it

    for entry in sorted(
        files("mailpit_notifier").joinpath("resources", folder).iterdir(), key=lambda entry: entry.name
    ):
        yield entry.name, entry.read_bytes()
