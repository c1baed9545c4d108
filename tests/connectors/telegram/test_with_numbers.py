"""The bot on the real services: the commands, a creator's works, pictures, opinions, files and one's own data."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.bootstrap import Services
from assistant.creators.accounts import Creator
from assistant.database.learning_tables import feedback
from assistant.database.telegram_tables import telegram_files
from connectors.telegram.commands import MENU, SPOKEN
from connectors.telegram.files import LARGEST_BYTES
from connectors.telegram.texts import Texts, load_texts
from connectors.telegram.works import PAGE
from tests.connectors.telegram.conftest import all_finished, linked
from tests.telegram_emulator import TelegramEmulator

ZH, EN = load_texts()["zh"], load_texts()["en"]
GROUP = -2001
HAN, LATIN = re.compile(r"[一-鿿]"), re.compile(r"[a-z]+")


@pytest.mark.parametrize(("language", "texts", "chat"), [("zh-hans", ZH, 201), ("en", EN, 202)])
async def test_every_command_is_answered_in_the_language_of_the_chat(
    telegram: TelegramEmulator, guide: Services, language: str, texts: Texts, chat: int
):
    await linked(guide, chat, "demo-01")
    commands = [name for name in MENU if name != "unlink"]
    for name in commands:
        before = len(telegram.messages(chat))
        await telegram.text(chat, f"/{name}", language=language)
        await telegram.until(lambda many=before: len(telegram.messages(chat)) > many)
        await all_finished(guide)
        told = telegram.texts(chat)[before]
        assert told.strip(), name
        assert told != texts("command.unknown"), name
        is_english = len(LATIN.findall(told)) > len(HAN.findall(told))
        assert is_english == (language == "en"), (name, told)
    await telegram.text(chat, "/unlink", language=language)
    await telegram.until(lambda: telegram.texts(chat)[-1] == texts("unlink.done"))


async def test_own_numbers_come_with_a_picture_and_its_words(telegram: TelegramEmulator, guide: Services):
    await linked(guide, 203, "demo-03")
    await telegram.text(203, "/growth")
    await telegram.until(lambda: any("photo" in one for one in telegram.messages(203)))
    picture = next(one for one in telegram.messages(203) if "photo" in one)
    assert picture["photo"].startswith(b"\x89PNG")
    assert 20 < len(picture["caption"]) <= 1024
    assert "reply_markup" in picture


async def test_work_is_chosen_from_pages_and_diagnosed(telegram: TelegramEmulator, guide: Services):
    await linked(guide, 204, "demo-02")
    await telegram.text(204, "/diagnose")
    await telegram.until(lambda: telegram.messages(204))
    (listed,) = telegram.messages(204)
    first = telegram.labels(204)
    assert len(first) == PAGE + 1
    assert first[-1] == ZH("page.after")
    await telegram.press_label(204, ZH("page.after"))
    await telegram.until(lambda: telegram.labels(204)[0] != first[0])
    second = telegram.labels(204)
    assert second[-2:] == [ZH("page.before"), ZH("page.after")]
    assert not set(first[:PAGE]) & set(second[:PAGE])
    await telegram.press_label(204, second[0])
    await telegram.until(lambda: len(telegram.messages(204)) >= 2)
    title = second[0].split(" ", 1)[1].rstrip("…")
    asked = telegram.texts(204)[1].split("\n", 1)[0]  # with its day where several works have the title
    assert asked.startswith("▸ 诊断一下我")
    assert f"《{title}" in asked
    assert listed["message_id"] == telegram.messages(204)[0]["message_id"], "the list turned its page in place"


async def test_works_of_another_cannot_be_reached_by_their_buttons(telegram: TelegramEmulator, guide: Services):
    await linked(guide, 205, "demo-02")
    await telegram.text(205, "/diagnose")
    await telegram.until(lambda: telegram.messages(205))
    (listed,) = telegram.messages(205)
    data = listed["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await linked(guide, 206, "demo-03")
    await telegram.press(206, listed["message_id"], data)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == ZH("stale")
    await linked(guide, 205, "demo-03")  # the same chat, but another creator by now
    await telegram.press_label(205, telegram.labels(205)[0])
    await telegram.until(lambda: len(telegram.called("answerCallbackQuery")) == 2)
    assert telegram.called("answerCallbackQuery")[1]["text"] == ZH("stale")
    assert telegram.messages(206) == []


async def test_opinion_is_kept_marked_changed_and_taken_back(telegram: TelegramEmulator, guide: Services):
    def verdicts() -> list[str]:
        with guide.engine.connect() as connection:
            return list(connection.scalars(select(feedback.c.verdict).order_by(feedback.c.at.desc()).limit(1)))

    await telegram.text(207, "2024年光合计划给多少流量？")
    await telegram.until(lambda: telegram.messages(207))
    known = len(verdicts())
    for pressed, labels, told in (
        ("👍", ["👍 ✓", "👎"], "opinion.up"),
        ("👎", ["👍", "👎 ✓"], "opinion.down"),
        ("👎", ["👍", "👎"], "opinion.back"),
    ):
        await telegram.press_label(207, pressed)
        await telegram.until(lambda wanted=labels: telegram.labels(207)[-2:] == wanted)
        assert telegram.called("answerCallbackQuery")[-1]["text"] == ZH(told)
        if told != "opinion.back":
            assert verdicts() == [told.removeprefix("opinion.")]
    assert known <= 1
    assert len(telegram.messages(207)) == 1


async def test_a_reply_to_a_disliked_answer_is_kept_as_the_word_to_it_and_answered(
    telegram: TelegramEmulator, guide: Services
):
    def words() -> list[tuple[str, str]]:
        with guide.engine.connect() as connection:
            latest = select(feedback.c.verdict, feedback.c.comment).order_by(feedback.c.at.desc()).limit(1)
            return [(row.verdict, row.comment) for row in connection.execute(latest)]

    await telegram.text(209, "2024年光合计划给多少流量？")
    await telegram.until(lambda: telegram.messages(209))
    first = telegram.messages(209)[0]["message_id"]
    await telegram.text(209, "完播率怎么算？", reply_to=first)  # nobody disliked it
    await telegram.until(lambda: len(telegram.messages(209)) == 2)
    assert ("down", "完播率怎么算？") not in words()
    second = telegram.messages(209)[1]["message_id"]
    await telegram.press_label(209, "👎")
    await telegram.until(lambda: telegram.labels(209)[-1:] == ["👎 ✓"])
    assert words() == [("down", "")]
    await telegram.text(209, "我问的是 2022 年光合计划的流量", reply_to=second)
    await telegram.until(lambda: len(telegram.messages(209)) == 3)
    assert words() == [("down", "我问的是 2022 年光合计划的流量")]
    assert "流量" in telegram.messages(209)[2]["text"]


def export(days: int) -> str:
    """An export in our own layout: one work, some days, and a line that cannot be read."""
    first = date.today() - timedelta(days=days + 2)
    rows = [f"v1,*好*片,2024-01-01,{first + timedelta(days=day)},1000,100,{10 + day}" for day in range(days)]
    return "\n".join(["work_id,title,published_at,day,show,play,like", *rows, "v1,好片,2024-01-01,soon,1,1,1"]) + "\n"


async def test_file_is_previewed_and_imported_after_a_yes(
    telegram: TelegramEmulator, guide: Services, tmp_path: Path
):
    guide.accounts.add(Creator("file-01", "小文", "快手", "美食"))
    await linked(guide, 208, "file-01")
    content = export(5).encode()
    await telegram.upload(208, "my_[export]*.csv", content)
    await telegram.until(lambda: telegram.messages(208))
    preview = telegram.texts(208)[0]
    assert "my_[export]*.csv" in preview
    assert ZH("file.would_store", new=5, changed=0) in preview
    assert ZH("file.skipped", count=1, lines="7") in preview
    assert f"{ZH('total.play')} 500" in preview
    assert guide.warehouse.imports(1)[0].creator_id != "file-01", "nothing is kept before the yes"
    await telegram.press_label(208, ZH("file.yes"))
    await telegram.until(lambda: len(telegram.messages(208)) == 2)
    assert ZH("file.stored", new=5, changed=0) in telegram.texts(208)[1]
    imported = guide.warehouse.imports(1)[0]
    assert (imported.creator_id, imported.new, imported.actor) == ("file-01", 5, "telegram 208")
    assert telegram.labels(208) == [ZH("question.me")]
    assert list((guide.settings.home / "telegram").glob("*")) == []
    await telegram.upload(208, "again.csv", content)
    await telegram.until(lambda: len(telegram.messages(208)) == 3)
    assert ZH("file.would_store", new=0, changed=0) in telegram.texts(208)[2]
    await telegram.press_label(208, ZH("file.no"))
    await telegram.until(lambda: len(telegram.messages(208)) == 4)
    assert telegram.texts(208)[3] == ZH("file.dropped")
    with guide.engine.connect() as connection:
        assert [row.import_id for row in connection.execute(select(telegram_files))] == [imported.id]


async def test_yes_counts_once_and_only_for_the_creator_who_sent_the_file(telegram: TelegramEmulator, guide: Services):
    guide.accounts.add(Creator("file-02", "小件", "快手", "美食"))
    await linked(guide, 209, "file-02")
    await telegram.upload(209, "a.csv", export(3).encode())
    await telegram.until(lambda: telegram.messages(209))
    (preview,) = telegram.messages(209)
    yes = preview["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await linked(guide, 209, "demo-01")
    await telegram.press(209, preview["message_id"], yes)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == ZH("stale")
    await linked(guide, 209, "file-02")
    await telegram.press(209, preview["message_id"], yes)
    await telegram.press(209, preview["message_id"], yes)
    await telegram.until(lambda: len(telegram.messages(209)) == 3)
    number = guide.warehouse.imports(1)[0].id
    assert telegram.texts(209)[2] == ZH("file.kept_before", number=number)


async def test_file_that_cannot_be_imported_gets_its_sentence(telegram: TelegramEmulator, guide: Services):
    guide.accounts.add(Creator("file-03", "小三", "快手", "美食"))
    await telegram.upload(210, "a.csv", export(3).encode())
    await telegram.until(lambda: len(telegram.messages(210)) == 1)
    await linked(guide, 210, "file-03")
    files = (
        ("a.pdf", b"%PDF", None),
        ("big.csv", b"x", LARGEST_BYTES + 1),
        ("bigger.csv", b"x" * (LARGEST_BYTES + 1), 5),
        ("odd.csv", b"a,b\n1,2\n", None),
        ("broken.xlsx", b"PK\x03\x04 nothing", None),
        ("broken.parquet", b"PAR1", None),
        ("empty.csv", b"", None),
    )
    for number, (name, content, size) in enumerate(files, 2):
        await telegram.upload(210, name, content, size=size)
        await telegram.until(lambda wanted=number: len(telegram.messages(210)) == wanted)
    told = telegram.texts(210)
    assert told[0] == ZH("file.link_first").replace("`", "")
    assert told[1:4] == [ZH("file.kind"), ZH("file.large", megabytes=20), ZH("file.gone")]
    head = ZH("file.unread", reference="").split("。")[0]
    assert all(text.startswith(head) for text in told[4:]), told
    assert list((guide.settings.home / "telegram").glob("*")) == []


async def test_rows_of_another_creator_are_left_out_of_a_file(telegram: TelegramEmulator, guide: Services):
    guide.accounts.add(Creator("file-04", "小四", "快手", "美食"))
    await linked(guide, 211, "file-04")
    mine, theirs = export(2).splitlines()[:2], export(2).splitlines()[2]
    content = "\n".join([f"creator_id,{mine[0]}", f"file-04,{mine[1]}", f"demo-01,{theirs}"])
    await telegram.upload(211, "two.csv", content.encode())
    await telegram.until(lambda: telegram.messages(211))
    await telegram.press_label(211, ZH("file.yes"))
    await telegram.until(lambda: len(telegram.messages(211)) == 2)
    assert ZH("file.stored", new=1, changed=0) in telegram.texts(211)[1]


async def test_own_data_come_as_a_file_and_a_shared_account_has_none(telegram: TelegramEmulator, guide: Services):
    await telegram.text(212, "完播率怎么算")
    await telegram.text(212, "/privacy")
    await telegram.until(lambda: len(telegram.messages(212)) == 2)
    await telegram.press_label(212, ZH("privacy.export"))
    await telegram.until(lambda: len(telegram.messages(212)) == 3)
    kept = json.loads(telegram.messages(212)[2]["content"])["kept"]
    assert [turn["question"] for turn in kept["turns"]] == ["完播率怎么算"]
    await linked(guide, 212, "demo-01")
    await telegram.press_label(212, ZH("privacy.export"))
    await telegram.until(lambda: len(telegram.messages(212)) == 4)
    assert telegram.texts(212)[3] == ZH("privacy.shared")
    await telegram.press_label(212, ZH("question.kept"))
    await telegram.until(lambda: len(telegram.messages(212)) == 5)


async def test_group_gets_no_personal_numbers_whatever_is_asked(telegram: TelegramEmulator, guide: Services):
    await linked(guide, 213, "demo-01")
    commands = [f"/{name}@emulated_bot" for name in ("me", "growth", "diagnose")]
    asked = ["我的数据怎么样", "诊断一下我最新的作品", *commands]
    for number, text in enumerate(asked, 1):
        said = text if text.startswith("/") else f"@emulated_bot {text}"
        await telegram.text(GROUP, said, user=213)
        await telegram.until(lambda wanted=number: len(telegram.messages(GROUP)) == wanted)
    assert not any("28 天" in text or "粉丝" in text for text in telegram.texts(GROUP)), telegram.texts(GROUP)
    assert not any("photo" in one for one in telegram.messages(GROUP))


async def test_what_an_answer_offers_is_done_by_its_button_and_once(telegram: TelegramEmulator, guide: Services):
    await linked(guide, 215, "demo-05")
    await telegram.text(215, "帮我盯着完播率")
    await telegram.until(lambda: "开始盯着完播率" in telegram.labels(215))
    await all_finished(guide)
    offered = next(one for one in telegram.messages(215) if "reply_markup" in one)
    assert guide.alerts.of("demo-05") == []
    data = offered["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await telegram.press(216, offered["message_id"], data)
    await telegram.until(lambda: telegram.called("answerCallbackQuery"))
    assert telegram.called("answerCallbackQuery")[0]["text"] == ZH("stale"), "another chat's button"
    assert guide.alerts.of("demo-05") == []
    many = len(telegram.messages(215))
    await telegram.press(215, offered["message_id"], data)
    await telegram.press(215, offered["message_id"], data)
    await telegram.until(lambda: len(telegram.messages(215)) == many + 2)
    assert len(guide.alerts.of("demo-05")) == 1
    first, second = telegram.texts(215)[many:]
    assert first == second
    assert first.startswith("▸ 开始盯着完播率\n\n")
    now = next(one for one in telegram.messages(215) if one["message_id"] == offered["message_id"])
    shown = [button["text"] for row in now["reply_markup"]["inline_keyboard"] for button in row]
    assert "开始盯着完播率" not in shown


INTENTS = {
    "me": "my_overview", "growth": "my_growth", "plan": "my_plan", "ideas": "ideas", "templates": "templates",
    "tasks": "my_tasks", "campaigns": "campaigns", "rank": "my_rank", "metric": "my_metrics", "human": "human",
}  # fmt: skip


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
def test_what_commands_ask_is_understood_as_what_they_mean(starter: Services, texts: Texts):
    read = {name: starter.assistant.read(texts(bare)).intent for name, (bare, _) in SPOKEN.items()}
    assert read == INTENTS
    assert starter.assistant.read(texts("question.work", title="第一次试番茄牛腩")).intent == "my_work"


async def test_creator_asks_links_and_asks_about_own_numbers(telegram: TelegramEmulator, guide: Services):
    async def answer_to(text: str) -> str:
        before = len(telegram.messages(214))
        await telegram.text(214, text)
        await telegram.until(lambda: len(telegram.messages(214)) > before)
        return telegram.texts(214)[before]

    assert "/start" in await answer_to("/me")
    program = await answer_to("2024年光合计划给多少流量？")
    assert "100亿" in program
    assert "[1] " in program.split(ZH("sources.heading"))[-1]
    linked_to = await answer_to(f"绑定 {guide.accounts.issue_link_code('demo-01')}")
    assert guide.accounts.get("demo-01").name in linked_to
    numbers = await answer_to("/me")
    assert "28 天" in numbers
    assert "合成" in numbers
    assert await answer_to("解绑") == ZH("unlink.done")
