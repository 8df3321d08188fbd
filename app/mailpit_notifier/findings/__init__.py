"""Finds the one-time code and the primary link of a message: `extraction` is the way in, all else are its parts.

Nothing is imported here: threads load modules of this package at the same time, and one that loads the package would
wait for another that loads a module, which waits for the package.
"""
