"""Which proxy a connection goes through: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment.

Loopback, and names that resolve to it, never go through one, whatever the environment says: a proxy's own loopback is
another machine's. Pure; there is no standard, so the rules follow what curl and Go agree on, with CIDR in NO_PROXY.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from .urls import ServerUrl

Address = IPv4Address | IPv6Address


def is_local(url: ServerUrl, addresses: Sequence[str]) -> bool:
    """Whether the server is on this machine, by its name or by what that resolves to."""
    return url.is_local_name or any(is_loopback(address) for address in addresses)


def proxy_for(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> ServerUrl | None:
    """The proxy to go through, or None for a direct connection.

    `addresses` are what the host resolves to, empty when it does not. `chosen` is the user's for this server, "none"
    for a direct connection. Raises ValueError for a proxy that cannot be used: socks, https (TLS within TLS is beyond
    the standard library), or no address at all.
    """
    return choose(url, addresses, environ, chosen)[0]


def choose(
    url: ServerUrl, addresses: Sequence[str], environ: Mapping[str, str], chosen: str = ""
) -> tuple[ServerUrl | None, str]:
    """What `proxy_for` says, and why, in words."""
    if is_local(url, addresses):
        return None, "it is on this machine"
    if chosen == "none":
        return None, "the configuration says so"
    names = (f"{url.scheme}_proxy", "all_proxy")
    name, value = next(((name, value) for name in names if (value := _variable(environ, name))), ("", ""))
    if chosen:
        return _parsed(chosen), "the configuration says so"
    if not value:
        return None, "no proxy is set"
    if _excepted(url, addresses, _variable(environ, "no_proxy")):
        return None, "NO_PROXY excepts it"
    return _parsed(value), f"{name.upper()} says so"


def _parsed(value: str) -> ServerUrl:
    # The slash makes the port that is not given http's own, not Mailpit's.
    proxy = ServerUrl.parse(value if value.endswith("/") else f"{value}/")
    if proxy.secure:
        raise ValueError("A proxy's own address starts with http://.")
    return proxy


def _variable(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _excepted(url: ServerUrl, addresses: Sequence[str], no_proxy: str) -> bool:
    ips = [ip for text in (url.host, *addresses) if (ip := _ip(text))]
    return any(_matches(entry, url, ips) for entry in no_proxy.lower().replace(",", " ").split())


def _matches(entry: str, url: ServerUrl, ips: Sequence[Address]) -> bool:
    if entry == "*":
        return True
    try:
        network = ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        host, _, port = entry.rpartition(":") if entry.rpartition(":")[2].isdigit() else (entry, "", "")
        name = host.strip("[]").removeprefix("*").removeprefix(".")
        return port in {"", str(url.port)} and (url.host == name or url.host.endswith(f".{name}"))
    return any(ip.version == network.version and ip in network for ip in ips)


def is_loopback(text: str) -> bool:
    """Whether an address is of this machine only."""
    ip = _ip(text)
    # 0.0.0.0 and :: lead here, too, and are what Mailpit's own start message says.
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


def _ip(text: str) -> Address | None:
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
