"""What the gate sees of a whole candidate: only what changed, the worst first, kept as JSON."""

import json
import time
from typing import Any

import numpy as np

from knowledge.documents import Passage, Provenance
from knowledge.gate.checks import changed_ids, check_release
from knowledge.gate.findings import Finding
from tests.fakes import HashEmbedder
from tests.knowledge.gate.releases import Served
from tests.knowledge.texts import day, passage

TODAY = day("2026-11-24")


def rule(number: int, text: str, **fields: Any) -> Passage:
    return passage(number, text, **{"title": "激励任务规则", "heading": "激励任务", "kind": "policy", **fields})


def checked(passages: list[Passage], new: set[int], removed: tuple[Passage, ...] = (), **more: Any) -> list[Finding]:
    vectors = HashEmbedder().embed([one.embedded_text for one in passages], "passage")
    spans = more.pop("spans", [Served(one.slug) for one in passages])
    return check_release(passages, new, removed, vectors, spans, TODAY, **more)


def test_a_sound_release_has_no_findings() -> None:
    assert checked([rule(1, "万粉创作者可申请激励任务。"), rule(2, "提现满 100 元起。", title="提现")], {1, 2}) == []


def test_blocking_findings_come_first_and_survive_json() -> None:
    texts = ["万粉创作者可申请激励任务，通过后在创作者中心领取任务奖励。"] * 2 + ["5000粉即可申请激励任务。"]
    findings = checked([rule(number, text) for number, text in enumerate(texts, 1)], {1, 2, 3})
    assert [finding.blocking for finding in findings] == sorted((one.blocking for one in findings), reverse=True)
    assert {finding.check for finding in findings} == {"contradiction", "duplicate"}
    for finding in findings:
        assert Finding.from_dict(json.loads(json.dumps(finding.as_dict()))) == finding


def test_a_passage_that_only_moved_to_a_new_revision_is_not_raised_again() -> None:
    old = rule(1, "万粉创作者可申请激励任务。", slug="task")
    faq = rule(2, "5000粉即可申请激励任务。", slug="faq", kind="faq")
    moved = rule(3, old.text, slug="task", revision=2)
    assert checked([moved, faq], {3}, removed=(old,)) == []
    reworded = rule(3, "万粉创作者才可申请激励任务。", slug="task", revision=2)
    assert [finding.check for finding in checked([reworded, faq], {3}, removed=(old,))] == ["contradiction"]


def test_a_passage_is_changed_by_text_source_audience_or_a_longer_period() -> None:
    old = rule(1, "每天最多 5 条。", slug="limit", expires_on=day("2027-01-01"))
    shorter = rule(2, old.text, slug="limit", expires_on=day("2026-12-01"))
    longer = rule(3, old.text, slug="limit")
    resourced = rule(4, old.text, slug="limit", provenance=Provenance("别处"), expires_on=day("2026-12-01"))
    passages = [shorter, longer, resourced]
    assert changed_ids(passages, {2, 3, 4}, [old]) == {3, 4}
    assert changed_ids(passages, {3}, [old]) == {3}
    assert changed_ids(passages, {2, 3, 4}, []) == {2, 3, 4}


def test_links_are_looked_up_only_for_changed_passages_and_only_when_asked() -> None:
    asked: list[str] = []
    passages = [rule(1, "见 https://a.example/1 。"), rule(2, "见 https://b.example/2 。", title="提现")]

    def check(address: str) -> str:
        asked.append(address)
        return "answers 404"

    assert checked(passages, {2}) == []
    assert [finding.check for finding in checked(passages, {2}, check_link=check)] == ["link"]
    assert asked == ["https://b.example/2"]


def test_a_large_release_is_checked_quickly() -> None:
    """Three changed passages among 20,000 are looked at in a moment; a loaded machine gets some grace."""
    rows = np.random.default_rng(1).normal(size=(20_000, 384)).astype(np.float32) + 2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    passages = [rule(number, f"第 {number} 项每天最多 {number % 97} 条。") for number in range(1, 20_001)]
    spans = [Served(one.slug, is_new=False) for one in passages]
    started = time.process_time()
    check_release(passages, {1, 2, 3}, (), rows, spans, TODAY)
    assert time.process_time() - started < 2
