"""Golden questions as lines of JSON: what is asked, by whom, and what the answer must and must not say.

A line is one question, or, with `turns`, a script: questions that are asked in one conversation, each with what its
answer must say; what they share (`creator`, `kind`, `lang`, `as_of`) stands beside.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from assistant.errors import BadInput, Said
from knowledge.folding import fold
from knowledge.reading.markdown import language_of


@dataclass(frozen=True)
class Question:
    """A golden question. Of each group in `must_contain` the answer says at least one alternative; `figures` are the
    metrics whose values it computes and tells.

    Questions of one `script` are asked in their order in one conversation.
    """

    id: str
    question: str
    lang: str
    kind: str
    answerable: bool
    must_contain: tuple[tuple[str, ...], ...] = ()
    must_not_contain: tuple[str, ...] = ()
    creator: str | None = None
    as_of: date | None = None
    figures: tuple[str, ...] = ()
    script: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The line of a golden file that `read_questions` reads back; a question of a script stands in no such line by
        itself."""
        always = {name: value for name, value in asdict(self).items() if name not in ("figures", "script")}
        return {**always, "as_of": self.as_of and self.as_of.isoformat()}


def read_questions(text: str, name: str) -> list[Question]:
    """The questions of a golden file, one JSON object a line. Raises BadInput that names the line and what is wrong."""
    questions = list(_read(text, name))
    if not questions:
        raise BadInput("{name} holds no questions.", name=name)
    return questions


def _read(text: str, name: str) -> Iterator[Question]:
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: JSON texts may hold its other separators
        if not line.strip():
            continue
        place = Said("{name}, line {number}", name=name, number=number)
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput("{place}: this is not JSON.", place=place) from error
        if not isinstance(row, dict):
            raise BadInput("{place}: each line must be one JSON object.", place=place)
        if "turns" not in row:
            yield _question(row, number, place)
            continue
        turns = row["turns"]
        if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
            raise BadInput("{place}: `turns` must be a list of questions.", place=place)
        script = str(row.get("id") or number)
        shared = {name: row[name] for name in ("lang", "kind", "creator", "as_of") if name in row}
        for step, turn in enumerate(turns, 1):
            whole = {"answerable": True, **shared, **turn, "id": f"{script}/{step}"}
            yield replace(_question(whole, number, Said("{place}, turn {step}", place=place, step=step)), script=script)


def _question(row: Mapping[str, Any], number: int, place: str | Said) -> Question:
    text, answerable = row.get("question"), row.get("answerable")
    if not isinstance(text, str):
        raise BadInput("{place}: `question` must be text.", place=place)
    if not isinstance(answerable, bool):
        raise BadInput("{place}: `answerable` must be true or false.", place=place)
    groups = row.get("must_contain", [])
    if not isinstance(groups, list) or not all(_is_texts(group) and group for group in groups):
        raise BadInput("{place}: `must_contain` must be a list of lists of alternatives.", place=place)
    forbidden = row.get("must_not_contain", [])
    if not _is_texts(forbidden):
        raise BadInput("{place}: `must_not_contain` must be a list of texts.", place=place)
    figures = row.get("figures", [])
    if not (isinstance(figures, list) and all(isinstance(slug, str) for slug in figures)):
        raise BadInput("{place}: `figures` must be a list of metrics' slugs.", place=place)
    as_of = row.get("as_of")
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except (TypeError, ValueError) as error:
        raise BadInput("{place}: `as_of` must be a day such as 2026-11-30.", place=place) from error
    return Question(
        as_of=day,
        id=str(row.get("id") or number),
        question=text,
        lang=str(row.get("lang") or language_of(text)),
        kind=str(row.get("kind") or "unsorted"),
        answerable=answerable,
        must_contain=tuple(tuple(group) for group in groups),
        must_not_contain=tuple(forbidden),
        creator=str(row["creator"]) if row.get("creator") else None,
        figures=tuple(figures),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and bare(text) for text in value)


def bare(text: str) -> str:
    """A text as it is compared: folded and without white space."""
    return "".join(fold(text).split())
