"""The list of documents as staff filter it."""

import pytest
from sqlalchemy import Engine

from knowledge.library import Library
from knowledge.overview import STATES, Filter, Overview
from tests.knowledge.texts import day, publish, revision

TODAY = day("2026-11-23")


@pytest.fixture
def overview(library: Library, engine: Engine) -> Overview:
    library.add(
        [
            revision("always", "一直有效。"),
            revision("plan", "旧。", effective_from="2026-01-01"),
            revision("plan", "新。", effective_from="2026-12-01"),
            revision("over", "过期。", effective_from="2025-01-01", expires_on="2026-01-01"),
            revision("ending", "快到期。", effective_from="2026-01-01", expires_on="2026-12-10", kind="policy"),
        ],
        "甲",
    )
    publish(library)
    library.add([revision("fresh", "新写的。"), revision("always", "改过的。")], "乙")
    return Overview(engine)


def slugs(overview: Overview, **wanted: object) -> set[str]:
    rows, total = overview.rows(Filter(**wanted), TODAY)  # type: ignore[arg-type]
    assert total == len(rows)
    return {row.slug for row in rows}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("in_force", {"always", "plan", "ending"}),
        ("scheduled", {"plan"}),
        ("expiring", {"ending"}),
        ("expired", {"over"}),
        ("draft", {"fresh", "always"}),
        ("unserved", {"fresh"}),
    ],
)
def test_documents_are_found_by_their_state(overview: Overview, state: str, expected: set[str]) -> None:
    assert slugs(overview, state=state) == expected
    assert overview.counts(TODAY)[state] == len(expected)  # type: ignore[index]


def test_a_row_shows_the_same_states_that_it_is_found_by(overview: Overview) -> None:
    rows, _ = overview.rows(Filter(), TODAY)
    for row in rows:
        assert {state for state in STATES if row.slug in slugs(overview, state=state)} == set(row.states)


def test_filters_go_together(overview: Overview) -> None:
    assert slugs(overview, kind="policy") == {"ending"}
    assert slugs(overview, owner="乙") == {"fresh"}
    assert slugs(overview, text="pla") == {"plan"}
    assert slugs(overview, text="%") == set()


def test_the_period_shown_is_that_of_the_text_in_force_else_of_the_last(overview: Overview) -> None:
    by_slug = {row.slug: row for row in overview.rows(Filter(), TODAY)[0]}
    assert (by_slug["plan"].effective_from, by_slug["plan"].expires_on) == (day("2026-01-01"), day("2026-12-01"))
    assert by_slug["over"].expires_on == day("2026-01-01")
    assert (by_slug["always"].changed_by, by_slug["always"].owner) == ("乙", "甲")


def test_the_list_comes_in_pages(overview: Overview) -> None:
    first, total = overview.rows(Filter(), TODAY, limit=2)
    second, _ = overview.rows(Filter(), TODAY, limit=2, offset=2)
    assert total == 5
    assert [row.slug for row in first] == ["always", "fresh"]
    assert not {row.slug for row in first} & {row.slug for row in second}


def test_what_begins_within_a_week_or_ends_within_thirty_days_is_told(overview: Overview) -> None:
    assert [(one.slug, one.day, one.begins) for one in overview.coming(TODAY)] == [("ending", day("2026-12-10"), False)]
    soon = overview.coming(day("2026-11-24"))  # a text that is followed by another does not end
    assert [(one.slug, one.title, one.begins) for one in soon] == [("plan", "plan", True), ("ending", "ending", False)]
    assert overview.coming(day("2026-12-10")) == []


def test_the_list_can_be_ordered_by_weights(overview: Overview) -> None:
    weights = {"over": 7, "plan": 9}
    rows, total = overview.rows(Filter(), TODAY, 3, 0, weights)
    assert ([row.slug for row in rows], total) == (["plan", "over", "always"], 5)
    rest, _ = overview.rows(Filter(), TODAY, 3, 3, weights)
    assert [row.slug for row in rest] == ["fresh", "ending"]
