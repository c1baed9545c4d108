"""The bot over HTTP: what people write on one side, what they get to read on the other."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.errors import Unavailable
from connectors.telegram.bot import TelegramBot
from connectors.telegram.commands import MENU
from connectors.telegram.texts import load_texts
from tests.connectors.telegram.conftest import REPLY, BotMaker, House, all_finished, citation
from tests.telegram_emulator import TelegramEmulator

ZH, EN = load_texts()["zh"], load_texts()["en"]
ANN, BEN, GROUP = 101, 102, -2001


async def test_question_is_answered_with_numbered_dated_sources(
    telegram: TelegramEmulator, house: House, bot: TelegramBot
):
    lapsed = citation(2, "2022 光合计划", held=(date(2022, 7, 1), date(2023, 7, 1)))
    house.assistant.reply_with = replace(REPLY, citations=[citation(1), lapsed])
    await telegram.text(ANN, "2024年光合计划给多少流量？")
    await telegram.until(lambda: telegram.messages(ANN))
    (message,) = telegram.messages(ANN)
    assert message["text"].splitlines() == [
        "政策与事实",
        "",
        "2024 年光合计划给 100亿 流量。[1]",
        "",
        ZH("sources.heading"),
        "[1] 2024 快手光合创作者大会 · 中国创新网 · 2024-09-04",
        "[2] 2022 光合计划 · 中国创新网 · 2024-09-04 · "
        + ZH("sources.between", start="2022-07-01", last="2023-06-30"),
    ]
    assert '<a href="https://cncin.net/a?b=1&amp;c=2">2024 快手光合创作者大会</a>' in message["source"]
    assert "<b>政策与事实</b>" in message["source"]
    assert telegram.called("sendMessage")[0]["link_preview_options"] == {"is_disabled": True}
    await all_finished(house)


async def test_typing_shows_before_the_answer(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.seconds = 0.1
    await telegram.text(ANN, "在吗")
    await telegram.until(lambda: telegram.messages(ANN))
    methods = [method for method, _ in telegram.calls]
    assert methods.index("sendChatAction") < methods.index("sendMessage")


async def test_long_answer_arrives_whole_in_messages_under_the_limit(
    telegram: TelegramEmulator, house: House, bot: TelegramBot
):
    paragraphs = [f"第 {number} 段。" + "向光而行，日日更新。😀" * 30 for number in range(38)]
    text = "\n\n".join(paragraphs)
    house.assistant.reply_with = replace(REPLY, text=text, citations=[citation(1)], suggestions=["然后呢"])
    assert len(house.assistant.reply_with.text) > 12_000
    await telegram.text(ANN, "全部讲给我听")
    await telegram.until(lambda: any("reply_markup" in message for message in telegram.messages(ANN)))
    texts = telegram.texts(ANN)
    assert all(len(text.encode("utf-16-le")) // 2 < 4096 for text in texts)
    assert len(texts) == 4
    assert "\n\n".join(texts).startswith("\n\n".join(paragraphs))
    assert ["reply_markup" in message for message in telegram.messages(ANN)] == [False, False, False, True]


async def test_link_code_links_this_user_once(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    code = house.accounts.issue_link_code("demo-01")
    await telegram.text(ANN, "/start WRONGCOD")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 1)
    assert telegram.texts(ANN) == [ZH("link.refused")]
    await telegram.text(ANN, f"/start {code}")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert telegram.texts(ANN)[1].splitlines() == [
        ZH("link.done", name="林小满"), ZH("link.synthetic"), ZH("link.next"),
    ]  # fmt: skip
    await telegram.text(BEN, f"/start {code}")
    await telegram.until(lambda: telegram.messages(BEN))
    assert telegram.texts(BEN) == [ZH("link.refused")]
    assert house.accounts.linked_creator("telegram", str(BEN)) is None
    await telegram.text(ANN, f"/start {code}")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 3)
    assert telegram.texts(ANN)[2].splitlines() == [ZH("link.refused"), ZH("link.still", name="林小满")]


async def test_linked_creator_travels_with_the_question_until_unlinked(
    telegram: TelegramEmulator, house: House, bot: TelegramBot
):
    await telegram.text(ANN, f"/start {house.accounts.issue_link_code('demo-01')}")
    await telegram.text(ANN, "/me")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    await telegram.text(ANN, "/unlink")
    await telegram.text(ANN, "/unlink")
    await telegram.text(ANN, "完播率怎么算")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 5)
    assert telegram.texts(ANN)[2:4] == [ZH("unlink.done"), ZH("unlink.nothing")]
    (linked, first, asked), (unknown, second, _) = house.assistant.asked
    assert (linked.creator, linked.address, asked) == ("demo-01", str(ANN), ZH("question.me"))
    assert (unknown.creator, unknown.owner) == (None, f"telegram:{ANN}")
    assert first != second == f"tg-666-{ANN}"


async def test_group_is_answered_only_when_meant_and_never_with_personal_numbers(
    telegram: TelegramEmulator, house: House, bot: TelegramBot
):
    house.accounts.redeem_link_code(house.accounts.issue_link_code("demo-01"), "telegram", str(ANN))
    await telegram.text(GROUP, "大家吃了吗", user=ANN)
    await telegram.text(GROUP, "/help", user=ANN)
    await telegram.text(GROUP, "@somebody_else 完播率怎么算", user=ANN)
    await telegram.text(GROUP, "😀 @Emulated_Bot 完播率怎么算", user=ANN)
    await telegram.until(lambda: len(telegram.messages(GROUP)) == 1)
    answer = telegram.messages(GROUP)[0]
    assert answer["replies_to"]
    await telegram.text(GROUP, "那点击率呢", user=BEN, reply_to=answer["message_id"])
    await telegram.text(GROUP, "/me@emulated_bot", user=ANN)
    await telegram.text(GROUP, f"/start@emulated_bot {house.accounts.issue_link_code('demo-01')}", user=BEN)
    await telegram.text(GROUP, "@emulated_bot", user=BEN)
    await telegram.until(lambda: len(telegram.messages(GROUP)) == 5)
    assert house.assistant.questions == ["😀  完播率怎么算", "那点击率呢"]
    assert {caller.owner for caller, _, _ in house.assistant.asked} == {f"telegram:{GROUP}"}
    assert telegram.texts(GROUP)[2:4] == [ZH("private_only")] * 2
    assert house.accounts.linked_creator("telegram", str(BEN)) is None
    await all_finished(house)


async def test_refused_markup_is_sent_as_plain_text(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    house.assistant.reply_with = replace(REPLY, citations=[citation(1)], suggestions=["然后呢"])
    telegram.fail("sendMessage", 400, only=lambda parameters: "parse_mode" in parameters)
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    (message,) = telegram.messages(ANN)
    assert not message["html"]
    assert "[1] 2024 快手光合创作者大会 (https://cncin.net/a?b=1&c=2) · 中国创新网" in message["text"]
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "然后呢"


async def test_suggestion_button_asks_its_question_even_after_a_restart(
    telegram: TelegramEmulator, house: House, new_bot: BotMaker
):
    house.assistant.reply_with = replace(REPLY, suggestions=["2023年呢？", "怎么报名？"])
    bot = new_bot()
    await bot.start()
    await telegram.text(ANN, "一")
    await telegram.until(lambda: telegram.messages(ANN))
    message = telegram.messages(ANN)[0]
    (_,), (second,), *_ = message["reply_markup"]["inline_keyboard"]
    await bot.stop()
    await new_bot().start()
    await telegram.press(ANN, message["message_id"], second["callback_data"])
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert house.assistant.questions == ["一", "怎么报名？"]
    assert telegram.texts(ANN)[1].startswith("▸ 怎么报名？\n\n")
    assert "text" not in telegram.called("answerCallbackQuery")[0]


async def test_stale_button_gets_a_polite_note(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    await telegram.press(ANN, 5, "ask:0")
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == ZH("stale")
    await all_finished(house)
    assert telegram.messages(ANN) == []


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("voice", {"file_id": "v", "file_unique_id": "v", "duration": 3}, "unread.voice"),
        ("photo", [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}], "unread.picture"),
        ("location", {"longitude": 1.0, "latitude": 1.0}, "unread.other"),
    ],
)
async def test_what_is_not_text_gets_one_sentence(
    telegram: TelegramEmulator, bot: TelegramBot, kind: str, content: object, told: str
):
    await telegram.attach(ANN, kind, content, **({"caption": "看看这个"} if kind == "photo" else {}))
    await telegram.until(lambda: telegram.messages(ANN))
    assert telegram.texts(ANN) == [ZH(told)]


async def test_language_follows_the_client_until_chosen(telegram: TelegramEmulator, bot: TelegramBot):
    await telegram.text(ANN, "/privacy", language="en-GB")
    await telegram.text(ANN, "/language zh", language="en-GB")
    await telegram.text(ANN, "/nonsense", language="en-GB")
    await telegram.text(ANN, "/language fr", language="en-GB")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 4)
    first, *others = telegram.texts(ANN)
    assert first.startswith("What I keep\n\n• Your questions")
    assert others == [ZH("language.done"), ZH("command.unknown"), ZH("language.choose")]


async def test_start_says_what_it_can_do_and_offers_questions(telegram: TelegramEmulator, bot: TelegramBot):
    await telegram.text(ANN, "/start", language="en")
    await telegram.text(BEN, "/help")
    await telegram.until(lambda: telegram.messages(ANN) and telegram.messages(BEN))
    (message,) = telegram.messages(ANN)
    assert message["text"].count("\n• ") == 3
    assert telegram.labels(ANN) == [
        EN("question.first"), EN("question.second"), EN("start.numbers"), EN("start.help"),
    ]  # fmt: skip
    assert all(f"/{name} — " in telegram.texts(BEN)[0] for name in MENU)
    menus = {one.get("language_code", ""): one["commands"] for one in telegram.called("setMyCommands")}
    assert menus["zh"] == menus[""] != menus["en"]


async def test_failure_ends_in_one_sentence_with_a_reference(
    telegram: TelegramEmulator, house: House, bot: TelegramBot, caplog: pytest.LogCaptureFixture
):
    house.assistant.failure = ZeroDivisionError("a fault of ours")
    await telegram.text(ANN, "一")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 1)
    house.assistant.failure = Unavailable("The database is busy.")
    await telegram.text(ANN, "二")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    references = [record.args[0] for record in caplog.records if record.msg.startswith("Reference")]
    assert telegram.texts(ANN) == [
        ZH("problem.other", reference=references[0]),
        ZH("problem.later", reference=references[1]),
    ]
    await all_finished(house)


async def test_answer_under_way_ends_with_the_link(telegram: TelegramEmulator, house: House, bot: TelegramBot):
    await telegram.text(ANN, f"/start {house.accounts.issue_link_code('demo-01')}")
    await telegram.until(lambda: telegram.messages(ANN))
    house.assistant.seconds = 30
    await telegram.text(ANN, "我的数据怎么样")
    await telegram.until(lambda: house.assistant.asked)
    house.accounts.unlink("telegram", str(ANN))
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2)
    assert "100亿" not in telegram.texts(ANN)[1]
