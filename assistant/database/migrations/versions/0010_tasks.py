"""Incentive tasks, rewards, Star"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_REFUSED = "the ledger of rewards is append-only"


def upgrade() -> None:
    op.create_table(
        "programs",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_programs")),
    )
    op.create_table(
        "program_versions",
        sa.Column("program", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("publisher", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["program"], ["programs.slug"], name=op.f("fk_program_versions_program_programs")),
        sa.PrimaryKeyConstraint("program", "version", name=op.f("pk_program_versions")),
    )
    op.create_table(
        "program_budgets",
        sa.Column("program", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("spent >= 0 AND spent <= total", name=op.f("ck_program_budgets_within")),
        sa.ForeignKeyConstraint(["program"], ["programs.slug"], name=op.f("fk_program_budgets_program_programs")),
        sa.PrimaryKeyConstraint("program", "kind", name=op.f("pk_program_budgets")),
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.DateTime(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["program"], ["programs.slug"], name=op.f("fk_enrolments_program_programs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("creator_id", "program", name=op.f("uq_enrolments_creator_id")),
    )
    op.create_index(op.f("ix_enrolments_program_state"), "enrolments", ["program", "state"])
    op.create_index(op.f("ix_enrolments_state_last_day"), "enrolments", ["state", "last_day"])
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["enrolment"], ["enrolments.id"], name=op.f("fk_appeals_enrolment_enrolments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_enrolment"), "appeals", ["enrolment"])
    op.create_table(
        "reward_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("entry", sa.String(length=10), nullable=False),
        sa.Column("award", sa.String(length=120), nullable=False),
        sa.Column("program", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enrolment", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("payout", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_ledger")),
        sa.UniqueConstraint("key", name=op.f("uq_reward_ledger_key")),
    )
    for columns in (["award"], ["creator_id"], ["payout"]):
        op.create_index(op.f(f"ix_reward_ledger_{columns[0]}"), "reward_ledger", columns)
    op.create_index(op.f("ix_reward_ledger_program_entry"), "reward_ledger", ["program", "entry"])
    op.create_table(
        "payouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("awards", sa.Integer(), nullable=False),
        sa.Column("cash", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
    )
    op.create_table(
        "star_nominations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creator_id", sa.String(length=64), nullable=False),
        sa.Column("nominated_by", sa.String(length=100), nullable=False),
        sa.Column("nominated_at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("readiness", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_nominations")),
    )
    op.create_index(op.f("ix_star_nominations_creator_id"), "star_nominations", ["creator_id"])
    op.create_index(op.f("ix_star_nominations_state"), "star_nominations", ["state"])
    op.create_table(
        "star_benefits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nomination", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("promised_by", sa.String(length=100), nullable=False),
        sa.Column("promised_at", sa.DateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("delivered_by", sa.String(length=100), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["nomination"], ["star_nominations.id"], name=op.f("fk_star_benefits_nomination_star_nominations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_benefits")),
    )
    op.create_index(op.f("ix_star_benefits_nomination"), "star_benefits", ["nomination"])
    _keep_the_ledger_whole()


def _keep_the_ledger_whole() -> None:
    """The database itself refuses to change or remove an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER reward_ledger_no_{act.lower()} BEFORE {act} ON reward_ledger "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION reward_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER reward_ledger_no_change BEFORE UPDATE OR DELETE ON reward_ledger "
        "FOR EACH ROW EXECUTE FUNCTION reward_ledger_is_append_only()"
    )
