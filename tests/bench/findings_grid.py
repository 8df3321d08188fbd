"""Make labelled messages of each kind that was once read wrong: shapes, sentences, layouts and languages, by a seed.

A kind is a function that returns a message with a code or a link ("right") or a similar one without ("none"). A message
is a list of blocks, which a layout writes as text, as HTML, or as both. `python tests/bench/findings.py --grid SEED`
prints the figures of each kind.
"""

import html
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SENTENCES = Path(__file__).parents[1] / "data" / "grid.toml"
PER_KIND = 300
"""Messages of a kind that have a code or a link, and messages of it that have none."""

Mail = dict[str, Any]
LOWER, UPPER, DIGITS = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph: its text, the address of the words in [ ] (or of the whole text), and its looks."""

    text: str
    url: str = ""
    bold: str = ""
    look: str = "p"  # p, code, button, heading, quote, picture


@dataclass(slots=True, kw_only=True)
class Draft:
    """A message before its layout, and what is to be found in it."""

    subject: str
    blocks: list[Block]
    code: str | None = None
    link: str | None = None
    text_only: bool = False
    html_only: bool = False
    footer: list[Block] = field(default_factory=list)


class Maker:
    """Random parts of a message in one language."""

    def __init__(self, chance: random.Random, words: dict[str, str]) -> None:
        self.chance = chance
        self.words = words

    def phrase(self, key: str, **values: str) -> str:
        return self.words[key].format(**values) if values else self.words[key]

    def one_of(self, *options: str) -> str:
        return self.chance.choice(options)

    def letters(self, alphabet: str, size: int) -> str:
        return "".join(self.chance.choice(alphabet) for _ in range(size))

    def digits(self, *sizes: int) -> str:
        return self.chance.choice("123456789") + self.letters(
            "0123456789", self.chance.choice(sizes or (4, 6, 6, 8)) - 1
        )

    def token(self) -> str:
        return self.letters(LOWER + UPPER + DIGITS, self.chance.choice((12, 16, 24, 40)))

    def code(self) -> str:
        """Return a code of any shape."""
        pick = self.chance.randrange(9)
        if pick == 0:
            return self.digits(5) + self.letters(LOWER, 3)
        if pick == 1:
            return self.mixed(UPPER + DIGITS, self.chance.choice((5, 6, 8)))
        if pick == 2:
            return self.mixed(LOWER + DIGITS, 5) + "-" + self.mixed(LOWER + DIGITS, 5)
        if pick == 3:
            return self.mixed(LOWER + UPPER + DIGITS, self.chance.choice((6, 7, 8)))
        if pick == 4:
            return self.letters(CONSONANTS, self.chance.choice((6, 8)))
        if pick == 5:
            return self.mixed(UPPER + DIGITS, 4) + "-" + self.mixed(UPPER + DIGITS, 4)
        return self.digits(4, 5, 6, 7, 8)

    def mixed(self, alphabet: str, size: int) -> str:
        while True:
            code = self.letters(alphabet, size)
            if any(map(str.isdigit, code)) and any(map(str.isalpha, code)):
                return code

    def host(self) -> str:
        return self.one_of(
            "http://localhost:3000", "https://app.acme.test", "http://shop.local:8080", "https://acme.test"
        )

    def url(self) -> str:
        """Return an address with a token that does not show its purpose."""
        return self.host() + self.one_of("/c/", "/u/", "/a?t=", "/x?key=", "/e/") + self.token()

    def action_url(self, *names: str) -> str:
        path = self.one_of(*(names or ("confirm", "verify", "activate")))
        return self.host() + self.one_of(f"/{path}/", f"/users/{path}?token=", f"/{path}?t=") + self.token()

    def place(self) -> str:
        return self.one_of("Acme", "web vault", "Vaultwarden", "Acme Cloud", "acme.test", "Mattermost")

    def footer(self) -> list[Block]:
        choices = [
            [Block(text=self.phrase("unsubscribe"), url=f"{self.host()}/unsubscribe/{self.token()}")],
            [Block(text="Acme GmbH, Ringstr. 17, 10115 Berlin")],
            [Block(text="© 2026 Acme Ltd.")],
            [],
        ]
        return self.chance.choice(choices)


Kind = Callable[[Maker, bool], Draft]
KINDS: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Kind], Kind]:
    def add(function: Kind) -> Kind:
        KINDS[name] = function
        return function

    return add


@kind("code shapes")
def code_shapes(make: Maker, right: bool) -> Draft:
    subject = make.one_of(make.phrase("login_code"), "Acme")
    if not right:
        word = make.one_of("EXPIRED", "WELCOME", "Confirm", "IMPORTANT", "Acme")
        blocks = [
            make.chance.choice(
                [
                    [Block(text=make.phrase("code_bad"))],
                    [Block(text=make.phrase("code_below"))],
                    [Block(text=f"{make.phrase('login_code')}: ***")],
                    [Block(text=make.phrase("code_bad")), Block(text=word, url=make.host() + "/", look="button")],
                    [Block(text=word, look="heading"), Block(text=make.phrase("code_bad"))],
                ]
            )
        ]
        return Draft(subject=subject, blocks=blocks[0], footer=make.footer())
    code = make.code()
    blocks = make.chance.choice(
        [
            [Block(text=f"{make.phrase('login_code')}: {code}", bold=code)],
            [Block(text=f"{make.phrase('login_code')}:"), Block(text=code, look="code")],
            [Block(text=make.phrase("code_is", code=code), bold=code)],
        ]
    )
    return Draft(subject=subject, blocks=blocks, code=code, footer=make.footer())


@kind("code after a place")
def code_after_a_place(make: Maker, right: bool) -> Draft:
    code = make.one_of(make.digits(), make.digits(6), make.digits(8), f"{make.digits(4)}-{make.digits(4)}")
    place = make.place()
    if not right:
        sentence = make.one_of(
            make.phrase("code_below"), make.phrase("enter_place", place=place), make.phrase("code_bad")
        )
        blocks = [
            Block(text=sentence),
            Block(
                text=make.one_of(make.phrase("order", n=code), make.phrase("booking", n=code), f"Tel. +49 30 {code}")
            ),
        ]
        return Draft(subject="Acme", blocks=blocks, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=f"{make.phrase('enter_place', place=place)} {code}", bold=code)],
            [Block(text=make.phrase("enter_place", place=place)), Block(text=code, look="code")],
            [Block(text=f"{make.phrase('code_below')} {make.phrase('enter_window')}"), Block(text=code, look="code")],
            [Block(text=make.phrase("code_below")), Block(text=code, look="code")],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, code=code.replace("-", ""), footer=make.footer())


@kind("click here")
def click_here(make: Maker, right: bool) -> Draft:
    url = make.url()
    if not right:
        return Draft(subject="Acme", blocks=[Block(text=make.phrase("view"), url=url)], footer=make.footer())
    text = make.phrase(make.one_of("click", "use"))
    return Draft(subject="Acme", blocks=[Block(text=text, url=url)], link=url, footer=make.footer())


@kind("single-page apps")
def single_page_apps(make: Maker, right: bool) -> Draft:
    host = make.host()
    if not right:
        anchor = make.one_of("#comment70", f"#issuecomment-{make.digits(8)}", "#section-2", "#top", "#/orders/17")
        url = f"{host}/posts/{make.one_of('hello', 'news')}{anchor}"
        text = make.one_of(make.phrase("comment"), make.phrase("view_comment"))
        return Draft(subject="Acme", blocks=[Block(text=text), Block(text=url, url=url)], footer=make.footer())
    url = host + make.one_of(
        f"/#/verify?u=9&token={make.token()}",
        f"/#/confirm/{make.token()}",
        f"/app#token={make.token()}",
        f"/#!/reset/{make.token()}",
        f"/#/finish-signup?email=kim%40a.test&token={make.token()}",
    )
    return Draft(subject="Acme", blocks=asked(make, url), link=url, footer=make.footer())


def asked(make: Maker, url: str) -> list[Block]:
    """Return blocks that ask to confirm with a link."""
    return make.chance.choice(
        [
            [Block(text=make.phrase("open")), Block(text=url, url=url)],
            [Block(text=make.phrase("open")), Block(text=make.phrase("confirm"), url=url, look="button")],
            [Block(text=make.phrase("click"), url=url)],
        ]
    )


@kind("ends of addresses")
def ends_of_addresses(make: Maker, right: bool) -> Draft:
    url = f"{make.host()}/{make.one_of('reset', 'confirm', 'c', 'verify')}?token={make.token()}"
    url += make.one_of("_", "__", "-", "=", "==", "~", "_-")
    around = make.one_of("{}", "{}", "<{}>", "({})", "_{}_", "*{}*", '"{}"', "[{}]")
    if not right:
        url = f"{make.host()}/{make.one_of('posts', 'orders')}/{make.token()}_"
        blocks = [Block(text=make.phrase("comment")), Block(text=around.format(url))]
        return Draft(subject="Acme", blocks=blocks, text_only=True, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=f"{make.phrase('open')} {url}")],
            [Block(text=make.phrase("open")), Block(text=around.format(url))],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, link=url, text_only=True, footer=make.footer())


@kind("Markdown")
def markdown(make: Maker, right: bool) -> Draft:
    url = make.one_of(make.url(), make.action_url())
    if not right:
        url = make.one_of(f"{make.host()}/orders/{make.digits(5)}", f"{make.host()}/posts/{make.token()}")
        text = make.one_of(f"[{make.phrase('view_comment')}]({url})", make.phrase("view").replace("]", f"]({url})"))
        return Draft(subject="Acme", blocks=[Block(text=text)], text_only=True, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("open")), Block(text=f"[{url}]({url})")],
            [Block(text=f"{make.phrase('open')} [{url}]({url})")],
            [Block(text=make.phrase("open")), Block(text=f"[{make.phrase('confirm')}]({url})")],
            [Block(text=make.phrase("click").replace("]", f"]({url})"))],
            [Block(text=f"{make.phrase('confirm')}: [{url}]({url})")],
            [Block(text=make.phrase("open")), Block(text=f"**[{make.phrase('confirm')}]({url})**")],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, link=url, text_only=True, footer=make.footer())


@kind("security notices")
def security_notices(make: Maker, right: bool) -> Draft:
    if right:
        url = make.action_url("reset", "password/reset", "password")
        blocks = make.chance.choice(
            [
                [Block(text=make.phrase("use"), url=url)],
                [Block(text=make.phrase("mistake")), Block(text=make.phrase("use"), url=url)],
                [Block(text=make.phrase("change"), url=url, look="button"), Block(text=make.phrase("mistake"))],
            ]
        )
        return Draft(subject="Acme", blocks=blocks, link=url, html_only=True, footer=make.footer())
    url = make.host() + make.one_of(
        "/settings", "/account/password", "/user/settings/security", "/password/change", "/me"
    )
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("notice")), Block(text=make.phrase("not_you")), Block(text=url, url=url)],
            [Block(text=make.phrase("notice")), Block(text=make.phrase("change"), url=url, look="button")],
            [
                Block(text=make.phrase("notice")),
                Block(text=make.phrase("not_you")),
                Block(text=make.phrase("change"), url=url, look="button"),
            ],
        ]
    )
    return Draft(subject=make.one_of("Acme", make.phrase("notice")), blocks=blocks, footer=make.footer())


@kind("content links")
def content_links(make: Maker, right: bool) -> Draft:
    if right:
        url = make.one_of(make.url(), make.action_url())
        return Draft(subject="Acme", blocks=[Block(text=make.phrase("open")), Block(text=url, url=url)], link=url)
    url = f"https://{make.one_of('blog.test', 'forum.acme.test', 'example.org')}/" + make.one_of(
        f"t/hello/{make.digits(5)}", f"posts/{make.token()}", f"watch?v={make.token()}", "2026/03/06/hello"
    )
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("comment")), Block(text=url, url=url)],
            [
                Block(text=make.phrase("comment")),
                Block(text=f"Look at {url}"),
                Block(text=make.phrase("view_comment"), url=f"{make.host()}/c/{make.digits(5)}", look="button"),
            ],
            [Block(text=make.phrase("wrote")), Block(text=url, url=url, look="quote")],
        ]
    )
    return Draft(subject=make.one_of("Acme", make.phrase("comment")), blocks=blocks, footer=make.footer())


@kind("accept or decline")
def accept_or_decline(make: Maker, right: bool) -> Draft:
    url = make.one_of(make.url(), f"{make.host()}/invitations/{make.token()}", f"{make.host()}/i/{make.token()}")
    key = "accept" if right else "decline"
    if not right:
        url = f"{make.host()}/{make.one_of('d', 'i', 'x')}/{make.token()}"
    blocks = [Block(text=make.phrase(key)), Block(text=url, url=url)]
    return Draft(subject="Acme", blocks=blocks, link=url if right else None, footer=make.footer())


@kind("negative sentence")
def negative_sentence(make: Maker, right: bool) -> Draft:
    url = make.url()
    if not right:
        blocks = [Block(text=make.phrase("notice")), Block(text=make.phrase("not_you")), Block(text=url, url=url)]
        return Draft(subject="Acme", blocks=blocks, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("mistake")), *asked(make, url)],
            [*asked(make, url), Block(text=make.phrase("mistake"))],
            [Block(text=f"{make.phrase('mistake')} {make.phrase('open')}"), Block(text=url, url=url)],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, link=url, footer=make.footer())


@kind("ports")
def ports(make: Maker, right: bool) -> Draft:
    port = make.one_of("3000", "5432", "8025", "1025", "27017", "8443", "65535")
    host = make.one_of(
        "@oleg@localhost", "localhost", "db.internal", "mail", "redis", "10.0.0.5", "@kim@acme.test", "[::1]"
    )
    line = make.one_of(f"{host}:{port}", f"tcp://{host}:{port}", f"SMTP: {host}:{port}", f"{host}:{port}/inbox")
    if not right:
        first = make.one_of(
            make.phrase("code_bad"), make.phrase("code_below"), make.phrase("comment"), make.phrase("device")
        )
        return Draft(subject="Acme", blocks=[Block(text=first), Block(text=line)], footer=make.footer())
    code = make.digits(6)
    blocks = [Block(text=line), Block(text=make.phrase("code_is", code=code))]
    make.chance.shuffle(blocks)
    return Draft(subject="Acme", blocks=blocks, code=code, footer=make.footer())


@kind("unlock")
def unlock(make: Maker, right: bool) -> Draft:
    url = make.one_of(make.url(), f"{make.host()}/users/unlock?unlock_token={make.token()}")
    if not right:
        url = make.url()
        blocks = [Block(text=make.phrase("notice")), Block(text=make.phrase("undo"), url=url, look="button")]
        return Draft(subject="Acme", blocks=blocks, html_only=True, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("locked")), Block(text=make.phrase("unlock"), url=url, look="button")],
            [Block(text=make.phrase("locked")), Block(text=make.phrase("unlock"), url=url)],
            [Block(text=make.phrase("locked")), Block(text=url, url=url)],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, link=url, footer=make.footer())


@kind("code in the path")
def code_in_the_path(make: Maker, right: bool) -> Draft:
    code = make.digits(6)
    if not right:
        url = f"{make.host()}/{make.one_of('orders', 'o', 'booking', 'tickets')}/{code}"
        blocks = [Block(text=make.phrase("order", n=code), bold=code), Block(text="Acme", url=url, look="button")]
        return Draft(subject="Acme", blocks=blocks, html_only=True, footer=make.footer())
    url = make.host() + make.one_of(f"/lc/{code}", f"/c/{code}", f"/auth/{code}", f"/l?p={code}", f"/in/kim/{code}")
    blocks = [
        Block(text=make.phrase("code_is", code=code), bold=code),
        Block(text=url, url=url) if make.chance.random() < 0.5 else Block(text="Acme", url=url, look="button"),
    ]
    return Draft(subject="Acme", blocks=blocks, code=code, link=url, footer=make.footer())


@kind("hashtags and headings")
def hashtags_and_headings(make: Maker, right: bool) -> Draft:
    lines = [
        "#CodePenChallenge",
        "IDEAS!",
        "SHA1",
        "SHA256",
        "OAUTH2",
        "FAQ",
        "NEWS",
        "TOP10",
        "HTML5",
        "WEB3",
        "UTF8",
        "COVID19",
        "#100DaysOfCode",
        "#Hacktoberfest2026",
        "4,812",
        "1 204",
        "99.95 %",
        "+38 %",
        "12,480",
        "CODE",
        "QUESTIONS?",
    ]
    extra = [Block(text=line, look=make.one_of("heading", "p")) for line in make.chance.sample(lines, 2)]
    if not right:
        first = make.one_of(
            "CodePen Weekly: code of the week",
            make.phrase("comment"),
            "Your weekly code statistics",
            make.phrase("code_bad"),
        )
        return Draft(subject=make.one_of("Acme", first), blocks=[Block(text=first), *extra], footer=make.footer())
    code = make.digits(6)
    blocks = [Block(text=f"{make.phrase('login_code')}:"), Block(text=code, look="code"), *extra]
    return Draft(subject="Acme", blocks=blocks, code=code, footer=make.footer())


@kind("tracked links")
def tracked_links(make: Maker, right: bool) -> Draft:
    def tracked() -> str:
        return f"https://click.mail.test/{style}{make.token()}{make.token()}"

    style = make.one_of("ls/click?upn=", "CL0/", "f/a/", "track/click/", "c/")
    logo, main, foot = tracked(), tracked(), tracked()
    blocks = [Block(text="Acme", url=logo, look=make.one_of("picture", "p"))]
    if right:
        blocks += make.chance.choice(
            [
                [Block(text=make.phrase("open")), Block(text=make.phrase("confirm"), url=main, look="button")],
                [Block(text=make.phrase("click"), url=main)],
                [Block(text=make.phrase("locked")), Block(text=make.phrase("unlock"), url=main)],
            ]
        )
    else:
        blocks += [Block(text=make.phrase("comment")), Block(text=make.phrase("view_comment"), url=main, look="button")]
    blocks.append(Block(text=make.phrase("unsubscribe"), url=foot))
    return Draft(subject="Acme", blocks=blocks, link=main if right else None, html_only=True)


@kind("old and new code")
def old_and_new_code(make: Maker, right: bool) -> Draft:
    old, new = make.digits(6), make.digits(6)
    quoted = [Block(text=make.phrase("wrote")), Block(text=make.phrase("code_is", code=old), look="quote")]
    if not right:
        blocks = [Block(text=make.phrase("hello")), *quoted]
        return Draft(subject=make.one_of("Re: Acme", "Acme"), blocks=blocks, text_only=True, footer=make.footer())
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("new_old", old=old, code=new))],
            [Block(text=make.phrase("code_is", code=new)), *quoted],
            [Block(text=make.phrase("code_below")), Block(text=new, look="code"), *quoted],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, code=new, text_only=len(blocks) > 1)


@kind("other numbers")
def other_numbers(make: Maker, right: bool) -> Draft:
    number = make.one_of(make.digits(6), make.digits(5), make.letters(UPPER, 2) + make.digits(4), make.digits(8))
    other = make.one_of(
        make.phrase("order", n=number),
        make.phrase("booking", n=number),
        make.phrase("ticket", n=number),
        f"#{make.letters('0123456789ABCDEF', 6)}",
        f"color: #{make.letters('0123456789abcdef', 6)}",
        f"Alert {number}: CPU 97 %",
        f"{make.digits(4)} commits, {make.digits(5)} lines of code",
    )
    if not right:
        first = make.one_of(make.phrase("hello"), make.phrase("comment"))
        blocks = [Block(text=first), Block(text=other)]
        return Draft(subject="Acme", blocks=blocks, footer=make.footer())
    code = make.digits(6)
    blocks = [Block(text=other), Block(text=make.phrase("code_is", code=code))]
    if make.chance.random() < 0.5:
        blocks.reverse()
    return Draft(subject="Acme", blocks=blocks, code=code, footer=make.footer())


@kind("prefixes")
def prefixes(make: Maker, right: bool) -> Draft:
    code = make.digits(5, 6, 6, 8)
    if not right:
        key = f"{make.one_of('ACME', 'WEB', 'OPS', 'SHOP')}-{make.digits(3, 4)}"
        first = make.one_of(make.phrase("ticket", n=key), f"[{key}] {make.phrase('comment')}")
        return Draft(subject=make.one_of("Acme", first), blocks=[Block(text=first)], footer=make.footer())
    shown = f"{make.one_of('G', 'A', 'ACME', 'Acme', 'M', 'T')}-{code}"
    blocks = make.chance.choice(
        [
            [Block(text=make.phrase("code_is", code=shown), bold=shown)],
            [Block(text=f"{make.phrase('login_code')}:"), Block(text=shown, look="code")],
        ]
    )
    return Draft(subject="Acme", blocks=blocks, code=code, footer=make.footer())


@kind("approve or deny")
def approve_or_deny(make: Maker, right: bool) -> Draft:
    base = make.one_of(
        f"{make.host()}/d/{make.token()}", f"{make.host()}/login/{make.token()}", f"{make.host()}/a?k={make.token()}"
    )
    mark = "&" if "?" in base else "?"
    yes, no = f"{base}{mark}a=1", f"{base}{mark}a=0"
    approve = Block(text=make.phrase("approve"), url=yes, look="button")
    deny = Block(text=make.phrase("deny"), url=no, look="button")
    if not right:
        return Draft(
            subject="Acme", blocks=[Block(text=make.phrase("notice")), deny], html_only=True, footer=make.footer()
        )
    both = [approve, deny]
    make.chance.shuffle(both)
    return Draft(subject="Acme", blocks=[Block(text=make.phrase("device")), *both], link=yes, footer=make.footer())


LAYOUTS = ("text", "greeted", "html", "table", "both")


def grid(seed: int, per_kind: int = PER_KIND) -> Iterator[Mail]:
    """Yield the messages: of each kind `per_kind` with a code or a link, and as many without."""
    languages = sentences()
    for name, function in KINDS.items():
        chance = random.Random(f"{seed} {name}")
        for number in range(2 * per_kind):
            language = chance.choice(sorted(languages))
            draft = function(Maker(chance, languages[language]), number % 2 == 0)
            layouts = LAYOUTS[:2] if draft.text_only else LAYOUTS[2:] if draft.html_only else LAYOUTS
            layout = chance.choice(layouts)
            yield {
                "id": f"{name} {number} {layout}",
                "kind": name,
                "lang": language,
                "subject": draft.subject,
                "text": None,
                "html": None,
                "code": draft.code,
                "link": draft.link,
                "note": "",
                **_written(draft, layout, languages[language]["hello"]),
            }


@cache
def sentences() -> dict[str, dict[str, str]]:
    """Read the sentences of all languages."""
    return tomllib.loads(SENTENCES.read_text("utf-8"))


def _written(draft: Draft, layout: str, hello: str) -> dict[str, str]:
    greeting = [] if layout in {"text", "html"} else [Block(text=hello)]
    blocks = [*greeting, *draft.blocks, *draft.footer]
    text = "\n\n".join(map(_as_text, blocks)) + "\n"
    if layout in {"text", "greeted"}:
        return {"text": text}
    source = _page("".join(_as_html(block, table=layout == "table") for block in blocks), table=layout == "table")
    return {"html": source} if layout != "both" else {"text": text, "html": source}


def _as_text(block: Block) -> str:
    if block.look == "quote":
        return "\n".join(f"> {line}" for line in block.text.splitlines())
    if not block.url or block.url in block.text:
        return block.text
    if "[" in block.text:
        return f"{block.text.replace('[', '').replace(']', '')}\n{block.url}"
    return f"{block.text}: {block.url}"


def _as_html(block: Block, *, table: bool) -> str:
    text = html.escape(block.text, quote=False)
    if block.bold:
        text = text.replace(block.bold, f"<b>{block.bold}</b>")
    if block.url:
        text = _linked(block, text)
    if block.look == "heading":
        return f"<h1>{text}</h1>"
    if block.look == "quote":
        return f"<blockquote>{text}</blockquote>"
    if block.look == "code":
        text = f'<div style="font-size:32px;letter-spacing:6px">{text}</div>' if table else f"<b>{text}</b>"
    return f"<tr><td><p>{text}</p></td></tr>" if table else f"<p>{text}</p>\n"


def _linked(block: Block, text: str) -> str:
    style = ' style="background:#0a66c2;color:#fff;padding:12px 24px"' if block.look == "button" else ""
    start = f'<a href="{html.escape(block.url)}"{style}>'
    if block.look == "picture":
        return f'{start}<img src="logo.png" alt="Acme"></a>'
    if "[" in text and "]" in text:
        return text.replace("[", start).replace("]", "</a>")
    return f"{start}{text}</a>"


def _page(body: str, *, table: bool) -> str:
    if not table:
        return f"<html><body>{body}</body></html>"
    style = "<style>p{margin:0 0 16px}.b{padding:12px 24px}</style>"
    return f'<html><head>{style}</head><body><table width="600">{body}</table></body></html>'
