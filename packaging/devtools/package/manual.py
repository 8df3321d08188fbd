"""Run as a script: prints the manual page, made from the parser of `--help`."""

import argparse
from collections.abc import Iterator

from mailpit_notifier import APP_ID, APP_NAME, __version__
from mailpit_notifier.cli.arguments import parser

from .project import released

_END = """
.SH EXIT STATUS
0: success. 1: the answer is no, for example a fault was found or no message arrived. 2: wrong usage or environment: the
configuration, a file, or no running instance. 3: no server was ever reached. 4: the command after \\-\\- failed.
.SH ENVIRONMENT
.TP
.B MAILPIT_URL
Address of a server, used without \\-\\-server.
.TP
.BR HTTP_PROXY ", " HTTPS_PROXY ", " ALL_PROXY ", " NO_PROXY
Proxies for servers that are not on this machine.
.SH FILES
.TP
.I ~/.config/mailpit\\-notifier/config.toml
Servers, notifications and rules. Changes apply at once.
.TP
.I ~/.local/state/mailpit\\-notifier/
Announced messages, window position and log.txt.
"""


def main() -> None:
    """Print the page."""
    print("\n".join(page(parser())), end="")


def page(top: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the lines of the page (groff_man(7))."""
    yield f'.TH {APP_ID.upper()} 1 {released():%Y-%m-%d} "{APP_NAME} {__version__}" "User Commands"'
    yield f".SH NAME\n{roff(APP_ID)} \\- desktop notifications for messages captured by Mailpit"
    yield f".SH SYNOPSIS\n.B {roff(APP_ID)}\n[options] [command]"
    yield f".SH DESCRIPTION\n{roff(top.description or '')}"
    yield f".SH OPTIONS\n{roff(top.epilog or '')}"
    commands = None
    for action in top._actions:  # noqa: SLF001 - argparse has no public way to its options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            commands = action
        else:
            yield from option(action)
    assert commands
    yield ".SH COMMANDS"
    for name, command in commands.choices.items():
        yield from section(name, command)
    yield _END.strip("\n")
    yield ""


def section(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the lines about a command."""
    usage = " ".join(command.format_usage().replace(" [-h]", "").split()[1:])
    yield f".SS {roff(name)}\n.B {roff(usage)}\n.PP\n{roff(command.description or '')}"
    for action in command._actions:  # noqa: SLF001
        yield from option(action)
    if command.epilog:
        yield f".PP\n{roff(command.epilog)}"


def option(action: argparse.Action) -> Iterator[str]:
    """Yield the lines about an option or argument, except hidden ones and --help."""
    if action.help == argparse.SUPPRESS or "--help" in action.option_strings:
        return
    value = "" if action.nargs == 0 else str(action.metavar or "|".join(map(str, action.choices or [])))
    names = ", ".join(action.option_strings)
    yield f".TP\n.B {roff(' '.join(part for part in (names, value) if part))}"
    yield roff((action.help or "").replace("%%", "%"))


def roff(text: str) -> str:
    """Escape text for roff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    main()
