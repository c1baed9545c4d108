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
    op.add_column("turns", sa.Column("intent", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("turns", sa.Column("today", sa.String(length=10), nullable=False, server_default=""))
    op.create_index("ix_turns_asked", "turns", ["asked_at"])
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=4), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_feedback_turn_id_turns"),
        sa.PrimaryKeyConstraint("turn_id", name="pk_feedback"),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("checked", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_index("ix_gaps_state", "gaps", ["state"])
    op.create_table(
        "gap_questions",
        sa.Column("turn_id", sa.String(length=32), nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_gap_questions_turn_id_turns"),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name="fk_gap_questions_gap_id_gaps"),
        sa.PrimaryKeyConstraint("turn_id", name="pk_gap_questions"),
    )
    op.create_index("ix_gap_questions_gap_reason", "gap_questions", ["gap_id", "reason"])
    op.create_table(
        "passage_uses",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("passage", sa.String(length=64), nullable=False),
        sa.Column("cited", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "document", "revision", "passage", name="pk_passage_uses"),
    )
