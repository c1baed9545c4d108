"""The charts' words: both languages, and others' words cut to fit."""

import re
import unicodedata
from datetime import date
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.creators.charts import wording
from assistant.creators.charts.wording import clean, day_shown, fitted, lines_of, width_of

TEXTS = yaml.safe_load(Path(wording.__file__).with_name("texts.yaml").read_text("utf-8"))


def test_every_text_has_both_languages_with_the_same_places() -> None:
    for key, text in TEXTS.items():
        assert set(text) == {"zh", "en"}, key
        zh, en = (set(re.findall(r"{(\w+)}", text[lang])) for lang in ("zh", "en"))
        assert zh == en or key == "goal", key


@given(st.text(max_size=200), st.integers(30, 400), st.integers(1, 4))
def test_lines_fit_and_are_clean(text: str, width: int, at_most: int) -> None:
    lines = lines_of(text, width, 12, at_most)
    assert 1 <= len(lines) <= at_most
    assert all(width_of(line, 12) <= width or len(line) <= 2 for line in lines)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for line in lines for character in line)


@given(st.text(max_size=100))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_what_fits_is_left_alone() -> None:
    assert fitted("三个细节", 100, 12) == "三个细节"
    assert fitted("三个细节三个细节三个细节", 60, 12) == "三个细节…"
    assert lines_of("where viewers were lost today", 100, 12, 3) == ["where viewers", "were lost today"]
    assert "".join(lines_of("汉" * 30, 120, 12, 9)) == "汉" * 30


def test_no_line_begins_with_a_comma() -> None:
    assert lines_of("一二三四五，六七八", 60, 12, 3)[0] == "一二三四"


def test_directions_cannot_be_turned_and_joined_emoji_become_one() -> None:
    assert clean("ab\u202ecd\u2066\u200f") == "abcd"
    assert clean("👩\u200d👩\u200d👧 👍🏽 ❤️") == "👩 👍 ❤"
    assert clean("a\n\n b\tc\x00") == "a b c"


def test_a_day_of_another_year_is_shown_with_it() -> None:
    day = date(2024, 12, 12)
    assert day_shown(day, "en") == day_shown(day, "en", date(2024, 12, 31)) == "Dec 12"
    assert day_shown(day, "zh", date(2026, 1, 1)) == "2024年12月12日"
