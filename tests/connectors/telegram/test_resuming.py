"""What happens when the process ends in the middle of an answer: nothing is lost, nothing is said twice."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from assistant.database.telegram_tables import telegram_updates
from assistant.settings import Settings
from connectors.telegram import bot, delivery
from connectors.telegram.bot import MOST_TRIES
from connectors.telegram.outbox import Outbox
from connectors.telegram.texts import load_texts
from tests.connectors.telegram.conftest import REPLY, BotMaker, House, all_finished
from tests.connectors.telegram.killing import CHATS, killed
from tests.telegram_emulator import TelegramEmulator

ANN, GROUP = 101, -2001
LONG = "\n\n".join(f"第 {number} 段。" + "字" * 1000 for number in range(12))


async def test_answer_of_several_messages_goes_on_where_it_was_broken_off(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    house.assistant.reply_with = replace(REPLY, text=LONG)
    telegram.fail("sendMessage", 502, times=50, only=lambda parameters: "第 6 段" in parameters["text"])
    killed = new_bot()
    await killed.start()
    await telegram.text(ANN, "全部讲给我听")
    await telegram.until(lambda: len(telegram.called("sendMessage")) > 3)
    await killed.stop(drain_seconds=0)
    sent = len(telegram.messages(ANN))
    assert 0 < sent < 3
    telegram._faults.clear()
    await new_bot().start()
    await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
    await all_finished(house)
    assert "\n\n".join(telegram.texts(ANN)) == LONG
    assert house.assistant.questions == ["全部讲给我听"], "the answer was kept, not made again"


async def test_message_on_its_way_when_the_process_is_killed_is_not_sent_again(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "CLOSING_SECONDS", 0.01)
    telegram.fail("sendMessage", 0, delay=1)
    killed = new_bot()
    await killed.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.called("sendMessage"))
    await killed.stop(drain_seconds=0)  # breaks the request off, as a kill does
    await new_bot().start()
    await telegram.text(ANN, "二")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    await all_finished(house)
    assert len(telegram.messages(ANN)) == 2
    assert house.assistant.questions == ["一", "二"]


async def test_message_on_its_way_when_the_process_is_stopped_is_waited_for(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    telegram.fail("sendMessage", 0, delay=0.3)
    bot = new_bot()
    await bot.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.called("sendMessage"))
    await bot.stop(drain_seconds=0)
    assert len(telegram.messages(ANN)) == 1
    await new_bot().start()
    await all_finished(house)
    assert len(telegram.messages(ANN)) == 1


async def test_message_that_never_left_is_sent_after_the_restart(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    telegram.fail("sendMessage", 500, times=100)
    killed = new_bot()
    await killed.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.called("sendMessage"))
    await killed.stop(drain_seconds=0)
    telegram._faults.clear()
    await new_bot().start()
    await telegram.until(lambda: telegram.messages(ANN))
    await all_finished(house)
    assert house.assistant.questions == ["一"]


async def test_group_message_that_grew_before_the_kill_becomes_the_answer(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    house.assistant.pieces, house.assistant.pause = ["一句。", "两句。"], 3.0
    killed = new_bot()
    await killed.start()
    await telegram.text(GROUP, "@emulated_bot 慢慢说", user=ANN)
    await telegram.until(lambda: telegram.messages(GROUP))
    await killed.stop(drain_seconds=0)
    house.assistant.pause = 0
    await new_bot().start()
    await telegram.until(lambda: "100亿" in telegram.texts(GROUP)[0])
    await all_finished(house)
    assert len(telegram.messages(GROUP)) == 1


async def test_what_ends_the_process_again_and_again_is_given_up_with_an_apology(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker, caplog: pytest.LogCaptureFixture
):
    house.assistant.seconds = 30
    first = new_bot()
    await first.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: house.assistant.asked)
    await first.stop(drain_seconds=0)
    with house.engine.begin() as connection:
        connection.execute(telegram_updates.update().values(taken_up=MOST_TRIES))
    await new_bot().start()
    await telegram.until(lambda: telegram.messages(ANN))
    await all_finished(house)
    reference = next(record.args[0] for record in caplog.records if record.msg.startswith("Reference"))
    assert telegram.texts(ANN) == [load_texts()["zh"]("problem.other", reference=reference)]
    assert len(house.assistant.asked) == 1


async def test_answer_that_was_sent_leaves_only_its_name(telegram: TelegramEmulator, house: House, new_bot: BotMaker):
    await new_bot().start()
    number = await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    await all_finished(house)
    kept = Outbox(house.engine, 666).find(f"update:{number}")
    assert kept is not None
    assert (kept.parts, kept.is_done) == (None, True)


async def test_kill_loses_nothing_and_repeats_nothing(telegram: TelegramEmulator, tmp_path: Path):
    kills = 1  # each start of a process takes seconds; twenty: python -m tests.connectors.telegram.killing 20
    await killed(telegram, tmp_path, kills, random.Random(7))
    for chat in CHATS:
        assert telegram.texts(chat) == [f"问题{number}" for number in range(kills)]


async def test_another_process_takes_over_only_from_the_dead(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bot, "HOLD_SECONDS", 0.1)
    monkeypatch.setattr(Settings, "is_shared", True)
    house.assistant.seconds = 0.6
    first, second = new_bot(), new_bot()
    await first.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: house.assistant.asked)
    first._running.cancel()  # one poller at a time
    await second.start()
    await telegram.until(lambda: telegram.messages(ANN))
    await all_finished(house)
    assert house.assistant.questions == ["一"], "the first one lives and answers"
    house.assistant.seconds = 3600  # it is stopped in the middle of this one
    await telegram.text(ANN, "二")
    await telegram.until(lambda: len(house.assistant.asked) == 2)
    house.assistant.seconds = 0
    await second.stop(drain_seconds=0)
    third = new_bot()
    await third.start()
    await asyncio.sleep(0.3)
    assert len(house.assistant.asked) == 2, "for all that is known the second one lives"
    with house.engine.begin() as connection:
        connection.execute(telegram_updates.update().values(leased_until=datetime(2000, 1, 1)))
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert house.assistant.questions == ["一", "二", "二"]
