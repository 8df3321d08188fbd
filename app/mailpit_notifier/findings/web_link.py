r"""The URL that is opened for a link, and the host that is shown for it, both from the same parser.

Programs parse unusual URLs differently (`https://evil.test\@acme.test/`, `2130706433`, `acme.test⁄a.evil.test`). So
this grammar is narrower than RFC 3986, Qt's strict parser and those of browsers: a URL that fits has the same host in
all of them (a property-based test compares it with QUrl), and any other is not offered as a link. User information is
removed. In the URL that is opened, hosts are ASCII (IDNA 2008 without its mappings).
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
"""Characters after the host that strict parsers refuse. They are percent-encoded here, as browsers do."""

_KEPT = "ßς"
"""Letters that older rules (IDNA 2003) replace and current ones keep."""

_LATIN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĵķĺļľłńņňōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżž")
"""Letters of European languages that differ visibly from plain ones; `ı`, `ĸ` and `þ` are not among them."""

_OWN = {"CYRILLIC": frozenset("дђжийлљњфцчџшщэюя"), "GREEK": frozenset("δζθλξφψ")}
"""Letters that look like no Latin letter or digit. A name without any of them may imitate a Latin one."""

_EAST_ASIAN = ({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"}, {"HANGUL"})
"""Scripts, by the first words of their characters' names, that occur together and look like no Latin letter."""


def web_link(text: str) -> str:
    """Return the normalized http or https URL that is opened for a link, "" where parsers may disagree about it.

    Line breaks and tabs are ignored, as in browsers.
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
    """Return the host of a URL of `web_link` for display. A name that may mislead stays encoded (xn--)."""
    return _parts(url)[0]


def shown_host(url: str, limit: int) -> str:
    """Return the host in at most `limit` characters. Its end names the owner, so the start is cut."""
    return _shortened(host_of(url), limit)


def shown_link(url: str, limit: int) -> str:
    """Return host, port and path in at most `limit` characters. The end of the host is never cut."""
    host, rest = _parts(url)
    return plain(host + rest, limit) if len(host) < limit else _shortened(host, limit)


def _parts(url: str) -> tuple[str, str]:
    """Return the host for display, and the rest of the URL."""
    match = _READ.fullmatch(url)
    if not match:
        return "", ""
    rest = (match[3] or "") + match[4]
    labels = [_decoded(label) for label in match[2].split(".")]
    return (".".join(labels) if all(map(_is_clear, labels)) else match[2]), rest


def _shortened(host: str, limit: int) -> str:
    return host if len(host) <= limit else ELLIPSIS + host[1 - limit :]


def _host(text: str) -> str:
    """Return a host in ASCII, "" where parsers may disagree about it."""
    if text.startswith("["):
        return _literal(text[1:-1])
    labels = [_ascii(label) for label in text.removesuffix(".").lower().split(".")]
    host = ".".join(labels)
    if not all(labels) or len(host) > 253:
        return ""
    if _NUMBER.fullmatch(labels[-1]):  # browsers read it as an IPv4 address, in one of many forms
        return text if _QUAD.fullmatch(text) else ""
    return host + "." * text.endswith(".")


def _literal(text: str) -> str:
    try:
        return f"[{IPv6Address(text).compressed}]"
    except ValueError:
        return ""


def _ascii(label: str) -> str:
    """Return one label of a host name in ASCII, "" if it is invalid."""
    if label.isascii():
        is_good = _LABEL.fullmatch(label) and (label[:4] != "xn--" or _decoded(label) != label)
        return label if is_good else ""
    encoded = f"xn--{label.encode('punycode').decode()}" if _is_name(label) else ""
    return encoded if len(encoded) <= 63 else ""


def _decoded(label: str) -> str:
    """Return one label of a host name in its own script; unchanged if it is ASCII, or not a valid encoding."""
    if not label.startswith("xn--"):
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except ValueError:
        return label
    return decoded if not decoded.isascii() and _ascii(decoded) == label else label


def _is_name(label: str) -> bool:
    """Return whether all versions of IDNA since 2003 read a label in the same way: nothing in it is mapped."""
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
    """Return whether it is a letter, mark or digit that is never mapped, and is known to both Python and Qt.

    Their Unicode tables are of different versions, so letters beyond Europe's must be in Unicode 3.2.
    """
    if char.isascii():
        return bool(_LABEL.fullmatch(char)) or char == "-"
    kind = (unicodedata if char < "\u0590" else unicodedata.ucd_3_2_0).category(char)
    if not (kind[0] == "L" or kind in {"Mn", "Mc", "Nd"}) or "\ufe00" <= char <= "\ufe0f":
        return False
    return char in _KEPT or unicodedata.normalize("NFKC", char.casefold()) == char


def _is_clear(label: str) -> bool:
    """Return whether a label cannot be mistaken for another one: it has one script and does not imitate Latin."""
    letters = {char for char in label if char not in "0123456789-"}
    if label.isascii():
        return not label.startswith("xn--")
    if all(char.isascii() or char in _LATIN for char in letters):
        return True
    scripts = {unicodedata.name(char, "?").split()[0] for char in letters}
    if len(scripts) == 1 and (own := _OWN.get(min(scripts))):
        return not own.isdisjoint(letters)
    return any(scripts <= together for together in _EAST_ASIAN)
