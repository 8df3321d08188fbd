"""`packaging/dev desktops` without a desktop: refuses, reads the accessibility tree, prints the table."""

import os
from collections.abc import Sequence

import pytest
from devtools.desktops import verb
from devtools.desktops.accessible_shell import shown_in
from devtools.desktops.plasma import Plasma
from devtools.desktops.results import Outcome, Result, table
from devtools.desktops.session import Shown
from devtools.output import SetupError


def test_only_root_can_run_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert verb.desktops(["gnome"]) == 77
    assert "only root can start" in "".join(capsys.readouterr())


def test_an_unknown_desktop_is_refused() -> None:
    with pytest.raises(SetupError, match=r"Unknown desktop cde\. Choose from: gnome, plasma, xfce, cinnamon, sway\."):
        verb.desktops(["cde"])


def objects(*found: tuple[str, str]) -> Sequence[dict[str, object]]:
    return [{"role": role, "name": name, "text": ""} for role, name in found]


def test_a_notification_is_read_from_the_accessibility_tree() -> None:
    plasma = objects(
        ("notification", "Your Acme code"), ("heading", "Mailpit Notifier"), ("button", "Close"),
        ("heading", "Your Acme code"), ("text", "To ann@example.com."),
        ("button", "Copy 482913"), ("label", "Copy 482913"),
    )  # fmt: skip
    expected = Shown(title="Your Acme code", body="To ann@example.com.", buttons=("Copy 482913",))
    assert shown_in(plasma, Plasma.not_ours) == expected


def test_the_table_has_a_row_for_each_check_with_its_failure() -> None:
    results = {
        "GNOME 48.7": [
            Result(check="copy", outcome=Outcome.PASSED),
            Result(check="order", outcome=Outcome.NOT_OFFERED, detail="no list"),
        ],
        "Xfce": [Result(check="copy", outcome=Outcome.FAILED, detail="pasted: ''")],
    }
    assert table(results).splitlines() == [
        "       GNOME 48.7  Xfce",
        "copy   ok          FAILED",
        "order  -",
        "",
        "GNOME 48.7, order: no list",
        "Xfce, copy: pasted: ''",
    ]
