"""The bot under a rush: 200 chats ask 2,000 questions within a minute, through the emulator of the Bot API over HTTP.

Telegram itself allows 30 messages a second, so that 2,000 answers take more than a minute, whatever the bot does. What
counts as our own time is how much later an answer arrives than Telegram's limits alone would have let it. The bot is
`heliotrope serve` in a process of its own; the floor is the same server's answers over its HTTP API.
"""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.machine import measured_once
from tests.benchmarks.program import Running, free_port, running
from tests.benchmarks.questions import questions
from tests.telegram_emulator import TOKEN, TelegramEmulator, running_emulator

NAME = "telegram"
CHATS, EACH, SECONDS = 200, 10, 60.0
DIFFERENT = 97  # questions, asked one at a time before the rush
WARMING = 10  # of them are not counted
SERVE = "from connectors.cli.main import main; main()"
FIRST_CHAT = 1000
LONGEST_WAIT = 240.0


def run() -> Findings:
    """Start the server against the emulator, ask one at a time, then all at once."""
    with tempfile.TemporaryDirectory() as name:
        values, remark = measured_once(lambda: asyncio.run(_one_round(Path(name))))
    return Findings(NAME, _figures(values, remark))


async def _one_round(home: Path) -> dict[str, float]:
    async with running_emulator() as telegram:
        port = free_port()
        settings = {
            "HELIOTROPE_HOME": str(home),
            "HELIOTROPE_ANONYMOUS_LIMIT": "0",
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE_URL": telegram.address,
        }
        server = running(["-c", SERVE, "serve", "--port", str(port)], port, settings)
        program = await asyncio.to_thread(server.__enter__)
        try:
            return await _asked(telegram, program)
        finally:
            await asyncio.to_thread(server.__exit__, None, None, None)


async def _asked(telegram: TelegramEmulator, program: Running) -> dict[str, float]:
    asked = [question for question in questions() if question.strip()][:DIFFERENT]
    expected, alone = await _one_at_a_time(telegram, asked)
    over_http = await _over_http(program.port, asked)
    values = {
        f"{name} {key}": percentile(taken, share)
        for name, taken in (("http", over_http), ("alone", alone))
        for key, share in (("p50", 0.5), ("p95", 0.95))
    }
    telegram.floods.clear()
    telegram.rushes = 0
    started = time.monotonic()
    said = await _rush(telegram, asked, started)
    sent = sorted(one["at"] for chat in said for one in telegram.messages(chat))
    arrived = [(telegram.handed_at[number], chat) for chat, numbers in said.items() for number, _ in numbers]
    late = [(ours - ideal) * 1000 for ours, ideal in zip(sent, _ideal(arrived), strict=False)]
    answered = {chat: [one["text"] for one in telegram.messages(chat) if "text" in one] for chat in said}
    in_order = sum(
        text == expected[question]
        for chat, numbers in said.items()
        for (_, question), text in zip(numbers, answered[chat], strict=False)
    )
    return values | {
        "answered": float(sum(map(len, answered.values()))),
        "in order": float(in_order),
        "floods": float(len(telegram.floods)),
        "rushes": float(telegram.rushes),
        "late p50": percentile(late, 0.5),
        "late p95": percentile(late, 0.95),
        "seconds": sent[-1] - started,
        "least seconds": max(_ideal(arrived)) - started,
    }


async def _over_http(port: int, asked: Sequence[str]) -> list[float]:
    """Milliseconds of the same answers over the server's HTTP API."""
    taken = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        for question in asked:
            started = time.perf_counter()
            await client.post("/api/v1/chat", json={"text": question})
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def _one_at_a_time(telegram: TelegramEmulator, asked: Sequence[str]) -> tuple[dict[str, str], list[float]]:
    """The answers, a chat for each, and the milliseconds from the moment the bot was given a question to its answer."""
    answers, taken = {}, []
    for number, question in enumerate(asked):
        chat = FIRST_CHAT - 1 - number
        update = await telegram.text(chat, question)
        await telegram.until(lambda chat=chat: telegram.messages(chat), seconds=60)
        answer = telegram.messages(chat)[0]
        answers[question] = answer["text"]
        taken.append((answer["at"] - telegram.handed_at[update]) * 1000)
    return answers, taken[WARMING:]


async def _rush(telegram: TelegramEmulator, asked: Sequence[str], started: float) -> dict[int, list[tuple[int, str]]]:
    """Every chat asks in turn, evenly over the minute; returns what it asked, once everything is answered."""
    said: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for number in range(CHATS * EACH):
        await asyncio.sleep(max(0.0, started + SECONDS * number / (CHATS * EACH) - time.monotonic()))
        chat, question = FIRST_CHAT + number % CHATS, asked[(number + number // CHATS) % len(asked)]
        said[chat].append((await telegram.text(chat, question), question))
    many = 0
    while time.monotonic() - started < LONGEST_WAIT and many < CHATS * EACH:
        await asyncio.sleep(0.5)
        many = sum(method == "sendMessage" for method, _ in telegram.calls) - len(asked)
    return dict(said)


def _ideal(arrived: Sequence[tuple[float, int]]) -> list[float]:
    """When the messages would be sent by somebody who needs no time and keeps to the limits, in order."""
    waiting, sent, free = sorted(arrived), [], defaultdict(float)
    now = 0.0
    while waiting:
        ready = [max(at, free[chat], now) for at, chat in waiting[: CHATS * 2]]
        first = min(range(len(ready)), key=ready.__getitem__)
        moment, (_, chat) = ready[first], waiting.pop(first)
        sent.append(moment)
        free[chat], now = moment + 1.0, moment + 1 / 30
    return sent


def _figures(values: dict[str, float], remark: str) -> list[Figure]:
    return [
        Figure("answer in a quiet bot, p50", values["alone p50"], "ms", floor=values["http p50"], remark=remark),
        Figure("answer in a quiet bot, p95", values["alone p95"], "ms", floor=values["http p95"]),
        Figure("questions answered in the rush", values["answered"], at_least=CHATS * EACH, floor=CHATS * EACH),
        Figure("of them in their chat's order", values["in order"], at_least=CHATS * EACH, floor=CHATS * EACH),
        Figure("messages faster than a chat may", values["floods"], at_most=0),
        Figure("messages over 30 in a second", values["rushes"], at_most=0),
        Figure("seconds for all", values["seconds"], "s", floor=values["least seconds"], remark="floor: the limits"),
        Figure("later than the limits alone, p50", values["late p50"], "ms"),
        Figure("later than the limits alone, p95", values["late p95"], "ms"),
    ]
