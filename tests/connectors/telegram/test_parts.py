"""The small parts: texts, pace, inbox, buttons."""

import asyncio
import json
import re
import string
import time
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from telegram import Update

from assistant.creators.charts.chart import Chart, Table
from assistant.database.schema import metadata
from assistant.programs.notices.notice import MUTABLE
from connectors.telegram.buttons import Button, Seal, answer_of, keyboard, opinion_row, question_rows
from connectors.telegram.commands import MENU, SPOKEN, parse_command
from connectors.telegram.delivery import LONGEST_PAUSE, pause_after
from connectors.telegram.files import TOLD_TOTALS
from connectors.telegram.inbox import Inbox
from connectors.telegram.markup import Run, units
from connectors.telegram.pace import Pace
from connectors.telegram.parts import Outgoing, Part, parts_of
from connectors.telegram.phrases import Phrases
from connectors.telegram.texts import LOCALE, Language, Texts, language_of, load_texts

FOLDER = LOCALE.parent


def catalogue(language: str) -> dict[str, str]:
    with (LOCALE / language / "LC_MESSAGES" / "telegram.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_catalogues_hold_the_same_texts_with_the_same_placeholders():
    zh, en = catalogue("zh"), catalogue("en")
    assert list(zh) == list(en)
    assert all(text.strip() for text in (*zh.values(), *en.values()))
    assert [placeholders(text) for text in zh.values()] == [placeholders(text) for text in en.values()]


def test_every_text_that_the_code_names_exists_and_none_is_left_over():
    code = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    named = set(re.findall(r'"([a-z]+(?:[._][a-z_]+)*)"', code)) | {f"command.{name}" for name in MENU}
    named |= {f"kind.{kind}" for kind in MUTABLE} | {f"total.{name}" for name in TOLD_TOTALS}
    assert set(catalogue("zh")) - named == set()
    looked_up = set(re.findall(r"\btexts\(\"([^\"{]+)\"", code))
    assert looked_up - set(catalogue("zh")) == set()


def test_code_holds_no_text_for_creators():
    for path in FOLDER.glob("*.py"):
        assert not re.search(r"[一-鿿]", path.read_text("utf-8")), path.name


def test_missing_text_and_missing_value_are_errors():
    texts: Texts = load_texts()["zh"]
    with pytest.raises(KeyError):
        texts("no.such.text")
    with pytest.raises(KeyError):
        texts("link.still")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/start", ("start", "")),
        ("/START  AB12 ", ("start", "AB12")),
        ("/start\nAB12", ("start", "AB12")),
        ("/help@emulated_bot", ("help", "")),
        ("/ 这不是命令", None),
        ("/", None),
        ("2024/09/04 是什么日子", None),
    ],
)
def test_command_and_argument_are_told_apart(said: str, expected: object):
    assert parse_command(said) == expected


async def test_pace_spaces_a_chat_and_the_whole_but_lets_the_rest_pass():
    """Only what a pause is at least is measured: a busy machine makes all of them longer."""
    pace, sent = Pace(private=0.1, group=0.2, overall=0.02), []

    async def send() -> None:
        sent.append(time.monotonic())

    for chat in (1, 1, -1, -1):
        await pace.process_request(send, (), {}, "sendMessage", {"chat_id": chat}, None)
    gaps = [later - earlier for earlier, later in zip(sent, sent[1:], strict=False)]
    assert gaps[0] >= 0.1
    assert gaps[1] >= 0.02
    assert gaps[2] >= 0.2
    never = Pace(private=1e6, group=1e6, overall=1e6)
    await never.process_request(send, (), {}, "sendMessage", {"chat_id": 1}, None)
    async with asyncio.timeout(60):
        for _ in range(10):
            await never.process_request(send, (), {}, "sendChatAction", {"chat_id": 1}, None)
    one_chat = Pace(private=1e6, group=1e6, overall=0)
    async with asyncio.timeout(60):
        for chat in (1, 2, -3):
            await one_chat.process_request(send, (), {}, "sendMessage", {"chat_id": chat}, None)


def test_pauses_grow_up_to_a_limit():
    pauses = [pause_after(OSError(), tries) for tries in range(20)]
    assert pauses[0] == 0.5
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_inbox_keeps_each_update_once_in_order_and_drops_what_is_done(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'heliotrope.db'}")
    metadata.create_all(engine)
    inbox, other = Inbox(engine, 1), Inbox(engine, 2)
    said = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    first, second = (
        Update.de_json({"update_id": number, "message": {**said, "text": "问"}}, None) for number in (7, 8)
    )
    assert inbox.keep([first]) == [first]
    assert inbox.keep([first, second]) == [second]
    assert other.keep([first]) == [first]
    assert [(one.to_dict(), tries) for one, tries in inbox.unfinished()] == [
        (first.to_dict(), 0), (second.to_dict(), 0),
    ]  # fmt: skip
    assert inbox.unfinished(is_alone=False) == []
    inbox.finish(7)
    inbox.take_up(8)
    inbox.forget_old()
    assert [(one.update_id, tries) for one, tries in inbox.unfinished()] == [(8, 1)]
    assert inbox.keep([first]) == []


def test_buttons_carry_little_and_are_readable():
    seal = Seal("1:token")
    rows = question_rows(["问" * 60, "问" * 61, " ", "二"])
    assert [[button.label for button in row] for row in rows] == [["问" * 60], ["二"]]
    row = opinion_row("0123456789abcdef" * 2, "up")
    assert [button.label for button in row] == ["👍 ✓", "👎"]
    for button in (*rows[0], *row, Button("…", f"keep:{'f' * 16}")):
        assert len(seal.sealed(-1001234567890, button.data).encode()) <= 64
    assert answer_of(row[1].data.partition(":")[2]) == "0123456789abcdef" * 2
    assert keyboard([]) is None
    assert keyboard([[]]) is None


@given(st.integers(), st.integers(), st.text(max_size=40))
def test_button_data_count_only_in_their_own_chat_and_unchanged(chat: int, other: int, argument: str):
    seal = Seal("1:token")
    sealed = seal.sealed(chat, f"keep:{argument}")
    assert seal.opened(chat, sealed) == ("keep", argument)
    assert Seal("1:other").opened(chat, sealed) is None
    assert seal.opened(chat, sealed.replace("keep", "drop", 1)) is None
    assert seal.opened(chat, argument) is None
    assert chat == other or seal.opened(other, sealed) is None


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh-hans", "zh"), ("zh", "zh"), ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("zh-hant", "zh-Hant"),
        ("en-GB", "en"), ("pt-br", "en"), (None, "zh"), ("", "zh"),
    ],
)  # fmt: skip
def test_language_is_that_of_the_client(code: str | None, language: Language):
    assert language_of(code) == language


def test_traditional_texts_are_made_from_the_simplified():
    told = load_texts()["zh-Hant"]("link.done", name="马")
    assert told.endswith("成功：马。")
    assert "绑" not in told


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("帮助", ("help", "")),
        ("怎么用？", ("help", "")),
        ("绑定 ABCD2345", ("start", "ABCD2345")),
        ("绑定码：ABCD2345", ("start", "ABCD2345")),
        ("link code ABCD2345", ("start", "ABCD2345")),
        ("解绑", ("unlink", "")),
        ("换一条作品", ("diagnose", "")),
        ("关闭通知。", ("notify", "")),
        ("unsubscribe", ("notify", "")),
        ("隐私说明", ("privacy", "")),
        ("privacy", ("privacy", "")),
        ("切换语言", ("language", "")),
        ("界面改成英文", ("language", "en")),
        ("界面換成繁體中文", ("language", "zh-Hant")),
        ("界面换成繁体中文", ("language", "zh-Hant")),
        ("Switch to English!", ("language", "en")),
        ("快手实名能解绑吗", None),
        ("换成英文", None),
        ("通知里说的新规则是什么", None),
        ("", None),
    ],
)
def test_plain_speech_means_a_command_only_as_a_whole(said: str, meant: object):
    assert Phrases(load_texts()).command_in(said) == meant


def test_every_command_is_in_the_menu_and_every_spoken_one_has_its_sentence():
    assert set(SPOKEN) < set(MENU)
    for texts in load_texts().values():
        for bare, about in SPOKEN.values():
            assert texts(bare)
            assert "…" in texts(about, about="…")


def test_parts_survive_the_outbox_and_only_the_last_has_buttons():
    chart = Chart("x", "标题", "标题：" + "长" * 2000, Table(("a",), (("1",),)), {"mark": "bar"})
    outgoing = Outgoing([Run("字" * 5000)], [chart], [[Button("好", "ask:0"), Button("去", url="https://a.example")]])
    parts = parts_of(outgoing, Seal("1:t"), 5)
    assert [bool(part.chart) for part in parts] == [False, False, True]
    assert [bool(part.buttons) for part in parts] == [False, False, True]
    assert [Part.of(json.loads(json.dumps(part.as_dict()))) for part in parts] == parts
    assert parts[-1].html.startswith("<b>标题</b>\n长")
    assert parts[-1].html.endswith("…")
    assert units(parts[-1].html) <= 1024 + len("<b></b>")
