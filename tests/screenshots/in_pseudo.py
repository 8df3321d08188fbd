"""Starts the program in the language of pseudo.py, which is longer than any and runs from right to left."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:1] = [str(TESTS), str(TESTS / "support"), str(TESTS / "desktop")]
sys.path.append(str(TESTS.parent / "packaging"))

from mailpit_notifier.main import main  # noqa: E402
from mailpit_notifier.runtime import translation  # noqa: E402
from pseudo import speak_pseudo  # noqa: E402

translation.install = speak_pseudo
sys.exit(main())
