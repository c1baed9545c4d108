"""What an answer cost; what was forgotten of a gap"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("usage", sa.JSON(), nullable=True))
    op.add_column("gaps", sa.Column("forgotten", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_creators_name", "creators", ["name"])
