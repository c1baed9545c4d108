"""An editor publishes and rolls back twenty times while eight people ask: no answer fails, none mixes releases."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from anyio.to_thread import run_sync

from assistant.agent.answers import Reply
from assistant.bootstrap import Services, open_services
from assistant.identity import Caller
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.knowledge.texts import revision

PUBLISHES, ASKING = 20, 8
READING_SECONDS = 0.2  # before one asks the next question
SUBJECTS = ("申请条件", "结算时间", "奖励发放")
QUESTIONS = tuple(f"星火试验计划的{subject}是什么" for subject in SUBJECTS)
VERSION = re.compile(r"第 (\d+) 版")


def publish_version(services: Services, version: int) -> int:
    """Three documents that say which version they are; returns the number of the release that serves them."""
    services.library.add(
        [
            revision(
                f"spark-{number}",
                f"## 星火试验计划的{subject}\n星火试验计划的{subject}以第 {version} 版说明为准。",
                title=f"星火试验计划{subject}",
                kind="program",
            )
            for number, subject in enumerate(SUBJECTS)
        ],
        "editor",
    )
    checked = services.library.check(f"第 {version} 版", "editor")
    services.library.publish(checked.release, "publisher", "" if checked.is_green else "演练")
    return checked.release


async def test_twenty_publishes_and_rollbacks_under_eight_questioners(
    new_starter_home: Callable[[], Path], embedder: Embedder
) -> None:
    services = open_services(Settings(home=new_starter_home()), embedder=embedder)
    version_of = {await run_sync(publish_version, services, 0): 0}
    replies: list[Reply] = []
    is_over = asyncio.Event()

    async def keep_asking(number: int) -> None:
        caller = Caller("test", address=f"asker-{number}")
        while not is_over.is_set():
            replies.append(await services.assistant.answer(caller, None, QUESTIONS[len(replies) % len(QUESTIONS)]))
            await asyncio.sleep(READING_SECONDS)

    asking = [asyncio.create_task(keep_asking(number)) for number in range(ASKING)]
    for version in range(1, PUBLISHES + 1):
        before = services.library.release
        assert before is not None
        version_of[await run_sync(publish_version, services, version)] = version
        if version % 2:
            await services.releasing.rollback(before, "publisher", "演练")
    is_over.set()
    await asyncio.gather(*asking)  # raises what any of them met

    seen = {reply.release for reply in replies}
    assert len(seen) > PUBLISHES / 2, "the questions did not meet enough releases"
    for reply in replies:
        said = {int(number) for number in VERSION.findall(reply.text)}
        quoted = {int(n) for citation in reply.citations for n in VERSION.findall(citation.passage.text)}
        assert said | quoted == {version_of[reply.release]}, reply.text  # type: ignore[index]
    assert services.library.verify() == []
    services.close()
