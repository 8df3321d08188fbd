"""`python -m mailpit_notifier`."""

import sys

from .main import main

sys.exit(main())
