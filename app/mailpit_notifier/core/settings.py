"""What the user decided, as one frozen value. The only list of keys and defaults."""

from dataclasses import dataclass

from mailpit_notifier.mailpit.urls import ServerUrl

DEFAULT_URL = "http://localhost:8025/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Mailpit to listen to. Its base URL without credentials is its key everywhere."""

    url: ServerUrl
    name: str

    @property
    def key(self) -> str:
        """The server's base URL."""
        return self.url.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen."""

    servers: tuple[Server, ...]


def servers_from(urls: list[str]) -> tuple[Server, ...]:
    """Servers of these addresses, each once. Raises ValueError with a sentence that holds no password."""
    parsed = [ServerUrl.parse(url) for url in urls]
    return tuple({url.base: Server(url=url, name=url.label) for url in parsed}.values())
