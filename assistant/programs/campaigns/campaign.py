"""A campaign: what is said to whom, in which variants and languages, and the states that it goes through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from assistant.errors import BadInput, Conflict, NotAllowed, NotFound, Said
from assistant.programs.audience import AudienceRule
from assistant.programs.notices.outbox import LONGEST_BODY, LONGEST_TITLE

State = Literal["draft", "approved", "scheduled", "sending", "paused", "sent", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
Variant = Literal["a", "b"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
LANGUAGES = ("zh", "en")
# What a text may say of the creator it goes to.
FIELDS = ("name", "category", "region", "tier", "followers")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Wording:
    """One variant in one language. `{name}` and the other FIELDS are filled for each creator."""

    title: str
    body: str

    def filled(self, fields: Mapping[str, str]) -> "Wording":
        """For one creator. A field that is not known for them is left empty."""
        return Wording(self.title.format_map(fields).strip(), self.body.format_map(fields).strip())


Texts = dict[Variant, dict[str, Wording]]


@dataclass(frozen=True)
class Content:
    """What staff write: a name for themselves, the audience, the texts, an address to open, a picture by its hash, and
    the task that is promoted (its slug), by which joining is counted."""

    name: str
    audience: AudienceRule
    texts: Texts
    link: str = ""
    image: str = ""
    program: str = ""

    def checked(self) -> "Content":
        """The same when it can be sent. Raises BadInput with one sentence otherwise."""
        if not 1 <= len(self.name.strip()) <= 100:
            raise BadInput("Give the campaign a name of 1 to 100 characters.")
        if "a" not in self.texts:
            raise BadInput("Write the first text.")
        for variant, texts in self.texts.items():
            if "zh" not in texts:
                raise BadInput(
                    "Text {variant} needs a Chinese version; other languages fall back on it.",
                    variant=variant.upper(),
                )
            for wording in texts.values():
                _check(wording)
        if self.link and not (urlsplit(self.link).scheme in ("http", "https") and urlsplit(self.link).netloc):
            raise BadInput("The link must be a whole address, such as https://www.example.com/task.")
        if self.image and not _HASH.fullmatch(self.image):
            raise BadInput("There is no such picture.")
        return self

    def wording(self, variant: str, language: str) -> Wording:
        """What is said in a language, in Chinese where it was not written."""
        texts = self.texts["b" if variant == "b" else "a"]
        return texts.get(language, texts["zh"])


@dataclass(frozen=True)
class Campaign:
    """A kept campaign; times are UTC. `enrolled` creators are in the outbox so far; with `enrolled_at` all are."""

    id: int
    state: State
    content: Content
    author: str
    approver: str
    created_at: datetime
    changed_at: datetime
    starts_at: datetime | None
    started_at: datetime | None
    enrolled_at: datetime | None
    finished_at: datetime | None
    enrolled: int

    @property
    def has_two(self) -> bool:
        """Whether two texts are tried against each other."""
        return "b" in self.content.texts


class NoSuchCampaign(NotFound):
    """There is no campaign of this number."""

    def __init__(self) -> None:
        super().__init__("There is no such campaign.")


class WrongState(Conflict):
    """What is wanted cannot be done in the state the campaign is in; somebody else may have changed it meanwhile."""

    def __init__(self, state: State) -> None:
        super().__init__("The campaign is {state}; this cannot be done now. Look at it again.", state=Said(state))
        self.state = state


class NeedsAnother(NotAllowed):
    """Nobody approves what they wrote themselves."""

    def __init__(self) -> None:
        super().__init__("A campaign is approved by another person than its author.")


def as_texts(texts: Texts) -> dict[str, Any]:
    """As plain JSON."""
    return {
        variant: {lang: {"title": one.title, "body": one.body} for lang, one in by_language.items()}
        for variant, by_language in texts.items()
    }


def texts_of(kept: Mapping[str, Any]) -> Texts:
    """The texts from their JSON."""
    return {
        variant: {lang: Wording(one["title"], one["body"]) for lang, one in kept[variant].items()}
        for variant in VARIANTS
        if variant in kept
    }


def _check(wording: Wording) -> None:
    if not wording.title.strip() or not wording.body.strip():
        raise BadInput("Every text needs a title and a body.")
    if len(wording.title) > LONGEST_TITLE or len(wording.body) > LONGEST_BODY:
        raise BadInput(
            "A title has at most {longest_title} characters, a body at most {longest_body}.",
            longest_title=LONGEST_TITLE, longest_body=LONGEST_BODY,
        )
    try:
        pieces = [*Formatter().parse(wording.title), *Formatter().parse(wording.body)]
    except ValueError as error:
        raise BadInput("A brace stands alone in a text; write {{ or }} for a brace itself.") from error
    for _, field, form, conversion in pieces:
        if field is not None and (field not in FIELDS or form or conversion):
            raise BadInput(
                "There is no field {{{field}}}; there are {known}.",
                field=field, known=", ".join(f"{{{one}}}" for one in FIELDS),
            )
