"""The small parts: texts, pace, inbox, buttons."""

import re
import string
import time
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import create_engine
from telegram import Update

from assistant.database.tables import metadata
from connectors.telegram.commands import MENU, parse_command
from connectors.telegram.delivery import LONGEST_PAUSE, pause_after
from connectors.telegram.inbox import Inbox
from connectors.telegram.pace import Pace
from connectors.telegram.suggestions import keyboard
from connectors.telegram.texts import LOCALE, Texts, load_texts

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
    assert set(catalogue("zh")) - named == set()
    looked_up = set(re.findall(r'exts\("([^"{]+)"', code))
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
    pace, sent = Pace(private=0.1, group=0.2, overall=0.02), []

    async def send() -> None:
        sent.append(time.monotonic())

    for chat in (1, 1, -1, -1):
        await pace.process_request(send, (), {}, "sendMessage", {"chat_id": chat}, None)
    gaps = [later - earlier for earlier, later in zip(sent, sent[1:], strict=False)]
    assert gaps[0] >= 0.1
    assert 0.02 <= gaps[1] < 0.1
    assert gaps[2] >= 0.2
    started = time.monotonic()
    for _ in range(10):
        await pace.process_request(send, (), {}, "sendChatAction", {"chat_id": 1}, None)
    assert time.monotonic() - started < 0.1


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
    assert [one.to_dict() for one in inbox.unfinished()] == [first.to_dict(), second.to_dict()]
    inbox.finish(7)
    inbox.forget_old()
    assert [one.update_id for one in inbox.unfinished()] == [8]
    assert inbox.keep([first]) == []


def test_buttons_carry_little_and_are_readable():
    markup = keyboard(["问" * 60, "问" * 61, " ", "二"])
    assert markup is not None
    buttons = [button for row in markup.inline_keyboard for button in row]
    assert [button.text for button in buttons] == ["问" * 60, "二"]
    assert all(len(str(button.callback_data).encode()) <= 64 for button in buttons)
    assert keyboard([]) is None
