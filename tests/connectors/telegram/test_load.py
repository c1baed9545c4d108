"""Many chats at once, in Telegram's own pace; the rush of 2,000 questions is `python -m tests.benchmarks telegram`."""

from connectors.telegram.bot import TelegramBot
from tests.connectors.telegram.conftest import House, all_finished
from tests.telegram_emulator import TelegramEmulator

CHATS, EACH = range(1001, 1021), 3


async def test_everybody_is_answered_in_order_within_the_limits(telegram: TelegramEmulator, house: House):
    house.assistant.seconds = 0.01
    house.assistant.is_echo = True
    bot = TelegramBot(house)  # type: ignore[arg-type]
    await bot.start()
    for number in range(EACH):
        for chat in CHATS:
            await telegram.text(chat, f"问题{number}")
    await telegram.until(lambda: len(telegram.called("sendMessage")) == len(CHATS) * EACH)
    await all_finished(house)
    await bot.stop()
    assert all(telegram.texts(chat) == [f"问题{number}" for number in range(EACH)] for chat in CHATS)
    assert telegram.floods == []
    assert telegram.rushes == 0
