"""Marks sentences for translation where no Qt may be: whoever shows them translates them, the command line does not.

Apart because every layer may import it. lupdate knows the function by its name.
"""


def translatable(context: str, text: str) -> str:  # noqa: ARG001 - lupdate reads it
    """The text as it is. It is translated later, as one of this context."""
    return text
