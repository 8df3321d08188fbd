"""tests/unit/conftest.py fails a test that starts a process by mistake."""

import subprocess
import sys

import pytest


def test_a_unit_test_starts_no_process_by_mistake() -> None:
    with pytest.raises(AssertionError, match="Mark it"):
        subprocess.run([sys.executable, "-c", ""], check=True)


@pytest.mark.process
def test_a_marked_test_may_start_a_process() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)
