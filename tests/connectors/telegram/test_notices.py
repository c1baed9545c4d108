"""Notices in the chats of linked creators: once, in their language, with a way out, and behind the answers."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from assistant.database.notice_tables import notices
from assistant.programs.notices.notice import MUTABLE, Kind, Message, Post
from connectors.telegram.bot import TelegramBot
from connectors.telegram.chats import Chats
from connectors.telegram.texts import load_texts
from tests.connectors.telegram.conftest import BotMaker, House, all_finished, linked
from tests.fakes import png
from tests.telegram_emulator import TelegramEmulator

ZH, EN = load_texts()["zh"], load_texts()["en"]
ANN, BEN = 101, 102


@pytest.fixture
async def told(house: House) -> House:
    """A house in which Ann is linked to demo-01, which has no quiet hours."""
    await linked(house, ANN, "demo-01")  # type: ignore[arg-type]
    house.notices.wishes.change("demo-01", {"quiet_from": 0, "quiet_until": 0})
    return house


def post(house: House, occasion: str, kind: Kind = "report", link: str = "") -> None:
    message = Message("上周小结", "净增粉 **12**，播放 <b>3400</b>。", link)
    house.notices.outbox.post([Post("demo-01", kind, occasion, message)])


async def deliver(house: House) -> None:
    await asyncio.to_thread(house.notices.deliverer.drain)


def states(house: House) -> list[tuple[str, str]]:
    with house.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(notices.c.state, notices.c.channel))]


async def test_notice_arrives_once_as_it_was_written_with_a_way_out(
    telegram: TelegramEmulator, told: House, bot: TelegramBot
):
    post(told, "week-1", link="https://example.com/report?a=1&b=2")
    await deliver(told)
    await telegram.until(lambda: telegram.messages(ANN))
    (message,) = telegram.messages(ANN)
    assert message["text"] == f"上周小结\n\n净增粉 **12**，播放 <b>3400</b>。\n\n{ZH('notify.open')}"
    assert 'href="https://example.com/report?a=1&amp;b=2"' in message["source"]
    assert states(told) == [("sent", "telegram")]
    await deliver(told)
    assert len(telegram.messages(ANN)) == 1
    await telegram.press_label(ANN, ZH("notify.mute", kind=ZH("kind.report")))
    await telegram.until(lambda: telegram.called("editMessageReplyMarkup"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == ZH("notify.muted", kind=ZH("kind.report"))
    assert told.notices.wishes.of("demo-01").muted == ("report",)
    post(told, "week-2")
    await deliver(told)
    assert states(told)[1][0] == "withheld"


async def test_a_picture_comes_with_its_text_and_is_uploaded_once(
    telegram: TelegramEmulator, told: House, bot: TelegramBot
):
    await linked(told, BEN, "demo-02")  # type: ignore[arg-type]
    told.notices.wishes.change("demo-02", {"quiet_from": 0, "quiet_until": 0})
    picture = told.pictures.add(png("orange"), "wang")
    for creator in ("demo-01", "demo-02"):
        message = Message("美食专场", "本周六开始。", "https://example.com/food", picture.hash)
        told.notices.outbox.post([Post(creator, "campaign", "food", message)])
        await deliver(told)
        await telegram.until(lambda chat=ANN if creator == "demo-01" else BEN: telegram.messages(chat))
    (first,), (second,) = telegram.messages(ANN), telegram.messages(BEN)
    assert first["caption"] == second["caption"] == f"美食专场\n\n本周六开始。\n\n{ZH('notify.open')}"
    assert first["source"].startswith("<b>美食专场</b>")
    assert first["photo"] == second["photo"] == told.pictures.read(picture.hash)[0]
    assert telegram.labels(ANN) == [ZH("notify.mute", kind=ZH("kind.campaign"))]
    uploads = [call["photo"] for call in telegram.called("sendPhoto")]
    assert [type(one) for one in uploads] == [bytes, str]


async def test_a_text_too_long_for_a_caption_follows_its_picture(
    telegram: TelegramEmulator, told: House, bot: TelegramBot
):
    picture = told.pictures.add(png("teal"), "wang")
    body = "\n\n".join(f"第 {number} 条规则：{'细' * 90}。" for number in range(1, 21))
    told.notices.outbox.post([Post("demo-01", "campaign", "long", Message("细则", body, "", picture.hash))])
    await deliver(told)
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    above, below = telegram.messages(ANN)
    assert (above["caption"], below["text"]) == ("细则", body)
    assert "reply_markup" not in above
    assert telegram.labels(ANN) == [ZH("notify.mute", kind=ZH("kind.campaign"))]


@pytest.mark.parametrize("fault", ["gone", "refused"])
async def test_without_its_picture_a_notice_arrives_as_text(
    telegram: TelegramEmulator, told: House, bot: TelegramBot, fault: str
):
    picture = told.pictures.add(png("grey"), "wang")
    if fault == "gone":
        for path in (told.settings.home / "pictures").iterdir():
            path.unlink()
    else:
        telegram.fail("sendPhoto", 400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    told.notices.outbox.post([Post("demo-01", "campaign", "x", Message("预告", "明天见。", "", picture.hash))])
    await deliver(told)
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.texts(ANN) == ["预告\n\n明天见。"]


async def test_kinds_are_turned_off_and_on_in_the_list(telegram: TelegramEmulator, told: House, bot: TelegramBot):
    await telegram.text(ANN, "/notify")
    await telegram.until(lambda: telegram.messages(ANN))
    on = [ZH("notify.on", kind=ZH(f"kind.{kind}")) for kind in MUTABLE]
    assert telegram.labels(ANN) == on
    off = ZH("notify.off", kind=ZH("kind.campaign"))
    await telegram.press_label(ANN, on[MUTABLE.index("campaign")])
    await telegram.until(lambda: off in telegram.labels(ANN))
    assert told.notices.wishes.of("demo-01").muted == ("campaign",)
    await telegram.press_label(ANN, off)
    await telegram.until(lambda: telegram.labels(ANN) == on)
    assert told.notices.wishes.of("demo-01").muted == ()
    await telegram.text(BEN, "关闭通知")
    await telegram.until(lambda: telegram.messages(BEN))
    assert telegram.texts(BEN) == [ZH("notify.link_first").replace("`", "")]


async def test_quiet_hours_hold_a_notice_back(telegram: TelegramEmulator, told: House, bot: TelegramBot):
    hour = datetime.now(ZoneInfo(told.settings.timezone)).hour
    told.notices.wishes.change("demo-01", {"quiet_from": hour, "quiet_until": (hour + 2) % 24})
    post(told, "week-1")
    await deliver(told)
    assert states(told) == [("waiting", "")]
    assert telegram.messages(ANN) == []


async def test_chat_that_blocked_the_bot_gets_no_more_until_it_writes_again(
    telegram: TelegramEmulator, told: House, bot: TelegramBot
):
    chats = Chats(told.engine, 666)
    telegram.block(ANN)
    post(told, "week-1")
    await deliver(told)
    async with asyncio.timeout(60):
        while not chats.find(ANN).is_blocked:
            await asyncio.sleep(0.01)
    post(told, "week-2")
    await deliver(told)
    assert states(told)[1][0] == "failed"
    assert len(telegram.called("sendMessage")) == 1
    telegram._blocked.clear()
    await telegram.text(ANN, "我回来了")
    await telegram.until(lambda: telegram.messages(ANN))
    assert not chats.find(ANN).is_blocked


async def test_blocking_and_return_are_told_by_telegram(telegram: TelegramEmulator, told: House, bot: TelegramBot):
    chats = Chats(told.engine, 666)
    user = {"id": ANN, "is_bot": False, "first_name": "A"}
    me = {"id": 666, "is_bot": True, "first_name": "E"}
    change = {"chat": {"id": ANN, "type": "private"}, "from": user, "date": 1}
    gone, there = {"status": "kicked", "user": me, "until_date": 0}, {"status": "member", "user": me}
    await telegram.deliver({"my_chat_member": {**change, "old_chat_member": there, "new_chat_member": gone}})
    async with asyncio.timeout(60):
        while not chats.find(ANN).is_blocked:
            await asyncio.sleep(0.01)
    await telegram.deliver({"my_chat_member": {**change, "old_chat_member": gone, "new_chat_member": there}})
    async with asyncio.timeout(60):
        while chats.find(ANN).is_blocked:
            await asyncio.sleep(0.01)
    await all_finished(told)


async def test_notice_taken_before_a_stop_is_sent_after_it_and_once(
    telegram: TelegramEmulator, told: House, new_bot: BotMaker
):
    telegram.fail("sendMessage", 500, times=1000)
    bot = new_bot()
    await bot.start()
    post(told, "week-1")
    await deliver(told)
    await telegram.until(lambda: telegram.called("sendMessage"))
    await bot.stop(drain_seconds=0)
    telegram._faults.clear()
    assert states(told) == [("sent", "telegram")]
    await new_bot().start()
    await telegram.until(lambda: telegram.messages(ANN))
    await asyncio.sleep(0.1)
    assert len(telegram.messages(ANN)) == 1


async def test_several_at_once_are_one_message_with_the_settings_under_it(
    telegram: TelegramEmulator, told: House, bot: TelegramBot
):
    for number in range(4):
        post(told, f"week-{number}", "campaign" if number % 2 else "task")
    await deliver(told)
    await telegram.until(lambda: telegram.messages(ANN))
    assert len(telegram.messages(ANN)) == 1
    assert telegram.labels(ANN) == [ZH("notify.settings")]
    await telegram.press_label(ANN, ZH("notify.settings"))
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert len(telegram.labels(ANN)) == len(MUTABLE)


async def test_language_is_kept_over_restarts_and_holds_for_notices(
    telegram: TelegramEmulator, told: House, new_bot: BotMaker
):
    bot = new_bot()
    await bot.start()
    await telegram.text(ANN, "/language")
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.labels(ANN) == ["简体中文 ✓", "繁體中文", "English"]
    await telegram.press_label(ANN, "English")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert telegram.texts(ANN)[1] == EN("language.done")
    scoped = [one for one in telegram.called("setMyCommands") if one.get("scope", {}).get("type") == "chat"]
    assert scoped[0]["commands"][0]["description"] == EN("command.me")
    await bot.stop()
    await new_bot().start()
    await telegram.text(ANN, "/unlink")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
    assert telegram.texts(ANN)[2] == EN("unlink.done")
    assert told.notices.wishes.of("demo-01").language == "en"
    await telegram.text(ANN, "/language zh-Hant")
    await telegram.text(ANN, "/unlink")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 5)
    assert telegram.texts(ANN)[4] == load_texts()["zh-Hant"]("unlink.nothing") != ZH("unlink.nothing")
