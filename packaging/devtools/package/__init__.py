"""`packaging/dev package`: one module for each kind of package; verb.py selects them.

Standard library only, like the rest of devtools. Scripts that need PySide6 or other packages (icons, freezing) run in
the build environment; see tools.py.
"""
