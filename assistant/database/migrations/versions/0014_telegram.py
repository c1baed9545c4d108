"""Telegram: three languages; what is not wanted stands in the wishes; leases, so that replicas share the work"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("telegram_chats") as chats:
        chats.drop_column("muted")
        chats.alter_column("language", type_=sa.String(8), existing_type=sa.String(2), existing_nullable=True)
    op.add_column("telegram_updates", sa.Column("leased_until", sa.DateTime(), nullable=True))
    op.add_column("telegram_outbox", sa.Column("leased_until", sa.DateTime(), nullable=True))
