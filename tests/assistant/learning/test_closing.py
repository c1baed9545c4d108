"""From a gap to the release that closes it, and back when that release goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.bootstrap import Services
from assistant.errors import BadInput, Conflict
from assistant.identity import Caller
from assistant.learning.closing import faq_text
from assistant.learning.gaps import Gap
from tests.assistant.learning.conftest import ADDRESS, Ask
from tests.knowledge.texts import publish, revision

WORDINGS = ("快手昵称多久能改一次", "账号昵称可以改几次")
ANSWER = "快手昵称每 7 天可以改一次，在“编辑资料”里改。"
ANSWERED = "什么时间发作品好"


@pytest.fixture
async def gap(services: Services, ask: Ask) -> Gap:
    """An open gap with two wordings, asked on the starter release."""
    for wording in WORDINGS:
        await ask(wording)
    services.learning.intake.refresh()
    (found,) = services.learning.gaps.all()
    return found


def state(services: Services, gap: Gap) -> tuple[str, int | None]:
    """A gap's state and the release that closed it."""
    now = services.learning.gaps.find(gap.id)
    return now.state, now.closed_by


def publish_draft(services: Services, gap: Gap) -> int:
    """Serve the FAQ that answers the gap; returns the release."""
    services.learning.closing.draft(gap.id, faq_text(gap, ANSWER), "lin")
    return publish(services.library, "test").release


async def test_draft_holds_the_question_and_its_other_wordings(services: Services, gap: Gap) -> None:
    added = services.learning.closing.draft(gap.id, faq_text(gap, ANSWER), "lin")
    (draft,) = [one for one in services.library.catalog.drafts() if one.slug == added.slug]
    assert draft.title == gap.question
    assert state(services, gap) == ("drafted", None)
    assert services.learning.gaps.find(gap.id).document == added.slug
    assert services.library.trail.entries(area="gap")[0].detail == {"document": added.slug}


async def test_draft_without_an_answer_is_refused(services: Services, gap: Gap) -> None:
    with pytest.raises(BadInput, match="no text"):
        services.learning.closing.draft(gap.id, faq_text(gap), "lin")
    assert state(services, gap) == ("open", None)


async def test_wordings_become_question_forms_of_the_passage(services: Services, gap: Gap, ask: Ask) -> None:
    publish_draft(services, gap)
    (passage,) = [one for one in services.library.shelf.passages if one.slug == f"faq-gap-{gap.id}"]
    assert set(passage.asked) == set(WORDINGS)
    assert "7 天" in (await ask(WORDINGS[1])).text


async def test_release_that_answers_closes_it_and_a_rollback_opens_it_again(services: Services, gap: Gap) -> None:
    before = services.library.release
    assert before is not None
    release = publish_draft(services, gap)
    await services.learning.catch_up()
    assert state(services, gap) == ("closed", release)
    services.library.rollback(before, "publisher")
    await services.learning.catch_up()
    assert state(services, gap) == ("drafted", None)
    services.library.rollback(release, "publisher")
    await services.learning.catch_up()
    assert state(services, gap) == ("closed", release)
    told = [(entry.action, entry.actor) for entry in services.library.trail.entries(area="gap", subject=str(gap.id))]
    closed, reopened = ("gap.closed", "heliotrope"), ("gap.reopened", "heliotrope")
    assert told == [closed, reopened, closed, ("gap.drafted", "lin")]


async def test_release_that_does_not_answer_leaves_it_open(services: Services, gap: Gap) -> None:
    services.library.add([revision("other", "## 竖屏作品的封面比例\n竖屏作品的封面用 3:4。")], "editor")
    publish(services.library, "test")
    await services.learning.catch_up()
    assert state(services, gap) == ("open", None)
    assert services.learning.gaps.to_check(services.library.shelf.release) == []


async def test_question_grouped_only_after_the_release_that_answers_it_is_closed_too(
    services: Services, ask: Ask
) -> None:
    await ask(WORDINGS[0])
    services.library.add([revision("nickname", f"## {WORDINGS[0]}\n{ANSWER}", kind="faq")], "editor")
    release = publish(services.library, "test").release
    await services.learning.catch_up()
    (found,) = services.learning.gaps.all(("closed",))
    assert found.closed_by == release


async def test_closed_gap_opens_when_its_question_stays_unanswered(services: Services, gap: Gap, ask: Ask) -> None:
    release = publish_draft(services, gap)
    services.learning.gaps.settle(gap.id, release, is_answered=True)
    emptied = revision(f"faq-gap-{gap.id}", "## 竖屏作品的封面比例\n竖屏作品的封面用 3:4。", kind="faq", title="封面")
    services.library.add([emptied], "lin")
    publish(services.library, "test")
    await ask(WORDINGS[0])
    services.learning.intake.refresh()
    assert state(services, gap) == ("drafted", None)


async def test_thumbed_down_answer_is_mended_by_other_texts_only(services: Services, ask: Ask) -> None:
    reply = await ask(ANSWERED)
    services.learning.feedback.give(Caller("web", None, ADDRESS), reply.answer_id, "down")
    services.learning.intake.refresh()
    (gap,) = services.learning.gaps.all()
    services.library.add([revision("other", "## 竖屏作品的封面比例\n竖屏作品的封面用 3:4。")], "editor")
    publish(services.library, "test")
    await services.learning.catch_up()
    assert state(services, gap)[0] == "open"
    better = f"## {ANSWERED}\n<!--\nasked:\n- {ANSWERED}\n-->\n看你的粉丝什么时候在线，在那之前半小时发。"
    services.library.add([revision("when-to-post", better, kind="faq", title=ANSWERED)], "editor")
    release = publish(services.library, "test").release
    await services.learning.catch_up()
    assert state(services, gap) == ("closed", release)


async def test_closed_gap_takes_no_draft(services: Services, gap: Gap) -> None:
    release = publish_draft(services, gap)
    services.learning.gaps.settle(gap.id, release, is_answered=True)
    with pytest.raises(Conflict):
        services.learning.closing.draft(gap.id, faq_text(gap, ANSWER), "lin")
    assert services.library.catalog.drafts() == []


async def test_golden_question_from_a_gap_is_one_however_often_it_is_made(services: Services, gap: Gap) -> None:
    before = len(services.golden.all())
    first = services.learning.closing.golden_question(gap.id, [["7 天", "7天"]], "lin")
    again = services.learning.closing.golden_question(gap.id, [["7 天"], ["编辑资料"]], "lin")
    kept = services.golden.all()
    assert (first, len(kept)) == (again, before + 1)
    assert services.golden.find(first).question.must_contain == (("7 天",), ("编辑资料",))
    with pytest.raises(BadInput):
        services.learning.closing.golden_question(gap.id, [], "lin")


@pytest.fixture
async def keeping_up(services: Services) -> AsyncIterator[None]:
    """A server that keeps up."""
    task = asyncio.create_task(services.learning.keep_up())
    yield
    task.cancel()


@pytest.mark.usefixtures("keeping_up")
async def test_server_closes_it_soon_after_the_switch(services: Services, gap: Gap) -> None:
    services.learning.closing.draft(gap.id, faq_text(gap, ANSWER), "lin")
    checked = await asyncio.to_thread(services.library.check, "", "lin")
    await services.releasing.publish(checked.release, "lin", "test")
    async with asyncio.timeout(60):
        while state(services, gap) != ("closed", checked.release):
            await asyncio.sleep(0.05)
