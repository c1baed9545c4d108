"""Choosing what to quote: the fitting year first, whole sentences only, wrong figures named."""

from assistant.agent.quoting import chosen, contradicted, quoted
from assistant.agent.reading import Reader
from knowledge.documents import Passage
from knowledge.index.ranking import Hit
from knowledge.library import Library
from knowledge.shelf import Found
from tests.assistant.agent.turns import TODAY, turn
from tests.knowledge.texts import passage

PLAN_2022 = passage(1, "全年拿出千亿流量。", heading="2022 年光合计划")
PLAN_2024 = passage(2, "全年拿出百亿流量。", heading="2024 年光合计划")
UNPUBLISHED = passage(3, "快手之星的门槛没有公布。", unpublished=True)


def found(*scored: tuple[Passage, float], periods: frozenset[str] = frozenset()) -> Found:
    return Found(1, TODAY, periods, [Hit(one, score, 0.9, 0.9, 0.5, "") for one, score in scored])


def quoted_first(reader: Reader, hits: Found, **reading: object) -> list[Passage]:
    return [hit.passage for hit in chosen(turn(found=hits, **reading), reader)]


def test_the_year_asked_about_goes_before_a_slightly_better_match(reader: Reader) -> None:
    hits = found((PLAN_2024, 2.0), (PLAN_2022, 1.9), periods=frozenset({"2022"}))
    assert quoted_first(reader, hits) == [PLAN_2022]
    assert quoted_first(reader, found((PLAN_2024, 2.0), (PLAN_2022, 0.5), periods=frozenset({"2022"}))) == [PLAN_2024]


def test_what_holds_the_thing_asked_for_goes_first(reader: Reader) -> None:
    vague, exact = passage(1, "请看后台的说明。"), passage(2, "后台地址是 cp.kuaishou.com。")
    assert quoted_first(reader, found((vague, 2.0), (exact, 1.8)), asks=("address",)) == [exact]


def test_an_unpublished_answer_stands_alone(reader: Reader) -> None:
    assert quoted_first(reader, found((UNPUBLISHED, 2.0), (PLAN_2024, 1.95))) == [UNPUBLISHED]
    assert UNPUBLISHED not in quoted_first(reader, found((PLAN_2024, 2.0), (UNPUBLISHED, 1.95)))


def test_further_passages_are_quoted_only_when_nearly_as_good_and_not_the_same(reader: Reader) -> None:
    near, far, twin = passage(4, "近的。"), passage(5, "远的。"), passage(6, "全年拿出百亿流量。")
    assert quoted_first(reader, found((PLAN_2024, 2.0), (near, 1.9), (far, 1.2))) == [PLAN_2024, near]
    assert quoted_first(reader, found((PLAN_2024, 2.0), (twin, 1.99))) == [PLAN_2024]


def test_nothing_found_is_nothing_quoted(reader: Reader) -> None:
    assert quoted_first(reader, found()) == []


def test_a_short_passage_is_quoted_whole(small: Library) -> None:
    assert quoted(PLAN_2022, "流量", small.shelf) == PLAN_2022.text


def test_of_a_long_passage_the_first_sentence_and_the_nearest_are_quoted_in_their_order(small: Library) -> None:
    filler = [f"第{number}点：{'说明' * 20}。" for number in range(12)]
    filler[7] = "分母是播放数，不是曝光。"
    long = passage(9, "".join(["完播率有一套算法。", *filler]))
    text = quoted(long, "完播率的分母是播放数还是曝光", small.shelf)
    assert text.startswith("完播率有一套算法。")
    assert "分母是播放数，不是曝光。" in text
    assert len(text) < len(long.text)
    assert all(sentence in long.text for sentence in text.split("。") if sentence)


def test_only_whole_sentences_are_quoted_in_english_too(small: Library) -> None:
    long = passage(9, "First, Q3 revenue was 35.6 billion. " * 12 + "Ask the U.S. desk, e.g. by mail.", lang="en")
    assert quoted(long, "revenue", small.shelf, 1) == "First, Q3 revenue was 35.6 billion."


def test_figures_in_a_question_that_were_not_published_are_named_as_written() -> None:
    passages = [passage(1, "2022 年光合计划拿出 10亿元现金和千亿流量。")]
    assert contradicted("光合计划给 20亿现金，对吗", passages) == ["20亿"]
    assert contradicted("2022年光合计划给十亿现金对吧", passages) == []
    assert contradicted("光合计划给 1000亿流量吧", passages) == []
    assert contradicted("23年给了多少，对吗", passages) == []
