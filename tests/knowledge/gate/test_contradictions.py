"""The three cases that matter, and the reasons for which a difference is none."""

from datetime import date
from typing import Any

import pytest

from knowledge.documents import Audience, Passage
from tests.knowledge.gate.releases import clashes
from tests.knowledge.texts import passage


def rule(number: int, text: str, **fields: Any) -> Passage:
    given = {"title": "激励任务规则", "heading": "激励任务", "kind": "policy", **fields}
    return passage(number, text, **given)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("万粉创作者可申请激励任务。", "5000粉即可申请激励任务。"),
        ("激励任务活动 3 月 1 日截止。", "激励任务活动 3 月 15 日截止。"),
        ("激励任务每千次播放 2 元。", "激励任务每千次播放 3 元。"),
    ],
)
def test_two_rules_with_different_values_for_one_quantity_stop_a_release(one: str, other: str) -> None:
    (finding,) = clashes(rule(1, one), rule(2, other, kind="faq"))
    assert finding.blocking
    assert finding.check == "contradiction"
    assert finding.passages == (1, 2)
    assert {finding.subject, finding.detail["other"]} == {"document-1", "document-2"}
    for quote in finding.detail["quotes"]:
        assert quote in finding.message
        assert quote in finding.zh


def test_only_pairs_with_a_new_passage_are_compared() -> None:
    pair = rule(1, "万粉创作者可申请激励任务。"), rule(2, "5000粉即可申请激励任务。")
    other = rule(3, "提现满 100 元起。", title="提现规则", heading="提现")
    assert clashes(*pair, other, new=[3]) == []
    assert [finding.subject for finding in clashes(*pair, other, new=[2])] == ["document-2"]


OTHER = "5000粉即可申请激励任务。"


@pytest.mark.parametrize(
    "fields",
    [
        {"effective_from": date(2027, 1, 1)},
        {"audience": Audience(category="游戏")},
        {"audience": Audience(tier="1k")},
        {"lang": "en"},
        {"unpublished": True},
        {"rumour": True},
        {"kind": "metric"},
    ],
)
def test_texts_that_never_hold_together_or_state_no_rule_are_not_compared(fields: dict[str, Any]) -> None:
    one = rule(1, "万粉创作者可申请激励任务。", expires_on=date(2027, 1, 1), audience=Audience("10k", "美食"))
    assert clashes(one, rule(2, OTHER, audience=Audience("10k", "美食")))
    assert clashes(one, rule(2, OTHER, **fields)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("美食类作品达标奖励 300 元。", "游戏类作品达标奖励 200 元。"),
        ("《甲管理办法》自 2026 年 2 月 1 日起施行。", "《乙管理条例》自 2026 年 3 月 1 日起施行。"),
        ("每天最多发布 20 条短视频。", "每周最多发布 100 条短视频。"),
        ("每天最多发布 20 条短视频。", "每天最多发布 200 条评论。"),
        ("活动 3 月 1 日截止报名。", "活动 2 月 1 日开始报名。"),
        ("2022 年奖励 10亿元现金。", "2023 年奖励 20亿元现金。"),
        ("万粉创作者可申请激励任务。", "粉丝达到 1万即可申请激励任务，例如 2 万粉的账号。"),
        ("万粉创作者可申请激励任务。", "网传“500粉即可申请激励任务”，没有官方出处。"),
        ("万粉创作者可申请激励任务。", "此前 5000粉即可申请激励任务。"),
        ("审核 3 个工作日内完成。", "审核一般 1–3 个工作日完成。"),
    ],
)
def test_statements_about_different_things_are_let_through(one: str, other: str) -> None:
    assert clashes(rule(1, one), rule(2, other)) == []


def test_texts_of_one_form_about_two_names_are_let_through() -> None:
    one = rule(1, "杭州站一等奖奖金 5000 元。", title="杭州站创作营", heading="杭州站奖金")
    other = rule(2, "成都站一等奖奖金 3000 元。", title="成都站创作营", heading="成都站奖金")
    assert clashes(one, other) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("千粉创作者每周可领 2 个激励任务。", "万粉创作者每周可领 5 个激励任务。"),
        ("新主播完成激励任务奖励 100 元。", "完成激励任务奖励 80 元。"),
        ("2025 年完成激励任务奖励 100 元。", "完成激励任务奖励 80 元。"),
    ],
)
def test_what_may_be_a_case_of_its_own_is_a_remark(one: str, other: str) -> None:
    (finding,) = clashes(rule(1, one), rule(2, other))
    assert not finding.blocking


def test_advice_of_a_guide_never_stops_a_release() -> None:
    one, other = "激励任务每天最多领取 5 个。", "激励任务每天最多领取 2 个。"
    assert clashes(rule(1, one), rule(2, other))[0].blocking
    assert not any(finding.blocking for finding in clashes(rule(1, one), rule(2, other, kind="guide")))


def test_a_document_is_not_held_against_itself() -> None:
    one, other = "激励任务奖励 100 元。", "激励任务奖励 80 元。"
    assert clashes(rule(1, one, slug="task"), rule(2, other, slug="task")) == []
