"""Alerts on works in a row"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("metric_alerts", "metric_alerts_before")
    op.create_table(
        "metric_alerts",
        sa.Column("creator_id", sa.String(64), nullable=False),
        sa.Column("metric", sa.String(80), nullable=False),
        sa.Column("works", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("creator_id", "metric", "works", name="pk_metric_alerts_by_works"),
    )
    op.execute(
        "INSERT INTO metric_alerts (creator_id, metric, works, rule, threshold, created_at) "
        "SELECT creator_id, metric, 0, rule, threshold, created_at FROM metric_alerts_before"
    )
    op.drop_table("metric_alerts_before")
