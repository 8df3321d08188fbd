"""Modules can be imported by threads at the same time, in any order, without waiting for each other for ever.

A module's import lock is locked while its parents are loaded and while it runs. So two threads block each other exactly
where the imports at the top of modules and of their parents form a cycle. Python finds that out and raises
_DeadlockError in one of them, but only if both import at the same moment.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app" / "mailpit_notifier"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(APP.parent).with_suffix("").parts).removesuffix(".__init__")


NAMES = {module_name(path): path for path in sorted(APP.rglob("*.py"))}


def at_once(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Return the imports that run with the module, without those in functions and those for type checkers."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield node
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from at_once(node.orelse)
            case ast.If() | ast.Try() | ast.With() | ast.ClassDef():
                yield from at_once([*node.body, *getattr(node, "orelse", [])])


def loaded_by(name: str) -> set[str]:
    """Return the modules of the program whose import locks are taken while the lock of this one is locked."""
    path = NAMES[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = {name.rpartition(".")[0]}
    for node in at_once(ast.parse(path.read_text("utf-8")).body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*base, *filter(None, [node.module])])
        found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found & NAMES.keys() - {name}


def test_modules_have_no_import_loops() -> None:
    assert loaded_by("mailpit_notifier.__main__") == {"mailpit_notifier", "mailpit_notifier.main"}
    TopologicalSorter({name: loaded_by(name) for name in NAMES}).prepare()  # raises CycleError


AT_ONCE = """
import sys
from importlib.machinery import PathFinder
from threading import Thread
from time import monotonic, sleep
from mailpit_notifier.cli.answers import findings
from mailpit_notifier.cli.printing import visible
from mailpit_notifier.client.source import Source

PACKAGE, LOCKS = "mailpit_notifier.findings.extraction", "<frozen importlib._bootstrap>"
SOURCE = Source(subject="Sign in", text="Your code is 450954", html="<p>Your code is <b>450954</b></p>")

def is_at_a_lock(thread):
    frame = sys._current_frames().get(thread.ident)
    return bool(frame) and (frame.f_code.co_filename, frame.f_code.co_name) == (LOCKS, "acquire")

def meet(spec):
    # Called with the package's lock locked, and before there is a module: the other thread waits for that lock now.
    other.start()
    end = monotonic() + 30
    while not is_at_a_lock(other):
        assert monotonic() < end, "the other thread did not wait for a lock"
        sleep(0.001)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == PACKAGE:
            spec = PathFinder.find_spec(name, path, target)
            spec.loader.create_module = meet
            return spec

answers = {}
calls = {
    "findings": lambda: answers.update(code=findings(SOURCE).code),
    "visible": lambda: answers.update(text=visible(SOURCE)[0]),
}
first, other = (Thread(target=calls[name]) for name in sys.argv[1:])
sys.meta_path.insert(0, Finder())
first.start()
first.join()
other.join()
print(answers.get("code"), answers.get("text"))
"""


@pytest.mark.process
@pytest.mark.parametrize("order", [("findings", "visible"), ("visible", "findings")], ids="-".join)
def test_two_threads_can_import_the_message_reader_at_once(order: tuple[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", AT_ONCE, *order], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("450954 Your code is 450954\n", "")
