"""Which texts of a line have the shape of a one-time code, and which only seem to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.findings import shapes
from mailpit_notifier.findings.shapes import Shape, bound_code, candidates, masked, may_contain_code


def seen(text: str) -> list[str]:
    return [candidate.value for candidate in candidates(masked(text))]


@pytest.mark.parametrize(
    ("text", "value", "shape"),
    [
        ("Your code is 482913", "482913", Shape.SIX),
        ("Your code is 4829", "4829", Shape.DIGITS),
        ("Your code is 48291377", "48291377", Shape.DIGITS),
        ("Your code is 482913775", "482913775", Shape.LONG),
        ("Your code is 4829137756", "4829137756", Shape.LONG),
        ("Your code is 1987", "1987", Shape.YEAR),
        ("Your code is 2087", "2087", Shape.YEAR),
        ("Your code is 2187", "2187", Shape.DIGITS),
        ("Your code is 1887", "1887", Shape.DIGITS),
        ("Your code is 20251", "20251", Shape.DIGITS),
        ("Your code is 482 913", "482913", Shape.SIX),
        ("Your code is 482-913", "482913", Shape.SIX),
        ("Your code is 482 - 913", "482913", Shape.SIX),
        ("Your code is 482.913", "482913", Shape.DIGITS),
        ("Your code is 48.29.13", "482913", Shape.DIGITS),
        ("Your code is 48.29.13.77", "48291377", Shape.DIGITS),
        ("Your code is 48-29", "4829", Shape.DIGITS),
        ("Your code is 4829 1377", "48291377", Shape.DIGITS),
        ("Your code is 48 29 13 77 56", "4829137756", Shape.LONG),
        ("Your code is 4829 13", "482913", Shape.UNEVEN),
        ("Your code is 4829 1377 5", "482913775", Shape.LONG),
        ("Your code is 12 500", "12500", Shape.THOUSANDS),
        ("Your code is 1 250 000", "1250000", Shape.THOUSANDS),
        ("Your code is 12-500", "12500", Shape.UNEVEN),
        ("Your code is 12 - 500", "12500", Shape.UNEVEN),
        ("Your case is 2025-4829", "20254829", Shape.YEAR),
        ("Your code is 2025 4829", "20254829", Shape.DIGITS),
        ("Your code is 4 8 2 9", "4829", Shape.SINGLES),
        ("Your code is 4-8-2-9-1-3", "482913", Shape.SINGLES),
        ("Your code is 4 - 8 - 2 - 9", "4829", Shape.SINGLES),
        ("Your code is 4 · 8 · 2 · 9", "4829", Shape.SINGLES),
        ("Your code is 4 . 8 . 2 . 9", "4829", Shape.SINGLES),
        ("Your code is 4 • 8 • 2 • 9", "4829", Shape.SINGLES),
        ("Your code is K 8 J 9 1 3 0 2 7 5", "K8J9130275", Shape.SINGLES),
        ("Your code is A1B2C3", "A1B2C3", Shape.MIXED),
        ("Your code is K7QX", "K7QX", Shape.MIXED),
        ("Your code is G-482913", "G-482913", Shape.HYPHENED),
        ("Your code is K7-QX", "K7-QX", Shape.HYPHENED),
        ("Your code is A1B2-C3D4-E5F6", "A1B2-C3D4-E5F6", Shape.HYPHENED),
        ("Your code is ABCD-EFGH", "ABCD-EFGH", Shape.HYPHENED),
        ("Your code is KBX-QTZ-WPL", "KBX-QTZ-WPL", Shape.HYPHENED),
        ("Your code is 4k8j2x", "4k8j2x", Shape.LOWER),
        ("Your code is k8j2", "k8j2", Shape.LOWER),
        ("Your code is 7Kd93s", "7Kd93s", Shape.CASED),
        ("Your code is ROOM204", "ROOM204", Shape.NAMED),
        ("Your code is ROOM2048", "ROOM2048", Shape.NAMED),
        ("Your code is MODEL2048S", "MODEL2048S", Shape.NAMED),
        ("Your code is BRIDGE4B", "BRIDGE4B", Shape.NAMED),
        ("Your code is ANT7", "ANT7", Shape.NAMED),
        ("Your code is ERP1", "ERP1", Shape.NAMED),
        ("Your code is BOEING747", "BOEING747", Shape.NAMED),
        ("Your code is MODEL3S", "MODEL3S", Shape.NAMED),
        ("Your code is XKBQ48", "XKBQ48", Shape.MIXED),
        ("Your code is LEMON48", "LEMON48", Shape.NAMED),
        ("Your code is 123abc", "123abc", Shape.WEAK),
        ("Your code is blue-otter-59", "blue-otter-59", Shape.SLUG),
        ("Your code is calm-river-stone", "calm-river-stone", Shape.SLUG),
        ("Your code is a1b2-c3d4-e5f6-a7b8", "a1b2-c3d4-e5f6-a7b8", Shape.SLUG),
        ("Your code is KQXW", "KQXW", Shape.LETTERS),
        ("Your code is KQXWPLTZ", "KQXWPLTZ", Shape.LETTERS),
        ("K7QX 9PLT", "K7QX9PLT", Shape.SPACED),
        ("K7 QX 9P LT", "K7QX9PLT", Shape.SPACED),
    ],
)
def test_a_code_is_known_by_how_it_is_written(text: str, value: str, shape: Shape) -> None:
    assert [(one.value, one.shape) for one in candidates(masked(text))] == [(value, shape)]


@pytest.mark.parametrize(
    "text",
    [
        "Apt. 482 is ready",
        "Your code is 48291377562",
        "Your code is A1B2C3D4E5F6G",
        "Delivered on 2025-04-17",
        "Delivered on 2025-12-30",
        "Delivered on 2025-12-31",
        "Delivered on 30-12-2025",
        "Delivered on 31-12-2025",
        "Delivered on 2025 04 17",
        "Delivered on 2025-4-7",
        "Geliefert am 17.04.2025",
        "Geliefert am 7.4.2025",
        "Geliefert am 31.12.25",
        "Delivered on 17-04-2025",
        "Delivered on the 1234th",
        "Rev. 3001st 1002nd 1003rd",
        "A picture of 1920px and 1200pt",
        "After 1500min, 1500mins, 1000h, 1000hr, 1000hrs, 1000sec and 1500ms",
        "A file of 1200kb, 4096mb or 2048gb",
        "From 1130am to 1230pm",
        "From 1130AM to 1230PM",
        "A file of 1200KB, 4096MB or 2048GB",
        "A picture of 1920PX and 1200PT",
        "After 1500MIN, 1500MINS, 1000H, 1000HR, 1000HRS, 1000SEC and 1500MS",
        "THE 1231ST, THE 1232ND, THE 1233RD AND THE 1234TH",
        "A picture of 1920x1080",
        "It costs $4829",
        "It costs $ 4829",
        "It costs €4829",
        "It costs EUR 4829",
        "It costs 4829 €",
        "It costs 4829.50 €",
        "Das kostet 4829,50 EUR",
        "To kosztuje 4829 zł",
        "Стоит 4829 руб",
        "Стоит 4829 ₽",
        "Det kostar 4829 kr",
        "Cena je 4829 Kč",
        "Az ára 4829 Ft",
        "Kostaa 4829 EUR",
        "料金: 4829円",
        "가격: 4829원",
        "料金は4829円です",
        "加入费4829元起",
        "가격은 4829원입니다",
        "ราคา 4829 บาทค่ะ",
        "定価は4829万円です",
        "Fiyatı 4829 TL",
        "Giá 482900 đồng",
        "Battery at 4829%",
        "An oven of 1200°",
        "Rp 482913",
        "R$ 4829",
        "Call +49 30 482913",
        "Call (030482913)",
        "Call (030) 482913",
        "Call (030)482913",
        "Call (030)-482913",
        "Call (03581) 482913",
        "Call +1 (555) 482-9137",
        "Call 8 (800) 482-91-37",
        "Call +49-482913",
        "Call +4930482913",
        "Call + 482913",
        "(482913)",
        "Path /482913",
        "Mail 4829@acme.test",
        "See https://acme.test/482913",
        "See HTTP://ACME.TEST/482913",
        "See localhost:48291",
        "See db.acme.test:48291",
        "Set a=482913",
        "Save&482913",
        "Save_482913",
        "Save~482913",
        "C:\\482913",
        '{"id": 482913}',
        '{"id": "482913"}',
        "v.4829",
        "At 10:4829",
        "Pay 10,4829",
        "Pay 10.4829",
        "Version 4829.1",
        "Version 4829:1",
        "Sum 4829,1",
        "4829/17",
        "File 482913.PDF",
        "File 482913.pdf",
        "482913@",
        "482913_a",
        "482913=",
        "482913&",
        "482913#",
        "482913\\",
        "Card *4829",
        "Card •4829",
        "Card …4829",
        "Card **4829",
        "Card xx4829",
        "Card •• 4829",
        "Card xx 4829",
        "Card .. 4829",
        "é482913",
        "482913é",
        "Ж482913",
        "482913Ж",
        "No hello-world here",
        "No HELLO-WORLDS here",
        "No AN-ODD here",
        "Train FR-DE",
        "No LONGISH-COMPOUN here",
        "Your code is 4829.1377",
        "A1-B2-C3-D4",
        "A1-B2-C3-D4-E5-F6",
        "sha256",
        "abc1234567890",
        "I A M O K",
        "KQX",
        "KQXWPLTZBVRTN",
        "1-23",
        "Rooms K7QX 9PLT1AB.c",
        "1234 5678 9012",
    ],
)
def test_numbers_with_another_meaning_are_no_code(text: str) -> None:
    assert seen(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Code: **4829**", ["4829"]),
        ("Code: *482913*", ["482913"]),
        ("*** 482913 ***", ["482913"]),
        ("Your code is 482913.", ["482913"]),
        ("Your code is 482913, Kim.", ["482913"]),
        ("Your code is 482913: Kim.", ["482913"]),
        ("Code:482913", ["482913"]),
        ("(1) 482913 (2) 771204", ["482913", "771204"]),
        ("Acme (Berlin) 482913", ["482913"]),
        ("Acme (since 2019) 482913", ["2019", "482913"]),
        ("「482913」", ["482913"]),
        ("验证码482913，请勿泄露", ["482913"]),
        ("482913 krona Lindgren", ["482913"]),
        ("482913 times", ["482913"]),
        ("コードは482913です", ["482913"]),
        ("From 482913 to 77120", ["482913", "77120"]),
        ("Kim@482913", []),
        ("kim.b+482913@acme.test 77120", ["77120"]),
    ],
)
def test_characters_around_a_code_do_not_hide_it(text: str, values: list[str]) -> None:
    assert seen(text) == values


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("@example.com #482913", "482913"),
        ("Your code is 482913.\n\n@login.example-shop.com #K7QX9P", "K7QX9P"),
        ("@example.com #4829", "4829"),
        ("@example.com #482913775612", "482913775612"),
        ("@example.com #482", ""),
        ("@example.com #4829137756123", ""),
        ("@example.com #482913-a", ""),
        ("@example.com 482913", ""),
        ("kim@example.com #482913", ""),
        ("kim-@example.com #482913", ""),
        ("kim.@example.com #482913", ""),
    ],
)
def test_a_domain_bound_code_is_recognized_by_its_format(text: str, code: str) -> None:
    assert bound_code(text) == code


def test_an_address_is_blotted_out_character_for_character() -> None:
    text = "See https://acme.test/v/4829 or write to kim@acme.test: code 482913"
    assert len(masked(text)) == len(text)
    assert masked(text).endswith(": code 482913")
    assert "acme" not in masked(text)


@given(st.text("abzABZ19-#@. ·\u0663:", max_size=24))
def test_only_a_text_without_anything_like_a_code_is_passed_over(text: str) -> None:
    groups = list(shapes._groups(text))
    found = [*groups, *shapes._tokens(text), *filter(None, [bound_code(text)])]
    assert may_contain_code(text) or not found
    assert shapes.GROUPED.search(text) or not groups
