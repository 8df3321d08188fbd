"""What was found in a mail, as a value. Apart from the finding, whose words are many and loaded when needed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`code` is exactly what is to be pasted, `link` an http or https address; None where the mail has none.

    Where `is_cut`, only a part of the message could be read, and what was not found may be in the rest.
    """

    code: str | None = None
    link: str | None = None
    is_cut: bool = field(default=False, compare=False)  # says nothing about what was found

    def completed_by(self, later: "Findings") -> "Findings":
        """These, and from `later` what is missing here."""
        return Findings(code=self.code or later.code, link=self.link or later.link, is_cut=later.is_cut)


NOTHING = Findings()
