"""Known words of messages: replies and offers, words of many languages, and words that change the meaning of others."""

import re
import unicodedata

import pytest
from devtools import word_lists

from mailpit_notifier.findings import vocabulary
from mailpit_notifier.findings.form import is_about_a_thing, is_about_one_thing, is_talk, leads_up
from mailpit_notifier.findings.page import Link, Page
from mailpit_notifier.findings.sentences import sentences
from mailpit_notifier.findings.vocabulary import Kind, code_vocabulary, fold, link_vocabulary


@pytest.mark.parametrize(
    "subject",
    [
        *("Re: Your code", "RE: Your code", "Fwd: Your code", "FW: Your code", "AW: Ihr Code", "WG: Ihr Code"),
        *("SV: Din kod", "VS: Koodisi", "Antw: Je code", "TR: Votre code", "RV: Tu código", "Odp: Twój kod"),
        *(
            "YNT: Kodunuz",
            "回复：您的验证码",
            "回覆: 驗證碼",
            "答复: 验证码",
            "转发: 验证码",
            "返信：認証コード",
            "Re:Code",
        ),
        *(
            "[acme/shop] Sign-in code expires too early",
            "[acme.io/shop-app] Code",
            "[acme-shop/shop.app] Code",
            "Issue #482",
            "Ticket #482913: code",
        ),
        *("Anfrage №17", "Merge request !17", "#17"),
    ],
)
def test_a_reply_or_a_numbered_case_is_a_conversation(subject: str) -> None:
    assert is_talk(subject)
    assert is_about_a_thing(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Your code",
        "Core: your code",
        "Reset: your code",
        "[Acme] Your code",
        "[Acme] and/or Ltd.",
        "C#7",
        "#7a",
        "#1st",
    ],
)
def test_an_automatic_subject_is_no_conversation(subject: str) -> None:
    assert not is_talk(subject)
    assert not is_about_a_thing(subject)


@pytest.mark.parametrize(
    ("subject", "thing"),
    [
        ("ABC-123 was closed", True),
        ("Your claim KX-48291", True),
        ("20% off", True),
        ("20 % Rabatt", True),
        ("%20 indirim", True),
        ("% 20 indirim", True),
        ("G-482913 is your code", False),
        ("ABCDEFGHIJK-1 is your code", False),
        ("Covid-19 news", False),
        ("Your code AB-12cd", False),
        ("Your code X-AB-12", False),
        ("100 percent", False),
    ],
)
def test_a_case_or_an_offer_in_a_subject_is_a_thing_and_no_conversation(subject: str, thing: bool) -> None:
    assert is_about_a_thing(subject) is thing
    assert not is_talk(subject)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Confirmation", {Kind.PROOF}),
        ("OTP", {Kind.SECRET}),
        ("PIN", {Kind.CODE}),
        ("Pint", set()),
        ("Pint, or two", set()),
        ("Spin", set()),
        ("Barcode", {Kind.NOISE}),
        ("Verifieringskod", {Kind.PROOF, Kind.CODE}),
        ("Bestätigungsnummer", {Kind.SECRET}),
        ("Κωδικός επαλήθευσης", {Kind.SECRET}),
        ("ΚΩΔΙΚΟΣ ΕΠΑΛΗΘΕΥΣΗΣ", {Kind.SECRET}),
        ("验证码", {Kind.SECRET}),
        ("קוד אימות", {Kind.SECRET}),
        ("Одноразовый пароль", {Kind.SECRET}),
    ],
)
def test_known_words_are_found_in_every_script(text: str, kinds: set[Kind]) -> None:
    assert code_vocabulary().kinds(text) == kinds


def test_the_longest_of_the_words_that_fit_is_taken() -> None:
    assert [label.kind for label in code_vocabulary().labels("one-time password")] == [Kind.SECRET]
    assert [label.kind for label in code_vocabulary().labels("source code")] == [Kind.NOISE]


def test_a_language_can_be_left_out() -> None:
    assert Kind.ACTION in link_vocabulary().kinds("Potwierdź")
    assert Kind.ACTION not in link_vocabulary("pl").kinds("Potwierdź")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("CODE", "code"),
        ("Bestätigung", "bestatigung"),
        ("Größe", "grose"),
        ("Hæ, Øl og Ål", "ha, ol og al"),
        ("Łódź", "lodz"),
        ("đăng nhập", "dang nhap"),
        ("KIZILIRMAK ılık", "kizilirmak ilik"),
        ("İstanbul", "istanbul"),
        ("l’indirizzo", "l'indirizzo"),
        ("κωδικός", "κωδικοσ"),
        ("код подтверждения Йод", "код подтверждения иод"),
        ("ガギグ", "ガギグ"),
    ],
)
def test_words_are_compared_without_case_and_accents_character_for_character(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Your confirmation code is below", Kind.SECRET),
        ("Your discount code is below", Kind.NOISE),
        ("Your confirmation code for your order", Kind.SECRET),
        ("Your code is below", Kind.CODE),
        ("Your code to sign in is below", Kind.SECRET),
        ("The code with which you can sign in is below", Kind.SECRET),
        ("The code of this box, which nobody has opened since, is not what you sign in with", Kind.CODE),
        ("Votre code de réduction", Kind.NOISE),
        ("Votre code de confirmation", Kind.SECRET),
        ("Ihr Rabattcode", Kind.NOISE),
        ("The number is below", Kind.NUMBER),
        ("Enter the number", Kind.CODE),
        ("To sign in", Kind.PROOF),
        ("Hello Kim", None),
    ],
)
def test_the_words_beside_a_code_decide_its_purpose(text: str, kind: Kind | None) -> None:
    assert sentences([text], code_vocabulary())[0].telling is kind


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("4829 is your code, and 7712 your order", True),
        ("4829 is your code, and 7712 your order, 1504 your seat", True),
        ("4829 is your code, and 7712 your order, 1504 for Kim", False),
        ("4829 and 7712 are your codes", False),
        ("4829 is your code", False),
        ("4829 is, after that, your code, and 7712 your order", True),
        ("4829 is, after all that was said, your code, and 7712 your order", False),
        ("Your code 4829 is, and 7712 your order", False),
        ("4829 is your code, 7712 to sign in", False),
    ],
)
def test_words_after_each_number_explain_it(text: str, after: bool) -> None:
    places = [match.start() for match in re.finditer("[0-9]{4}", text)]
    assert sentences([text], code_vocabulary())[0].describes_after(places) is after


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Hello Kim. Your code is 4829. Bye", ["Hello Kim.", " Your code is 4829.", " Bye"]),
        ("Really? Yes! Well… Fine", ["Really?", " Yes!", " Well…", " Fine"]),
        ("您好。验证码：4829！再见", ["您好。", "验证码：4829！", "再见"]),
        ("آیا؟ کد ۴۸۲۹", ["آیا؟", " کد ۴۸۲۹"]),
        ("नमस्ते। कोड 4829", ["नमस्ते।", " कोड 4829"]),
        ("Acme | Sign-in · Code • Now", ["Acme |", " Sign-in ·", " Code •", " Now"]),
        ("Acme - Your code", ["Acme - ", "Your code"]),
        ("Version 1.5 of a.b costs 4 - 5", ["Version 1.5 of a.b costs 4 - 5"]),
        ("No. 4829", ["No. 4829"]),
        ("Acme|Kim·Lee", ["Acme|Kim·Lee"]),
        ("   ", []),
    ],
)
def test_a_line_is_split_where_a_sentence_ends(line: str, parts: list[str]) -> None:
    assert [sentence.text for sentence in sentences([line], code_vocabulary())] == parts


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        (["Zib mor tak 482913."], True),
        (["Zib mor 15 tak 482913."], True),
        (["Zib mor 482 913 tak 482913."], True),
        (["Zib mor tak 482913.", "© 2025 Zib"], True),
        (["Zib mor tak 482913.", "2025 Zib"], False),
        (["Zib mor 150 tak 482913."], False),
        (["Zib mor 17.04 tak 482913."], False),
        (["Zib mor 17:04 tak 482913."], False),
        (["Zib mor 17/4 tak 482913."], False),
        (["Zib 5 €", "tak 482913."], False),
        (["Zib 5% tak 482913."], False),
        (["Zib ٥٪ tak 482913."], False),
        (["Zib 5 € tak 482913."], False),
        (["Zib " * 225], True),
        (["Zib " * 225, "a"], False),
    ],
)
def test_a_short_message_without_amounts_or_other_numbers_is_about_one_thing(texts: list[str], one: bool) -> None:
    assert is_about_one_thing(texts, Page(), "482913") is one


def test_a_message_with_many_links_or_a_shop_behind_one_is_about_more_than_one_thing() -> None:
    def page(*urls: str, image: bool = False) -> Page:
        return Page(links=tuple(Link(url=url, words="Zib", line=0, column=0, image=image) for url in urls))

    many = [f"https://acme.test/{letter}" for letter in "abcde"]
    assert is_about_one_thing(["Zib"], page(*many[:4]))
    assert is_about_one_thing(["Zib"], page(*many[:4], *many[:4]))
    assert is_about_one_thing(["Zib"], page(*many, image=True))
    assert not is_about_one_thing(["Zib"], page(*many))
    assert not is_about_one_thing(["Zib"], page("https://acme.test/orders/17"))


@pytest.mark.parametrize(
    ("text", "announces"),
    [
        *(("Zib mor:", True), ("Zib mor :", True), ("**Zib:** ", True), ("__Zib:__", True), ("ዚብ፡", True)),
        *(("次のコード：", True), ("Կոդ։", True), ("Zib -", True), ("Zib =", True), ("Zib mor.", False), ("", False)),
    ],
)
def test_a_colon_announces_what_comes_next(text: str, announces: bool) -> None:
    assert leads_up(text) is announces


def test_the_joined_word_lists_of_a_wheel_are_those_of_the_language_files() -> None:
    files = [(word_lists.NAME, word_lists.joined()), ("en.toml", b"code = []")]
    assert word_lists.NAME < "af.toml"  # files are read in this order
    assert dict(vocabulary.read_languages(files)) == dict(vocabulary.languages())


def test_accents_are_folded_only_in_scripts_with_spaces_between_words() -> None:
    scripts = ("LATIN", "GREEK", "CYRILLIC")
    for char in map(chr, range(0x80, 0x3000)):
        base = unicodedata.normalize("NFD", char)[0]
        if base != char and not vocabulary.OWN_BASE.get(char.lower()):
            expected = base if unicodedata.name(char).startswith(scripts) else char
            assert fold(char) == vocabulary.OWN_BASE.get(expected.lower()[0], expected.lower()[0]), hex(ord(char))
