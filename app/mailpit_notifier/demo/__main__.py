"""The stand-in's command line."""

import argparse
import asyncio
import faulthandler
import sys
from pathlib import Path

from .process import DemoError, check_packages
from .version import OLD, VERSION

START_SECONDS = 15.0
"""When it does not listen by then it prints where it hangs and ends, so that who started it need not wait longer."""


def main() -> int:
    """Run until told to end; returns the exit code."""
    options = _options()
    if sys.stderr:
        faulthandler.dump_traceback_later(START_SECONDS, exit=True)
    try:
        check_packages()
    except DemoError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever started this by hand
        return 2
    from .run import run

    asyncio.run(run(options))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mailpit_notifier.demo", description="A stand-in for Mailpit.")
    parser.add_argument("--http", default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free port of 127.0.0.1")
    parser.add_argument("--smtp", default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free port of 127.0.0.1")
    parser.add_argument("--interval", type=float, default=0.0, metavar="SECONDS", help="between sample mails; 0: none")
    parser.add_argument("--webroot", default="", metavar="PATH")
    parser.add_argument("--auth", default="", metavar="USER:PASSWORD")
    parser.add_argument("--label", default="", metavar="TEXT", help="the name of this server")
    parser.add_argument("--max", type=int, default=500, metavar="N", help="messages to keep; 0: all")
    parser.add_argument("--like", default=VERSION, choices=[VERSION, OLD], help=f"behave like this; default: {VERSION}")
    parser.add_argument("--use-message-dates", action="store_true", help="take a mail's own Date for its time")
    parser.add_argument("--database", type=Path, metavar="FILE", help="keep the mails over a restart")
    parser.add_argument("--prune-seconds", type=float, default=60.0, help="for tests: time between prunings")
    parser.add_argument("--ping-seconds", type=float, default=54.0, help="for tests: time between pings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
