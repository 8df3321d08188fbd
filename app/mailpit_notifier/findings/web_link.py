r"""A link of a message as what is opened, and the host that is shown for it: both come from one reading.

Programs read unusual addresses differently (`https://evil.test\@acme.test/`, `2130706433`, `acme.test⁄a.evil.test`).
So this grammar is narrower than RFC 3986, Qt's strict parser and the browsers' one: what fits has the same host for all
of them (a property-based test compares it with QUrl), and what does not fit is not offered as a link. User information
is left out. Hosts are written in ASCII (IDNA 2008 without its mappings) in the address that is opened.
"""

import re
import unicodedata
from ipaddress import IPv6Address
from urllib.parse import quote

from mailpit_notifier.runtime.text import ELLIPSIS, is_visible, plain

MAX_URL = 4_096

_URL = re.compile(r"(https?)://([^/?#\\]+)([/?#].*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:.*@)?(\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::([0-9]{0,5}))?")
_READ = re.compile(r"(https?)://(\[[^\]]*\]|[^/?#:]*)(:[0-9]+)?(.*)")
_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_REFUSED_IN_PATH = re.compile(r"""[\s"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})""")
"""What strict parsers refuse behind the host. A browser sends it percent-encoded, and so do we."""

_KEPT = "ßς"
"""Letters that older rules (IDNA 2003) replace and today's keep."""

_LATIN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĵķĺļľłńņňōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżž")
"""Letters of European languages that differ visibly from plain ones; `ı`, `ĸ` and `þ` are not among them."""

_OWN = {"CYRILLIC": frozenset("дђжийлљњфцчџшщэюя"), "GREEK": frozenset("δζθλξφψ")}
"""Letters that look like no Latin letter or digit. A name of others alone may be a Latin one in disguise."""

_EAST_ASIAN = ({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}, {"HANGUL"})
"""Scripts, by the first words of their characters' names, that are written together and look like no Latin letter."""


def web_link(text: str) -> str:
    """Return the http or https address that is opened for a link, in a form of its own; "" where it is not clear.

    Line breaks and tabs in it do not count, as for browsers.
    """
    match = _URL.fullmatch(re.sub(r"[\t\r\n]", "", text).strip()) if len(text) <= 2 * MAX_URL else None
    authority = match and _AUTHORITY.fullmatch(match[2])
    if not match or not authority:
        return ""
    host, port, rest = _host(authority[1]), authority[2], match[3] or ""
    if not host or (port and int(port) > 65_535) or not is_visible(rest):
        return ""
    rest = _REFUSED_IN_PATH.sub(lambda refused: quote(refused[0], safe=""), rest)
    url = f"{match[1].lower()}://{host}{f':{int(port)}' if port else ''}{rest}"
    return url if len(url) <= MAX_URL else ""


def host_of(url: str) -> str:
    """Return the host that an address of `web_link` opens, for people; a name that may mislead stays encoded."""
    return _parts(url)[0]


def shown_host(url: str, limit: int) -> str:
    """Return the host in at most `limit` characters. Its end says whose it is, so the beginning is left out."""
    return _shortened(host_of(url), limit)


def shown_link(url: str, limit: int) -> str:
    """Return host, port and path in at most `limit` characters; the end of the host is always there."""
    host, rest = _parts(url)
    return plain(host + rest, limit) if len(host) < limit else _shortened(host, limit)


def _parts(url: str) -> tuple[str, str]:
    """Return the host for people, and what follows it."""
    match = _READ.fullmatch(url)
    if not match:
        return "", ""
    rest = (match[3] or "") + match[4]
    labels = [_decoded(label) for label in match[2].split(".")]
    return (".".join(labels) if all(map(_is_clear, labels)) else match[2]), rest


def _shortened(host: str, limit: int) -> str:
    return host if len(host) <= limit else ELLIPSIS + host[1 - limit :]


def _host(text: str) -> str:
    """Return a host in ASCII, "" for what parsers might read differently."""
    if text.startswith("["):
        return _literal(text[1:-1])
    labels = [_ascii(label) for label in text.removesuffix(".").lower().split(".")]
    host = ".".join(labels)
    if not all(labels) or len(host) > 253:
        return ""
    if _NUMBER.fullmatch(labels[-1]):  # browsers take it for an IPv4 address, in one of many forms
        return text if _QUAD.fullmatch(text) else ""
    return host + "." * text.endswith(".")


def _literal(text: str) -> str:
    try:
        return f"[{IPv6Address(text).compressed}]"
    except ValueError:
        return ""


def _ascii(label: str) -> str:
    """Return one part of a host name in ASCII, "" for none."""
    if label.isascii():
        is_good = _LABEL.fullmatch(label) and (label[:4] != "xn--" or _decoded(label) != label)
        return label if is_good else ""
    encoded = f"xn--{label.encode('punycode').decode()}" if _is_name(label) else ""
    return encoded if len(encoded) <= 63 else ""


def _decoded(label: str) -> str:
    """Return one part of a host name in its own script; as it is where that is ASCII, or encodes no name."""
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except ValueError:
        return label
    return decoded if not decoded.isascii() and _ascii(decoded) == label else label


def _is_name(label: str) -> bool:
    """Return whether every rule since IDNA 2003 reads this part of a host name alike: it has nothing to be mapped."""
    return (
        len(label) <= 63
        and is_visible(label)
        and not label.startswith("-")
        and not label.endswith("-")
        and label[2:4] != "--"
        and unicodedata.normalize("NFC", label) == label
        and unicodedata.category(label[0])[0] != "M"
        and all(map(_is_letter, label))
    )


def _is_letter(char: str) -> bool:
    """Return whether it is a letter, mark or digit that is never mapped, and that Python and Qt both know.

    Their tables are of different years: letters beyond Europe's are taken from Unicode 3.2.
    """
    if char.isascii():
        return bool(_LABEL.fullmatch(char)) or char == "-"
    kind = (unicodedata if char < "\u0590" else unicodedata.ucd_3_2_0).category(char)
    if not (kind[0] == "L" or kind in {"Mn", "Mc", "Nd"}) or "\ufe00" <= char <= "\ufe0f":
        return False
    return char in _KEPT or unicodedata.normalize("NFKC", char.casefold()) == char


def _is_clear(label: str) -> bool:
    """Return whether a part of a host name cannot be taken for another one: of one script, and not one in disguise."""
    letters = {char for char in label if char not in "0123456789-"}
    if label.isascii():
        return not label.startswith("xn--")
    if all(char.isascii() or char in _LATIN for char in letters):
        return True
    scripts = {unicodedata.name(char, "?").split()[0] for char in letters}
    if len(scripts) == 1 and (own := _OWN.get(min(scripts))):
        return not own.isdisjoint(letters)
    return any(scripts <= together for together in _EAST_ASIAN)
