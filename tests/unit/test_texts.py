"""Texts of notifications. They contain nothing invisible or too long, for any message."""

import html
import json
from datetime import UTC, datetime
from unicodedata import category
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.settings import Notifications
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Action, Emblem, Notice
from mailpit_notifier.notify.texts import (
    MAX_BODY,
    MAX_TITLE,
    AnnouncedMessage,
    away_notice,
    deleted_notice,
    message_notice,
    muted_notice,
    paused_notice,
    without_code,
)
from mailpit_notifier.protocol.model import Message, Person, message_from
from mailpit_notifier.runtime.text import json_line, lines, plain

USUAL = Notifications()
SERVER = "http://localhost:8025/"
NOW = datetime(2025, 1, 1, tzinfo=UTC)
ANN, BOB, CAT = (Person(name=name, address=f"{name.lower()}@example.com") for name in ("Ann", "Bob", "Cat"))
NOREPLY = Person(name="Acme", address="noreply@acme.test")


def message(**fields: object) -> Message:
    return Message(**{"id": "A1", "created": NOW, "sender": NOREPLY, "to": (ANN,)} | fields)  # type: ignore[arg-type]


def noticed(message: Message, server_name: str = "", shown: Notifications = USUAL, found: Findings = NOTHING) -> Notice:
    return message_notice(
        AnnouncedMessage(server_url=SERVER, message=message, server_name=server_name, found=found), shown
    )


def body(**fields: object) -> str:
    return noticed(message(**fields)).body


def test_a_notice_shows_subject_recipient_and_snippet() -> None:
    notice = noticed(message(subject="Your Acme code", snippet="It is 482913."))
    assert notice.key == (SERVER, "A1")
    assert notice.title == "Your Acme code"
    assert notice.body == "To ann@example.com.\nIt is 482913."


def test_a_message_without_subject_or_snippet_has_a_title_and_one_line() -> None:
    notice = noticed(message(subject=" \u200b\u202e\n"))
    assert (notice.title, notice.body) == ("(no subject)", "To ann@example.com.")


@pytest.mark.parametrize(
    ("fields", "first_line"),
    [
        ({"to": (ANN, BOB), "cc": (CAT,)}, "To ann@example.com and 2 more."),
        ({"to": (ANN, ANN)}, "To ann@example.com."),
        ({"to": (), "bcc": (BOB,)}, "To bob@example.com."),
        ({"to": (Person(name="Undisclosed"),)}, "To Undisclosed."),
        ({"to": (Person(address="{address}%n@x"), BOB)}, "To {address}%n@x and 1 more."),
        ({"to": ()}, "From Acme."),
        ({"to": (), "sender": Person(address="a@b.test")}, "From a@b.test."),
        ({"to": (), "sender": None}, ""),
    ],
)
def test_the_first_line_names_the_recipient_and_only_without_one_the_sender(
    fields: dict[str, object], first_line: str
) -> None:
    assert body(**fields) == first_line


def test_with_several_servers_the_body_begins_with_the_name() -> None:
    assert noticed(message(snippet="Hi"), "shop").body == "shop: To ann@example.com.\nHi"
    assert noticed(message(to=(), sender=None), "shop").body == "shop."


def test_a_huge_address_leaves_room_for_the_text_of_the_message() -> None:
    huge = Person(address="a" * 900 + "@example.com")
    first, second = body(to=(huge, BOB), snippet="The code is 482913").split("\n")
    assert first.endswith("… and 1 more.")
    assert len(first) < 80
    assert second == "The code is 482913"


CODED = Findings(code="482913", link="https://a.very-long-sub-domain.of.example.test/confirm?t=1")


def test_the_buttons_are_the_chosen_and_possible_ones_in_order() -> None:
    def labels(shown: Notifications, found: Findings = CODED, message_id: str = "A1") -> list[str]:
        return [action.label for action in noticed(message(id=message_id), shown=shown, found=found).actions]

    everything = Notifications(buttons=("copy", "link", "delete"))
    assert labels(USUAL) == ["Copy 482913", "Open …b-domain.of.example.test", "Mark as read"]
    assert labels(USUAL, NOTHING) == ["Mark as read"]
    assert labels(everything) == ["Copy 482913", "Open …b-domain.of.example.test", "Delete"]
    assert labels(everything, message_id="no-id-1") == ["Copy 482913", "Open …b-domain.of.example.test"]
    assert labels(Notifications(buttons=())) == []


def test_content_that_the_settings_hide_is_not_shown() -> None:
    coded = message(subject="Your Acme code", snippet="It is 482913.")
    with_sender = Notifications(sender=True)
    assert noticed(coded, shown=with_sender).body == "To ann@example.com, from Acme.\nIt is 482913."
    assert noticed(message(to=(), sender=NOREPLY), shown=with_sender).body == "From Acme."
    assert noticed(coded, shown=Notifications(snippet=False)).body == "To ann@example.com."

    hidden = Notifications(hide_content=True)
    shown = noticed(coded, "shop", hidden, CODED)
    assert (shown.title, shown.body) == ("New message", "shop")
    assert [action.label for action in shown.actions] == ["Copy code", "Open link", "Mark as read"]
    whole = AnnouncedMessage(server_url=SERVER, message=coded, server_name="shop", found=CODED)
    assert deleted_notice(whole, hidden).title == "Message deleted"
    assert deleted_notice(whole, USUAL).title == "Deleted: Your Acme code"
    assert deleted_notice(whole, USUAL).actions == (Action(key="undo", label="Undo"),)
    assert away_notice([("", 7)], coded, hidden).body == ""
    assert paused_notice([("", 7)], coded, USUAL).title == "7 messages while paused"
    assert muted_notice([("", 7)], coded, USUAL).title == "7 messages while muted"
    assert muted_notice([("%n {x}", 7)], coded, USUAL).title == "7 messages while %n {x} was muted"
    assert muted_notice([("shop", 7), ("blog", 5)], coded, USUAL).title == "12 messages while muted"
    assert muted_notice([("shop", 7), ("blog", 5)], coded, USUAL).body == "shop 7, blog 5"


ACME = "Your sign-in code is 482913. It expires in 10 minutes."


@pytest.mark.parametrize(
    ("fields", "shown", "body", "without_buttons"),
    [
        ({}, USUAL, "ann@example.com.\n{}", "Code 482913, to ann@example.com.\n{}"),
        (
            {"to": (ANN, BOB)},
            USUAL,
            "ann@example.com and 1 more.\n{}",
            "Code 482913, to ann@example.com and 1 more.\n{}",
        ),
        ({"to": ()}, USUAL, "From Acme.\n{}", "Code 482913, from Acme.\n{}"),
        ({"to": (), "sender": None}, USUAL, "{}", "Code 482913.\n{}"),
        (
            {},
            Notifications(sender=True, snippet=False),
            "ann@example.com, from Acme.",
            "Code 482913, to ann@example.com, from Acme.",
        ),
        (
            {},
            Notifications(buttons=("link",)),
            "Code 482913, to ann@example.com.\n{}",
            "Code 482913, to ann@example.com.\n{}",
        ),
    ],
)
def test_a_body_shows_the_code_only_where_no_button_does(
    fields: dict[str, object], shown: Notifications, body: str, without_buttons: str
) -> None:
    notice = noticed(message(subject="Your Acme code", snippet=ACME, **fields), shown=shown, found=CODED)
    rest = "It expires in 10 minutes."
    assert (notice.title, notice.body) == ("Your Acme code", body.format(rest))
    assert notice.body_without_buttons == without_buttons.format(rest)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (ACME, "It expires in 10 minutes."),
        ("Hello Ann! 482 913 is your code. Thanks.", "Hello Ann! Thanks."),
        ("Hi Ann, use 482-913 to sign in", ""),
        ("Code: 482913 It expires in 10 minutes", "It expires in 10 minutes"),
        ("Or use this (code 482913) If it was not you, call us.", "If it was not you, call us."),
        ("Enter 482913. Again: 482913. Bye.", "Bye."),
        ("Open https://acme.test/?c=482913&x=1 now. Bye.", "Bye."),
        ("コードは482913です。10分間有効です。", "10分間有効です。"),
        ("Order 1482913 is here.", "Order 1482913 is here."),
        ("code 482913 " + "and so on " * 40, ("and so on " * 40).strip()),
        ("", ""),
    ],
)
def test_sentences_with_the_code_are_removed_from_a_text(text: str, rest: str) -> None:
    assert without_code(text, "482913") == rest


def test_a_notice_has_an_emblem_only_with_several_servers() -> None:
    one = AnnouncedMessage(server_url=SERVER, message=message())
    many = AnnouncedMessage(server_url=SERVER, message=message(), server_name="\u202eshop", server_color="#b8642a")
    for notice in (message_notice, deleted_notice):
        assert notice(one, USUAL).emblem is None
        assert notice(many, USUAL).emblem == Emblem(color="#b8642a", initial="S")


names = st.text(max_size=30) | st.sampled_from(["\x00", "\u202e", "a\nb", "\ud800", "<b>&amp;", "\u200d", "\ufffe"])
junk = st.lists(names, max_size=40).map("".join)
people = st.none() | st.lists(st.fixed_dictionaries({"Name": junk, "Address": junk}), max_size=3)
summaries = st.fixed_dictionaries({"ID": st.just("A1"), "Subject": junk, "Snippet": junk, "To": people, "Cc": people})


@given(summaries, junk)
def test_no_message_gets_anything_invisible_or_overlong_into_a_notice(
    data: dict[str, object], server_name: str
) -> None:
    notice = noticed(message_from(data, NOW), server_name)
    assert 0 < len(notice.title) <= MAX_TITLE
    assert len(notice.body) <= MAX_BODY
    assert len(notice.body.split("\n")) <= 2
    shown = notice.title + notice.body.replace("\n", "")
    assert not {category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    ET.fromstring(f"<p>{html.escape(notice.body, quote=False)}</p>")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\r\n two\t\tthree\u2028four\x85five\u00a0six", "one two three four five six"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x00b\x1b[31mc\ud800d\ufff9e", "ab[31mcde"),
        ("a\U000e0041\u3164b\u2066c\u2069\x9bd", "abcd"),
        ("ann\u200d@\u200cx.test \u00e9\u200d\u200d\u00e9\u200d\u202e", "ann@x.test éé"),
        ("Hello \u200c \u200c\u00ad\u034f \ufeff\u200b \u200c", "Hello"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👩\u200d👧 ok", "👩\u200d👩\u200d👧 ok"),
        ("\ue000 ©️ ½ 漢字 שלום", "\ue000 ©️ ½ 漢字 שלום"),
        ("", ""),
    ],
)
def test_plain_keeps_what_can_be_seen_on_one_line(text: str, line: str) -> None:
    assert plain(text, 100) == line


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("abc👩\u200d👩\u200d👧def", 7, "abc…"),
        ("abcde\u0301\u0302fgh", 7, "abcd…"),
        ("abc👍🏽def", 5, "abc…"),
        ("ab🇩🇪🇫🇷x", 6, "ab🇩🇪…"),
        ("abc🇳🇿def", 5, "abc…"),
        ("abc\u1100\u1161\u11a8def", 6, "abc…"),
        ("abc\u0915\u093edef", 5, "abc…"),
        ("abc1\ufe0f\u20e3def", 6, "abc…"),
        ("e" + "\u0301" * 100, 60, "e" + "\u0301" * 58 + "…"),
    ],
)
def test_plain_cuts_where_a_person_sees_a_character_begin(text: str, limit: int, cut: str) -> None:
    assert plain(text, limit) == cut


def test_lines_keep_their_breaks_and_spaces() -> None:
    assert lines("a\r\nb\rc\td\x1b]52;c;x\x07e\x9b31m\u2028f\x85g\ud800") == "a\nb\nc d]52;c;xe31m f g"
    assert lines("  a  b \n\n\u202ec\n") == "  a  b \n\nc\n"
    assert lines("م\u200cخ\u200c\n\u200dx") == "م\u200cخ\nx"


@given(st.recursive(junk, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(junk, inner, max_size=3)))
def test_json_keeps_every_character_and_shows_none_that_is_invisible(value: object) -> None:
    text = json_line(value)
    assert json.loads(text) == value
    assert lines(text) == text
    assert "\n" not in text
    assert not {"\u200c", "\u200d"} & set(text)
    text.encode()


@given(junk, junk, junk)
def test_removing_a_code_removes_each_copy_of_it(before: str, code: str, after: str) -> None:
    rest = without_code(f"{before} {code} {after}", code)
    assert without_code(rest, code) == rest


@given(junk, st.integers(2, 300))
def test_plain_is_bounded_and_idempotent(text: str, limit: int) -> None:
    line = plain(text, limit)
    assert len(line) <= limit
    assert plain(line, limit) == line
