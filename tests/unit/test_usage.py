"""Wrong usage of the command line: the sentence is about the word that is wrong."""

from collections.abc import Callable, Sequence

import pytest

from mailpit_notifier.cli import standalone
from mailpit_notifier.cli.arguments import parse


def sentence(
    capsys: pytest.CaptureFixture[str], arguments: str, parse: Callable[[Sequence[str]], object] = parse
) -> str:
    """Return what is printed about these arguments, without the usage."""
    with pytest.raises(SystemExit) as left:
        parse(arguments.split())
    assert left.value.code == 2
    usage, _, text = capsys.readouterr().err.rpartition("error: ")
    assert usage.startswith("usage: ")
    return text.strip()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--sever http://x.test", "unknown option --sever. Did you mean --server?"),
        ("--sever=http://x.test status", "unknown option --sever. Did you mean --server?"),
        ("wait --tmeout 3s", "unknown option --tmeout. Did you mean --timeout?"),
        ("doctor --sever x", "unknown option --sever. Did you mean --server?"),
        ("copy --json", 'unknown option --json. "mailpit-notifier copy --help" shows what it accepts.'),
        ("--selftets", 'unknown option --selftets. "mailpit-notifier --help" shows what it accepts.'),
        ("wait --to -x", "argument --to: expected one argument"),
        ("wait --subject --print id", "argument --subject: expected one argument"),
    ],
)
def test_a_misspelled_option_is_named(capsys: pytest.CaptureFixture[str], arguments: str, expected: str) -> None:
    assert sentence(capsys, arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--timeout 3s wait", "--timeout must be after the command: mailpit-notifier wait --timeout"),
        ("wait --config x", "--config must be before the command: mailpit-notifier --config FILE wait"),
        ("status --server x", "status does not accept --server"),
        ("forget --config x", "forget does not accept --config"),
    ],
)
def test_an_option_in_the_wrong_place_is_named(
    capsys: pytest.CaptureFixture[str], arguments: str, expected: str
) -> None:
    assert sentence(capsys, arguments) == expected


@pytest.mark.parametrize("option", ["--hidden", "--demo"])
def test_options_of_the_start_are_not_ignored_with_a_command(capsys: pytest.CaptureFixture[str], option: str) -> None:
    text = "--hidden and --demo start the program, so they cannot be used with doctor"
    assert sentence(capsys, f"{option} doctor") == text


@pytest.mark.parametrize("option", ["--server http://x.test", f"--config {__file__}"])
def test_the_demo_does_not_ignore_other_servers(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert sentence(capsys, f"--demo {option}").startswith("--demo connects only to its own server")


def test_a_misspelled_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert sentence(capsys, "Stauts --json") == 'unknown command "Stauts". Did you mean status?'
    assert sentence(capsys, "help").startswith('unknown command "help". Choose from show, status, open, copy, link, ')
    expected = 'unknown command "run". Choose from wait, send-test, extract, doctor.'
    assert sentence(capsys, "run", standalone.parsed) == expected


def test_an_address_in_place_of_a_command_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    text = sentence(capsys, "http://ann:s3cret@mail.test/")
    assert text == "an address is not a command. Write --server before it"


@pytest.mark.parametrize("arguments", ["wait --to ann@x.test curl -fsS http://x.test", "pause npm test"])
def test_a_command_without_two_dashes_is_explained(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    text = sentence(capsys, arguments)
    assert text in {f'unexpected argument "{word}". A command must follow after --' for word in ("curl", "test")}


def test_other_arguments_that_are_too_many_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    expected = 'unexpected argument "off". "mailpit-notifier autostart --help" shows what it accepts.'
    assert sentence(capsys, "autostart on off") == expected


@pytest.mark.parametrize("option", ["--to", "--from", "--subject", "--text", "--link", "--code", "--save"])
def test_a_condition_that_would_be_lost_is_rejected(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert sentence(capsys, f"wait {option} a {option} b") == f"argument {option}: can be given only once"


def test_values_that_look_like_options_are_accepted() -> None:
    options = parse(["wait", "--subject", "-1 day", "--server", "http://x.test", "--code=-x", "--timeout", "5s"])
    assert (options.subject, options.code, options.server) == ("-1 day", "-x", ["http://x.test"])
