"""Campaigns and notices"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("creators", sa.Column("region", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "creator_traits",
        sa.Column("creator_id", sa.String(length=64), nullable=False),
        sa.Column("tier", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("derived_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("creator_id", name=op.f("pk_creator_traits")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_creator_traits_creator_id_creators")),
    )
