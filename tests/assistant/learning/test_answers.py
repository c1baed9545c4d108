"""Answers as staff look through them."""

from datetime import UTC, datetime, timedelta

from assistant.bootstrap import Services
from assistant.identity import Caller
from tests.assistant.learning.conftest import ADDRESS, Ask
from tests.knowledge.texts import publish, revision

GOOD, VAIN = "完播率怎么算", "快手昵称多久能改一次"


def questions(services: Services, **filters: object) -> list[str]:
    """The questions that pass the filters."""
    return [answer.question for answer in services.learning.answers.list(**filters).answers]  # type: ignore[arg-type]


async def test_filters_narrow_the_list(services: Services, ask: Ask) -> None:
    good, _ = await ask(GOOD), await ask(VAIN, "demo-01")
    await ask("评测用的问题", channel="test")
    assert questions(services) == [VAIN, GOOD]
    assert questions(services, refused=True) == [VAIN]
    assert questions(services, refused=False) == [GOOD]
    assert questions(services, text="昵称") == [VAIN]
    assert questions(services, text="%") == []
    now = datetime.now(UTC).replace(tzinfo=None)
    assert questions(services, since=now - timedelta(minutes=5)) == [VAIN, GOOD]
    assert questions(services, since=now + timedelta(minutes=5)) == []
    assert questions(services, down=True) == []
    services.learning.feedback.give(Caller("web", None, ADDRESS), good.answer_id, "down")
    assert questions(services, down=True) == [GOOD]
    services.library.add([revision("other", "## 竖屏作品的封面比例\n竖屏作品的封面用 3:4。")], "editor")
    release = publish(services.library, "test").release
    await ask(GOOD)
    assert questions(services, release=release) == [GOOD]
    assert questions(services, release=good.release) == [VAIN, GOOD]


async def test_pages_follow_each_other(services: Services, ask: Ask) -> None:
    for number in range(5):
        await ask(f"第 {number} 个问题：{GOOD}")
    pages = [services.learning.answers.list(page=number, size=2) for number in (1, 2, 3)]
    assert [page.has_more for page in pages] == [True, True, False]
    numbers = [answer.question[2] for page in pages for answer in page.answers]
    assert numbers == ["4", "3", "2", "1", "0"]
