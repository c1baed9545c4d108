"""Where a creator can be reached is looked up by creator"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_chat_links_creator_channel", "chat_links", ["creator_id", "channel"])
