"""Golden questions, feedback, gaps"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "golden_questions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("answerable", sa.Boolean(), nullable=False),
        sa.Column("must_contain", sa.JSON(), nullable=False),
        sa.Column("must_not_contain", sa.JSON(), nullable=False),
        sa.Column("creator", sa.String(length=64), nullable=True),
        sa.Column("as_of", sa.String(length=10), nullable=True),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_golden_questions")),
    )
