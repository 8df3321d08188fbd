"""Pictures of the windows: recent messages in every state, settings, first start."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from desk import Desk, Shown
from looks import DARK, GERMAN, LARGE, LARGE_DARK, LIGHT, PSEUDO, Look
from mails import server
from test_discovery import API, DOCKER, Programs
from test_discovery import SHOP as DDEV_SHOP

from look import BLOG, MAIN, SHOP, hostile, samples
from program import wait_until
from standin import Server

PAGES = ("servers", "notifications", "rules", "general", "diagnostics")
UNREACHABLE = "http://127.0.0.1:9/"

RULES = """
[[rule]]
name = "Mine"
to = "ann@*"
outcome = "open"

[[rule]]
name = "Monitoring"
from = "nagios@*"
outcome = "silent"
"""


def entry(url: str, name: str, color: str = "", *, more: str = "") -> str:
    """Return a server for the configuration."""
    return f'[[server]]\nurl = "{url}"\nname = "{name}"\n' + (f'color = "{color}"\n' if color else "") + more


def recent_mail(desk: Desk) -> None:
    """The usual window, and what can be done in it."""
    for look in (LIGHT, DARK, LARGE, LARGE_DARK, GERMAN, PSEUDO):
        with _one(desk, look) as shown:
            shown.take(f"window-{look.name}")
            if look is LIGHT:
                _use(shown)


@contextmanager
def _one(desk: Desk, look: Look) -> Iterator[Shown]:
    """One server. Its messages are new for each picture, so that they have the same age in all."""
    by_server = samples()
    with (
        server((*by_server[MAIN], *by_server[SHOP])) as shop,
        desk.window(look, entry(shop.url, "shop"), connected=1) as shown,
    ):
        yield shown


def _use(shown: Shown) -> None:
    shown.press("shift+F10")
    shown.take("window-menu", margin=100)
    shown.press("Escape", "Down", "Down", "Delete")
    shown.take("window-deleted")
    shown.press("ctrl+f")
    shown.type("ann acme")
    shown.take("window-search")
    shown.type(" nowhere")
    shown.take("window-nothing-found")


ORDER = """Hello Ann,

thank you for your order. We have received it and will ship it within two days.

Order number: 100482913
Total: 129.90 €

Your Acme shop
"""
LINKS = """<p>Hello Ann</p><a href="https://shop.acme.test/orders/1?token=8f3a2c">View your order</a>
<a href="https://help.acme.test/">Help</a> <a href="https://acme.test/unsubscribe">Unsubscribe</a>
<a href="https://acme.test/terms">Terms</a>"""


def order() -> bytes:
    """Return a message with all that the quick look shows."""
    message = EmailMessage()
    message["From"], message["Cc"] = "Acme Shop <orders@acme.test>", "sales@acme.test"
    message["To"] = "Ann Example <ann@example.test>, bob@example.test"
    message["Subject"] = "Your order 100482913 has been received"
    message.set_content(ORDER)
    message.add_alternative(LINKS, subtype="html")
    message.add_attachment(b"x" * 34_567, maintype="application", subtype="pdf", filename="Invoice.pdf")
    return message.as_bytes()


def quick_look(desk: Desk) -> None:
    """The quick look: with links and an attachment, with a code, and with hidden content."""
    for look in (LIGHT, DARK, LARGE, LARGE_DARK, GERMAN, PSEUDO):
        with server(samples()[MAIN]) as shop:
            shop.send_source(order())
            with desk.window(look, entry(shop.url, "shop"), connected=1) as shown:
                shown.press("space")
                shown.take(f"look-{look.name}")
                shown.press("Down")
                shown.take(f"look-code-{look.name}")
    with server(samples()[MAIN]) as shop:
        config = entry(shop.url, "shop") + "[notifications]\nhide_content = true\n"
        with desk.window(LIGHT, config, connected=1) as shown:
            shown.press("space")
            shown.take("look-hidden")


@contextmanager
def three() -> Iterator[tuple[str, Server]]:
    """A configuration of three servers, and one of them."""
    by_server = samples()
    with server(by_server[MAIN]) as main, server(by_server[SHOP]) as shop, server(by_server[BLOG]) as blog:
        config = entry(main.url, "mailpit") + entry(shop.url, "shop", "#4a7bd0") + entry(blog.url, "blog", "#2a1a5e")
        yield config, shop


def several_servers(desk: Desk) -> None:
    """Three servers, then one is stopped."""
    for look in (LIGHT, DARK, GERMAN, PSEUDO):
        with three() as (config, shop), desk.window(look, config, connected=3) as shown:
            shown.take(f"servers-{look.name}")
            shop.stop()
            wait_until(lambda: shown.program.server(1)["state"] == "disconnected", "a server that is gone")
            shown.take(f"servers-stopped-{look.name}")


def nothing_there(desk: Desk) -> None:
    """No messages, no server, no password."""
    with server() as empty, server(auth="ann:secret") as closed:
        states = {
            "empty": (entry(empty.url, "shop"), 1),
            "disconnected": (entry(UNREACHABLE, "shop"), 0),
            "password": (entry(closed.url, "shop", more='user = "ann"\n'), 0),
        }
        for name, (config, connected) in states.items():
            for look in (LIGHT, DARK, GERMAN, PSEUDO):
                with desk.window(look, config, connected=connected) as shown:
                    shown.take(f"{name}-{look.name}")


def password_dialog(desk: Desk) -> None:
    """One of two servers needs a password: a button above the list opens the dialog."""
    with server(samples()[MAIN]) as shop, server(auth="ann:secret") as closed:
        config = entry(shop.url, "shop") + entry(closed.url, "blog", more='user = "ann"\n')
        for look in (LIGHT, DARK, GERMAN, PSEUDO):
            with desk.window(look, config, connected=1) as shown:
                wait_until(lambda: shown.program.server(1)["state"] == "disconnected", "a refusal")
                shown.take(f"wants-password-{look.name}")
                shown.open("shift+Tab", "shift+Tab", "space")
                shown.take(f"password-dialog-{look.name}")


def hostile_mail(desk: Desk) -> None:
    """Messages that try to appear as something else."""
    with server(hostile()[MAIN]) as bad:
        for look in (LIGHT, DARK, PSEUDO):
            with desk.window(look, entry(bad.url, "shop"), connected=1) as shown:
                shown.take(f"hostile-{look.name}")


def settings(desk: Desk) -> None:
    """Each page of the settings."""
    by_server = samples()
    with server(by_server[MAIN]) as shop, server(by_server[BLOG]) as blog:
        config = entry(shop.url, "shop") + entry(blog.url, "blog", "#b8642a")
        config += entry(UNREACHABLE, "api", more="enabled = false\n") + RULES
        for look in (LIGHT, DARK, LARGE, GERMAN, PSEUDO):
            with desk.window(look, config, connected=2) as shown:
                shown.open("ctrl+comma")
                for page in PAGES:
                    shown.take(f"settings-{look.name}-{page}")
                    shown.press("Down")


def first_start(desk: Desk) -> None:
    """Before there is a configuration: found servers, or none."""
    with server() as shop, server() as blog:
        for look in (LIGHT, DARK, GERMAN, PSEUDO):
            _first_window(desk, look, "nothing")
            _first_window(desk, look, "found", shop, blog)


def _first_window(desk: Desk, look: Look, name: str, *running: Server) -> None:
    program = desk.program(look)
    if running:
        shop, blog = running
        machine = Programs(program.folder / "bin")
        machine.add("ddev", {"raw": [{**DDEV_SHOP, "mailpit_url": shop.url}, {**API, "mailpit_url": UNREACHABLE}]})
        machine.add("docker", {**DOCKER, "Ports": f"127.0.0.1:{blog.http_port}->8025/tcp"})
    with desk.started(program, pseudo=look is PSEUDO):
        Shown(desk, program).take(f"first-start-{name}-{look.name}")
