"""The visible lines of a message, which of them are emphasized, and its links, from HTML and from plain text."""

import pytest

from mailpit_notifier.findings.extraction import visible
from mailpit_notifier.findings.markup import WHOLE, page_of_html
from mailpit_notifier.findings.page import Link, page_of_text, trimmed


def shown(html: str) -> list[str]:
    return [line.text for line in page_of_html(html).lines]


def standing_out(html: str) -> list[str]:
    return [line.text for line in page_of_html(html).lines if line.big]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("Hello<br>Kim", ["Hello", "Kim"]),
        ("<p>Hello</p><p>Kim</p>", ["Hello", "Kim"]),
        ("Hello</div>Kim", ["Hello", "Kim"]),
        ("<tr><td>Code</td><td>482913</td></tr>", ["Code", "482913"]),
        ("<p>Your <b>code</b> <i>is</i> 482<wbr>913</p>", ["Your code is 482913"]),
        ("<p>Your\n   code\tis&nbsp;482913</p>", ["Your code is 482913"]),
        ("<p>  Hello  </p>", ["Hello"]),
        ("<p>Hello <b> Kim</b></p>", ["Hello  Kim"]),
        ("<P>Hello</P><DIV>Kim</DIV>", ["Hello", "Kim"]),
        ("<pre>Hello\n  Kim\n</pre>Bye", ["Hello", "Kim", "Bye"]),
        ("<pre>Hello <b>dear\nKim</b></pre>", ["Hello dear", "Kim"]),
        ("<div style='white-space:pre-line'>Hello\nKim</div>", ["Hello", "Kim"]),
        ("<div style='white-space : break-spaces'>Hello\nKim</div>", ["Hello", "Kim"]),
        ("<p style='white-space:nowrap'>Hello\nKim</p>", ["Hello Kim"]),
        ("<pre>Hello</pre>\nKim\nLee", ["Hello", "Kim Lee"]),
        ("<p>1 < 2 and 3 > 2</p>", ["1 < 2 and 3 > 2"]),
        ("<p>I <3 you</p>", ["I <3 you"]),
        ("<p title='a > b' id=\"c > d\">Hello</p>", ["Hello"]),
        ("<p title='unclosed>Hello</p>", ["Hello"]),
        ("<!-- <p>Hidden</p> --><p>Shown</p>", ["Shown"]),
        ("<!-- <p>Hidden</p> --!><p>Shown</p>", ["Shown"]),
        ("<p hidden>Hidden</p><p>Shown</p>", ["Shown"]),
        ("<p HIDDEN='until-found'>Hidden</p><p>Shown</p>", ["Shown"]),
        ("<p title='not hidden' class=hidden>Shown</p>", ["Shown"]),
        ("<p style='visibility:hidden'>Hidden</p><p>Shown</p>", ["Shown"]),
        ("<p style='opacity: 0.0;'>Hidden</p><p style='opacity:0.5'>Shown</p>", ["Shown"]),
        ("<p style='overflow:hidden;max-height:0px'>Hidden</p><p style='max-height:0.5em'>Shown</p>", ["Shown"]),
        ("<p style='display&#58;/* */none'>Hidden</p><p>Shown</p>", ["Shown"]),
        ("<iframe>Hidden</iframe><noframes>Hidden</noframes><noembed>Hidden</noembed><p>Shown</p>", ["Shown"]),
        ("<svg/><p>Shown</p><select><p>Shown</p>", ["Shown", "Shown"]),
        ("<!--><p>Shown</p>", ["Shown"]),
        ("<p>Shown</p><!-- never closed <p>Hidden</p>", ["Shown"]),
        ("<!DOCTYPE html><?xml version='1.0'?><p>Shown</p>", ["Shown"]),
        ("<p>Shown</p><style>p { color: red }", ["Shown"]),
        ("<TITLE>Hidden</TITLE><p>Shown</p>", ["Shown"]),
        ("<style>Hidden</STYLE><p>Shown</p>", ["Shown"]),
        ("<script>if (a < b) { }</script><p>Shown</p>", ["Shown"]),
        ("<select><option>Hidden</select><p>Shown</p>", ["Shown"]),
        ("<p style='display:none'>Hidden</p><p>Shown</p>", ["Shown"]),
        ("<p style='DISPLAY : NONE'>Hidden <b>here, too</b></p><p>Shown</p>", ["Shown"]),
        ("<div style='display:none'><p>Hidden</p></div><p>Shown</p>", ["Shown"]),
        ("<div style='display:none'>Hidden<br>Hidden<img src=a>Hidden</div><p>Shown</p>", ["Shown"]),
        ("<p style='display:none'>Hidden</b></p><p>Shown</p>", ["Shown"]),
        ("<p>&lt;b&gt; &amp; caf&eacute; &#8364;</p>", ["<b> & café €"]),
        ("<p>&#0000000000065;&#00000066 &#1114112;</p>", ["AB \ufffd"]),
        (f"<p>A&#{'9' * 5_000};B&#{'9' * 5_000}C&#x{'f' * 5_000};D</p>", ["A\ufffdB\ufffdC\ufffdD"]),
        (f"<p>&#{'0' * 5_000}65;</p>", ["A"]),
        ("<p>zero\u200bwidth soft\u00adhyphen</p>", ["zerowidth softhyphen"]),
        ("<td>4</td><td>8</td><td>2</td><td>9</td>", ["4829", "", "", ""]),
        ("<td>4</td><td>8</td><td>2</td>", ["4", "8", "2"]),
        ("<td>4</td><td>8</td><td>-</td><td>2</td><td>9</td><td>Bye</td>", ["4829", "", "", "", "", "Bye"]),
    ],
)
def test_the_lines_of_html_are_what_a_reader_sees(html: str, lines: list[str]) -> None:
    assert shown(html) == lines


@pytest.mark.parametrize(
    "sheet",
    [
        ".a { display: none }",
        ".a{display:none!important}",
        "div.a{visibility:hidden}",
        ".b, p, .a { opacity: 0 }",
        "#i { max-height: 0; overflow: hidden }",
        "@import url(x.css); .a { display: none }",
        "<!-- .a { display: none } -->",
        "/* } */ .a { /* { */ display: /* */ none }",
        ".a { display: none } @media (max-width: 600px) { .b { display: block } }",
    ],
)
def test_what_a_style_sheet_hides_is_skipped(sheet: str) -> None:
    assert shown(f"<style>{sheet}</style><div class='x a' id=i>Hidden <b>too</b></div><p>Shown</p>") == ["Shown"]


@pytest.mark.parametrize(
    "style",
    [
        "<style>@media (max-width: 600px) { .a { display: none } }</style>",
        "<style>@media (prefers-color-scheme: dark) { .b { color: red } .a { display: none } }</style>",
        "<style>.a { display: none } @media (min-width: 600px) { .a { display: block } }</style>",
        "<style>.a { display: none } .a { display: inline-block }</style>",
        "<style media='print'>.a { display: none }</style>",
        "<style media='screen and (max-width: 600px)'>.a { display: none }</style>",
        "<style>.b .a, .a:hover, .A, p.a, .ab, #a { display: none }</style>",
        "<style>.a { display: none",
        f"<style>{' ' * 100_000}.a {{ display: none }}</style>",
        "<style>.a { opacity: 0.5; max-height: 0.1em }</style>",
        "<style>.a { font-size: 0 }</style>",
    ],
)
def test_what_a_style_sheet_hides_only_on_some_screens_or_elsewhere_is_read(style: str) -> None:
    end = "" if "</style>" in style else "</style>"
    assert shown(f"{style}{end}<div class=a>Shown</div>") == ["Shown"]


def test_the_style_of_an_element_shows_what_a_style_sheet_hides() -> None:
    html = (
        "<style media=screen>.a { display: none }</style><p class=a style='display: block'>Shown</p><p class=a>No</p>"
    )
    assert shown(html) == ["Shown"]


@pytest.mark.parametrize(
    "name",
    [
        *("a", "b", "i", "u", "s", "em", "strong", "span", "font", "small", "big", "sup", "sub", "code", "kbd", "tt"),
        *("samp", "mark", "abbr", "bdi", "bdo", "cite", "q", "label", "ins", "del", "var", "time", "data", "nobr"),
    ],
)
def test_an_element_within_a_line_does_not_end_it(name: str) -> None:
    assert shown(f"<p>Your code is <{name}>482913</{name}>, Kim</p>") == ["Your code is 482913, Kim"]


@pytest.mark.parametrize("name", ["br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source"])
def test_a_hidden_element_without_content_hides_nothing_after_it(name: str) -> None:
    assert shown(f"<{name} style='display:none'>Your code is 482913") == ["Your code is 482913"]


@pytest.mark.parametrize("name", ["style", "script", "title", "template", "select", "svg", "textarea"])
def test_invisible_content_is_skipped(name: str) -> None:
    assert shown(f"<{name}>111111</{name}><p>Your code is 482913</p>") == ["Your code is 482913"]


@pytest.mark.parametrize(
    "html",
    [
        "<h1>482913</h1>",
        "<h3><b>482913</b></h3>",
        "<code>482913</code>",
        "<p>Code: <kbd>482913</kbd></p>",
        "<p style='font-size:20px'>482913</p>",
        "<p style='font-size: 22.5px; color: red'>482913</p>",
        "<p style='font-size:15pt'>482913</p>",
        "<p style='FONT-SIZE:1.4EM'>482913</p>",
        "<p style='font-size:2rem'>482913</p>",
        "<p style='font-size:140%'>482913</p>",
        "<p style='font:bold 28px Arial'>482913</p>",
        "<p style='color:red;font-size : 32px'>482913</p>",
        "<p style='letter-spacing:4px'>482913</p>",
        "<p style='letter-spacing: .5em'>482913</p>",
        "<p style='letter-spacing:0.3em'>482913</p>",
        "<p style='font-family:Menlo,monospace'>482913</p>",
        "<p style='border:1px solid #ccc'>482913</p>",
        "<p style='background:#eee'>482913</p>",
        "<p style='background-color:#eee'><span>482913</span></p>",
        "<p class='otp'>482913</p>",
        "<p class='login-code'>482913</p>",
        "<p class='text-center passcode'>482913</p>",
        "<p class=pin><b>482913</b></p>",
        "<td class='digit'>482913</td>",
        "<p class='text-3xl'>482913</p>",
        "<p class='font-mono'>482913</p>",
        "<P STYLE='font-size:30px' CLASS='a'>482913</P>",
        "<p style = 'font-size:30px'>482913</p>",
        "<div style='font-size:30px'><p>482913</p></div>",
        "<p><span style='font-size:30px'>482913</span> <b>is it</b></p>",
        "<div style='font-size:30px'></b><p>482913</p></div>",
    ],
)
def test_large_or_boxed_text_stands_out(html: str) -> None:
    assert len(standing_out(html)) == 1


@pytest.mark.parametrize(
    "html",
    [
        "<p>482913</p>",
        "<p>Code <b>482913</b></p>",
        "<p class=note>Code <i>482913</i></p>",
        "<h4>482913</h4>",
        "<p style='font-size:19px'>482913</p>",
        "<p style='font-size:14pt'>482913</p>",
        "<p style='font-size:1.3em'>482913</p>",
        "<p style='font-size:120%'>482913</p>",
        "<p style='line-height:30px'>482913</p>",
        "<p style='letter-spacing:0'>482913</p>",
        "<p style='letter-spacing:0.01em'>482913</p>",
        "<p style='border:0'>482913</p>",
        "<div style='background:#eee'><p>482913</p></div>",
        "<div class='code'><p>482913</p></div>",
        "<p class='barcode'>482913</p>",
        "<p class='spinning'>482913</p>",
        "<p class='tokens'>482913</p>",
        "<p class='text-1xl'>482913</p>",
        "<p data-style='font-size:30px'>482913</p>",
        "<h1>Acme</h1><p>482913</p>",
        "<h1></h1><p>482913</p>",
        "<h1><br></h1>482913",
        "<p style='font-size:30px'><br></p><p>482913</p>",
        "<p>482913<b style='font-size:30px'> </b></p>",
    ],
)
def test_text_like_the_rest_does_not_stand_out(html: str) -> None:
    assert "482913" not in " ".join(standing_out(html))


def test_a_row_of_single_characters_stands_out() -> None:
    assert standing_out("<p>Code</p><td>4</td><td>8</td><td>2</td><td>9</td>") == ["4829"]


def test_a_closing_tag_ends_what_is_open_in_it_and_a_stray_one_ends_nothing() -> None:
    assert standing_out("<h1><b><i>Acme</h1>482913") == ["Acme"]
    assert standing_out("<h1>Acme</span> Ltd.<br>482913</h1><p>Bye</p>") == ["Acme Ltd.", "482913"]
    assert standing_out("<h1>" + "<b>" * 13 + "Acme</h1>482913") == ["Acme", "482913"]


@pytest.mark.parametrize(
    ("html", "link"),
    [
        ("<a href=https://a.test/v>Verify</a>", Link(url="https://a.test/v", words="Verify", line=0, column=0)),
        ("<A HREF='HTTPS://a.test/v'>Verify</A>", Link(url="HTTPS://a.test/v", words="Verify", line=0, column=0)),
        ('<a href = " http://a.test/v ">Verify</a>', Link(url="http://a.test/v", words="Verify", line=0, column=0)),
        ("<a href=https://a.test/v>Verify", Link(url="https://a.test/v", words="Verify", line=0, column=0)),
        (
            "<p>Hello</p><p>Please <a href=https://a.test/v> verify  <b>now</b> </a>, Kim</p>",
            Link(url="https://a.test/v", words="verify now", line=1, column=7),
        ),
        (
            "<a href='https://a.test/v?a=1&amp;b=2' class=btn>Verify</a>",
            Link(url="https://a.test/v?a=1&b=2", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v role=button>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v style='padding:12px'>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v style='display:inline-block'>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v bgcolor=red>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v class=main-cta>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v style='color:red'>Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0),
        ),
        (
            "<a href=https://a.test/><img src=logo.png></a>",
            Link(url="https://a.test/", words="", line=0, column=0, image=True),
        ),
        (
            "<a href=https://a.test/v><img src=i.png> Verify</a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0),
        ),
        (
            "<a href=https://a.test/v class=btn><div>Verify</div></a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0, button=True),
        ),
        (
            "<a href=https://a.test/v><div>Verify</div></a>",
            Link(url="https://a.test/v", words="Verify", line=0, column=0),
        ),
    ],
)
def test_a_link_is_where_its_words_are(html: str, link: Link) -> None:
    assert page_of_html(html).links == (link,)


@pytest.mark.parametrize(
    "html",
    [
        "<a name=top>Top</a>",
        "<a href=mailto:kim@a.test>Kim</a>",
        "<a href=/verify>Verify</a>",
        "<a href=#top>Verify</a>",
        "<a href=https://a.test/v></a>",
        "<a href=https://a.test/v> \n </a>",
        "<div style='display:none'><a href=https://a.test/v>Verify</a></div>",
        "<a href=https://a.test/v style='display:none'>Verify</a>",
        "<!-- <a href=https://a.test/v>Verify</a> -->",
        "<a data-href=https://a.test/v>Verify</a>",
    ],
)
def test_an_invisible_or_unusable_link_is_no_link(html: str) -> None:
    assert page_of_html(html).links == ()


def test_a_link_whose_text_is_its_address_has_no_words() -> None:
    assert page_of_html("<a href=http://a.test/v>http://a.test</a>").links[0].words == ""
    html = "<p>Go to <a href=https://a.test/v?t=1>HTTPS://a.test/v</a></p>"
    assert {(link.url, link.words) for link in page_of_html(html).links} == {
        ("https://a.test/v?t=1", ""),
        ("HTTPS://a.test/v", ""),
    }


def test_a_link_that_is_not_closed_ends_where_the_next_begins() -> None:
    html = "<a href=https://a.test/1>One <a href=https://a.test/2>Two</a> <img src=a><a href=https://a.test/3>Three</a>"
    assert [(link.url, link.words, link.image) for link in page_of_html(html).links] == [
        ("https://a.test/1", "One", False),
        ("https://a.test/2", "Two", False),
        ("https://a.test/3", "Three", False),
    ]


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://a.test/v.", "https://a.test/v"),
        ("https://a.test/v?t=1!?", "https://a.test/v?t=1"),
        ("https://a.test/v),", "https://a.test/v"),
        ("https://a.test/(v)", "https://a.test/(v)"),
        ("https://a.test/(v))", "https://a.test/(v)"),
        ("https://a.test/v*", "https://a.test/v"),
        ("https://a.test/v_", "https://a.test/v_"),
        ("https://a.test/v'", "https://a.test/v"),
        ("https://a.test/v]", "https://a.test/v"),
        ("https://a.test/v;", "https://a.test/v"),
        ("https://a.test/v:", "https://a.test/v"),
        ("https://a.test/v/", "https://a.test/v/"),
        ("https://a.test/v)/x", "https://a.test/v)/x"),
        ("https://a.test/v=", "https://a.test/v="),
        ("https://a.test/v[1]", "https://a.test/v"),
        ("https://a.test/v[12].", "https://a.test/v"),
        ("https://a.test/v?t[1]=7", "https://a.test/v?t[1]=7"),
    ],
)
def test_punctuation_after_an_address_does_not_belong_to_it(url: str, plain: str) -> None:
    assert trimmed(url) == plain


@pytest.mark.parametrize(
    ("text", "url", "line", "column"),
    [
        ("Open https://a.test/v now", "https://a.test/v", 0, 5),
        ("Open https://a.test/~kim/v", "https://a.test/~kim/v", 0, 5),
        ("Hello\n\n  HTTP://a.test/v", "HTTP://a.test/v", 2, 0),
        ("Open <https://a.test/v>", "https://a.test/v", 0, 6),
        ('Open "https://a.test/v?a={b}"', "https://a.test/v?a=", 0, 6),
        ("Open https://a.test/v|here", "https://a.test/v", 0, 5),
        ("Öffne https://bücher.test/bestätigen?t=1", "https://bücher.test/bestätigen?t=1", 0, 6),
        ("请打开https://a.test/v。谢谢", "https://a.test/v", 0, 3),
        ("打开（https://a.test/v）", "https://a.test/v", 0, 3),
    ],
)
def test_an_address_in_plain_text_ends_at_the_right_character(text: str, url: str, line: int, column: int) -> None:
    assert page_of_text(text).links == (Link(url=url, words="", line=line, column=column),)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("４８２９１３", "482913"),
        ("٤٨٢٩١٣", "482913"),
        ("४८२९१३", "482913"),
        ("ＡＢｙｚ", "AByz"),
        ("48\u00a029\u202f13", "48 29 13"),
        ("482–913", "482-913"),
        ("482—913", "482-913"),
        ("48\u00ad29\u200b13\u2060", "482913"),
        ("48\u034f29\u115f\u1160\u17b4\u17b513", "482913"),
        ("［ｃｏｄｅ］", "［code］"),
        ("Größe", "Größe"),
    ],
)
def test_characters_that_look_alike_are_read_alike(written: str, seen: str) -> None:
    assert [line.text for line in page_of_text(written).lines] == [seen]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Hello\n  4  \n8\n2\n9\nBye", ["Hello", "4829", "", "", "", "Bye"]),
        ("4\n\n8\n\n2\n\n9", ["4829", "", "", "", "", "", ""]),
        ("4\n8\n2\n–\n9\n1\n3\n", ["482913", "", "", "", "", "", ""]),
        ("4\n8\n2", ["4", "8", "2"]),
        ("4\n8\n•\n2\n9", ["4829", "", "", "", ""]),
        ("4\n8\n·\n2\n9", ["4829", "", "", "", ""]),
        ("4\n8\n.\n2\n9", ["4829", "", "", "", ""]),
        ("4\n8\n—\n2\n9", ["4829", "", "", "", ""]),
        ("4\n8\nand\n2\n9", ["4", "8", "and", "2", "9"]),
        ("-\n•\n-\n•\n4", ["-", "•", "-", "•", "4"]),
        ("K\nb\nX\n9\n\nBye", ["KbX9", "", "", "", "", "Bye"]),
    ],
)
def test_characters_one_below_the_other_are_read_as_one_word(text: str, lines: list[str]) -> None:
    assert [line.text for line in page_of_text(text).lines] == lines


def test_a_reference_to_no_character_spoils_no_address() -> None:
    (link,) = page_of_html(f"<a href='https://acme.test/?a=1&amp;b=&#{'9' * 5_000};'>Confirm</a>").links
    assert link.url == "https://acme.test/?a=1&b=\ufffd"


def test_a_page_can_be_read_in_parts_or_completely() -> None:
    long = "<p>Hello</p>" * 9_000 + f"<p>{'x' * 40_000}</p>Bye"
    assert page_of_html(long).is_cut
    page = page_of_html(long, WHOLE)
    assert (len(page.lines), page.lines[-1].text, page.is_cut) == (9_002, "Bye", False)
    assert page_of_html("<b>" * 40_000, WHOLE).is_cut
    assert visible("<p>Hello</p>Bye<!--") == ("Hello\nBye", False)


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    assert len(page_of_text("Hello\n" * 1_000).lines) == 500
    assert len(page_of_html("<p>Hello</p>" * 1_000).lines) == 500
    assert len(page_of_text("a" * 5_000).lines[0].text) == 2_000
    assert len(page_of_html("a" * 5_000).lines[0].text) == 2_000
    assert sum(len(line.text) for line in page_of_html(("<p>" + "a" * 1_000 + "</p>") * 100).lines) == 30_000
    assert len(page_of_text("https://a.test/v " * 100 + "\n" + "https://a.test/v " * 100).links) == 150
    assert len(page_of_html("<a href=https://a.test/v>Go</a>" * 200).links) == 150
