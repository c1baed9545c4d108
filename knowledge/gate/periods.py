"""Dead periods: days on which a document has no text in force, or, by a fault, more than one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Protocol

from knowledge.gate.findings import Finding


class Period(Protocol):
    """One revision of a document and the days `[effective_from, expires_on)` it is served for, None meaning open.
    `is_new` when the release before had it not."""

    @property
    def slug(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def expires_on(self) -> date | None: ...
    @property
    def is_new(self) -> bool: ...


def gaps(periods: Iterable[Period], today: date) -> list[Finding]:
    """Days between two revisions without a text, and documents whose last text has expired.

    A gap blocks when a day of it lies today or later and the document changed in this candidate; what was accepted
    before, or is past, is a remark. Documents that expired earlier and did not change share one remark.
    """
    found, expired = [], []
    for slug, revisions in _by_document(periods).items():
        is_changed = any(revision.is_new for revision in revisions)
        for one, following in pairwise(revisions):
            if one.expires_on and following.effective_from and one.expires_on < following.effective_from:
                found.append(_gap(one, one.expires_on, following.effective_from, today, is_changed))
        last = revisions[-1].expires_on
        if last and last <= today:
            if is_changed:
                found.append(_expired(slug, last))
            else:
                expired.append(slug)
    if expired:
        found.append(
            Finding(
                "expired",
                False,
                expired[0] if len(expired) == 1 else "",
                f"{len(expired)} document(s) of earlier releases have expired and nothing follows.",
                f"有 {len(expired)} 个以前发布的文档已经过期，且没有后续版本。",
                detail={"documents": expired},
            )
        )
    return found


def overlaps(periods: Iterable[Period]) -> list[Finding]:
    """Revisions of one document that are in force on the same day. Releases are composed so that there are none; one
    that has any must not be served."""
    return [
        Finding(
            "overlap",
            True,
            slug,
            f"Revisions {one.revision} and {following.revision} of “{slug}” are in force at the same time.",
            f"“{slug}”的第 {one.revision} 版和第 {following.revision} 版同时生效。",
            detail={"revisions": [one.revision, following.revision]},
        )
        for slug, revisions in _by_document(periods).items()
        for one, following in pairwise(revisions)
        if one.expires_on is None or following.effective_from is None or one.expires_on > following.effective_from
    ]


def _by_document(periods: Iterable[Period]) -> dict[str, Sequence[Period]]:
    found: dict[str, list[Period]] = defaultdict(list)
    for period in periods:
        found[period.slug].append(period)
    return {slug: sorted(some, key=lambda one: one.effective_from or date.min) for slug, some in found.items()}


def _gap(one: Period, first: date, end: date, today: date, is_changed: bool) -> Finding:
    return Finding(
        "gap",
        is_changed and end > today,
        one.slug,
        f"“{one.slug}” has no text in force from {first} until {end}.",
        f"“{one.slug}”从 {first} 起到 {end} 前没有生效的版本。",
        detail={"from": first.isoformat(), "until": end.isoformat()},
    )


def _expired(slug: str, last: date) -> Finding:
    return Finding(
        "expired",
        False,
        slug,
        f"“{slug}” expired on {last} and nothing follows.",
        f"“{slug}”已于 {last} 过期，且没有后续版本。",
        detail={"expired": last.isoformat()},
    )
