"""What people wrote, as values: a revision of a document as handed in, and a passage of it as served."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, Protocol, get_args

from knowledge.dates import periods_named
from knowledge.errors import BadInput

Kind = Literal["policy", "guide", "faq", "program", "template", "topic", "metric"]
Trust = Literal["official", "press", "third_party", "unverified"]
Language = Literal["zh", "en"]

KINDS: tuple[str, ...] = get_args(Kind)
TRUSTS: tuple[str, ...] = get_args(Trust)
LANGUAGES: tuple[str, ...] = get_args(Language)
ORIGINAL = "original"  # the attribute that names the file which a revision was read from


def text_hash(text: str) -> str:
    """The identity of a text: sha256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Provenance:
    """Where a text comes from. `date` is as precise as known: YYYY, YYYY-MM or YYYY-MM-DD, or empty."""

    source: str
    url: str = ""
    date: str = ""
    trust: Trust = "third_party"


@dataclass(frozen=True)
class Audience:
    """Whom a text is for, or who is asking: a follower tier and a category, each empty for all or unknown."""

    tier: str = ""
    category: str = ""


@dataclass(frozen=True)
class Section:
    """One passage as written: the smallest text that is found, quoted and cited.

    `asked` are question forms that it answers (they are searched, never shown). `unpublished` marks a text whose
    answer is that nothing verifiable has been published; an answer resting on it counts as a refusal. `rumour` marks
    one that names a circulating claim as unfounded.
    """

    heading: str
    text: str
    provenance: Provenance
    asked: tuple[str, ...] = ()
    unpublished: bool = False
    rumour: bool = False


class Described(Protocol):
    """What a revision is before and after it was kept."""

    @property
    def slug(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def provenance(self) -> Provenance: ...
    @property
    def tier(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


def fields_of(revision: Described) -> dict[str, Any]:
    """The fields of its front matter, those that are empty left out, and `body`: what
    `knowledge.reading.markdown.revision_of` reads back."""
    given = {
        "slug": revision.slug,
        "lang": revision.lang,
        "kind": revision.kind,
        "title": revision.title,
        "source": revision.provenance.source,
        "source_url": revision.provenance.url,
        "source_date": revision.provenance.date,
        "trust": revision.provenance.trust,
        "tier": revision.tier,
        "category": revision.category,
        "effective_from": revision.effective_from,
        "expires_on": revision.expires_on,
        **revision.attributes,
        "body": revision.body,
    }
    return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class NewRevision:
    """A revision as an author hands it in; it is in force on `[effective_from, expires_on)`, None meaning open."""

    slug: str
    lang: Language
    kind: Kind
    title: str
    body: str
    provenance: Provenance
    sections: tuple[Section, ...]
    effective_from: date | None = None
    expires_on: date | None = None
    tier: str = ""
    category: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.effective_from and self.expires_on and self.effective_from >= self.expires_on:
            raise BadInput("{slug}: expires_on must be later than effective_from.", slug=self.slug)
        if not self.sections:
            raise BadInput("{slug}: there is no text in it.", slug=self.slug)

    @property
    def content_hash(self) -> str:
        """Two revisions with the same hash say the same about everything, whatever files they came in."""
        return text_hash(
            repr(
                (
                    self.slug,
                    self.lang,
                    self.kind,
                    self.title,
                    self.body,
                    self.provenance,
                    self.sections,
                    self.effective_from,
                    self.expires_on,
                    self.tier,
                    self.category,
                    sorted(item for item in self.attributes.items() if item[0] != ORIGINAL),
                )
            )
        )


@dataclass(frozen=True)
class Passage:
    """A passage of a release: what is searched, quoted and cited. `effective_from`/`expires_on` are as served."""

    id: int
    slug: str
    revision: int
    lang: str
    kind: str
    title: str
    heading: str
    text: str
    asked: tuple[str, ...]
    unpublished: bool
    rumour: bool
    provenance: Provenance
    effective_from: date | None
    expires_on: date | None
    attributes: dict[str, Any]
    text_hash: str
    audience: Audience = Audience()

    def is_in_force(self, day: date) -> bool:
        """Whether this text holds on `day`."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.expires_on is None or day < self.expires_on
        )

    @property
    def is_vouched(self) -> bool:
        """Whether somebody answers for it. A text that says that nothing is published, or that names a rumour as one,
        is the house's own word."""
        return self.provenance.trust != "unverified" or self.unpublished or self.rumour

    @cached_property
    def periods(self) -> frozenset[str]:
        """The years and quarters the passage is about: those its heading names, else its text, else its title."""
        return periods_named(self.heading) or periods_named(self.text) or periods_named(self.title)

    @property
    def embedded_text(self) -> str:
        """The text whose vector stands for the passage."""
        return f"{self.title}\n{self.heading}\n{self.text}"
