"""Which link of a message is the one to confirm: by its words, the text before it, and the other links."""

import pytest

from mailpit_notifier.findings.extraction import full

TOKEN = "https://acme.test/v/8fK2d9"
PLAIN = "https://acme.test/welcome"
SUBJECT = "The mail from Acme that you are waiting for"
"""Contains known words: without any, the only link with a token in a short message is the one."""


def anchors(*links: tuple[str, str]) -> str:
    return " ".join(f'<p><a href="{url}">{words}</a></p>' for words, url in links)


@pytest.mark.parametrize(
    "words",
    [
        *("Verify your address", "Confirm", "Accept invitation", "Reset password", "Unlock account", "Approve"),
        *("E-Mail bestätigen", "Confirmer mon adresse", "Confirmar correo", "Conferma", "Bevestigen", "Bekräfta"),
        *("Potwierdź adres", "Подтвердить", "Підтвердити", "Επιβεβαίωση", "Onayla ve doğrula", "Vahvista", "確認する"),
        *("验证邮箱", "이메일 인증하기", "تأكيد البريد", "אימות הכתובת", "ยืนยันอีเมล", "Xác nhận"),
        *(
            "Yes, it was me",
            "Ja, das war ich",
            "Oui, c'est moi",
            "Sí, fui yo",
            "Si, sono io",
            "Sim, fui eu",
            "Да, это я",
        ),
        *("Так, це я", "Tak, to ja", "Ano, to jsem já", "Áno, som to ja", "Igen, én voltam", "Evet, bendim"),
        *("Kyllä, se olin minä", "Jah, see olin mina", "Ναι, εγώ ήμουν", "نعم، هذا أنا", "بله، من بودم", "כן, זה אני"),
        *("हाँ, यह मैं था", "Vâng, là tôi", "Ya, itu saya", "はい、私です", "是的，是我", "是，是我", "네, 저입니다"),
        *("Da, eu am fost", "Yes! It is me"),
    ],
)
def test_a_link_that_asks_to_confirm_is_the_one_in_many_languages(words: str) -> None:
    assert full(SUBJECT, "", anchors((words, TOKEN), ("Blog", "https://acme.test/blog"))).link == TOKEN


@pytest.mark.parametrize(
    "words",
    [
        *("Unsubscribe", "Privacy policy", "Help", "Cancel", "View order", "Track your parcel", "Read more"),
        *("Abbestellen", "Se désabonner", "Cancelar", "Отписаться", "退订", "Bestellung ansehen"),
        "Approve #17 for the team",
        "Approve 4829 for the team",
        "Confirm: the new release of Acme that everybody waited for",
        'Kim approved "Reset the counters"',
    ],
)
def test_a_link_that_refuses_or_shows_something_is_not_the_one(words: str) -> None:
    assert full(SUBJECT, "", anchors((words, TOKEN))).link is None


@pytest.mark.parametrize(
    ("links", "link"),
    [
        ((("Verify", TOKEN), ("Cancel", "https://acme.test/c/9gL3e0")), TOKEN),
        ((("Cancel", "https://acme.test/c/9gL3e0"), ("Verify", TOKEN)), TOKEN),
        ((("Sign in", TOKEN),), TOKEN),
        ((("Sign in", "https://acme.test/login"),), None),
        ((("Sign in", PLAIN),), None),
        ((("Sign in", "https://acme.test/in/17"),), None),
        ((("Verify", PLAIN),), None),
        ((("Acme", "https://acme.test/"), ("Verify", TOKEN), ("Help", "https://acme.test/help")), TOKEN),
        ((("Verify", "https://acme.test/logo.png"),), None),
        ((("Go", f"{TOKEN}/verify"), ("Blog", "https://acme.test/blog")), f"{TOKEN}/verify"),
    ],
)
def test_of_several_links_the_one_to_confirm_with_is_taken(
    links: tuple[tuple[str, str], ...], link: str | None
) -> None:
    assert full("Hello", "", anchors(*links)).link == link


@pytest.mark.parametrize(
    ("subject", "html", "link"),
    [
        ("Hello", f"<p>Please confirm your address.</p><a href={TOKEN}>Here</a>", TOKEN),
        ("Hello", f"<p>To confirm your address, click <a href={TOKEN}>here</a>.</p>", TOKEN),
        ("Hello", f"<p>Your order is on its way, <a href={TOKEN}>here</a>.</p>", None),
        ("Hello", f"<p>If you did not ask, <a href={TOKEN}>here</a> you can cancel.</p>", None),
        ("Confirm your address", f"<p>Kim</p><a href={TOKEN} class=btn>Here</a>", TOKEN),
        ("Confirm your address", f"<a href={TOKEN}>Acme</a>", TOKEN),
        ("Your order", f"<p>Kim</p><a href={TOKEN}>Here</a>", None),
        ("Your booking", "<p>Kim</p><a href=https://acme.test/c/7>Confirm</a>", "https://acme.test/c/7"),
        ("Confirm your address", "<p>Kim</p><a href=https://acme.test/confirm>Here</a>", "https://acme.test/confirm"),
        ("Zib", f"<p>Zib</p><p>The lion and the lamb</p><a class=btn href={TOKEN}>Tak</a>", None),
        ("20% off", f"<p>Kim</p><a href={TOKEN}>Confirm</a>", TOKEN),
        ("Hello", f"<p>Confirm</p><p>a</p><p>b</p><p>c</p><p>d</p><p>e</p><a href={PLAIN}>Here</a>", None),
        ("Your password was changed", f"<p>Was it you?</p><a href={TOKEN}>Reset password</a>", None),
        ("Your password was changed", f"<p>If it was not you:</p><a href={TOKEN}>Reset password</a>", None),
    ],
)
def test_the_words_before_a_link_decide_its_purpose(subject: str, html: str, link: str | None) -> None:
    assert full(subject, "", html).link == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"To confirm your address, open\n{TOKEN}", TOKEN),
        (f"If you did not ask for this, ignore this mail. To confirm: {TOKEN}", TOKEN),
        (f"Bitte bestätigen Sie Ihre Adresse: {TOKEN}", TOKEN),
        (f"Подтвердите адрес: {TOKEN}", TOKEN),
        (f"请点击以下链接验证您的邮箱：{TOKEN}", TOKEN),
        (f"您想取消吗？请点击验证：{TOKEN}", TOKEN),
        (f"取消请回复。请点击验证：{TOKEN}", TOKEN),
        (f"取消请回复！请点击验证：{TOKEN}", TOKEN),
        (f"取消，请点击：{TOKEN}", None),
        (f"To cancel, open {TOKEN}", None),
        (f"Your invoice: {TOKEN}", None),
        (f"Your link to sign in: {TOKEN}", TOKEN),
        (f"Your link to sign in: {PLAIN}", None),
        (f"Zib mor tak {TOKEN}", None),
    ],
)
def test_in_plain_text_the_sentence_before_an_address_decides_its_purpose(text: str, link: str | None) -> None:
    assert full(SUBJECT, text, "").link == link


@pytest.mark.parametrize(
    "text",
    [
        f"To unsubscribe, open {TOKEN}",
        f"To unsubscribe, open\n{TOKEN}",
        f"{TOKEN} to unsubscribe",
        f"Newsletter abbestellen: {TOKEN}",
        f"Para darse de baja, visite {TOKEN}",
        f"Pour vous désabonner : {TOKEN}",
        f"Datenschutz: {TOKEN}",
        f"Hilfe: {TOKEN}",
    ],
)
def test_a_message_without_other_known_words_does_not_make_its_boilerplate_the_link(text: str) -> None:
    assert full("Hello", text, "").link is None


YES, NO = f"{TOKEN}&a=1", f"{TOKEN}&a=0"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (f"Zib mor tak:\n\n**[Zib mor]({TOKEN})**", TOKEN),
        (f"Zib mor tak.\n\nDeny: {NO}\n\nTak: {YES}", YES),
        (f"Zib mor tak.\n\nTak: {YES}\n\nDeny: {NO}", YES),
        (f"If this was not you:\n\n{TOKEN}", None),
    ],
)
def test_in_an_unknown_language_marks_around_a_link_and_lines_of_other_links_are_not_its_words(
    text: str, link: str | None
) -> None:
    assert full("Zib", text, "").link == link


@pytest.mark.parametrize(("yes", "no"), [("ja", "nein"), ("ja", "nej"), ("oui", "non"), ("sim", "nao"), ("tak", "nie")])
def test_of_two_answers_in_addresses_the_accepting_one_is_the_link_in_other_languages_too(yes: str, no: str) -> None:
    text = f"Zib mor tak.\n\nZib: {TOKEN}?r={yes}\nMor: {TOKEN}?r={no}"
    assert full("Zib", text, "").link == f"{TOKEN}?r={yes}"


@pytest.mark.parametrize(("words", "found"), [("Zib mor", "b"), ("Cancel", None), ("Decline", None)])
def test_behind_a_click_tracker_the_logo_is_not_the_link_that_is_left(words: str, found: str | None) -> None:
    tracked = [f"https://click.acme.test/c/8fk2D9xQ4mZ7b{place}" for place in "abc"]
    html = "".join(map(anchors, zip(("Zib", words, "Unsubscribe"), tracked, strict=True)))
    assert full("Zib", "", html).link == (f"{tracked[0][:-1]}{found}" if found else None)


def test_only_the_words_near_the_only_link_of_a_message_count() -> None:
    assert full("Hello", "", f"<p>To unsubscribe, click <a href={TOKEN}>here</a>.</p>").link is None
    assert full("Zib", f"Zib mor tak:\n\n{TOKEN}\n\nNuk mor.\n\nFacebook Instagram", "").link == TOKEN
    assert full("Zib", f"Zib mor tak {TOKEN} help@acme.test", "").link == TOKEN


def test_of_a_newsletter_with_many_links_the_first_forty_are_looked_at() -> None:
    news = anchors(*((f"Story {number}", f"https://acme.test/news/{number}") for number in range(39)))
    confirm = anchors(("Confirm your address", TOKEN))
    assert full("Hello", "", news + confirm).link == TOKEN
    assert full("Hello", "", news + anchors(("Story", "https://acme.test/news/40")) + confirm).link is None
