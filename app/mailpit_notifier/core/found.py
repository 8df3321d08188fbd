"""What was found in a mail, as a value. Apart from the finding, whose words are many and loaded when needed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`code` is exactly what is to be pasted, `link` an http or https address; None where the mail has none."""

    code: str | None = None
    link: str | None = None

    def completed_by(self, later: "Findings") -> "Findings":
        """These, and from `later` what is missing here."""
        return Findings(code=self.code or later.code, link=self.link or later.link)


NOTHING = Findings()
