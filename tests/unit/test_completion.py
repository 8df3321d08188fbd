"""Completion of the command line, tested in the shells that are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("shtab", reason="shtab is not installed")

from devtools.package import completions

IN_BASH = """
compopt() { :; } # only while completing
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_mailpit_notifier mailpit-notifier "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    completions.write(folder)
    return folder


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


def offers(command: list[str], **options: object) -> set[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
    assert done.stderr == ""
    return {line.partition("\t")[0] for line in done.stdout.splitlines() if line}


LINES = [
    (["sta"], {"status"}),
    (["--hi"], {"--hidden"}),
    (["--log-level", "w"], {"warning"}),
    (["autostart", ""], {"on", "off"}),
    (["wait", "--print", "c"], {"code"}),
    (["wait", "--co"], {"--code", "--count"}),
    (["wait", "--print", "h"], {"headers", "html"}),
    (["status", "--j"], {"--json"}),
]


@pytest.mark.process
@needs("bash")
@pytest.mark.parametrize(("words", "offered"), LINES)
def test_bash_completes(share: Path, words: list[str], offered: set[str]) -> None:
    script = str(share / completions.PLACES["bash"])
    assert offers(["bash", "-c", IN_BASH, "bash", script, "mailpit-notifier", *words]) == offered


@needs("fish")
@pytest.mark.parametrize(("words", "offered"), LINES)
def test_fish_completes(share: Path, words: list[str], offered: set[str]) -> None:
    script = share / completions.PLACES["fish"]
    asked = f"source {script}; complete --do-complete 'mailpit-notifier {' '.join(words)}'"
    assert offers(["fish", "--no-config", "--command", asked]) == offered


@pytest.mark.process
@needs("bash")
@pytest.mark.parametrize("words", [["--config", ""], ["extract", ""], ["wait", "--save", ""]])
def test_options_with_a_file_offer_files(share: Path, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "mail.eml").touch()
    (tmp_path / "folder").mkdir()
    script = str(share / completions.PLACES["bash"])
    wanted = "folder" if "--save" in words else "mail.eml"
    assert wanted in offers(["bash", "-c", IN_BASH, "bash", script, "mailpit-notifier", *words], cwd=tmp_path)


@needs("zsh")
def test_zsh_can_read_its_own(share: Path) -> None:
    assert offers(["zsh", "-n", str(share / completions.PLACES["zsh"])]) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_hidden_options_are_not_offered(share: Path, shell: str) -> None:
    text = (share / completions.PLACES[shell]).read_text("utf-8")
    assert "wait" in text
    assert "selftest" not in text
