"""Edits of the settings: each changes what it names, and nothing else."""

from dataclasses import replace

import pytest

from mailpit_notifier.core import settings_file as edits
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Click, Notifications, Settings, TrayChoices, servers_from

SETTINGS = Settings(servers=servers_from(["http://a/", "http://b/", "http://c/"]))


def hosts(settings: Settings) -> str:
    return "".join(server.url.host for server in settings.servers)


@pytest.mark.parametrize(
    ("host", "step", "order"),
    [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("a", 1, "bac"), ("c", -1, "acb")],
)
def test_a_server_is_moved_and_not_beyond_the_ends(host: str, step: int, order: str) -> None:
    assert hosts(edits.move_server(f"http://{host}/", step)(SETTINGS)) == order


def test_a_server_is_added_changed_and_removed_in_its_place() -> None:
    (new,) = servers_from(["http://d/"])
    assert hosts(edits.add_server(new)(SETTINGS)) == "abcd"
    assert hosts(edits.remove_server("http://b/")(SETTINGS)) == "ac"
    changed = edits.change_server("http://b/", name="shop", enabled=False)(SETTINGS)
    assert hosts(changed) == "abc"
    assert [(one.name, one.enabled) for one in changed.servers] == [("", True), ("shop", False), ("", True)]


def test_a_removed_entry_cannot_be_changed_or_moved() -> None:
    for edit in (edits.change_server("http://d/", name="x"), edits.move_server("http://d/", 1)):
        with pytest.raises(edits.EditError, match="changed by another program"):
            edit(SETTINGS)
    with pytest.raises(edits.EditError, match="already"):
        edits.add_server(SETTINGS.servers[1])(SETTINGS)
    assert edits.remove_server("http://d/")(SETTINGS) == SETTINGS  # which was the purpose


def test_a_rule_is_found_by_its_old_value_at_any_position() -> None:
    one, two, three = (Rule(outcome=Outcome.HIDE, tag=tag, name=f"rule {n}") for n, tag in enumerate("xyz", 1))
    ruled = replace(SETTINGS, rules=(one, two, three))
    seen = replace(two, name="rule 7")  # it was there when the user saw the list
    assert edits.change_rule(seen, one)(ruled).rules == (one, one, three)
    assert edits.remove_rule(seen)(ruled).rules == (one, three)
    assert edits.move_rule(seen, -1)(ruled).rules == (two, one, three)
    assert edits.move_rule(seen, 1)(ruled).rules == (one, three, two)
    assert edits.add_rule(one)(ruled).rules == (one, two, three, one)
    with pytest.raises(edits.EditError, match="changed by another program"):
        edits.remove_rule(replace(two, name="mine"))(ruled)


def test_changing_one_choice_keeps_the_others() -> None:
    sounded = edits.choice("notifications", "sound", True)(SETTINGS)
    both = edits.choice("tray", "left_click", Click.MENU)(sounded)
    assert both == Settings(
        servers=SETTINGS.servers, notifications=Notifications(sound=True), tray=TrayChoices(left_click=Click.MENU)
    )
