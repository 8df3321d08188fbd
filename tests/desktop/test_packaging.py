"""Metadata and content of packages, as far as they can be tested without a build."""

import ast
import json
import os
import plistlib
import shutil
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from devtools.output import SetupError
from devtools.package import drawings, manual, project, pyz
from devtools.package.verb import package
from PySide6.QtGui import QGuiApplication, QImage

import smtp
from mailpit_notifier import APP_ID, APP_NAME, __version__
from mailpit_notifier.cli.arguments import parser
from mailpit_notifier.runtime.files import resource
from platforms import IS_WINDOWS
from program import PATIENCE, wait_until
from standin import StandIn

START = 300
"""Seconds for wine: at its first start it creates a Windows installation."""

ROOT = Path(__file__).parents[2]
DESKTOP, METAINFO = (ROOT / "resources" / f"{APP_ID}.{kind}" for kind in ("desktop", "metainfo.xml"))


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


def test_everything_has_one_name_and_one_version() -> None:
    assert (project.NAME, project.TITLE, project.version()) == (APP_ID, APP_NAME, __version__)
    metainfo = ET.parse(METAINFO)
    newest = metainfo.find("releases/release")
    assert newest is not None
    assert newest.attrib["version"] == __version__
    assert metainfo.findtext("launchable") == DESKTOP.name
    assert metainfo.findtext("name") == APP_NAME
    entry = dict(line.split("=", 1) for line in DESKTOP.read_text("utf-8").splitlines() if "=" in line)
    # The space does not break: Firefox cuts GNOME's activation token at the first space of the name.
    assert (entry["Name"], entry["Exec"], entry["Icon"]) == (APP_NAME.replace(" ", "\u00a0"), APP_ID, APP_ID)


@needs("desktop-file-validate")
def test_the_menu_entry_is_valid() -> None:
    done = subprocess.run(["desktop-file-validate", str(DESKTOP)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@needs("appstreamcli")
def test_the_description_for_software_centers_is_valid() -> None:
    """All but its ID: that must contain a domain, and there is no public home yet."""
    command = ["appstreamcli", "validate", "--no-net", "--no-color", str(METAINFO)]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    problems = [line for line in output.splitlines() if line.startswith(("E:", "W:"))]
    assert len(problems) == 1
    assert "cid-desktopapp-is-not-rdns" in problems[0]


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """An unpacked archive with a program that does nothing and two desktop files."""
    folder = tmp_path / "unpacked"
    for place in ("lib", "share/applications", "share/icons"):
        (folder / place).mkdir(parents=True)
    for script in ("install", "uninstall"):
        shutil.copy(ROOT / "packaging/linux" / script, folder)
    program = folder / "lib" / APP_ID
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    shutil.copy(DESKTOP, folder / "share/applications")
    (folder / "share/icons/old.svg").write_text("an icon")
    return folder


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has an installer of its own")
def test_uninstall_removes_all_files_that_install_added(unpacked: Path, tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    elsewhere = {**home, "PREFIX": str(tmp_path / "a folder")}
    for environment in (home, elsewhere):
        subprocess.run([unpacked / "install"], env=environment, check=True, capture_output=True)
    at_home = files(tmp_path / "home")
    entry = (tmp_path / "a folder/share/applications" / DESKTOP.name).read_text()
    assert f'Exec="{tmp_path}/a folder/bin/{APP_ID}"' in entry

    (unpacked / "share/icons/old.svg").rename(unpacked / "share/icons/new.svg")
    subprocess.run([unpacked / "install"], env=elsewhere, check=True, capture_output=True)
    assert {"share/icons/new.svg"} == {name for name in files(tmp_path / "a folder") if "icons" in name}
    subprocess.run([tmp_path / "a folder/lib" / APP_ID / "uninstall"], env=home, check=True, capture_output=True)
    assert not (tmp_path / "a folder").exists()
    assert files(tmp_path / "home") == at_home
    subprocess.run([unpacked / "uninstall"], env=home, check=True, capture_output=True)
    assert files(tmp_path / "home") == set()


def test_the_manual_knows_every_command_and_option_that_help_shows() -> None:
    page = "\n".join(manual.page(parser())).replace("\\-", "-")
    for name in ("wait", "extract", "send-test", "doctor", "status", "pause", "quit"):
        assert f".SS {name}\n" in page
    for option in ("--server URL", "--demo", "--timeout TIME", "--log-level debug|info|warning|error", "MAILPIT_URL"):
        assert option in page
    assert "--selftest" not in page
    assert "SUPPRESS" not in page
    assert "None" not in page
    assert "\nSend a sample message with a code and a link to Mailpit.\n" in page
    assert ".B on|off\nwithout it, " in page


@needs("man")
def test_the_manual_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "page.1"
    file.write_text("\n".join(manual.page(parser())))
    command = ["man", "--warnings", "--local-file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"MANWIDTH": "100", "LC_ALL": "C"})
    assert "send-test" in done.stdout
    assert done.stderr == ""


def test_icons_for_windows_and_macos_contain_every_size(qapp: QGuiApplication) -> None:
    svg = str(resource(f"icons/{APP_ID}.svg"))
    ico = drawings.ico({size: drawings.drawn(svg, size) for size in drawings.ICO_SIZES})
    for number, size in enumerate(drawings.ICO_SIZES):
        width, *_, length, offset = struct.unpack_from("<BBBBHHII", ico, 6 + 16 * number)
        assert width == size % 256
        assert QImage.fromData(ico[offset : offset + length], "PNG").width() == size
    icns = drawings.icns({16: drawings.drawn(svg, 16)})
    assert struct.unpack_from(">4sI4sI", icns) == (b"icns", len(icns), b"icp4", len(icns) - 8)


def test_the_rights_of_the_macos_application_can_be_read() -> None:
    assert plistlib.loads((ROOT / "packaging/macos/entitlements.plist").read_bytes())


@pytest.fixture(scope="module")
def installer(qapp: QGuiApplication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Windows installer around programs that do nothing."""
    folder = tmp_path_factory.mktemp("windows")
    payload, icon, installer = folder / "payload", folder / "icon.ico", folder / "mailpit-notifier-setup.exe"
    (payload / "_internal").mkdir(parents=True)
    for name in (f"{APP_ID}.exe", f"{APP_ID}w.exe", "_internal/library.dll"):
        (payload / name).write_bytes(b"MZ")
    icon.write_bytes(drawings.ico({16: drawings.drawn(str(resource(f"icons/{APP_ID}.svg")), 16)}))
    values = {"VERSION": __version__, "PAYLOAD": payload, "ICON": icon, "OUTPUT": installer, "NAME": APP_ID}
    defined = [f"-D{key}={value}" for key, value in {**values, "TITLE": APP_NAME, "SIZE": 1}.items()]
    script = ROOT / "packaging/windows/installer.nsi"
    subprocess.run(["makensis", "-V1", "-WX", "-NOCD", *defined, str(script)], check=True)
    return installer


@needs("makensis")
def test_the_windows_installer_can_be_made(installer: Path) -> None:
    assert installer.read_bytes()[:2] == b"MZ"


@needs("makensis")
@needs("wine")
@pytest.mark.timeout(2 * START)
@pytest.mark.skipif(not os.environ.get("MAILPIT_NOTIFIER_WINE"), reason="MAILPIT_NOTIFIER_WINE does not ask for it")
def test_the_windows_installer_installs_and_removes(installer: Path, tmp_path: Path) -> None:
    """All but the shortcut's AppUserModelID and PATH: wine has no more than the names of what sets them."""
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "WINEPREFIX": str(tmp_path / "wine"), "WINEDEBUG": "-all"}

    def wine(*command: str) -> int:
        return subprocess.run(["wine", *command], env=env, capture_output=True, timeout=START, check=False).returncode

    def registered() -> bool:
        return wine("reg", "query", rf"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\{APP_ID}") == 0

    def placed() -> set[str]:
        return {path.name for path in (tmp_path / "wine/drive_c").rglob("*") if APP_NAME in str(path)}

    assert wine(str(installer), "/S") == 0
    assert placed() >= {f"{APP_ID}.exe", f"{APP_ID}w.exe", "library.dll", "uninstall.exe", f"{APP_NAME}.lnk"}
    assert registered()
    assert wine(str(next(tmp_path.rglob("uninstall.exe"))), "/S") == 0
    wait_until(lambda: not placed(), "the removal of the installed files")
    assert not registered()


def test_an_unknown_package_format_is_rejected() -> None:
    with pytest.raises(SetupError, match=r"Unknown package msi\. Choose from: wheel, pyz, deb"):
        package(["msi"])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pyz") / pyz.FILE
    pyz.write(file)
    return file


def run_small(small: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As in a container with Python only."""
    command = [sys.executable, "-I", "-S", str(small), *arguments]
    env = {"HOME": "/nowhere", "PATH": ""}
    if IS_WINDOWS:
        env["SYSTEMROOT"] = os.environ["SYSTEMROOT"]  # without it, Python finds no sockets and no random numbers
    return subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False, env=env)


def test_the_single_file_is_small_and_always_the_same(small: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    pyz.write(again)
    assert again.read_bytes() == small.read_bytes()
    assert len(small.read_bytes()) < 1_000_000


def test_the_single_file_waits_for_a_message_with_python_alone(small: Path) -> None:
    with StandIn() as server:
        sent = run_small(small, "send-test", "--server", server.url, "--to", "ann@example.test")
        assert (sent.returncode, sent.stderr) == (0, "")
        waited = run_small(small, "wait", "--server", server.url, "--to", "ann@*", "--print", "code")
        assert waited.returncode == 0, waited.stderr
        assert waited.stdout.strip().isdigit()
        examined = run_small(small, "--server", server.url, "doctor")
        assert examined.returncode == 0, examined.stdout + examined.stderr
        assert "live updates work" in examined.stdout
    assert run_small(small, "wait", "--server", server.url, "--timeout", "0.1s").returncode == 3


def test_the_single_file_ends_in_time_with_any_pattern(small: Path) -> None:
    with StandIn() as server:
        server.send("a" * 60 + "!")
        slow = run_small(small, "wait", "--server", server.url, "--subject", "/^(a+)+$/", "--timeout", "2s")
        assert (slow.returncode, slow.stdout) == (1, "")
        assert slow.stderr.endswith("--subject takes too long\n")  # of a message, or of one still being matched
        found = run_small(
            small, "wait", "--server", server.url, "--subject", "/^A+!$/", "--print", "url", "--since", "all"
        )
        assert found.stdout.startswith(server.url), found.stderr


def test_the_single_file_chooses_by_pattern_and_saves_files(small: Path, tmp_path: Path) -> None:
    with StandIn() as server:
        text = "Order 111222, code 333444: https://acme.test/a?t=1 https://acme.test/b?t=2\n"
        server.send_source(smtp.compose("Files", text=text, attachments=[("../CON", b"abc")]))
        run = partial(run_small, small, "wait", "--server", server.url, "--since", "all")
        chosen = run("--link", "/b.t=/", "--code", r"/^(3\d+)$/", "--print", "json")
        assert [json.loads(chosen.stdout)[key] for key in ("link", "code")] == ["https://acme.test/b?t=2", "333444"]
        saved = run("--save", str(tmp_path))
        assert [Path(one["path"]).read_bytes() for one in json.loads(saved.stdout)] == [b"abc"]
        assert (tmp_path / "_CON").exists()


def test_the_single_file_extracts_from_a_file(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_text("Subject: Your code\n\nYour code is 482913.\n")
    assert '"code": "482913"' in run_small(small, "extract", "--json", str(path)).stdout


def test_programs_that_are_started_get_the_environment_of_the_user() -> None:
    code = "import launch, os; launch.restore_environment(); print(dict(os.environ))"
    theirs = {"LD_LIBRARY_PATH": "/theirs", "PYTHONPATH": str(ROOT / "packaging/frozen"), "LC_CTYPE": "C.UTF-8"}
    packed = {"LD_LIBRARY_PATH": "/ours", "LD_LIBRARY_PATH_ORIG": "/theirs", "_PYI_ARCHIVE_FILE": "/ours/program"}
    env = {**theirs, **packed, "QT_PLUGIN_PATH": "/ours/plugins"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    found = ast.literal_eval(done.stdout)
    assert {name: value for name, value in found.items() if name in env} == theirs  # Windows adds some of its own
