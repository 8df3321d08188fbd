"""`packaging/dev package`: what people install. One module a kind of package; verb.py chooses.

Standard library only, like the rest of devtools. What needs our own packages (drawing icons, freezing) is run by the
Python of an environment made for building; see tools.py.
"""
