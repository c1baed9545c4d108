"""Words: scores are BM25, what another release has read changes nothing, phrases and synonyms count as they should."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import Passage
from knowledge.errors import BadInput
from knowledge.folding import fold, terms
from knowledge.index.lexical import K1, SYNONYM_SHARE, B, LexicalIndex
from knowledge.index.synonyms import Thesaurus, read_synonyms
from tests.knowledge.texts import passage

NO_SYNONYMS = Thesaurus([])
STARTER = Path(__file__).parents[2] / "knowledge" / "starter" / "synonyms.yaml"
TEXTS = st.lists(st.text("完播率涨粉 aB1，", max_size=12), min_size=1, max_size=8)


def bare(number: int, text: str) -> Passage:
    return passage(number, text, title="", heading="")


def scores(texts: list[str], query: str, groups: list[list[str]] | None = None) -> list[float]:
    index = LexicalIndex([bare(number, text) for number, text in enumerate(texts)])
    return [float(score) for score in index.scores(fold(query), Thesaurus(groups or []))]


def bm25(texts: list[str], query: str) -> list[float]:
    """The formula of Lucene, written plainly, divided by the weights of the query's terms."""
    read = [terms(fold(text)) for text in texts]
    mean = sum(map(len, read)) / len(read) or 1.0
    asked = terms(fold(query))

    def weight(term: str) -> float:
        held = sum(term in one for one in read)
        return math.log(1 + (len(read) - held + 0.5) / (held + 0.5))

    def score(one: list[str]) -> float:
        damping = K1 * (1 - B + B * len(one) / mean)
        return sum(weight(term) * one.count(term) / (one.count(term) + damping) for term in asked if term in one)

    return [score(one) / (sum(map(weight, asked)) or 1.0) for one in read]


@given(TEXTS, st.text("完播率涨粉 aB1，", max_size=8))
@settings(max_examples=60)
def test_a_score_is_bm25_over_the_weight_of_the_question(texts: list[str], query: str) -> None:
    assert scores(texts, query) == pytest.approx(bm25(texts, query), abs=1e-5)


@given(TEXTS, TEXTS, st.text("完播率涨粉 aB1，", max_size=8))
@settings(max_examples=60)
def test_taking_over_what_another_release_read_changes_nothing(
    old: list[str], new: list[str], query: str
) -> None:
    before = LexicalIndex([bare(number, text) for number, text in enumerate(old)])
    passages = [bare(number, text) for number, text in enumerate(old)][::2]
    passages += [bare(100 + number, text) for number, text in enumerate(new)]
    fresh, taken = LexicalIndex(passages), LexicalIndex(passages, before)
    assert np.allclose(fresh.scores(fold(query), NO_SYNONYMS), taken.scores(fold(query), NO_SYNONYMS), atol=1e-5)
    assert [fresh.weight(term) for term in terms(query)] == pytest.approx([taken.weight(t) for t in terms(query)])
    assert fresh.holding(fold(query)) == taken.holding(fold(query))


@given(TEXTS, st.text("完播率涨粉 aB1，", min_size=2, max_size=5))
@settings(max_examples=200)
def test_a_phrase_is_found_wherever_it_stands_word_for_word(texts: list[str], phrase: str) -> None:
    index = LexicalIndex([bare(number, text) for number, text in enumerate(texts)])
    expected = [number for number, text in enumerate(texts) if fold(phrase) in fold("\n\n" + text)]
    assert index.holding(fold(phrase)) == expected


def test_part_of_a_latin_word_is_found_as_a_phrase() -> None:
    index = LexicalIndex([bare(0, "由Nexon开发"), bare(1, "由别人开发")])
    assert index.holding("exon") == [0]
    assert index.holding("exon开") == [0]


def test_a_synonym_finds_a_text_and_the_word_itself_counts_more() -> None:
    groups = [["涨粉", "增粉"]]
    literal, meant, neither = scores(["怎么涨粉", "怎么增粉", "怎么开播"], "涨粉", groups)
    assert literal > meant > neither == 0
    assert meant == pytest.approx(SYNONYM_SHARE * literal, rel=0.01)


def test_a_synonym_never_lowers_a_score() -> None:
    texts = ["怎么涨粉，也叫增粉", "增粉增粉增粉", "涨粉", "作品发布"]
    plain, widened = scores(texts, "涨粉办法"), scores(texts, "涨粉办法", [["涨粉", "增粉", "粉丝增长"]])
    assert all(after >= before for before, after in zip(plain, widened, strict=True))


def test_a_latin_synonym_counts_whole_only() -> None:
    groups = [["ctr", "点击率"]]
    assert scores(["点击率", "封面"], "CTR", groups)[0] > 0
    assert scores(["点击率", "封面"], "spectre", groups)[0] == 0


def test_the_starter_synonyms_are_groups_of_which_no_word_stands_in_two() -> None:
    words = [fold(word) for group in read_synonyms(STARTER) for word in group]
    assert len(words) == len(set(words)) > 20
    assert all(terms(word) for word in words)


@pytest.mark.parametrize("text", ["涨粉: 增粉", "- 涨粉", "- [涨粉]", "[涨粉", "- [\x00]"])
def test_a_file_that_is_no_list_of_groups_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=r"synonyms\.yaml"):
        read_synonyms(path)
