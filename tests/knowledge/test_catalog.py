"""Revisions and releases in SQL: what is kept, what a release serves, and for which days."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from knowledge.audit import Trail
from knowledge.catalog import Added, Catalog
from knowledge.documents import Audience, NewRevision
from knowledge.errors import Conflict, NotFound
from knowledge.releases import Releases
from knowledge.tables import metadata
from tests.knowledge.texts import day, revision

EDITOR = "editor"


class Books:
    """Documents and releases on one database, with short ways to fill and publish them."""

    def __init__(self, engine: Engine) -> None:
        self.catalog = Catalog(engine)
        self.releases = Releases(engine)

    def add(self, new: NewRevision, author: str = EDITOR) -> Added:
        return self.catalog.add([new], author)[0]

    def candidate(self, is_green: bool = True) -> int:
        number = self.releases.start("", EDITOR)
        self.releases.judge(number, is_green, {}, EDITOR)
        return number

    def publish(self) -> int:
        number = self.candidate()
        self.releases.serve(number, EDITOR)
        return number

    def texts(self, number: int, on: date | None = None) -> set[str]:
        eligible = self.releases.eligible(number, on)
        return {passage.text for passage in self.releases.passages(number) if passage.id in eligible}


@pytest.fixture
def books(engine: Engine) -> Books:
    return Books(engine)


def test_the_same_text_again_adds_nothing(books: Books) -> None:
    first = books.add(revision("rate", "完播率。"))
    again = books.add(revision("rate", "完播率。"), "somebody else")
    assert (first.revision, first.unchanged) == (1, False)
    assert (again.revision, again.unchanged) == (1, True)


def test_a_changed_text_is_a_further_revision_and_takes_the_place_of_the_earlier_one(books: Books) -> None:
    books.add(revision("rate", "旧说法。"))
    old = books.publish()
    assert books.add(revision("rate", "新说法。")).revision == 2
    assert books.texts(books.publish()) == {"新说法。"}
    assert books.texts(old) == {"旧说法。"}


def test_a_document_keeps_its_kind_and_language(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    with pytest.raises(Conflict, match="“rate” exists already as guide in zh"):
        books.add(revision("rate", "完播率。", kind="policy"))
    with pytest.raises(Conflict):
        books.add(revision("rate", "Completion.", lang="en"))


def test_a_successor_closes_its_predecessor_on_the_day_it_starts(books: Books) -> None:
    books.add(revision("plan", "千亿流量。", effective_from="2022-07-29"))
    books.add(revision("plan", "百亿流量。", effective_from="2024-08-27"))
    number = books.publish()
    assert books.texts(number, day("2022-07-28")) == set()
    assert books.texts(number, day("2024-08-26")) == {"千亿流量。"}
    assert books.texts(number, day("2024-08-27")) == {"百亿流量。"}
    assert {passage.expires_on for passage in books.releases.passages(number)} == {day("2024-08-27"), None}


def test_a_text_that_ended_before_its_successor_leaves_a_gap_and_does_not_come_back(books: Books) -> None:
    books.add(revision("plan", "旧。", effective_from="2022-01-01", expires_on="2022-12-31"))
    books.add(revision("plan", "新。", effective_from="2024-01-01"))
    number = books.publish()
    assert books.texts(number, day("2022-12-30")) == {"旧。"}
    assert books.texts(number, day("2022-12-31")) == set()
    assert books.texts(number, day("2024-01-01")) == {"新。"}


def test_a_text_with_the_same_first_day_replaces_the_earlier_one(books: Books) -> None:
    books.add(revision("plan", "写错了。", effective_from="2024-08-27"))
    books.publish()
    books.add(revision("plan", "改正了。", effective_from="2024-08-27"))
    assert books.texts(books.publish()) == {"改正了。"}


def test_a_year_asked_about_admits_what_was_in_force_at_some_time_in_it(books: Books) -> None:
    books.add(revision("plan", "旧。", effective_from="2022-07-29", expires_on="2023-08-10"))
    number = books.publish()
    assert books.releases.eligible(number, day("2026-11-23")) == frozenset()
    for year, is_held in ((2021, False), (2022, True), (2023, True), (2024, False)):
        assert bool(books.releases.eligible(number, day("2026-11-23"), [year])) is is_held


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
    books, first = Books(engine), date(2024, 1, 1)
    for number, (start, length) in enumerate(periods):
        begin = None if start is None else first + timedelta(start)
        end = None if length is None else (begin or first) + timedelta(length)
        books.add(revision("plan", f"第 {number} 版。", effective_from=begin, expires_on=end))
    release = books.publish()
    for offset in range(-1, 95):
        assert len(books.texts(release, first + timedelta(offset))) <= 1


def test_nothing_new_cannot_be_published(books: Books) -> None:
    with pytest.raises(Conflict, match="nothing new"):
        books.releases.start("", EDITOR)
    books.add(revision("rate", "完播率。"))
    books.publish()
    with pytest.raises(Conflict, match="nothing new"):
        books.releases.start("", EDITOR)


def test_a_candidate_that_was_left_behind_is_replaced(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    books.releases.start("interrupted", EDITOR)
    number = books.publish()
    assert [(release.number, release.state) for release in books.releases.all()] == [(number, "served")]


def test_only_a_release_that_was_served_can_be_returned_to(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    for is_green in (True, False):
        with pytest.raises(Conflict, match="never served"):
            books.releases.return_to(books.candidate(is_green), EDITOR)
    with pytest.raises(NotFound, match="no release 99"):
        books.releases.return_to(99, EDITOR)
    number = books.publish()
    books.releases.return_to(number, EDITOR)
    assert books.releases.served() == number


def test_a_blocked_release_is_served_only_with_a_waiver_that_stays_in_the_record(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    number = books.candidate(is_green=False)
    with pytest.raises(Conflict, match="The gate stopped release 1"):
        books.releases.serve(number, "publisher")
    books.releases.serve(number, "publisher", "来源下周补")
    assert (books.releases.find(number).waiver, books.releases.find(number).publisher) == ("来源下周补", "publisher")


def test_what_a_blocked_release_held_stays_a_draft(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    books.candidate(is_green=False)
    assert books.texts(books.publish()) == {"完播率。"}


def test_a_candidate_checked_over_another_release_than_the_served_one_is_a_conflict(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    books.publish()
    books.add(revision("rate", "改过的完播率。"))
    stale, fresh = books.candidate(), books.candidate()
    books.releases.serve(fresh, EDITOR)
    with pytest.raises(Conflict, match=f"Release {fresh} was published after {stale} had been checked"):
        books.releases.serve(stale, EDITOR)


def test_a_draft_discarded_after_the_check_is_not_served(books: Books) -> None:
    books.add(revision("rate", "完播率。"))
    books.add(revision("other", "别的。"))
    number = books.candidate()
    books.catalog.discard("other", 1, EDITOR, "写错了")
    with pytest.raises(Conflict, match="discarded"):
        books.releases.serve(number, EDITOR)
    assert books.texts(books.publish()) == {"完播率。"}
    with pytest.raises(NotFound, match="no draft"):
        books.catalog.discard("other", 1, EDITOR)


def test_a_draft_takes_the_place_of_an_earlier_draft_of_the_same_day(books: Books) -> None:
    books.add(revision("rate", "初稿。"))
    books.add(revision("rate", "二稿。"))
    assert [draft.body for draft in books.catalog.drafts()] == ["二稿。"]
    books.publish()
    assert books.catalog.drafts() == []
    with pytest.raises(Conflict, match="nothing new"):
        books.releases.start("", EDITOR)


def test_the_second_of_two_editors_sees_a_conflict_and_nothing_is_overwritten(books: Books) -> None:
    books.catalog.save(revision("rate", "原文。"), "甲", based_on=0)
    books.catalog.save(revision("rate", "甲改的。"), "甲", based_on=1)
    with pytest.raises(Conflict, match="was changed by 甲 meanwhile .revision 2."):
        books.catalog.save(revision("rate", "乙改的。"), "乙", based_on=1)
    assert [one.body for one in books.catalog.document("rate").revisions] == ["甲改的。", "原文。"]


def test_a_document_remembers_its_revisions_and_where_they_were_served(books: Books) -> None:
    books.add(revision("rate", "旧。"), "甲")
    books.publish()
    books.add(revision("rate", "新。"), "乙")
    books.publish()
    document = books.catalog.document("rate")
    assert [(one.number, one.author, one.served) for one in document.revisions] == [(2, "乙", (2,)), (1, "甲", (1,))]
    assert document.owner == "甲"
    books.catalog.set_owner("rate", "丙", "乙")
    assert books.catalog.document("rate").owner == "丙"


def test_every_change_stands_in_the_audit_trail(books: Books, engine: Engine) -> None:
    books.add(revision("rate", "完播率。"), "甲")
    books.releases.serve(books.candidate(is_green=False), "乙", "急用")
    entries = Trail(engine).entries()
    assert [(one.actor, one.action, one.subject, one.reason) for one in entries] == [
        ("乙", "release.served", "1", "急用"),
        (EDITOR, "release.checked", "1", ""),
        ("甲", "document.saved", "rate", ""),
    ]
    assert [one.subject for one in Trail(engine).entries(area="document")] == ["rate"]
    assert [one.actor for one in Trail(engine).entries(text="急用")] == ["乙"]
    assert len(list(Trail(engine).everything())) == Trail(engine).count() == 3


def test_a_text_for_some_creators_is_left_out_for_others_and_kept_for_the_unknown(books: Books) -> None:
    books.add(revision("all", "人人适用。"))
    books.add(revision("some", "万粉适用。", tier="万粉"))
    number = books.publish()

    def seen(audience: Audience) -> int:
        return len(books.releases.eligible(number, None, (), audience))

    assert seen(Audience()) == seen(Audience(tier="万粉", category="美食")) == 2
    assert seen(Audience(tier="新手")) == 1


def test_at_most_one_release_is_served(books: Books) -> None:
    for number in range(3):
        books.add(revision("rate", f"第 {number} 版。"))
        books.publish()
    assert [release.state for release in books.releases.all()] == ["served", "retired", "retired"]
    books.releases.return_to(1, EDITOR)
    assert [release.state for release in books.releases.all()] == ["retired", "retired", "served"]
    assert books.releases.served() == 1


def test_after_a_rollback_the_undone_text_does_not_come_back_by_itself(books: Books) -> None:
    books.add(revision("rate", "好的说法。"))
    first = books.publish()
    books.add(revision("rate", "坏的说法。"))
    books.publish()
    books.releases.return_to(first, EDITOR)
    books.add(revision("other", "别的。"))
    assert books.texts(books.publish()) == {"好的说法。", "别的。"}


def test_after_a_rollback_the_undone_text_can_be_handed_in_and_published_again(books: Books) -> None:
    books.add(revision("rate", "旧说法。"))
    first = books.publish()
    books.add(revision("rate", "新说法。"))
    books.publish()
    books.releases.return_to(first, EDITOR)
    assert not books.add(revision("rate", "新说法。")).unchanged
    assert books.texts(books.publish()) == {"新说法。"}
