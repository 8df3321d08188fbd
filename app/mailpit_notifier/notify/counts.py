"""Sentences that count: each language has forms of its own for that, English too.

Apart because lupdate sees that a text counts only where it looks like Qt's `tr`; so this does, and is to be called in
functions, not in methods: the name of a class would become the context.
"""

from PySide6.QtCore import QCoreApplication


def counted(text: str, comment: str | None, number: int) -> str:
    """The sentence for this number, which stands where the text says %n. The comment is for translators."""
    return QCoreApplication.translate("", text, comment, number)
