"""A backup is taken while questions are asked and numbers come in; the home put back answers as the first one did."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.backups import back_up, restore
from assistant.bootstrap import Services, open_services
from assistant.errors import BadInput, Conflict
from assistant.home import Home
from assistant.identity import Caller
from assistant.programs.cases.desk import Report
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.contracts.test_cases import picture
from tests.knowledge.texts import revision

GOLDEN = 20


async def answers_of(services: Services) -> list[tuple[str, list[int]]]:
    """What the first golden questions are answered with, and a creator's own numbers."""
    questions = [(None, one.question.question) for one in services.golden.all()[:GOLDEN]]
    creators = [(one.id, asked) for one in services.accounts.all()[:3] for asked in ("我的数据怎么样", "我的任务")]
    replies = [
        await services.assistant.answer(Caller("web", creator), None, question)
        for creator, question in [*questions, *creators]
    ]
    return [(reply.text, [one.passage.id for one in reply.citations]) for reply in replies]


async def test_a_backup_taken_while_serving_gives_the_same_answers(
    new_starter_home: Callable[[], Path], embedder: Embedder, tmp_path: Path
) -> None:
    first = open_services(Settings(home=new_starter_home()), embedder=embedder)
    original = first.originals.keep("as-it-came.md", b"# as it came\n")
    shown = first.pictures.add(picture(0), "editor")
    case = first.cases.file("demo-01", Report("番茄牛腩", "https://v.kuaishou.com/abc", "是我发布的。")).id
    paper = first.cases.add_file(case, "own_cover", "封面.png", picture(3), "creator", "demo-01")
    evidence = first.cases.content(case, paper.id)
    before = await answers_of(first)
    archive = tmp_path / "home.tar"
    asked, size = await asyncio.gather(
        answers_of(first), asyncio.to_thread(back_up, first.settings, first.engine, first.warehouse, archive)
    )
    first.library.add([revision("later", "## 晚了\n备份之后写的。", title="晚了")], "editor")
    assert asked == before
    assert archive.stat().st_size == size
    assert archive.stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict, match="another name"):
        back_up(first.settings, first.engine, first.warehouse, archive)
    first.close()

    home = Home(tmp_path / "second").folder
    settings = Settings(home=home, files_folder=tmp_path / "elsewhere" / "files")
    restore(settings, archive)
    second = open_services(settings, embedder=embedder)
    try:
        assert await answers_of(second) == before
        assert second.library.verify() == []
        assert [draft.slug for draft in second.library.catalog.drafts()] == []
        assert (home / "secret.key").read_text() == (first.settings.home / "secret.key").read_text()
        assert second.originals.holds(original)
        assert second.pictures.read(shown.hash) == first.pictures.read(shown.hash)
        assert second.cases.content(case, paper.id) == evidence
        assert not (home / "cases").exists(), "files lie where the setting says"
    finally:
        second.close()
    with pytest.raises(Conflict, match="already"):
        restore(settings, archive)


def test_what_is_no_whole_backup_leaves_the_home_empty(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").folder
    for content in (b"", b"nothing of the kind" * 100):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(BadInput, match="backup"):
            restore(Settings(home=home), tmp_path / "file")
    assert list(home.iterdir()) == []
