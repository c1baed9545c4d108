"""Folding and cleaning: what makes two writings the same, and what is never let in."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.folding import HAN, clean, fold, simplify, terms, typed


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("漲粉與轉粉率", "涨粉与转粉率"),
        ("完播率怎麼算？", "完播率怎么算?"),
        ("ＣＴＲ　１２．５％", "ctr 12.5%"),
        ("KuaiRand", "kuairand"),
        ("①", "1"),
        ("快手", "快手"),
        ("vіdео Ассоunt", "video account"),  # Cyrillic і, е, о, А and с
        ("Видео", "видео"),
    ],
)
def test_traditional_wide_and_capital_writing_compare_as_one(written: str, compared: str) -> None:
    assert fold(written) == compared


def test_simplifying_keeps_capitals_because_embedders_know_them() -> None:
    assert simplify("Kuaishou 發佈") == "Kuaishou 发布"


def test_han_text_is_searched_by_pairs_of_characters_and_latin_text_by_words() -> None:
    assert terms(fold("完播率 CTR 是12.5%")) == ["完播", "播率", "ctr", "是", "12.5%"]
    assert terms(fold("ipp.kuaishou.com 的 AI-label")) == ["ipp.kuaishou.com", "的", "ai-label"]


def test_only_han_characters_count_as_such() -> None:
    assert re.findall(f"[{HAN}]", "光合 𠮷 한국 かな ꀀ \ue000") == ["光", "合", "𠮷"]


@given(st.text())
def test_terms_never_lose_a_han_character(text: str) -> None:
    folded = fold(text)
    assert {c for c in folded if "一" <= c <= "鿿" or "\U00020000" <= c <= "\U0002a6df"} <= set("".join(terms(folded)))


@given(st.text())
def test_folding_knows_no_difference_between_a_text_and_its_simplified_form(text: str) -> None:
    assert fold(simplify(text)) == fold(text)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("涨\u200b粉", "涨粉"),
        ("a\u202eb\u202c", "ab"),
        ("ok\U000e0041\U000e0042", "ok"),
        ("\x00\x1b[31m红", "[31m红"),
        ("一\r\n二\r三\t四", "一\n二\n三\t四"),
        ("心\ufe0f", "心"),
        ("半个\ud83d", "半个"),
        ("涨x\b粉", "涨x粉"),
    ],
)
def test_what_cannot_be_seen_does_not_come_in(given_text: str, kept: str) -> None:
    assert clean(given_text) == kept


def test_a_backspace_takes_along_what_was_typed_before_it() -> None:
    assert typed("涨xy\b\b粉") == "涨粉"
    assert typed("\b一\n\b二\u200b") == "一\n二"


@given(st.text(st.characters()))
def test_cleaned_text_is_clean_and_fit_for_every_database(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t"]
    cleaned.encode("utf-8")
