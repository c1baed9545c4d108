"""What the Telegram bot remembers: answers on their way, chats, files that wait for a yes"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("telegram_updates", sa.Column("taken_up", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "telegram_outbox",
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("grows", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("bot", "name", name=op.f("pk_telegram_outbox")),
    )
    op.create_index(op.f("ix_telegram_outbox_done_at"), "telegram_outbox", ["done_at"])
    op.create_table(
        "telegram_chats",
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("bot", "chat_id", name=op.f("pk_telegram_chats")),
    )
    op.create_table(
        "telegram_files",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telegram_files")),
    )
    op.create_index(op.f("ix_telegram_files_received_at"), "telegram_files", ["received_at"])
