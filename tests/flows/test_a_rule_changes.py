"""A rule changes, and exactly those creators who had been told the old one hear of it, once."""

from pathlib import Path

import pytest

from assistant.bootstrap import Services, open_services
from assistant.creators.accounts import Creator
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.flows.talking import Person
from tests.knowledge.texts import publish, revision

OLD = "## 奖励\n通过后奖励 100 元现金，三个工作日到账。\n\n## 报名\n在活动页报名，每人一次。"
NEW = "## 奖励\n通过后奖励 200 元现金，三个工作日到账。\n\n## 报名\n在活动页报名，每人一次。"


@pytest.fixture
def house(tmp_path: Path, embedder: Embedder):
    services = open_services(Settings(home=tmp_path), embedder=embedder)
    for name in ("mei", "lin", "tao"):
        services.accounts.add(Creator(name, name, "kuaishou", "美食"))
    services.library.add(
        [
            revision("spring", OLD, kind="program", title="春季激励"),
            revision("other", "## 封面\n封面要和内容一致，字要大。", title="封面"),
        ],
        "editor",
    )
    publish(services.library)
    services.changed_texts.tell()
    yield services
    services.close()


async def test_exactly_those_who_were_told_the_old_rule_hear_of_the_new_one(house: Services) -> None:
    told = await Person(house, "mei").ask("春季激励通过后奖励多少现金？")
    assert "100 元" in told.text
    await Person(house, "mei", channel="telegram").ask("春季激励奖励什么时候到账？")  # told twice, to hear once
    await Person(house, "lin").ask("春季激励怎么报名？")
    await Person(house, "tao").ask("封面有什么要求？")
    await Person(house).ask("春季激励通过后奖励多少现金？")  # nobody knows who that was

    house.library.add([revision("spring", NEW, kind="program", title="春季激励")], "editor")
    publish(house.library)
    made = house.changed_texts.tell()
    heard = {name: house.notices.inbox.page(name).notices for name in ("mei", "lin", "tao")}
    assert [one.title for one in heard["mei"]] == ["规则变更：春季激励"]
    assert "原来：通过后奖励 100 元现金" in heard["mei"][0].body
    assert "现在：通过后奖励 200 元现金" in heard["mei"][0].body
    assert heard["tao"] == ()
    # Whoever asked how to sign up was answered from what did not change, unless the reward was cited beside it.
    cited = {one["heading"] for turn in _turns(house, "lin") for one in turn if one["n"]}
    assert bool(heard["lin"]) == ("奖励" in cited)
    assert made == sum(len(notices) for notices in heard.values())

    assert house.changed_texts.tell() == 0
    assert len(house.notices.inbox.page("mei").notices) == 1


def _turns(house: Services, creator: str) -> list[list[dict]]:
    from sqlalchemy import select

    from assistant.database.tables import threads, turns

    with house.engine.connect() as connection:
        kept = select(turns.c.passages).join(threads).where(threads.c.owner == f"creator:{creator}")
        return list(connection.scalars(kept))
