"""What waits for a button: done once, for its owner, while it is good; a deed that fails leaves the button."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from assistant.agent.actions import Actions, Done, offer, open_in
from assistant.agent.answers import Action
from assistant.creators.figures import Language
from assistant.database.engine import open_database
from assistant.database.tables import actions, threads, turns
from assistant.errors import NotFound
from assistant.identity import Caller
from prompts.texts import load_prompts

MEI, STRANGER = Caller("web", "mei"), Caller("web", None, "198.51.100.1")
PROMPTS = load_prompts()
Press = Callable[[Caller, dict[str, Any], Language], Done]


@pytest.fixture
def kept(tmp_path: Path) -> Engine:
    """A database with one answer to Mei that offers two buttons, `good` and, in Traditional script, `joined`."""
    engine = open_database(f"sqlite:///{tmp_path / 'actions.db'}")
    now = datetime(2026, 11, 28)
    answer = {
        "id": "turn", "thread_id": "thread", "asked_at": now, "as_of": "", "today": "", "question": "", "answer": "",
        "reply": {}, "passages": [], "model": "", "grounded": True, "refused": False, "timings_ms": {},
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(threads).values(id="thread", owner=MEI.owner, channel="web", created_at=now))
        connection.execute(insert(turns).values(**answer))
        offer(connection, MEI.owner, "turn", "zh", [Action("good", "join", "参加", {"task": 7})])
        offer(connection, MEI.owner, "turn", "zh-Hant", [Action("joined", "join", "參加", {"task": 8})])
    return engine


def actions_of(engine: Engine, deed: Press) -> Actions:
    return Actions(engine, PROMPTS, {"join": deed})


def test_a_deed_gets_who_pressed_and_what_was_proposed(kept: Engine) -> None:
    seen: list[Any] = []

    def join(caller: Caller, payload: dict[str, Any], lang: Language) -> Done:
        seen.append((caller, payload, lang))
        return Done("参加了。", ("进度怎么看？",))

    both = actions_of(kept, join)
    taken = both.take(MEI, "good")
    assert (taken.thread, taken.label, taken.done.text) == ("thread", "参加", "参加了。")
    assert both.take(MEI, "joined").done == Done("參加了。", ("進度怎麼看？",))
    assert seen == [(MEI, {"task": 7}, "zh"), (MEI, {"task": 8}, "zh")]


def test_pressed_at_once_by_many_it_is_done_once(kept: Engine) -> None:
    times: list[int] = []
    begun = Event()

    def join(*_: Any) -> Done:
        times.append(1)
        begun.wait(0.2)
        return Done("参加了。")

    both = actions_of(kept, join)
    with ThreadPoolExecutor(8) as presses:
        said = {one.done.text for one in presses.map(lambda _: both.take(MEI, "good"), range(8))}
    assert len(times) == 1
    assert said <= {"参加了。", PROMPTS.say("action_running", "zh")}
    assert both.take(MEI, "good").done.text == "参加了。"


def test_a_deed_that_breaks_leaves_the_button_and_says_so(kept: Engine) -> None:
    tries: list[int] = []

    def join(*_: Any) -> Done:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("password=hunter2")
        return Done("参加了。")

    both = actions_of(kept, join)
    failed = both.take(MEI, "good").done
    assert failed.text == PROMPTS.say("action_failed", "zh")
    assert not failed.is_done
    assert both.take(MEI, "good").done.text == "参加了。"


def test_what_could_not_be_done_may_be_tried_again(kept: Engine) -> None:
    said = iter([Done("已经满了。", is_done=False), Done("参加了。")])
    both = actions_of(kept, lambda *_: next(said))
    assert not both.take(MEI, "good").done.is_done
    assert both.take(MEI, "good").done.is_done


def test_an_expired_button_does_nothing(kept: Engine) -> None:
    with kept.begin() as connection:
        connection.execute(update(actions).values(expires_at=datetime(2026, 1, 1)))
    taken = actions_of(kept, lambda *_: Done("参加了。")).take(MEI, "good")
    assert taken.done == Done(PROMPTS.say("action_expired", "zh"), is_done=False)


def test_what_is_open_in_a_conversation(kept: Engine) -> None:
    def opened(caller: Caller) -> list[str]:
        with kept.begin() as connection:
            return [one.id for one in open_in(connection, caller, "thread")]

    assert opened(MEI) == ["good", "joined"]
    assert opened(STRANGER) == []
    actions_of(kept, lambda *_: Done("参加了。")).take(MEI, "good")
    assert opened(MEI) == ["joined"]


@pytest.mark.parametrize(("who", "name"), [(STRANGER, "good"), (Caller("web", "li"), "good"), (MEI, "nothing")])
def test_who_does_not_own_a_button_learns_nothing(kept: Engine, who: Caller, name: str) -> None:
    with pytest.raises(NotFound, match="no such button"):
        actions_of(kept, lambda *_: Done("")).take(who, name)


def test_a_button_is_good_for_days(kept: Engine) -> None:
    with kept.begin() as connection:
        row = connection.execute(actions.select()).first()
    assert row is not None
    assert row.expires_at - row.offered_at == timedelta(days=7)
