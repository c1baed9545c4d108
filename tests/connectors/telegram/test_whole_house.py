"""The bot on the real services: starter knowledge, a demonstration creator, the extractive model."""

from pathlib import Path

from assistant.bootstrap import initialise, open_services
from assistant.settings import Settings
from connectors.telegram.bot import TelegramBot
from tests.telegram_emulator import TOKEN, TelegramEmulator

ANN, GROUP = 101, -2001


async def test_creator_asks_about_a_program_links_and_asks_about_own_numbers(
    telegram: TelegramEmulator, tmp_path: Path
):
    settings = Settings(home=tmp_path, telegram_bot_token=TOKEN, telegram_api_base_url=telegram.address)
    services = open_services(settings)
    initialise(services, empty=False, progress=lambda *_: None)
    name = services.accounts.get("demo-01").name
    bot = TelegramBot(services)
    await bot.start()
    try:
        await telegram.text(ANN, "2024年光合计划给多少流量？")
        await telegram.text(ANN, "/me")
        await telegram.text(ANN, f"/start {services.accounts.issue_link_code('demo-01')}")
        await telegram.text(ANN, "/me")
        await telegram.text(GROUP, "@emulated_bot 我的数据怎么样", user=ANN)
        await telegram.text(ANN, "/unlink")
        await telegram.text(ANN, "我的数据怎么样")
        await telegram.until(lambda: len(telegram.messages(ANN)) == 6 and telegram.messages(GROUP), seconds=30)
    finally:
        await bot.stop()
        services.close()
    program, unlinked, linked, numbers, _, again = telegram.texts(ANN)
    assert "100亿" in program
    assert "[1] " in program.split("来源")[-1]
    assert "/start" in unlinked
    assert "/start" in again
    assert name in linked
    assert "28 天" in numbers
    assert "合成" in numbers
    assert "28 天" not in telegram.texts(GROUP)[0]
    assert telegram.floods == []
