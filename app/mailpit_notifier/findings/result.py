"""What was found in a message, as a value. Apart from extraction.py, which loads the word lists."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`code` is the text to paste, `link` an http or https address; None where the message has none.

    `is_cut`: only a part of the message was read, so the rest may contain what was not found.
    """

    code: str | None = None
    link: str | None = None
    is_cut: bool = field(default=False, compare=False)  # not a part of what was found

    def completed_by(self, later: "Findings") -> "Findings":
        """Return these findings, with missing ones taken from `later`."""
        return Findings(code=self.code or later.code, link=self.link or later.link, is_cut=later.is_cut)


NOTHING = Findings()
