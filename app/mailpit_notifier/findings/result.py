"""What was found in a message, as a value. Apart from extraction.py, which loads the word lists."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`code` is the text to paste, `link` an http or https address; None where the message has none.

    `is_cut`: only a part of the message was read, so the rest may contain what was not found. `has_html`: whether
    it has an HTML part; None while the source was not read, or not far enough to know.
    """

    code: str | None = None
    link: str | None = None
    is_cut: bool = field(default=False, compare=False)  # not a part of what was found
    has_html: bool | None = field(default=None, compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether the whole source was searched: the message has no code or link besides these."""
        return self.has_html is not None and not self.is_cut

    def completed_by(self, later: "Findings") -> "Findings":
        """Return these findings, with missing ones taken from `later`."""
        return replace(later, code=self.code or later.code, link=self.link or later.link)


NOTHING = Findings()
