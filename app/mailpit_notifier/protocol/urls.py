"""Where a server is, and every URL built from that. The only module that puts an ID into a URL."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from mailpit_notifier.runtime.translation import translatable

from .model import NO_ID

_HOST = re.compile(r"[A-Za-z0-9_.:%-]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUrl:
    """A server's address, normalised: scheme, host and port always there, webroot with a slash at both ends.

    The password is kept out of `repr` and of every URL; only the Authorization header is made of it.
    """

    scheme: str
    host: str
    port: int
    webroot: str = "/"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "ServerUrl":
        """Read `[http[s]://][user:password@]host[:port][/webroot]`.

        Without a scheme it is http. Without a port it is the scheme's, except that a bare host is Mailpit's own, 8025.
        Raises ValueError with a sentence for the user, which never repeats the text: it may hold a password.
        """
        text = text.strip()
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
            text = "http://" + text
        bare = text.startswith("http://") and text.count("/") == 2
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            sentence = translatable("Settings", "This address cannot be read. It looks like http://localhost:8025/.")
            raise ValueError(sentence) from None
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"}:
            raise ValueError(translatable("Settings", "The address of a Mailpit starts with http:// or https://."))
        if not _HOST.match(host := _ascii(host)):
            raise ValueError(
                translatable("Settings", "This address has no host name. It looks like http://localhost:8025/.")
            )
        if parts.query or parts.fragment:
            raise ValueError(translatable("Settings", "The address of a Mailpit has no ? or # in it."))
        default = 443 if parts.scheme == "https" else 8025 if bare else 80
        return cls(
            scheme=parts.scheme,
            host=host,
            port=default if port is None else port,
            webroot=_webroot(parts.path),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @property
    def netloc(self) -> str:
        """Host and port as a Host header and a URL write them; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether the connection is wrapped in TLS."""
        return self.scheme == "https"

    @property
    def base(self) -> str:
        """The web UI, ending in a slash, without credentials: what may be shown, logged and opened."""
        return f"{self.scheme}://{self.netloc}{self.webroot}"

    @property
    def events(self) -> str:
        """The websocket that broadcasts events."""
        return f"{'wss' if self.secure else 'ws'}://{self.netloc}{self.webroot}api/events"

    @property
    def authorization(self) -> str:
        """The value of the Authorization header, "" without credentials (RFC 7617, in UTF-8)."""
        if not self.user and not self.password:
            return ""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()

    @property
    def label(self) -> str:
        """A short name for a server that has no other."""
        return self.netloc + self.webroot.rstrip("/")

    @property
    def is_local_name(self) -> bool:
        """Whether the host is loopback by its name alone, without asking DNS (RFC 6761, 6.3)."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def api(self, path: str) -> str:
        """The path of a REST call, e.g. `api("messages")`, for the request line."""
        return f"{self.webroot}api/v1/{path}"

    def raw(self, message_id: str) -> str:
        """The path of a message's source; reading it leaves the message unread."""
        return self.api(f"message/{quote(message_id, safe='')}/raw")

    def view(self, message_id: str) -> str:
        """The message's page in the web UI; the mailbox for a message that came without an ID."""
        return self.base if message_id.startswith(NO_ID) else f"{self.base}view/{quote(message_id, safe='')}"

    def search(self, query: str) -> str:
        """Mailpit's own search page."""
        return f"{self.base}search?q={quote(query, safe='')}"


def _ascii(host: str) -> str:
    try:
        return host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def _webroot(path: str) -> str:
    # Somebody may paste the address of the page in front of them.
    path = re.sub(r"/(view/[^/]*|search|api/.*)\Z", "/", path)
    path = quote(path.strip("/"), safe="/%~!$&'()*+,;=:@-._")
    return f"/{path}/" if path else "/"
