"""How the bot holds up: floods, broken networks, redelivery, kills, a token that must stay secret."""

import asyncio
import logging
from dataclasses import replace

import pytest
from sqlalchemy import select

from assistant.database.telegram_tables import telegram_updates
from assistant.errors import Misconfigured
from assistant.settings import Settings
from connectors.telegram.asking import ANSWERS_AT_ONCE
from connectors.telegram.bot import TelegramBot
from tests.connectors.telegram.conftest import REPLY, BotMaker, House, all_finished, unfinished
from tests.telegram_emulator import TOKEN, TelegramEmulator

ANN, BEN = 101, 102


async def test_flood_limit_is_waited_out(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    telegram.fail("sendMessage", 429, retry_after=1, description="Too Many Requests: retry after 1")
    started = asyncio.get_running_loop().time()
    await telegram.text(ANN, "一")
    await telegram.text(ANN, "二")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert asyncio.get_running_loop().time() - started >= 1
    assert house.assistant.questions == ["一", "二"]


async def test_flood_limit_of_one_chat_does_not_hold_up_another(telegram: TelegramEmulator, bot: TelegramBot):
    telegram.fail("sendMessage", 429, retry_after=60, only=lambda parameters: parameters["chat_id"] == str(ANN))
    await telegram.text(ANN, "一")
    await telegram.text(BEN, "二")
    await telegram.until(lambda: telegram.messages(BEN), seconds=30)


async def test_broken_network_is_tried_again(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    telegram.fail("sendMessage", 502, times=2)
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    assert len(telegram.called("sendMessage")) == 3
    assert house.assistant.questions == ["一"]


async def test_redelivered_update_is_answered_once(telegram: TelegramEmulator, house: House, new_bot: BotMaker):
    bot = new_bot()
    await bot.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    await telegram.redeliver()
    await telegram.text(ANN, "二")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    await bot.stop()
    await telegram.redeliver()
    await new_bot().start()
    await telegram.text(ANN, "三")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
    assert house.assistant.questions == ["一", "二", "三"]


async def test_question_in_work_survives_a_kill_and_is_answered_once(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    house.assistant.seconds = 30
    killed = new_bot()
    await killed.start()
    await telegram.text(ANN, "一")
    await telegram.text(ANN, "二")
    await telegram.until(lambda: telegram.called("sendChatAction"))
    await killed.stop(drain_seconds=0)
    assert telegram.messages(ANN) == []
    house.assistant.seconds = 0
    house.assistant.asked.clear()
    await new_bot().start()
    await telegram.text(ANN, "三")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
    assert house.assistant.questions == ["一", "二", "三"]
    await all_finished(house)


async def test_stop_finishes_what_was_received(telegram: TelegramEmulator, house: House, new_bot: BotMaker):
    house.assistant.gate = asyncio.Event()
    bot = new_bot()
    await bot.start()
    chats = range(1, ANSWERS_AT_ONCE + 5)
    for chat in chats:
        await telegram.text(chat, "一")
    await telegram.until(lambda: len(house.assistant.asked) == ANSWERS_AT_ONCE)
    await asyncio.sleep(0.1)
    assert len(house.assistant.asked) == ANSWERS_AT_ONCE, "more answers at once than allowed"
    stopping = asyncio.create_task(bot.stop())
    await asyncio.sleep(0)  # it has begun to stop
    house.assistant.gate.set()
    await stopping
    assert all(telegram.messages(chat) for chat in chats)
    assert unfinished(house) == 0


async def test_order_is_kept_in_a_chat(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.seconds = 0.02
    for number in range(10):
        await telegram.text(ANN, str(number))
        await telegram.text(BEN, str(number))
    await telegram.until(lambda: len(telegram.messages(ANN)) + len(telegram.messages(BEN)) == 20)
    for chat in (ANN, BEN):
        asked = [text for caller, _, text in house.assistant.asked if caller.address == str(chat)]
        assert asked == [str(number) for number in range(10)]


async def test_chat_that_blocked_the_bot_ends_quietly(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    telegram.block(ANN)
    await telegram.text(ANN, "一")
    await telegram.text(BEN, "二")
    await telegram.until(lambda: telegram.messages(BEN))
    await all_finished(house)
    assert len([one for one in telegram.called("sendMessage") if one["chat_id"] == str(ANN)]) == 1


async def test_what_nobody_said_is_passed_over(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    await telegram.attach(ANN, "pinned_message", {"message_id": 1, "date": 0, "chat": {"id": ANN, "type": "private"}})
    await telegram.deliver({"something_new": {"id": 1}})
    await telegram.text(BEN, "一")
    await telegram.until(lambda: telegram.messages(BEN))
    await all_finished(house)
    assert telegram.messages(ANN) == []


async def test_messages_keep_telegrams_pace(telegram: TelegramEmulator, house: House):
    bot = TelegramBot(house)  # type: ignore[arg-type]
    await bot.start()
    house.assistant.reply_with = replace(REPLY, text="字" * 8000)
    await telegram.text(ANN, "一")
    await telegram.text(BEN, "一")
    await telegram.until(lambda: len(telegram.messages(ANN)) + len(telegram.messages(BEN)) == 4)
    await bot.stop()
    assert telegram.floods == []


async def test_token_never_reaches_the_logs(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    bot = new_bot()
    await bot.start()
    telegram.fail("sendMessage", 502)
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    await bot.stop()
    wrong = f"{TOKEN}-of-another"
    house.settings = Settings(telegram_bot_token=wrong, telegram_api_base_url=telegram.address)
    refused = new_bot()
    await refused.start()
    async with asyncio.timeout(60):
        while "refuses the bot token" not in caplog.text:
            await asyncio.sleep(0.01)
    assert "sendMessage" in caplog.text
    assert TOKEN not in caplog.text


async def test_malformed_token_is_refused_at_once(house: House):
    house.settings = Settings(telegram_bot_token="not a token")
    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        TelegramBot(house)  # type: ignore[arg-type]


async def test_bot_waits_for_a_telegram_that_does_not_answer_yet(telegram: TelegramEmulator, bot: TelegramBot):
    telegram.fail("getMe", 500)
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))


async def test_update_is_in_sql_before_telegram_is_told(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.seconds = 5
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram._handed_over)
    with house.engine.connect() as connection:
        (row,) = connection.execute(select(telegram_updates)).all()
    assert (row.bot, row.chat_id, row.done_at, row.payload["message"]["text"]) == (666, ANN, None, "一")
