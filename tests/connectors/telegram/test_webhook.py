"""Updates that Telegram brings to the port of the web app."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from connectors.telegram.bot import TelegramBot
from connectors.telegram.webhook import PATH, SECRET_HEADER
from tests.connectors.telegram.conftest import House, all_finished
from tests.telegram_emulator import TelegramEmulator

ANN, BEN = 101, 102


@pytest.fixture
async def address(house: House, new_bot: Callable[[], TelegramBot]) -> AsyncIterator[str]:
    """The address of a web app that serves the webhook of a bot at work."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        house.settings = house.settings.model_copy(update={"telegram_webhook_url": address})
        bot, app = new_bot(), FastAPI()
        routes = bot.routes()
        assert routes is not None
        app.include_router(routes)
        async with serving(app, listener):
            await bot.start()
            yield address


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    yield
    server.should_exit = True
    await task


async def test_questions_come_by_webhook_and_are_answered_once(telegram: TelegramEmulator, house: House, address: str):
    await telegram.text(ANN, "一")
    await telegram.text(BEN, "二")
    await telegram.text(ANN, "三")
    await telegram.until(lambda: len(telegram.messages(ANN)) == 2 and telegram.messages(BEN))
    await all_finished(house)
    (asked,) = telegram.called("setWebhook")
    assert asked["url"] == address + PATH
    async with httpx.AsyncClient() as client:
        again = telegram._handed_over[0]
        for _ in range(2):
            response = await client.post(address + PATH, json=again, headers={SECRET_HEADER: asked["secret_token"]})
            assert response.status_code == 200
    await all_finished(house)
    assert sorted(house.assistant.questions) == sorted(["一", "二", "三"])


async def test_updates_out_of_order_are_each_handled_once_and_in_order(
    telegram: TelegramEmulator, house: House, address: str
):
    house.assistant.seconds = 0.2
    await telegram.until(lambda: telegram.called("setWebhook"))
    secret = {SECRET_HEADER: telegram.called("setWebhook")[0]["secret_token"]}
    said = {"date": 1, "chat": {"id": ANN, "type": "private"}, "from": {"id": ANN, "is_bot": False, "first_name": "A"}}
    async with httpx.AsyncClient() as client:
        for number in (1, 5, 3, 4, 2, 3):
            message = {**said, "message_id": number, "text": str(number)}
            await client.post(address + PATH, json={"update_id": number, "message": message}, headers=secret)
    await telegram.until(lambda: len(telegram.messages(ANN)) == 5)
    assert house.assistant.questions == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("secret", ["", "wrong", "schlüssel", None])
async def test_wrong_secret_is_refused(telegram: TelegramEmulator, house: House, address: str, secret: str | None):
    headers = {} if secret is None else {SECRET_HEADER: secret.encode()}
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": ANN, "type": "private"}}}
    async with httpx.AsyncClient() as client:
        response = await client.post(address + PATH, json=update, headers=headers)
    assert response.status_code == 403
    assert house.assistant.asked == []


async def test_what_is_no_update_is_refused(telegram: TelegramEmulator, address: str):
    await telegram.until(lambda: telegram.called("setWebhook"))
    secret = {SECRET_HEADER: telegram.called("setWebhook")[0]["secret_token"]}
    async with httpx.AsyncClient() as client:
        for body, status in ((b"{", 400), (b"[1]", 400), (b"{}", 400), (b" " * 2_000_000, 413)):
            assert (await client.post(address + PATH, content=body, headers=secret)).status_code == status
        assert (await client.get(address + PATH)).status_code == 405


async def test_bot_that_is_not_up_yet_asks_telegram_to_come_again(
    telegram: TelegramEmulator, house: House, new_bot: Callable[[], TelegramBot]
):
    house.settings = house.settings.model_copy(update={"telegram_webhook_url": "http://127.0.0.1:1"})
    sleeping = new_bot()
    assert not await sleeping._take(None)  # type: ignore[arg-type]


def test_polling_bot_has_no_routes(house: House):
    assert TelegramBot(house).routes() is None  # type: ignore[arg-type]
