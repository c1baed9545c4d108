"""Revisions and releases in SQL: what is kept, what a release serves, and for which days."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from knowledge.catalog import Catalog
from knowledge.errors import Conflict, NotFound
from knowledge.tables import metadata
from tests.knowledge.texts import day, revision

EDITOR = "editor"


@pytest.fixture
def catalog(engine: Engine) -> Catalog:
    return Catalog(engine)


def release_of(catalog: Catalog) -> int:
    number = catalog.start_candidate("", EDITOR)
    catalog.serve(number)
    return number


def texts(catalog: Catalog, number: int, on: date | None = None) -> set[str]:
    eligible = catalog.eligible(number, on)
    return {passage.text for passage in catalog.passages(number) if passage.id in eligible}


def test_the_same_text_again_adds_nothing(catalog: Catalog) -> None:
    first = catalog.add(revision("rate", "完播率。"), EDITOR)
    again = catalog.add(revision("rate", "完播率。"), "somebody else")
    assert (first.revision, first.unchanged) == (1, False)
    assert (again.revision, again.unchanged) == (1, True)


def test_a_changed_text_is_a_further_revision_and_takes_the_place_of_the_earlier_one(catalog: Catalog) -> None:
    catalog.add(revision("rate", "旧说法。"), EDITOR)
    old = release_of(catalog)
    assert catalog.add(revision("rate", "新说法。"), EDITOR).revision == 2
    assert texts(catalog, release_of(catalog)) == {"新说法。"}
    assert texts(catalog, old) == {"旧说法。"}


def test_a_document_keeps_its_kind_and_language(catalog: Catalog) -> None:
    catalog.add(revision("rate", "完播率。"), EDITOR)
    with pytest.raises(Conflict, match="“rate” exists already as guide in zh"):
        catalog.add(revision("rate", "完播率。", kind="policy"), EDITOR)
    with pytest.raises(Conflict):
        catalog.add(revision("rate", "Completion.", lang="en"), EDITOR)


def test_a_successor_closes_its_predecessor_on_the_day_it_starts(catalog: Catalog) -> None:
    catalog.add(revision("plan", "千亿流量。", effective_from="2022-07-29"), EDITOR)
    catalog.add(revision("plan", "百亿流量。", effective_from="2024-08-27"), EDITOR)
    number = release_of(catalog)
    assert texts(catalog, number, day("2022-07-28")) == set()
    assert texts(catalog, number, day("2024-08-26")) == {"千亿流量。"}
    assert texts(catalog, number, day("2024-08-27")) == {"百亿流量。"}
    assert {passage.expires_on for passage in catalog.passages(number)} == {day("2024-08-27"), None}


def test_a_text_that_ended_before_its_successor_leaves_a_gap_and_does_not_come_back(catalog: Catalog) -> None:
    catalog.add(revision("plan", "旧。", effective_from="2022-01-01", expires_on="2022-12-31"), EDITOR)
    catalog.add(revision("plan", "新。", effective_from="2024-01-01"), EDITOR)
    number = release_of(catalog)
    assert texts(catalog, number, day("2022-12-30")) == {"旧。"}
    assert texts(catalog, number, day("2022-12-31")) == set()
    assert texts(catalog, number, day("2024-01-01")) == {"新。"}


def test_a_text_with_the_same_first_day_replaces_the_earlier_one(catalog: Catalog) -> None:
    catalog.add(revision("plan", "写错了。", effective_from="2024-08-27"), EDITOR)
    release_of(catalog)
    catalog.add(revision("plan", "改正了。", effective_from="2024-08-27"), EDITOR)
    assert texts(catalog, release_of(catalog)) == {"改正了。"}


def test_a_year_asked_about_admits_what_was_in_force_at_some_time_in_it(catalog: Catalog) -> None:
    catalog.add(revision("plan", "旧。", effective_from="2022-07-29", expires_on="2023-08-10"), EDITOR)
    number = release_of(catalog)
    assert catalog.eligible(number, day("2026-11-23")) == frozenset()
    for year, is_held in ((2021, False), (2022, True), (2023, True), (2024, False)):
        assert bool(catalog.eligible(number, day("2026-11-23"), [year])) is is_held


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 60)), st.one_of(st.none(), st.integers(1, 30))),
        min_size=1,
        max_size=6,
    )
)
def test_on_no_day_do_two_revisions_of_a_document_hold(periods: list[tuple[int | None, int | None]]) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    catalog, first = Catalog(engine), date(2024, 1, 1)
    for number, (start, length) in enumerate(periods):
        begin = None if start is None else first + timedelta(start)
        end = None if length is None else (begin or first) + timedelta(length)
        catalog.add(revision("plan", f"第 {number} 版。", effective_from=begin, expires_on=end), EDITOR)
    release = release_of(catalog)
    for offset in range(-1, 95):
        assert len(texts(catalog, release, first + timedelta(offset))) <= 1


def test_nothing_new_cannot_be_published(catalog: Catalog) -> None:
    with pytest.raises(Conflict, match="nothing new"):
        catalog.start_candidate("", EDITOR)
    catalog.add(revision("rate", "完播率。"), EDITOR)
    release_of(catalog)
    with pytest.raises(Conflict, match="nothing new"):
        catalog.start_candidate("", EDITOR)


def test_a_candidate_that_was_left_behind_is_replaced(catalog: Catalog) -> None:
    catalog.add(revision("rate", "完播率。"), EDITOR)
    catalog.start_candidate("interrupted", EDITOR)
    number = release_of(catalog)
    assert [(release.number, release.state) for release in catalog.releases()] == [(number, "served")]


def test_only_a_release_that_was_served_can_be_returned_to(catalog: Catalog) -> None:
    catalog.add(revision("rate", "完播率。"), EDITOR)
    candidate = catalog.start_candidate("", EDITOR)
    with pytest.raises(Conflict, match="never served"):
        catalog.require_release(candidate)
    catalog.block(candidate, {"findings": ["x"]})
    with pytest.raises(Conflict, match="never served"):
        catalog.require_release(candidate)
    with pytest.raises(NotFound, match="no release 99"):
        catalog.require_release(99)
    catalog.require_release(release_of(catalog))


def test_what_a_blocked_release_held_stays_a_draft(catalog: Catalog) -> None:
    catalog.add(revision("rate", "完播率。"), EDITOR)
    catalog.block(catalog.start_candidate("", EDITOR), {"findings": ["x"]})
    assert texts(catalog, release_of(catalog)) == {"完播率。"}


def test_at_most_one_release_is_served(catalog: Catalog) -> None:
    for number in range(3):
        catalog.add(revision("rate", f"第 {number} 版。"), EDITOR)
        release_of(catalog)
    assert [release.state for release in catalog.releases()] == ["served", "retired", "retired"]
    catalog.serve(1)
    assert [release.state for release in catalog.releases()] == ["retired", "retired", "served"]
    assert catalog.served_release() == 1


def test_after_a_rollback_the_undone_text_does_not_come_back_by_itself(catalog: Catalog) -> None:
    catalog.add(revision("rate", "好的说法。"), EDITOR)
    first = release_of(catalog)
    catalog.add(revision("rate", "坏的说法。"), EDITOR)
    release_of(catalog)
    catalog.serve(first)
    catalog.add(revision("other", "别的。"), EDITOR)
    assert texts(catalog, release_of(catalog)) == {"好的说法。", "别的。"}


def test_after_a_rollback_the_undone_text_can_be_handed_in_and_published_again(catalog: Catalog) -> None:
    catalog.add(revision("rate", "旧说法。"), EDITOR)
    first = release_of(catalog)
    catalog.add(revision("rate", "新说法。"), EDITOR)
    release_of(catalog)
    catalog.serve(first)
    assert not catalog.add(revision("rate", "新说法。"), EDITOR).unchanged
    assert texts(catalog, release_of(catalog)) == {"新说法。"}
