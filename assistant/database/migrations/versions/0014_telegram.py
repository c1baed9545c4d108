"""Telegram: three languages; what is not wanted stands in the wishes; leases, so that replicas share the work"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


# The kinds of notices that a chat could switch off until then and that a wish can: what went by `policy` is a `rule`.
KINDS = {"report": "report", "campaign": "campaign", "task": "task", "policy": "rule", "alert": "alert", "case": "case"}


def upgrade() -> None:
    _keep_what_is_not_wanted()
    with op.batch_alter_table("telegram_chats") as chats:
        chats.drop_column("muted")
        chats.alter_column("language", type_=sa.String(8), existing_type=sa.String(2), existing_nullable=True)
    op.add_column("telegram_updates", sa.Column("leased_until", sa.DateTime(), nullable=True))
    op.add_column("telegram_outbox", sa.Column("leased_until", sa.DateTime(), nullable=True))


def _keep_what_is_not_wanted() -> None:
    """What a linked chat had switched off becomes its creator's wish, so that nobody is told again what was refused."""
    chats = sa.table("telegram_chats", sa.column("chat_id", sa.BigInteger), sa.column("muted", sa.JSON))
    links = sa.table("chat_links", sa.column("channel"), sa.column("account"), sa.column("creator_id"))
    wishes = sa.table(
        "notice_wishes",
        *(sa.column(name) for name in ("creator_id", "timezone", "quiet_from", "quiet_until", "channel", "email")),
        *(sa.column(name) for name in ("language", "daily_digest", "changed_at")),
        sa.column("muted", sa.JSON),
    )
    connection = op.get_bind()
    linked = sa.select(links.c.account, links.c.creator_id).where(links.c.channel == "telegram")
    creators = {row.account: row.creator_id for row in connection.execute(linked)}
    refused: dict[str, set[str]] = {}
    for row in connection.execute(sa.select(chats.c.chat_id, chats.c.muted)):
        if row.muted and (creator := creators.get(str(row.chat_id))):
            refused.setdefault(creator, set()).update(KINDS[kind] for kind in row.muted if kind in KINDS)
    kept = {row.creator_id: row.muted for row in connection.execute(sa.select(wishes.c.creator_id, wishes.c.muted))}
    defaults = {"timezone": "", "quiet_from": 22, "quiet_until": 8, "channel": "", "email": "", "language": ""}
    now = datetime.now(UTC).replace(tzinfo=None)
    for creator, kinds in refused.items():
        muted = sorted(kinds | set(kept.get(creator, ())))
        if creator in kept:
            connection.execute(sa.update(wishes).where(wishes.c.creator_id == creator).values(muted=muted))
        else:
            new = {**defaults, "creator_id": creator, "muted": muted, "daily_digest": False, "changed_at": now}
            connection.execute(sa.insert(wishes).values(new))
