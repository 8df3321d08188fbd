"""What the URL of a link shows: its purpose, by the words in its path, and whether it contains a token.

The lists below are English, because URL paths are English in most languages' messages; other words are found with the
vocabulary.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from .vocabulary import Kind, Vocabulary
from .web_link import web_link

PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|css|js|pdf|ics|zip)\Z", re.IGNORECASE)
PATH_WORDS = re.compile(r"[a-z]+", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


IN_PATH = _set(
    "accept activar activate activation approve authorize callback confirm confirmation confirmations enroll "
    "forgot forgotpassword invitation invitations invite invites join lostpassword magic magiclink onboard optin "
    "password passwordless passwords recover recovery reset resetpassword sendpassword setpassword setup token "
    "unlock validate ver verification verify verifyemail"
)
VAGUE = _set("callback setup token ver")
"""Words in paths that ask for something, unless the path is that of a shop: "/orders/R48213/token/…"."""

NEVER_IN_PATH = _set(
    "abuse block cancel decline deny docs faq help hooks optout reject report revoke support terms unsub unsubscribe "
    "uploads webhook webhooks"
)
PASSWORD_PATH = _set(
    "forgot forgotpassword lostpassword password passwords reset resetpassword sendpassword setpassword"
)
"""Paths that lead to a form or to settings, unless they have a token."""

LOGIN_PATH = _set("account dashboard login signin")
SIDE_HOSTS = _set("assets cdn doc docs help images img maps static support")
NOT_IN_PATH = _set(
    "abuse activity articles block blog builds cancel cart contact decline deny docs download faq help invoice "
    "invoices issues job legal merge optout order orders pay policies preferences privacy profile pull reject "
    "releases report revoke security settings shop statements status support survey terms track tracking unsub "
    "unsubscribe uploads"
)
CODE_KEYS = _set("code otp passcode token usercode user_code verificationcode verification_code")
INVITING = _set("accept invite invites invitation invitations join")
TOKEN_KEYS = _set(
    "c code flow h hash id jwt k key nonce oob oobcode otp r rd s secret sig signature state t ticket token u uid "
    "upn v x"
)
SHOP_WORDS = _set(
    "activity basket billing board booking bookings calendar cart checkout comment comments coupon donate "
    "estimate event events gift gifts invoice invoices jobs meet news order orders parcel pay poll post posts "
    "product products proposal quote quotes receipt receipts redeem refer renew rsvp sale shipment shop store "
    "stories survey thread threads ticket tickets topic topics track tracking video videos vote webinar zoom"
)
ASKING_OR_NOT = IN_PATH | NEVER_IN_PATH | NOT_IN_PATH
MIN_TRACKED, MIN_TOKEN = 3, 12
"""Minimum links of a click tracker, and minimum characters of their tokens."""

MIN_MIXED, MOST_LIKE_WORDS = 10, 0.2
"""Minimum letters of a token without digits, and the share of capitals that words do not exceed."""

SWITCH = re.compile(r"(?<=[a-z])[A-Z]")
PLACE_ON_PAGE = re.compile(r"[a-z_-]*[0-9]*", re.IGNORECASE)
"""A fragment such as "comment70"."""

SLUG = re.compile(r"[a-z]{3,}(?:-[a-z]+)*(?:-[0-9]{1,6})+")
"""Words and numbers in a path, such as "roadmap-2026": no token."""

TITLE = re.compile(r"(?<![a-z0-9-])([a-z0-9]+)(?:-[a-z0-9]+){3,}")
"""A title in a path, such as "how-do-i-verify-my-account", unless it begins with a word that asks or refuses."""

LONG = re.compile(r"[A-Za-z0-9]{12,}")
SEGMENT = re.compile(r"[A-Za-z0-9_.~-]{3,}")


def usable(url: str) -> str:
    """Return the URL in the form that is opened, "" if it should not be opened."""
    url = web_link(url)
    return "" if PICTURE.search(split(url).path) else url


def path_kind(url: str, vocabulary: Vocabulary) -> Kind | None:
    """Return the purpose by host, path and query: ACTION, LOGIN, DENY (also for a home page), or None.

    PASSWORD: it leads to a form or to settings, and not to the change of a password, because it has no token.
    """
    parts = split(url)
    path = TITLE.sub(lambda title: title[0] if title[1] in ASKING_OR_NOT else "", parts.path)
    own = LONG.sub(_without_token, f"{path} {parts.query.split('http')[0]}")
    words = _words(own)
    home = not (parts.path.strip("/") or parts.query or parts.fragment)
    if home or words & NEVER_IN_PATH or parts.netloc.split(".")[0].lower() in SIDE_HOSTS:
        return Kind.DENY
    token = looks_like_token(url)
    asking = words & (IN_PATH if token else IN_PATH - PASSWORD_PATH)
    if asking and not (asking <= VAGUE and words & SHOP_WORDS):
        return Kind.ACTION
    if words & NOT_IN_PATH or (words & LOGIN_PATH and not parts.query and not token):
        return Kind.DENY
    if token and not LOGIN_PATH.isdisjoint(parts.path.lower().split("/")):
        return Kind.LOGIN
    if words & PASSWORD_PATH:
        return Kind.PASSWORD
    return Kind.ACTION if Kind.ACTION in vocabulary.kinds(re.sub(r"[/_.=&-]", " ", unquote(own))) else None


def _without_token(match: re.Match[str]) -> str:
    """Return "" for a token, because it may contain the letters of a word."""
    text = match[0]
    return text if text.islower() or text.isupper() or not any(map(str.isdigit, text)) else ""


def code_in_query(url: str) -> str:
    """Return the code in the query of a confirmation link, "" if there is none."""
    parts = split(url)
    code = next((value for key, value in parse_qsl(parts.query) if key.lower() in CODE_KEYS), "")
    return "" if code and _words(parts.path) & (SHOP_WORDS | INVITING) else code


def contains_code(url: str, code: str) -> bool:
    """Return whether a segment of the path or a value of the query is a code, and the URL is not about a purchase."""
    parts = split(url)
    values = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    return code in values and not leads_to_a_shop(url)


def tracked(urls: Collection[str]) -> set[str]:
    """Return the URLs of a click tracker: most links of a message, alike but for a token. They show no purpose."""
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    for url in urls:
        parts = split(url)
        alike[parts.netloc, parts.path.strip("/").split("/")[0]].add(url)
    most = max(alike.values(), key=len, default=set())
    return most if len(most) >= MIN_TRACKED and 2 * len(most) > len(set(urls)) and all(map(_is_long, most)) else set()


def _is_long(url: str) -> bool:
    parts = split(url)
    return any(
        len(segment) >= MIN_TOKEN and _is_random(segment) for segment in SEGMENT.findall(parts.path + " " + parts.query)
    )


def leads_to_a_shop(url: str, *, path_only: bool = False) -> bool:
    """Return whether a URL is about a purchase, a delivery, an event or an article, by its path or its subdomain."""
    parts = split(url)
    subdomain = "" if path_only else parts.netloc.lower().rpartition(".")[0].rpartition(".")[0]
    return bool(_words(f"{subdomain} {parts.path}") & SHOP_WORDS)


def _words(path: str) -> set[str]:
    return {word.lower() for word in PATH_WORDS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", path))}


def looks_like_token(url: str) -> bool:
    """Return whether a URL contains something random or signed."""
    parts = split(url)
    path, query = parts.path, parts.query or ("" if PLACE_ON_PAGE.fullmatch(parts.fragment) else parts.fragment)
    keys = {pair.split("=")[0].lower() for pair in query.split("&") if "=" in pair}
    if any(key in TOKEN_KEYS or key.endswith(("token", "key", "code", "hash", "id")) for key in keys):
        return True
    return any(_is_random(segment) for segment in SEGMENT.findall(path + " " + query))


def _is_random(segment: str) -> bool:
    if SLUG.fullmatch(segment):
        return False
    digits = sum(map(str.isdigit, segment))
    letters = sum(map(str.isalpha, segment))
    if (len(segment) >= 5 and digits and letters) or (digits > 1 and letters > 1):
        return True
    if digits and letters:
        return not segment.islower()
    if len(segment) < MIN_MIXED:
        return len(segment) >= 8 and 3 * len(SWITCH.findall(segment)) >= len(segment)
    capitals = sum(map(str.isupper, segment))
    return MOST_LIKE_WORDS < capitals / len(segment) < 1  # words have few capitals: VerifyEmail


def split(url: str) -> SplitResult:
    """Split a URL; all parts are empty if it is invalid.

    A fragment that begins with `/` or `!/`, or has a `=`, is the path and query of a single-page application.
    """
    try:
        parts = urlsplit(url)
        if parts.fragment.lstrip("!").startswith("/") or "=" in parts.fragment:
            inner = urlsplit(parts.fragment.lstrip("!"))
            values = "" if inner.query or "=" not in inner.path else inner.path
            path = parts.path if values else parts.path.rstrip("/") + inner.path
            query = "&".join(filter(None, (parts.query, inner.query or values)))
            return parts._replace(path=path, query=query, fragment="")
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts
