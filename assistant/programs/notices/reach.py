"""Where a creator can be reached, and how often that was done lately."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from assistant.database.notice_tables import notices
from assistant.database.tables import chat_links
from assistant.programs.notices.notice import INBOX, LIMITED
from assistant.programs.notices.wishes import Wishes

EMAIL = "email"
WEEK = timedelta(days=7)


def accounts_of(
    connection: Connection, creators: Collection[str], channels: Collection[str]
) -> dict[str, dict[str, str]]:
    """For each creator the account in each of `channels` that is linked; of several in one channel the newest."""
    linked = select(chat_links.c.creator_id, chat_links.c.channel, chat_links.c.account).where(
        chat_links.c.creator_id.in_(list(creators)), chat_links.c.channel.in_(list(channels))
    )
    found: dict[str, dict[str, str]] = {}
    for creator, channel, account in connection.execute(linked.order_by(chat_links.c.linked_at)):
        found.setdefault(creator, {})[channel] = account
    return found


def pushed_lately(connection: Connection, creators: Collection[str], now: datetime) -> dict[str, int]:
    """How many messages with something that was not asked for each creator got in the last seven days; a digest is
    one, the inbox does not count."""
    counted = (
        select(notices.c.creator_id, func.count())
        .where(
            notices.c.creator_id.in_(list(creators)),
            notices.c.state == "sent",
            notices.c.sent_at > now - WEEK,
            notices.c.kind.in_(LIMITED),
            notices.c.channel != INBOX,
            (notices.c.digest.is_(None)) | (notices.c.digest == notices.c.id),
        )
        .group_by(notices.c.creator_id)
    )
    return {row.creator_id: row[1] for row in connection.execute(counted)}


def channel_for(wishes: Wishes, accounts: Mapping[str, str], channels: Collection[str]) -> tuple[str, str]:
    """The channel and account to use: the preferred one where it is linked, else the first of `channels` that is, else
    the inbox."""
    linked = {**accounts, **({EMAIL: wishes.email} if wishes.email and EMAIL in channels else {})}
    if wishes.channel in linked:
        return wishes.channel, linked[wishes.channel]
    if wishes.channel != INBOX:
        for name in channels:
            if name in linked:
                return name, linked[name]
    return INBOX, ""
