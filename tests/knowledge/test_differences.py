"""Differences that read well: whole sentences, numbers with their units, and nothing lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.differences import Change, FieldChange, differences, field_changes
from tests.knowledge.texts import day, revision


def marked(old: str, new: str) -> str:
    """The difference in one line: [-removed-] and [+added+]."""
    parts = []
    for change in differences(old, new):
        spans = change.spans or (change,)
        parts += [{"removed": f"[-{s.text}-]", "added": f"[+{s.text}+]"}.get(s.kind, s.text) for s in spans]
    return "".join(parts)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("年满 16周岁可以。", "年满 18周岁可以。", "年满 [-16周岁-][+18周岁+]可以。"),
        ("每千次播放 2 元。", "每千次播放 3.5 元。", "每千次播放 [-2 元-][+3.5 元+]。"),
        ("至少保存三年。", "至少保存五年。", "至少保存[-三年-][+五年+]。"),
        ("3 月 1 日截止。", "3 月 15 日截止。", "3 月 [-1 日-][+15 日+]截止。"),
        ("The fee is 1% a month.", "The fee is 3% a month.", "The fee is [-1%-][+3%+] a month."),
        ("甲。乙。", "甲。新的一句话。乙。", "甲。[+新的一句话。+]乙。"),
        ("甲。多余的一句话。乙。", "甲。乙。", "甲。[-多余的一句话。-]乙。"),
        ("同样。", "同样。", "同样。"),
        ("", "新。", "[+新。+]"),
        ("旧。", "", "[-旧。-]"),
        ("", "", ""),
    ],
)
def test_a_change_is_shown_where_it_is(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_a_new_sentence_before_a_changed_one_does_not_take_its_place() -> None:
    old = "手续费 1%。三天内到账。"
    new = "手续费 3%。请核对银行卡。三天内才到账。"
    kinds = [change.kind for change in differences(old, new)]
    assert kinds == ["changed", "added", "changed"]


def test_a_sentence_that_is_quite_another_is_not_called_changed() -> None:
    assert [change.kind for change in differences("直播满一小时。", "完播率看中位数。")] == ["added", "removed"]


TEXTS = st.text(st.sampled_from("粉元天申请任务1235万.。，！\n ab"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back(old: str, new: str) -> None:
    changes = differences(old, new)
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert "".join(change.old or change.text for change in changes if change.kind != "added") == old
    for change in changes:
        assert bool(change.spans) is (change.kind == "changed")
        if change.spans:
            assert "".join(span.text for span in change.spans if span.kind != "removed") == change.text
            assert "".join(span.text for span in change.spans if span.kind != "added") == change.old


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert differences(text, text) == ([Change("same", text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("第一条规定。\n" * 20_000, "第二条规定。\n" * 20_000),
        ("甲" * 1_000_000, "乙" * 1_000_000),
        ("".join(f"第{n}条是{n * 7}元。" for n in range(2000)), "".join(f"第{n}条为{n * 9}元。" for n in range(2000))),
    ],
)
def test_long_texts_are_compared_in_seconds(old: str, new: str) -> None:
    started = time.process_time()
    assert differences(old, new)
    assert time.process_time() - started < 10


def test_fields_that_differ_are_named() -> None:
    old = revision("plan", "正文。", kind="policy", expires_on=day("2027-01-01"))
    new = revision("plan", "正文改了。", kind="policy", title="新标题", trust="official", tier="10k")
    assert field_changes(old, new) == [
        FieldChange("title", "plan", "新标题"),
        FieldChange("expires_on", "2027-01-01", ""),
        FieldChange("trust", "third_party", "official"),
        FieldChange("tier", "", "10k"),
    ]
    assert field_changes(old, old) == []
