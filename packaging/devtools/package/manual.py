"""Run as a script: prints the manual page, made from the same parser as `--help`, so that the two cannot differ."""

import argparse
from collections.abc import Iterator

from mailpit_notifier import APP_ID, APP_NAME, __version__
from mailpit_notifier.cli.arguments import parser

from .project import released

_END = """
.SH EXIT STATUS
0: done. 1: the answer is no, for example a fault was found or no mail came. 2: wrong usage, or something around it: the
configuration, a file, a command that failed, nobody to ask. 3: no server was ever reached.
.SH ENVIRONMENT
.TP
.B MAILPIT_URL
A server's address, where there is no \\-\\-server.
.TP
.BR HTTP_PROXY ", " HTTPS_PROXY ", " ALL_PROXY ", " NO_PROXY
The way to servers that are not on this machine.
.SH FILES
.TP
.I ~/.config/mailpit\\-notifier/config.toml
Servers, notifications and rules. Changes count at once.
.TP
.I ~/.local/state/mailpit\\-notifier/
What was announced, the window's place, and log.txt.
"""


def main() -> None:
    """Print it."""
    print("\n".join(page(parser())), end="")


def page(top: argparse.ArgumentParser) -> Iterator[str]:
    """The lines of the page (groff_man(7))."""
    yield f'.TH {APP_ID.upper()} 1 {released():%Y-%m-%d} "{APP_NAME} {__version__}" "User Commands"'
    yield f".SH NAME\n{roff(APP_ID)} \\- notifications for the mail that Mailpit captures"
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
    """What is said about one command."""
    usage = " ".join(command.format_usage().replace(" [-h]", "").split()[1:])
    yield f".SS {roff(name)}\n.B {roff(usage)}\n.PP\n{roff(command.description or '')}"
    for action in command._actions:  # noqa: SLF001
        yield from option(action)
    if command.epilog:
        yield f".PP\n{roff(command.epilog)}"


def option(action: argparse.Action) -> Iterator[str]:
    """One option or argument; nothing for those that are hidden, and for --help, which explains itself."""
    if action.help == argparse.SUPPRESS or "--help" in action.option_strings:
        return
    value = "" if action.nargs == 0 else str(action.metavar or "|".join(map(str, action.choices or [])))
    names = ", ".join(action.option_strings)
    yield f".TP\n.B {roff(' '.join(part for part in (names, value) if part))}"
    yield roff((action.help or "").replace("%%", "%"))


def roff(text: str) -> str:
    """Text without what roff would act on."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    main()
