"""The smaller checks, one by one: dead periods, sources, references, duplicates."""

from datetime import date

import pytest

from knowledge.documents import Provenance
from knowledge.gate.duplicates import near_duplicates
from knowledge.gate.neighbours import Pair, near_pairs
from knowledge.gate.periods import gaps, overlaps
from knowledge.gate.references import links_to_documents, orphans
from knowledge.gate.sources import unsound_sources
from tests.fakes import HashEmbedder
from tests.knowledge.gate.releases import Served
from tests.knowledge.texts import day, passage

TODAY = day("2026-11-24")


def spans(*periods: tuple[str, str], is_new: bool = True) -> list[Served]:
    def bound(text: str) -> date | None:
        return day(text) if text else None

    return [Served("plan", n, bound(start), bound(end), is_new) for n, (start, end) in enumerate(periods, 1)]


@pytest.mark.parametrize(
    ("end", "start", "blocking"),
    [
        ("2026-01-01", "2026-02-01", False),
        ("2026-11-01", "2026-11-24", False),
        ("2026-11-01", "2026-11-25", True),
        ("2027-01-01", "2027-01-02", True),
    ],
)
def test_a_gap_blocks_when_a_day_of_it_is_still_to_come(end: str, start: str, blocking: bool) -> None:
    (finding,) = gaps(spans(("2025-01-01", end), (start, "")), TODAY)
    assert (finding.check, finding.blocking, finding.subject) == ("gap", blocking, "plan")
    assert finding.detail == {"from": end, "until": start}
    (old,) = gaps(spans(("2025-01-01", end), (start, ""), is_new=False), TODAY)
    assert not old.blocking


def test_periods_that_meet_leave_no_gap_and_do_not_overlap() -> None:
    met = spans(("", "2026-01-01"), ("2026-01-01", "2027-01-01"), ("2027-01-01", ""))
    assert gaps(met, TODAY) == []
    assert overlaps(met) == []
    assert overlaps(list(reversed(met))) == []


@pytest.mark.parametrize(
    "periods",
    [
        (("2026-01-01", "2026-06-01"), ("2026-05-01", "")),
        (("2026-01-01", ""), ("2026-05-01", "")),
        (("", "2026-06-01"), ("", "")),
    ],
)
def test_two_revisions_on_one_day_block(periods: tuple[tuple[str, str], ...]) -> None:
    (finding,) = overlaps(spans(*periods))
    assert finding.blocking
    assert sorted(finding.detail["revisions"]) == [1, 2]


def test_a_document_without_a_successor_is_a_remark_and_old_ones_share_one() -> None:
    (new,) = gaps(spans(("2025-01-01", "2026-11-24")), TODAY)
    assert (new.check, new.blocking, new.subject) == ("expired", False, "plan")
    assert gaps(spans(("2025-01-01", "2026-11-25")), TODAY) == []
    old = [Served(f"old-{n}", expires_on=day("2026-01-01"), is_new=False) for n in range(3)]
    (shared,) = gaps(old, TODAY)
    assert shared.detail == {"documents": ["old-0", "old-1", "old-2"]}


def test_unverified_and_unsourced_rules_block() -> None:
    rumour = Provenance("论坛", trust="unverified")
    found = unsound_sources(
        [
            passage(1, "甲", kind="policy", provenance=rumour),
            passage(2, "乙", kind="policy", provenance=rumour, unpublished=True),
            passage(3, "丙", kind="policy", provenance=Provenance("")),
            passage(4, "丁", kind="faq", provenance=Provenance("", trust="official")),
            passage(5, "戊", kind="faq", provenance=Provenance("平台", trust="official"), rumour=True),
            passage(6, "己", kind="faq", provenance=rumour),
            passage(7, "庚", kind="policy", provenance=Provenance("平台", trust="official")),
        ]
    )
    assert [finding.passages for finding in found] == [(1,), (3,), (4,), (5,)]
    assert all(finding.blocking for finding in found)


def test_a_fault_of_many_passages_is_one_finding_of_their_document() -> None:
    found = unsound_sources([passage(n, "甲", slug="rule", kind="policy", provenance=Provenance("")) for n in (1, 2)])
    assert [finding.passages for finding in found] == [(1, 2)]


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("见[规则](plan)和[说明](./faq.md#二)", ["plan", "faq"]),
        ("[旧版](plan@2024-01-01.md) [大写](Plan)", ["plan", "plan"]),
        ("[网](https://a.example/plan) [信](mailto:a@b.c) [站内](/help) [上面](#top) ![图](plan.png)", []),
        ("没有链接 (plan) [plan]", []),
    ],
)
def test_relative_links_name_documents(text: str, slugs: list[str]) -> None:
    assert links_to_documents(text) == slugs


def test_a_link_to_a_document_that_is_not_there_blocks() -> None:
    passages = [passage(1, "见[规则](plan)。", slug="faq"), passage(2, "见[问答](faq)。", slug="guide")]
    (finding,) = orphans(passages, {1, 2}, {})
    assert (finding.blocking, finding.subject, finding.detail) == (True, "faq", {"target": "plan"})
    assert orphans(passages, {2}, {}) == []
    assert [one.subject for one in orphans(passages, {2}, {"plan": "光合计划"})] == ["faq"]


def test_a_mention_of_a_removed_title_is_a_remark() -> None:
    passages = [passage(1, "按《光合计划》执行，参见《别的办法》。", slug="faq")]
    (finding,) = orphans(passages, set(), {"plan": "光合计划"})
    assert (finding.blocking, finding.detail) == (False, {"target": "plan"})
    assert orphans([*passages, passage(2, "文", title="光合计划")], set(), {"plan": "光合计划"}) == []


LONG = "申请激励任务的创作者需要完成实名认证，并在创作者中心的任务页面提交最近三十天的作品。"


def pairs_of(*texts: str, slugs: tuple[str, ...] = ("a", "b")) -> list[Pair]:
    passages = [passage(n, text, slug=slug) for n, (text, slug) in enumerate(zip(texts, slugs, strict=True), 1)]
    vectors = HashEmbedder().embed([one.embedded_text for one in passages], "passage")
    return near_pairs(passages, {1, 2}, vectors)


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (LONG, 1),
        (LONG.replace("需要", "须"), 1),
        (LONG + "满 10 条即可。", 0),
        ("在创作者中心查看激励任务，完成后领取奖励。", 0),
    ],
)
def test_two_documents_that_say_nearly_the_same_are_a_remark(other: str, count: int) -> None:
    found = near_duplicates(pairs_of(LONG, other))
    assert len(found) == count
    assert not any(finding.blocking for finding in found)
    assert near_duplicates(pairs_of(LONG, other, slugs=("a", "a"))) == []
