"""The front desk: publishing, searching as of a day, rolling back, and mending a damaged index."""

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from knowledge.errors import BadInput, Conflict, NotFound, Unavailable
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.reading.files import read_path
from knowledge.shelf import Found
from tests.fakes import HashEmbedder
from tests.knowledge.texts import day, publish, revision

OpenLibrary = Callable[..., Library]
EDITOR = "editor"
RATE = revision("rate", "## 完播率\n完播率等于完播数除以播放数。")
OLD_PLAN = revision("plan", "## 光合计划额度\n千亿流量补贴。", effective_from="2022-07-29", expires_on="2023-08-10")
NEW_PLAN = revision("plan", "## 光合计划额度\n百亿流量补贴。", effective_from="2024-08-27")


def published(library: Library, *revisions: object) -> int:
    library.add(revisions, EDITOR)  # type: ignore[arg-type]
    return publish(library).release


def texts(found: Found) -> list[str]:
    return [hit.passage.text for hit in found.hits]


def test_before_the_first_publish_there_is_nothing_to_search(library: Library) -> None:
    library.add([RATE], EDITOR)
    with pytest.raises(NotFound, match="heliotrope knowledge publish"):
        library.search("完播率")
    assert library.release is None
    assert library.verify() == ["Nothing has been published yet."]


def test_an_empty_question_is_refused_in_a_sentence(library: Library) -> None:
    published(library, RATE)
    for question in ("", "  \n", "\u200b\u202e"):
        with pytest.raises(BadInput, match="empty"):
            library.search(question)


def test_a_draft_is_not_found_until_it_is_published(library: Library) -> None:
    published(library, RATE)
    library.add([NEW_PLAN], EDITOR)
    assert "百亿流量补贴。" not in texts(library.search("光合计划额度"))
    publish(library)
    assert texts(library.search("光合计划额度"))[0] == "百亿流量补贴。"


def test_the_old_release_serves_until_the_new_one_is_ready(library: Library) -> None:
    first = published(library, RATE)
    library.add([revision("rate", "## 完播率\n新的说法。")], EDITOR)
    seen: list[tuple[int, list[str]]] = []

    def look(_step: str, _done: int, _total: int) -> None:
        found = library.search("完播率")
        seen.append((found.release, texts(found)))

    second = publish(library, progress=look).release
    assert seen
    assert all(one == (first, ["完播率等于完播数除以播放数。"]) for one in seen)
    found = library.search("完播率")
    assert (found.release, texts(found)) == (second, ["新的说法。"])


def test_every_search_during_publishing_sees_one_whole_release(library: Library) -> None:
    def version(number: int) -> list[object]:
        return [revision(f"text-{part}", f"## 完播率\n第 {number} 版 {part}。") for part in "abc"]

    published(library, *version(1))
    stop, mixed, failures = threading.Event(), [], []

    def keep_searching() -> None:
        while not stop.is_set():
            try:
                found = library.search("完播率", k=3)
            except Exception as failure:  # any failure at all is what this test looks for
                failures.append(failure)
                return
            if {text.split()[1] for text in texts(found)} != {str(found.release)}:
                mixed.append(found)

    searching = threading.Thread(target=keep_searching)
    searching.start()
    for number in (2, 3, 4, 5):
        published(library, *version(number))
    stop.set()
    searching.join()
    assert (failures, mixed) == ([], [])


def test_an_expired_text_is_found_as_of_its_day_and_when_its_year_is_named_never_for_today(library: Library) -> None:
    published(library, OLD_PLAN)
    assert texts(library.search("光合计划额度")) == []
    assert texts(library.search("光合计划额度", day=day("2022-10-01"))) == ["千亿流量补贴。"]
    assert texts(library.search("光合计划额度", day=day("2023-08-10"))) == []
    (hit,) = library.search("2022 年光合计划额度").hits
    assert hit.passage.text == "千亿流量补贴。"
    assert not hit.passage.is_in_force(library.today())


def test_each_day_gets_the_text_of_its_time(library: Library) -> None:
    published(library, OLD_PLAN, NEW_PLAN)
    assert texts(library.search("光合计划额度", day=day("2022-10-01"))) == ["千亿流量补贴。"]
    assert texts(library.search("光合计划额度")) == ["百亿流量补贴。"]
    assert texts(library.search("2022 年光合计划额度"))[0] == "千亿流量补贴。"
    assert texts(library.search("2024 年光合计划额度"))[0] == "百亿流量补贴。"


def test_the_gate_stops_a_policy_without_a_source_and_the_old_release_goes_on(library: Library) -> None:
    first = published(library, RATE)
    library.add([revision("rule", "不得搬运。", kind="policy", source="")], EDITOR)
    with pytest.raises(Conflict, match="The gate stopped release"):
        publish(library)
    assert library.release == first
    assert "不得搬运。" not in texts(library.search("不得搬运"))
    assert library.releases.all()[0].state == "blocked"


def test_the_gate_stops_an_unverified_policy_unless_it_says_that_nothing_is_published(library: Library) -> None:
    library.add([revision("rule", "传言。", kind="policy", trust="unverified")], EDITOR)
    with pytest.raises(Conflict, match="The gate stopped release"):
        publish(library)
    honest = "## 门槛\n<!--\nunpublished: true\n-->\n没有公布。"
    library.add([revision("rule", honest, kind="policy", trust="unverified")], EDITOR)
    assert publish(library).report.findings == []


def test_a_waiver_passes_the_gate_and_stays_in_the_record(library: Library) -> None:
    library.add([revision("rule", "不得搬运。", kind="policy", source="")], EDITOR)
    outcome = publish(library, waiver="来源下周补")
    assert not outcome.is_green
    assert [(one.subject, one.check) for one in outcome.report.blocking] == [("rule", "source")]
    assert library.releases.all()[0].waiver == "来源下周补"
    assert texts(library.search("不得搬运")) == ["不得搬运。"]


def test_a_waiver_that_was_not_needed_is_not_recorded(library: Library) -> None:
    library.add([RATE], EDITOR)
    assert not publish(library, waiver="以防万一").report.blocking
    assert library.releases.all()[0].waiver == ""


def test_only_changed_texts_are_embedded(open_library: OpenLibrary) -> None:
    embedder = HashEmbedder()
    library = open_library(embedder)
    asked = "<!--\nasked:\n- 完播怎么算\n-->\n"
    published(library, revision("a", f"## 甲\n{asked}第一段。\n\n## 乙\n第二段。"), revision("b", "## 丙\n第三段。"))
    assert len(embedder.embedded) == 4
    library.add([revision("a", f"## 甲\n{asked}第一段。\n\n## 乙\n改过的第二段。")], EDITOR)
    assert publish(library).report.embedded == 1
    assert embedder.embedded[4:] == ["a\n乙\n改过的第二段。"]


def test_nothing_is_embedded_when_a_library_opens_or_rolls_back(open_library: OpenLibrary) -> None:
    first = published(open_library(), RATE)
    published(open_library(), NEW_PLAN)
    embedder = HashEmbedder()
    library = open_library(embedder)
    library.rollback(first, EDITOR)
    assert embedder.embedded == []


def test_a_rollback_is_a_switch_back_even_to_a_release_whose_index_was_cleared_away(library: Library) -> None:
    for number in range(1, 7):
        published(library, revision("rate", f"## 完播率\n第 {number} 版。"))
    library.rollback(1, EDITOR)
    found = library.search("完播率")
    assert (found.release, texts(found)) == (1, ["第 1 版。"])
    assert library.verify() == []
    with pytest.raises(NotFound):
        library.rollback(99, EDITOR)
    assert library.release == 1


def test_a_release_survives_a_restart(open_library: OpenLibrary) -> None:
    number = published(open_library(), RATE)
    again = open_library()
    assert again.release == number
    assert texts(again.search("完播率")) == ["完播率等于完播数除以播放数。"]


def test_an_embedder_that_stops_half_way_leaves_the_old_release_and_the_next_publish_completes_it(
    open_library: OpenLibrary,
) -> None:
    first = published(open_library(), RATE)
    failing = open_library(HashEmbedder(breaks_after=32))
    many = [revision(f"text-{number}", f"## 第 {number} 节\n内容。") for number in range(40)]
    failing.add(many, EDITOR)
    with pytest.raises(Unavailable):
        publish(failing)
    assert failing.release == first
    library = open_library()
    outcome = publish(library)
    assert outcome.report.embedded == 8
    assert outcome.revisions == 41


def test_two_publishes_do_not_run_at_once(library: Library) -> None:
    library.add([RATE], EDITOR)
    refusals: list[str] = []

    def publish_again(_step: str, _done: int, _total: int) -> None:
        with pytest.raises(Conflict) as refusal:
            publish(library)
        refusals.append(str(refusal.value))

    publish(library, progress=publish_again)
    assert set(refusals) == {"Another check is running; wait until it has ended."}


def test_verify_notices_a_lost_collection_and_rebuild_mends_it(library: Library, dense: DenseIndex) -> None:
    number = published(library, RATE, NEW_PLAN)
    assert library.verify() == []
    dense.drop(number)
    (complaint,) = library.verify()
    assert "heliotrope knowledge rebuild" in complaint
    assert texts(library.search("完播率怎么算"))[0] == "完播率等于完播数除以播放数。"  # by its words alone
    assert library.rebuild() == 2
    assert library.verify() == []


def test_an_index_that_was_lost_is_made_anew_when_a_library_opens(open_library: OpenLibrary, dense: DenseIndex) -> None:
    dense.drop(published(open_library(), RATE))
    assert open_library().verify() == []


def test_what_is_exported_is_read_back_as_the_same(library: Library, tmp_path: Path) -> None:
    article = revision(
        "star",
        "## 门槛\n<!--\nasked:\n- 要多少粉\nunpublished: true\n-->\n没有公布。",
        kind="faq",
        source_url="https://example.org",
        source_date="2024-09",
        trust="official",
        tier="万粉",
        effective_from="2024-01-01",
        facts=[1, 2],
    )
    published(library, OLD_PLAN, NEW_PLAN, article)
    assert library.export(tmp_path / "export") == 3
    again = library.add(read_path(tmp_path / "export"), EDITOR)
    assert [added.unchanged for added in again] == [True, True, True]
    shutil.rmtree(tmp_path / "export")


def test_vectors_made_beforehand_are_taken_up_by_a_fresh_library(library: Library, tmp_path: Path) -> None:
    published(library, RATE)
    cache = tmp_path / "vectors.npz"
    assert library.write_vectors(cache, ["怎么算"]) == 2
    assert library.load_vectors(cache) == 0
    assert library.load_vectors(tmp_path / "missing.npz") == 0


def test_a_long_or_odd_question_is_searched_like_any_other(library: Library) -> None:
    published(library, RATE)
    odd: Sequence[str] = ("完播率" * 7000, "完播率\x00\u202e😀", "'; DROP TABLE passages; --完播率", "%_完播率")
    for question in odd:
        assert texts(library.search(question)) == ["完播率等于完播数除以播放数。"]
