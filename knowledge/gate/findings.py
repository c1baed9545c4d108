"""What the gate finds in a release, as values that are kept with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing the gate saw. A `blocking` one stops the release unless a publisher waives it.

    `check` names the kind, `subject` the document (or golden question), `message` says it in one English sentence and
    `zh` in a Chinese one; `passages` are the ids concerned, `detail` what a reader needs to judge it.
    """

    check: str
    blocking: bool
    subject: str
    message: str
    zh: str
    passages: tuple[int, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**asdict(self), "passages": list(self.passages)}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Finding":
        """The finding that `as_dict` wrote."""
        return cls(**{**kept, "passages": tuple(kept["passages"])})


@dataclass(frozen=True)
class Report:
    """What the gate saw in a candidate. `examined` is what an examiner (golden questions) adds for the record."""

    findings: list[Finding]
    changed: int  # passages that the release before had not
    embedded: int
    examined: dict[str, Any] = field(default_factory=dict)

    @property
    def blocking(self) -> list[Finding]:
        """The findings that stop the release unless somebody waives them."""
        return [finding for finding in self.findings if finding.blocking]

    def as_dict(self) -> dict[str, Any]:
        """As it is kept with the release."""
        return {
            "findings": [finding.as_dict() for finding in self.findings],
            "blocking": len(self.blocking),
            "changed": self.changed,
            "embedded": self.embedded,
            "examined": self.examined,
        }
