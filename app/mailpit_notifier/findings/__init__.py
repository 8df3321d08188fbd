"""Find the one-time code and the primary link of a message. Callers use `extraction`; the other modules are its parts.

Nothing is imported here: several threads load modules of this package at the same time. A thread that loads the package
would wait for a thread that loads a module, which itself waits for the package.
"""
