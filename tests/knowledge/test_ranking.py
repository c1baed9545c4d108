"""The one ranking: exact words count, years are respected, languages are kept apart, each side may fail alone."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.documents import Passage, Provenance
from knowledge.errors import NotFound
from knowledge.index.dense import DenseIndex
from knowledge.index.ranking import Hit, ReleaseIndex
from tests.fakes import WIDTH, HashEmbedder
from tests.knowledge.texts import passage

PASSAGES = [
    passage(1, "完播率等于完播数除以播放数，分母不是曝光。", title="完播率"),
    passage(2, "涨粉看转粉率，也看进主页率。", title="转粉率"),
    passage(3, "磁力聚星是快手的商业接单平台，网址是 k.kuaishou.com。", title="磁力聚星"),
    passage(4, "全年拿出十亿现金和千亿流量。", title="光合计划", heading="2022 年光合计划的额度"),
    passage(5, "全年拿出十亿现金和百亿流量。", title="光合计划", heading="2024 年光合计划的额度"),
    passage(6, "Completion rate is completed plays divided by plays.", title="Completion rate", lang="en"),
]
ALL = frozenset(one.id for one in PASSAGES)


def by_words(passages: list[Passage] = PASSAGES) -> ReleaseIndex:
    return ReleaseIndex(1, passages, None)


def ids(hits: list[Hit]) -> list[int]:
    return [hit.passage.id for hit in hits]


def test_a_traditional_question_finds_a_simplified_text() -> None:
    assert ids(by_words().search("完播率怎麼計算？", None, ALL, 5))[0] == 1
    assert ids(by_words().search("漲粉與轉粉率", None, ALL, 5))[0] == 2


def test_a_rare_exact_term_wins_over_common_words() -> None:
    assert ids(by_words().search("快手 完播 流量 平台 k.kuaishou.com", None, ALL, 5))[0] == 3


def test_a_rare_exact_term_wins_even_when_the_vectors_prefer_another_passage(tmp_path: Path) -> None:
    dense = DenseIndex(tmp_path / "chroma")
    vectors = HashEmbedder().embed([one.embedded_text for one in PASSAGES], "passage")
    dense.build(1, "texts", [str(one.id) for one in PASSAGES], vectors)
    index = ReleaseIndex(1, PASSAGES, dense)
    misled = 0.86 * vectors[1] + np.sqrt(1 - 0.86**2) * np.eye(1, WIDTH, 7, dtype=np.float32)[0]
    assert ids(index.search("磁力聚星", misled, ALL, 5))[0] == 3


def test_words_that_stand_in_one_passage_decide_against_everything_else(tmp_path: Path) -> None:
    rivals = [passage(number, "的经营之道：多看完播，少看播放，经营好粉丝。") for number in range(10, 16)]
    passages = [*rivals, passage(20, f"{'快手平台上' * 30}有人说起经营之神的故事。")]
    dense = DenseIndex(tmp_path / "chroma")
    vectors = np.eye(len(passages), WIDTH, dtype=np.float32)
    dense.build(1, "texts", [str(one.id) for one in passages], vectors)
    hits = ReleaseIndex(1, passages, dense).search("「经营之神」", vectors[0], frozenset(range(30)), 9)
    assert ids(hits)[0] == 20
    assert [hit.exact for hit in hits[:2]] == [1.0, 0.0]


def test_words_that_stand_in_several_passages_count_less_in_each() -> None:
    twice = by_words().search("全年拿出十亿现金", None, ALL, 5)
    assert [hit.exact for hit in twice] == [0.5, 0.5]
    assert [hit.exact for hit in by_words().search("全年拿出十亿现金", None, frozenset({4}), 5)] == [1.0]


def test_what_may_not_be_shown_does_not_crowd_out_what_may(tmp_path: Path) -> None:
    passages = [passage(number, f"第{number}条") for number in range(1, 401)]
    vectors = np.zeros((400, WIDTH), dtype=np.float32)
    vectors[:, 0] = 1.0
    vectors[:, 1] = np.arange(400) / 200  # the later, the farther from the question
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    dense = DenseIndex(tmp_path / "chroma")
    dense.build(1, "texts", [str(one.id) for one in passages], vectors)
    question = np.eye(1, WIDTH, dtype=np.float32)[0]
    hits = ReleaseIndex(1, passages, dense).search("问", question, frozenset(range(391, 401)), 3)
    assert ids(hits) == [391, 392, 393]


def test_talk_that_repeats_a_question_neither_leads_nor_makes_its_words_common() -> None:
    question = "完播率怎么计算"
    talk = [
        passage(10 + place, f"群里有人问：{question}？没有人回答。", provenance=Provenance("论坛", trust="unverified"))
        for place in range(9)
    ]
    quiet, loud = by_words(), by_words(PASSAGES + talk)
    everybody = ALL | {one.id for one in talk}
    assert ids(loud.search(question, None, everybody, 1)) == ids(quiet.search(question, None, ALL, 1)) == [1]
    assert loud.weight("完播") == quiet.weight("完播")
    assert {hit.passage.id for hit in loud.search(question, None, everybody, 20)} >= {one.id for one in talk}
    assert ids(loud.search(question, None, frozenset(one.id for one in talk), 1)) == [10]  # better than nothing


def test_synonyms_widen_a_search_and_can_be_changed_without_another_index() -> None:
    index = by_words()
    assert ids(index.search("增加粉丝", None, ALL, 5)) == []
    assert ids(index.with_synonyms([["增加粉丝", "涨粉"]]).search("增加粉丝", None, ALL, 5)) == [2]
    assert ids(index.search("增加粉丝", None, ALL, 5)) == []


def test_an_index_made_after_another_finds_the_same() -> None:
    before = by_words(PASSAGES[:3])
    fresh, after = by_words(), ReleaseIndex(2, PASSAGES, None, before=before)
    for question in ("完播率怎么计算", "k.kuaishou.com", "2022 年光合计划的流量"):
        assert after.search(question, None, ALL, 9) == fresh.search(question, None, ALL, 9)


def test_the_year_asked_about_is_preferred() -> None:
    index = by_words()
    assert ids(index.search("2022 年光合计划的流量", None, ALL, 2)) == [4, 5]
    assert ids(index.search("24年光合计划的流量", None, ALL, 2)) == [5, 4]
    assert ids(index.search("光合计划的流量", None, ALL, 2, periods=frozenset({"2022"}))) == [4, 5]


def test_passages_of_another_language_are_left_out_when_one_is_asked_for() -> None:
    index = by_words()
    assert set(ids(index.search("completion rate 完播率", None, ALL, 9, lang="en"))) == {6}
    assert 6 not in ids(index.search("completion rate 完播率", None, ALL, 9, lang="zh"))


def test_only_eligible_passages_are_found() -> None:
    assert ids(by_words().search("光合计划的流量", None, frozenset({4}), 9)) == [4]
    assert by_words().search("光合计划的流量", None, frozenset(), 9) == []


def test_words_alone_answer_when_the_dense_side_does_not(tmp_path: Path) -> None:
    index = ReleaseIndex(1, PASSAGES, DenseIndex(tmp_path / "chroma"))  # nothing was ever built in it
    assert ids(index.search("完播率", np.ones(WIDTH, dtype=np.float32), ALL, 3))[0] == 1


def test_a_question_form_leads_to_its_passage_and_is_not_shown(tmp_path: Path) -> None:
    asked = passage(7, "先看钩子，再看封面。", asked=("为什么没人点进来",))
    dense, embedder = DenseIndex(tmp_path / "chroma"), HashEmbedder()
    passages = [*PASSAGES, asked]
    vectors = embedder.embed([one.text for one in passages], "passage")
    dense.build(1, "texts", [str(one.id) for one in passages], vectors)
    dense.build(1, "forms", ["7/0"], embedder.embed(asked.asked, "query"))
    question = "没人点进来是为什么"
    vector = embedder.embed([question], "query")[0]
    (first, *_) = ReleaseIndex(1, passages, dense).search(question, vector, ALL | {7}, 3)
    assert first.passage.text == "先看钩子，再看封面。"
    assert first.asked > 0.75


def test_what_matched_is_told_in_the_order_of_the_question() -> None:
    (first, *_) = by_words().search("播放数 完播率", None, ALL, 1)
    assert list(first.matched) == ["播放", "放数", "完播", "播率"]


def test_a_question_whose_words_occur_nowhere_finds_nothing_by_words() -> None:
    assert by_words().search("zzz 㐀㐁", None, ALL, 3) == []
    assert by_words([]).search("完播率", None, ALL, 3) == []


def test_equal_passages_come_in_a_stable_order() -> None:
    twins = [passage(number, "一样的文字。") for number in (3, 1, 2)]
    assert ids(by_words(twins).search("一样的文字", None, frozenset({1, 2, 3}), 3)) == [1, 2, 3]


def test_a_passage_that_is_not_in_the_release_is_not_found() -> None:
    assert by_words().passage(1).title == "完播率"
    with pytest.raises(NotFound):
        by_words().passage(99)
