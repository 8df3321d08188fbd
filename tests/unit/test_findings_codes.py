"""When a number in a message is the code: by the words beside it, its place, and the rest of the message."""

import pytest

from mailpit_notifier.findings.extraction import full, quick

SUBJECT = "The mail from Acme that you are waiting for"
"""Contains known words: without any, the only number of a short message is the code."""


@pytest.mark.parametrize(
    "text",
    [
        "Your sign-in code has six digits, such as 482913.",
        "Your sign-in code has six digits, e.g. 482913.",
        'Enter your sign-in code, for example: "482913".',
        "Your sign-in code is six digits, like 482913.",
        "Ihr Bestätigungscode hat sechs Ziffern, z. B. 482913.",
        "Ihr Bestätigungscode hat sechs Ziffern, z.B. 482913.",
        "Su código de verificación tiene seis cifras, por ejemplo: 482913.",
        "Votre code de vérification a six chiffres, par exemple « 482913 ».",
        "Il codice di verifica ha sei cifre, ad esempio 482913.",
        "O código de verificação tem seis dígitos, por exemplo 482913.",
        "認証コードの例: 482913",
    ],
)
def test_an_example_is_no_code(text: str) -> None:
    assert full("Hello", text, "").code is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your code: 482913\nYour code: 482914", None),
        ("Your code:\n\n482913\n\n771204\n\n150938", None),
        ("Recovery:\n\nA1B2-C3D4\n\nE5F6-G7H8\n\nJ9K1-L2M3\n\nN4P5-Q6R7", None),
        ("Your sign-in code: 482913\n\nYour sign-in code: 482913", "482913"),
        ("Your sign-in code: 482913\n\nYour sign-in code: 482-913", "482913"),
        ("Your sign-in code: ABCD-EFGH\n\nYour sign-in code: abcd-efgh", "ABCD-EFGH"),
        ("Your sign-in code is 482913. Your account 771204 is fine.", "482913"),
        ("Your account 771204 is fine.\n\nYour sign-in code is 482913.", "482913"),
    ],
)
def test_among_similar_numbers_there_is_no_code_and_else_the_best_is_it(text: str, code: str | None) -> None:
    assert full("Hello", text, "").code == code


def test_a_code_below_many_other_numbers_is_not_looked_for() -> None:
    numbers = "".join(f"Order {number}\n" for number in range(100_100, 100_159))
    assert full("Hello", numbers + "Your sign-in code is 482913", "").code == "482913"
    assert full("Hello", numbers * 2 + "Your sign-in code is 482913", "").code is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your sign-in code #482913", None),
        ("Your old code 771204 no longer works. Your new code is 482913.", "482913"),
        ("Your sign-in code 482913 has expired.", None),
        ("Ihr Anmeldecode 482913 ist nicht mehr gültig.", None),
        ("Votre code de connexion 482913 n'est plus valable.", None),
        ("Su código de acceso 482913 ya no es válido.", None),
        ("Your sign-in code is 482913. An earlier one no longer works.", "482913"),
        ("Ваш код # 482913", None),
        ("Код подтверждения № 482913", None),
        ("Your code gives 20 % off: 482913", None),
        ("Use code SAVE20 for 20% off", None),
        ("Use the PIN 4829", "4829"),
        ("Use the PIN 4829 for 5.00 EUR", None),
        ("PIN: 4829\n\n5.00 EUR", None),
        ("PIN: 4829\n\n5EUR", None),
        ("PIN: 4829\n\n500円です", None),
        ("PIN: 4829\n\n5万円です", None),
        ("PIN: 4829\n\nValid for 10 minutes. 5.00 EUR", "4829"),
        ("Enter 482913 to sign in.", "482913"),
        ("Meeting\n\nMeeting ID: 482913\nPasscode: 771204\nDial in: 55123", None),
        ("Your sign-in code: 1987", None),
        ("Enter the code to sign in:\n\n→ KQXWPLTZ", "KQXWPLTZ"),
        ("Your sign-in code: 12 500", "12500"),
    ],
)
def test_the_words_beside_a_number_decide_whether_it_is_a_code(text: str, code: str | None) -> None:
    assert full("Hello", text, "").code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("482913 is your sign-in code, and 771204 your order number.", "482913"),
        ("771204 is your order number, and 482913 your sign-in code.", "482913"),
        ("482913 ist Ihr Anmeldecode und 771204 Ihre Bestellnummer.", "482913"),
        ("482913 est votre code de connexion et 771204 votre numéro de commande.", "482913"),
        ("Your sign-in code is 482913, and 771204 your order number.", "482913"),
        ("Your order number is 771204, and 482913 your sign-in code.", "482913"),
        ("KQXW: your sign-in code 482913 came with your order.", "482913"),
        ("2025 sign-in code: 482913, which came with your order.", "482913"),
    ],
)
def test_a_sentence_may_explain_each_number_after_it(text: str, code: str | None) -> None:
    assert full(SUBJECT, text, "").code == code


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("Your code is 482913", "", "482913"),
        ("482913 is your sign-in code", "Hello Kim.", "482913"),
        ("Your sign-in code", "Hello Kim,\n\n482913\n\nBye", "482913"),
        ("Re: Your sign-in code", "The code was 482913.", None),
        ("Re: Your sign-in code", "Thanks!\n\n> Your sign-in code is: 482913\n> It expires in 10 minutes.", None),
        ("Fwd: Your sign-in code", "Your sign-in code is:\n\n482913\n\nIt expires in 10 minutes.", None),
        ("Re: 482913 is your sign-in code", "Your sign-in code is 482913. It expires in 10 minutes.", None),
        ("Your sign-in code for the race #17", "Your sign-in code is 482913. It expires in 10 minutes.", "482913"),
        ("[acme/shop] Your sign-in code", "The code was 482913.", None),
        ("Your order", "The code: 482913", None),
        ("Your order", "The sign-in code: 482913", "482913"),
        ("Confirm your payment", "The one-time code for 12.50 EUR:\n\n482913", "482913"),
        ("482913", "Zib 482913 mor. Tak 771204 nuk.", None),
    ],
)
def test_the_subject_speaks_for_a_code_or_against_it(subject: str, text: str, code: str | None) -> None:
    assert full(subject, text, "").code == code


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<p>Enter the code to sign in:</p><p>KQXWPLTZ</p>", "KQXWPLTZ"),
        ("<p>Enter the code to sign in:</p><p><a href=https://a.test/in>KQXWPLTZ</a></p>", None),
        ("<p>Code: 482913 or 771204</p><a href=https://a.test/verify?code=771204>Verify</a>", "771204"),
        ("<p>Your code</p><h1>482913</h1><p>7712</p>", "482913"),
        ("<p>482913 visits</p><h1>7712</h1><p>sign-ups</p>", None),
        ("<p>482913 visits</p><h1>7712</h1><p>signups</p>", None),
        ("<p>482913 visits</p><h1>7712</h1><p>sign ups</p>", None),
        ("<p>Your sign-in code is KQXWPLTZ</p>", "KQXWPLTZ"),
        ("<p>Your sign-in code is KITCHEN</p>", None),
        ("<p>Your sign-in code:</p><p>calm-river-stone</p>", "calm-river-stone"),
        ("<p>Your sign-in code is a calm-river-stone</p>", None),
        ("<p>Your sign-in code:</p><p>7Kd93s</p>", "7Kd93s"),
        ("<p>Your sign-in code is 7Kd93s</p>", "7Kd93s"),
        ("<p>The sign-in on 7Kd93s works</p>", None),
        ("<p>Your sign-in code:</p><p>K7QX 9PLT</p>", "K7QX9PLT"),
    ],
)
def test_letters_alone_on_a_line_are_a_code(html: str, code: str | None) -> None:
    assert full("Hello", "", html).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Zib mor tak:\n\n482913\n\nNuk mor.", "482913"),
        ("Zib mor tak.\n\n482913\n\nNuk mor.", "482913"),
        ("Zib mor tak: 4829", "4829"),
        ("Zib mor tak:\n\n4829\n\nNuk mor.", "4829"),
        ("Zib mor 4829 tak.", None),
        ("Zib mor: 4829 tak.", "4829"),
        ("Zib mor 482913 tak.", "482913"),
        ("Zib\n\nmor\n\ntak\n\n4829", None),
        ("Zib\nmor\n4829", "4829"),
        ("Zib mor tak: 4829137756", None),
        ("Zib mor tak:\n\n482913775\n\nNuk mor.", "482913775"),
        ("Zib mor tak:\n\n→ 4829 nuk.", "4829"),
        ("Zib mor tak:\n\n4829 nuk.\n\nMor tak.", "4829"),
        ("Zib mor tak.\n\n4829 nuk.\n\nMor tak:", None),
        ("Zib mor tak: ROOM204", None),
        ("Zib mor tak 482913, nuk 771204.", None),
        ("Zib mor tak 482913. " + "Nuk mor. " * 120, None),
        ("Zib mor tak 482913.\n\nwww +49 482913775", None),
        ("Zib mor tak 482913.\n\nredis:6379", "482913"),
        ("redis:6379\n\nZib mor tak 482913.", "482913"),
        ("Zib mor tak 482913.\n\nNuk:771204", None),
    ],
)
def test_in_an_unknown_language_the_punctuation_before_a_number_counts(text: str, code: str | None) -> None:
    assert full("Zib", text, "").code == code


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<p>Zib mor tak: 61637</p>", None),
        ("<p>Zib mor tak: <b>61637</b></p>", "61637"),
        ("<p>Zib mor tak:</p><p>61637</p>", "61637"),
        ("<p>Zib mor tak: 48291377</p>", None),
        ("<p>Zib mor tak:</p><p>48291377</p>", "48291377"),
        ("<p>Zib mor tak 48291377.</p>", None),
        ("<p>Zib mor tak <b>48291377</b>.</p>", "48291377"),
        ("<p>Zib mor tak UQ7528.</p>", None),
        ("<p>Zib mor tak: UQ7528</p>", "UQ7528"),
    ],
)
def test_in_an_unknown_language_a_number_in_a_sentence_has_the_length_of_most_codes(
    html: str, code: str | None
) -> None:
    assert full("Zib", "", html).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Zib mor tak.\n\nNuk mor: 4829", "4829"),
        ("Deine Datei wurde eingelesen.\n\nZahl der Punkte: 4829", None),
        ("Tiedostot ovat mukana.\n\nPisteet: 4829", None),
        ("您的文件已导入。\n\n点数：4829", None),
        ("파일을 가져왔습니다.\n\n점: 4829", None),
        ("ไฟล์ของคุณ\n\nจำนวนจุด: 4829", None),
        ("סך הנקודות: 4829", None),
        ("Zib mor #tak: 4829", None),
    ],
)
def test_in_a_known_language_or_below_a_hashtag_a_number_without_a_word_for_a_code_is_none(
    text: str, code: str | None
) -> None:
    assert full("Zib", text, "").code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("รหัส OTP คือ 482209 (Ref: KQJT)", "482209"),
        ("Your sign-in code is 482209 (order: 77120)", "482209"),
        ("Passcode 402 771 authorises a payment of $129.00.", "402771"),
        ("Code: QX4 7TR", "QX47TR"),
        ("Your code: QX4 7TR now", None),
        ("Model: QX4 7TR", None),
        ("Your token is wrong, maybe for CSRF.", None),
        ("This was a wrong token: CSRF", None),
        ("This is your token: CSRFQ", "CSRFQ"),
        ("Sign-in attempt. Session 8812093. Your approval code: 339144.", "339144"),
    ],
)
def test_what_a_word_after_a_number_or_a_colon_before_it_belongs_to(text: str, code: str | None) -> None:
    assert full("Hello", text, "").code == code


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("Zib", "Zib mor tak ZIB-48291377.", "48291377"),
        ("Zib", "Zib-77120 es tu código de Zib.", "77120"),
        ("Mor", "Mor tak ZIB-48291377.", None),
        ("[ZIB-4821] Zib mor tak", "Zib mor tak ZIB-4821.", None),
    ],
)
def test_the_digits_after_the_name_of_the_sender_are_a_code_of_any_usual_length(
    subject: str, text: str, code: str | None
) -> None:
    assert full(subject, text, "").code == code


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<p>Zib mor 482913 tak.</p>", "482913"),
        ("<p>Zib mor 482913 tak.</p><a href=https://zib.test/nuk>Nuk</a>", None),
        ("<p>Zib mor tak: <b>482913</b>.</p><a href=https://zib.test/z/482913>Nuk</a>", None),
        ("<p>Zib mor tak:</p><p>482913</p><a href=https://zib.test/z/482913>Nuk</a>", "482913"),
        ("<p>Zib mor tak.</p><p>482913</p><p>Mor.</p><a href=https://zib.test/nuk>Nuk</a>", "482913"),
    ],
)
def test_in_an_unknown_language_a_number_in_a_sentence_is_no_code_where_there_is_a_link(
    html: str, code: str | None
) -> None:
    assert full("Zib", "", html).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ihr Bestätigungscode lautet 482913.", "482913"),
        ("Votre code de vérification : 482913", "482913"),
        ("Su código de verificación es 482913.", "482913"),
        ("O seu código de verificação é 482913.", "482913"),
        ("Il tuo codice di verifica è 482913.", "482913"),
        ("Twój kod weryfikacyjny to 482913.", "482913"),
        ("Ваш код подтверждения: 482913", "482913"),
        ("Din engångskod är 482913.", "482913"),
        ("Vahvistuskoodisi on 482913.", "482913"),
        ("Doğrulama kodunuz: 482913", "482913"),
        ("您的验证码是482913，5分钟内有效。", "482913"),
        ("验证码482913，请勿告知他人。客服电话4001234567", "482913"),
        ("認証コード：482913", "482913"),
        ("인증번호 [482913]를 입력하세요", "482913"),
        ("رمز التحقق: ٤٨٢٩١٣", "482913"),
        ("קוד האימות שלך: 482913", "482913"),
        ("รหัสยืนยันของคุณคือ 482913", "482913"),
        ("Ihr Rabattcode lautet 482913.", None),
        ("Votre code de réduction : 482913", None),
        ("Su número de pedido es 482913.", None),
        ("Twój numer zamówienia to 482913.", None),
        ("Номер заказа: 482913", None),
        ("ご注文番号：482913", None),
        ("Ihr Zugangscode für das Schließfach: 4829", None),
        ("Ihr Türcode lautet 482913.", None),
        ("WLAN-Code: 4829", None),
        ("De deurcode is 4829.", None),
        ("De toegangscode van de kluis is 4829.", None),
        ("Dørkoden er 4829.", None),
        ("Ovikoodi on 4829.", None),
        ("Kapı kodu: 4829", None),
        ("门禁密码：4829", None),
        ("門禁密碼：4829", None),
        ("ドアコード: 4829", None),
    ],
)
def test_a_code_is_distinguished_from_an_order_number_in_many_languages(text: str, code: str | None) -> None:
    assert full(SUBJECT, text, "").code == code


def test_a_very_long_subject_or_snippet_is_cut_and_gives_no_half_a_code() -> None:
    assert full("Your sign-in code is 482913 " + "a" * 500, "", "").code == "482913"
    assert full("a" * 490 + " code is 482913", "", "").code is None
    assert quick("Hello", "Your sign-in code is 482913 " + "a" * 1_000).code == "482913"
    assert quick("Hello", "a " * 490 + "Your sign-in code is 482913, Kim").code is None
    assert quick("Hello", "Your sign-in code is 482913").code == "482913"
    assert quick("Hello", "Your sign-in code is 4829…").code is None
    assert quick("Hello", "Your sign-in code is 482913 for…").code == "482913"


def test_a_style_that_a_snippet_begins_with_does_not_change_what_a_code_is_called() -> None:
    style = ".b{background:#0a66c2;color:#fff}p{margin:0 0 16px}"
    text = "아래 인증번호를 입력해 주세요. 209 417 유효시간 3분 사업자등록번호 123-45-67890 | 고객센터 1588-0000"
    assert quick("Hello", f"{style} {text}").code == "209417"
