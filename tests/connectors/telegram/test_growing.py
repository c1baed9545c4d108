"""An answer that takes a while is seen growing; when it is whole it stands there once, complete."""

import re
from dataclasses import replace

from connectors.telegram.bot import TelegramBot
from tests.connectors.telegram.conftest import REPLY, House, all_finished
from tests.telegram_emulator import TelegramEmulator

ANN, GROUP = 101, -2001
PIECES = [f"第{number}句，说到这里。" for number in range(8)]


async def test_private_chat_sees_drafts_and_then_the_whole_answer(
    telegram: TelegramEmulator, house: House, bot: TelegramBot
):
    house.assistant.pieces, house.assistant.pause = PIECES, 0.2
    house.assistant.reply_with = replace(REPLY, text="".join(PIECES))
    await telegram.text(ANN, "慢慢说")
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.texts(ANN) == ["".join(PIECES)]
    drafts = [text for chat, _, text in telegram.drafts if chat == ANN]
    assert len(drafts) >= 2
    assert len({number for _, number, _ in telegram.drafts}) == 1
    assert all("".join(PIECES).startswith(draft.removesuffix(" …")) for draft in drafts)
    assert [len(draft) for draft in drafts] == sorted({len(draft) for draft in drafts})
    await all_finished(house)


async def test_group_sees_one_message_that_grows(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.pieces, house.assistant.pause = PIECES, 0.2
    house.assistant.reply_with = replace(REPLY, text="".join(PIECES) + "\n\n" + "长" * 4500)
    await telegram.text(GROUP, "@emulated_bot 慢慢说", user=ANN)
    await telegram.until(lambda: len(telegram.messages(GROUP)) == 2)
    await all_finished(house)
    assert "".join(telegram.texts(GROUP)).startswith("".join(PIECES))
    assert [len(text) for text in telegram.texts(GROUP)] == [len("".join(PIECES)), 4095, 405]
    assert telegram.called("editMessageText")
    assert telegram.drafts == []


async def test_fast_answer_is_simply_sent(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.pieces = PIECES
    await telegram.text(ANN, "快说")
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.drafts == []


async def test_failing_drafts_do_not_touch_the_answer(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.pieces, house.assistant.pause = PIECES, 0.15
    telegram.fail("sendMessageDraft", 400, times=9, description="Bad Request: TEXTDRAFT_PEER_INVALID")
    await telegram.text(ANN, "慢慢说")
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.texts(ANN) == [re.sub(r"\*\*", "", REPLY.text)]
    assert len(telegram.called("sendMessageDraft")) == 1


async def test_drafts_count_as_messages_and_keep_the_pace(telegram: TelegramEmulator, house: House):
    house.assistant.pieces, house.assistant.pause = PIECES, 0.3
    paced = TelegramBot(house)  # type: ignore[arg-type]
    await paced.start()
    await telegram.text(ANN, "慢慢说")
    await telegram.until(lambda: telegram.messages(ANN))
    await paced.stop()
    assert telegram.drafts
    assert telegram.floods == []
