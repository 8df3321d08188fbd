"""Commands to the running instance: `show`, `quit`, `status`, `open`, `copy`, `link`."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from mailpit_notifier.control.instance import ControlError, ask_instance
from mailpit_notifier.mailpit.fault import Fault

from .exit_codes import DONE, FAILED, NO

NOT_RUNNING = "Mailpit Notifier is not running."


def run(command: str, *, as_json: bool = False) -> int:
    """Send the command, print what came of it, and return the exit code: 0 done, 1 refused, 2 nobody to ask."""
    try:
        answer = ask_instance(command)
    except ControlError as error:
        print(error, file=sys.stderr)
        return FAILED
    if answer is None:
        print(NOT_RUNNING, file=sys.stderr)
        return FAILED
    if command == "status":
        print(json.dumps(answer.data) if as_json else status_text(answer.data))
    elif answer.text:
        print(answer.text, file=sys.stdout if answer.ok else sys.stderr)
    return DONE if answer.ok else NO


def status_text(data: Mapping[str, Any]) -> str:
    """The status for people, a line per server."""
    pause = [f"paused until {data['paused_until']}"] if data["paused_until"] else []
    return "\n".join([*pause, *(f"{server['name']}: {_state(server)}" for server in data["servers"])])


def _state(server: Mapping[str, Any]) -> str:
    if server["fault"]:
        return f"{server['state']}, {Fault[server['fault'].upper()].sentence}"
    if server["total"] is None:
        return str(server["state"])
    return f"{server['state']}, {server['unread']} unread of {server['total']}"
