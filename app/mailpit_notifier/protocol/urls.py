"""A server's address and all URLs built from it. This is the only module that puts an ID into a URL."""

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from mailpit_notifier.runtime.translation import translatable

_UNIX = re.compile(r"(https?\+)?unix:", re.IGNORECASE)
"""Begins the address of a Unix socket, as in Mailpit's --listen and in curl, Docker and Python libraries."""

_HOST = re.compile(r"[A-Za-z0-9_.:%-]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUrl:
    """A normalized address: scheme, host and port are always set, the webroot has a slash at both ends.

    The password is not in `repr` or in any URL, only in the Authorization header.
    """

    scheme: str
    host: str
    port: int
    webroot: str = "/"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "ServerUrl":
        """Parse `[http[s]://][user:password@]host[:port][/webroot]`.

        The default scheme is http. The default port is the scheme's, or Mailpit's own (8025) for a host alone. Raises
        ValueError with a sentence for the user, which does not repeat the text: it may contain a password.
        """
        text = text.strip()
        if _UNIX.match(text):
            sentence = translatable(
                "Settings", "Unix sockets are not supported. Let Mailpit listen on a TCP port and enter that address."
            )
            raise ValueError(sentence)
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
            text = "http://" + text
        bare = text.startswith("http://") and text.count("/") == 2
        invalid = translatable("Settings", "This address is not valid. Enter one such as http://localhost:8025/.")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError(invalid) from None
        if parts.hostname in {"http", "https"} and (parts.netloc.endswith(":") or parts.path.strip("/")):
            raise ValueError(invalid)  # "http:/localhost" or "http//localhost": not a host of this name
        host = parts.hostname or ""
        if ":" in host:
            host = host.replace("%25", "%", 1)  # the zone of a link-local address (RFC 6874)
        if parts.scheme not in {"http", "https"}:
            raise ValueError(translatable("Settings", "The address of a Mailpit starts with http:// or https://."))
        if not _HOST.match(host := ascii_host(host)):
            raise ValueError(
                translatable("Settings", "This address has no host name. Enter one such as http://localhost:8025/.")
            )
        if parts.query or parts.fragment:
            raise ValueError(translatable("Settings", "The address of a Mailpit must not contain ? or #."))
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
        """Host and port as in a Host header or URL, without the scheme's default port."""
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether the connection uses TLS."""
        return self.scheme == "https"

    @property
    def base(self) -> str:
        """URL of the web UI, with a final slash and without credentials, so that it can be shown, logged and opened."""
        return f"{self.scheme}://{self.netloc}{self.webroot}"

    @property
    def events(self) -> str:
        """URL of the websocket that sends events."""
        return f"{'wss' if self.secure else 'ws'}://{self.netloc}{self.webroot}api/events"

    @property
    def authorization(self) -> str:
        """Value of the Authorization header (RFC 7617, in UTF-8); "" without credentials."""
        if not self.user and not self.password:
            return ""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()

    @property
    def label(self) -> str:
        """Name for a server that has no other."""
        return self.netloc + self.webroot.rstrip("/")

    @property
    def is_local_name(self) -> bool:
        """Whether the host is loopback by its name alone, without DNS (RFC 6761, 6.3)."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def with_tls(self, *, secure: bool) -> str:
        """Return the base URL with https or http; a port that is the default of the other scheme is left out."""
        other_default = 80 if secure else 443
        port = (443 if secure else 80) if self.port == other_default else self.port
        return replace(self, scheme="https" if secure else "http", port=port).base

    def api(self, path: str) -> str:
        """Return the path of a REST call for the request line, e.g. `api("messages")`."""
        return f"{self.webroot}api/v1/{path}"

    def raw(self, message_id: str) -> str:
        """Return the path of a message's source; fetching it leaves the message unread."""
        return self.api(f"message/{quote(message_id, safe='')}/raw")

    def view(self, message_id: str) -> str:
        """Return the URL of the message in the web UI; of the mailbox for a message without an ID."""
        from .model import NO_ID  # here, because main.py imports this module before it shows the tray icon

        return self.base if message_id.startswith(NO_ID) else f"{self.base}view/{quote(message_id, safe='')}"

    def html_view(self, message_id: str) -> str:
        """Return the URL of the HTML part of a message alone; opening it marks the message as read."""
        view = self.view(message_id)
        return view if view == self.base else f"{view}.html"

    def search(self, query: str) -> str:
        """Return the URL of Mailpit's search page."""
        return f"{self.base}search?q={quote(query, safe='')}"


def ascii_host(host: str) -> str:
    """Return a host name as in DNS, "" if it is no name."""
    try:
        return host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""


def _webroot(path: str) -> str:
    # Users paste the address of the page that their browser shows.
    path = re.sub(r"/(view/[^/]*|search|api/.*)\Z", "/", path)
    path = quote(path.strip("/"), safe="/%~!$&'()*+,;=:@-._")
    return f"/{path}/" if path else "/"
