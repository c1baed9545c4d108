"""The fields of a document as authors, staff and files give them, checked one by one; a complaint names its field."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from knowledge.documents import TRUSTS, Provenance
from knowledge.errors import BadInput, Said
from knowledge.folding import clean

Fields = Mapping[str, Any]
SOURCE_FIELDS = ("source", "source_url", "source_date", "trust")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_PRECISION = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def text_in(fields: Fields, key: str, longest: int, name: str | Said) -> str:
    """The text of a field in one line, empty when it is missing. Raises BadInput when it is longer than its column."""
    value = one_line(str(fields.get(key) or ""))
    if len(value) > longest:
        raise BadInput("{name}: {key} may hold {longest} characters; shorten it.", name=name, key=key, longest=longest)
    return value


def choice_in(fields: Fields, key: str, allowed: tuple[str, ...], default: str, name: str | Said) -> str:
    """The value of a field that has a fixed set of them. Raises BadInput that lists them."""
    value = str(fields.get(key) or default)
    if value not in allowed:
        raise BadInput(
            "{name}: {key} must be one of {known}, not “{value}”.",
            name=name, key=key, known=", ".join(allowed), value=shown(value),
        )
    return value


def day_in(fields: Fields, key: str, name: str | Said) -> date | None:
    """The day in a field, written 2026-11-30, 2026/11/30 or 2026年11月30日; None when it is empty. Raises BadInput."""
    value = fields.get(key)
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(_hyphenated(str(value).strip()))
    except ValueError as error:
        raise BadInput(
            "{name}: {key} must be a day such as 2026-11-30, not “{value}”.",
            name=name, key=key, value=shown(str(value)),
        ) from error


def provenance_in(fields: Fields, inherited: Provenance, name: str | Said) -> Provenance:
    """The source that fields name, else the one inherited. Naming another source drops the inherited address and date.

    Raises BadInput for an unknown trust level, an address that is none of the web, and a date that is none.
    """
    if fields.keys().isdisjoint(SOURCE_FIELDS):
        return inherited
    named = "source" in fields
    url = text_in(fields, "source_url", 500, name) or ("" if named else inherited.url)
    if url and not re.fullmatch(r"https?://\S+", url):
        raise BadInput("{name}: source_url must begin with http:// or https:// and hold no spaces.", name=name)
    written = _hyphenated(text_in(fields, "source_date", 40, name)) or ("" if named else inherited.date)
    if written and not _PRECISION.fullmatch(written):
        raise BadInput(
            "{name}: source_date must be 2026, 2026-11 or 2026-11-30, not “{written}”.",
            name=name, written=written,
        )
    return Provenance(
        text_in(fields, "source", 300, name) if named else inherited.source,
        url,
        written,
        choice_in(fields, "trust", TRUSTS, inherited.trust, name),  # type: ignore[arg-type]
    )


def one_line(text: str) -> str:
    """The text cleaned, its breaks and stretches of white space each a space."""
    return " ".join(clean(text).split())


def shown(text: str) -> str:
    """A stranger's text as a complaint may repeat it: short, and in one line."""
    return one_line(text[:200])[:60]


def _hyphenated(written: str) -> str:
    match = _DAY.fullmatch(written)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else written
