"""Check the pages: links lead to a file and a heading that exist, paths exist, each decision is in the index."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app" / "mailpit_notifier"
DOCS = ROOT / "packaging" / "docs"
PAGES = [
    *(ROOT / "README.md", ROOT / "resources/words/README.md"),
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted(DOCS.rglob("*.md")),
]


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Return the names of the page's headings, as forges make them: `## Exit codes` is #exit-codes."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named_paths(page: Path) -> list[str]:
    """Return what a page names as a module (`client/feed.py`) or in a folder of the project (`tests/unit`)."""
    names = re.findall(r"`([\w./-]+)`", page.read_text("utf-8"))
    folders = ("app/", "packaging/", "resources/", "tests/", ".github/")
    return [name for name in names if name.endswith(".py") or name.startswith(folders)]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            path, _, anchor = target.partition("#")
            found = (page.parent / path).resolve() if path else page
            assert found.exists(), target
            assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=relative)
def test_named_files_and_folders_exist(page: Path) -> None:
    missing = [name for name in named_paths(page) if not any((base / name).exists() for base in (ROOT, APP))]
    assert missing == []


def test_every_decision_has_its_own_number_and_is_in_the_index() -> None:
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    names = sorted(page.name for page in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [name for name in names if f"({name})" not in index] == []
    assert len({name[:4] for name in names}) == len(names)


def test_the_readme_is_read_in_a_minute() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200
