"""Which of the own works a message means, above all where several share a title."""

from datetime import datetime

import pytest

from assistant.agent.works_meant import told_apart, work_meant, works_named
from assistant.creators.works import Work

NOW = datetime(2026, 11, 28)


def work(id_: str, title: str, at: str, plays: float | None = 500) -> Work:
    return Work(id_, title, datetime.fromisoformat(at), 20.0, "test", None, {"play": plays})


WORKS = [
    work("e", "番茄牛腩", "2026-11-27T18:30", plays=None),
    work("d", "番茄牛腩", "2026-11-20T18:30"),
    work("c", "番茄牛腩", "2026-11-20T09:00"),
    work("b", "番茄牛", "2026-11-02T18:30"),
    work("a", "番茄牛腩", "2025-11-20T18:30"),
]


def meant(message: str) -> str | None:
    found = work_meant(message, WORKS, NOW).work
    return found.work_id if found else None


def test_of_works_that_share_a_title_the_latest_is_taken_and_the_others_are_named() -> None:
    found = work_meant("诊断一下我的作品《番茄牛腩》", WORKS, NOW)
    assert found.work is not None
    assert found.work.work_id == "e"
    assert [one.work_id for one in found.namesakes] == ["e", "d", "c", "a"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_tells_works_apart_finds_each_of_them(lang: str) -> None:
    for one in WORKS:
        day = told_apart(one, WORKS, lang)
        message = f"诊断一下我 {day}发布的作品《{one.title}》"
        assert [found.work_id for found in works_named(message, WORKS)] == [one.work_id], message


def test_a_day_is_told_with_a_year_or_a_time_only_where_it_takes_one() -> None:
    assert [told_apart(one, WORKS, "zh") for one in WORKS] == [
        "11月27日", "2026年11月20日 18:30", "2026年11月20日 09:00", "", "2025年11月20日",
    ]  # fmt: skip
    assert told_apart(WORKS[0], WORKS, "en") == "November 27"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("我2026-11-20发的番茄牛腩怎么没人看", "d"),
        ("11月20日早上 09:00 那条《番茄牛腩》", "c"),
        ("2025年的番茄牛腩怎么样", "a"),
        ("my “番茄牛腩” of Nov 27", "e"),
        ("12月20日的番茄牛腩", "e"),  # there is none of that day
        ("我倒数第二条视频有什么问题", "c"),  # the latest has no plays that could be judged
        ("我的播放怎么样", None),
    ],
)
def test_a_message_names_a_work_by_day_or_counts_back(message: str, expected: str | None) -> None:
    assert meant(message) == expected
