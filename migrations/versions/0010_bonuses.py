"""Bonuses of a bill."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table and the column; the version that knows nothing of them goes on writing beside this one."""
    add_column("bills", sa.Column("has_bonuses", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "bill_bonuses",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", types.ascii_text(20), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("min_bill", types.money(), nullable=False),
        sa.Column("reversed", types.money(), nullable=False),
        sa.Column("forgiven", types.money(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('CAMPAIGN', 'CHALLENGE', 'FIRST_PURCHASE', 'REFERRED', 'REFERRAL')", name=op.f("ck_bill_bonuses_kind")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_bill_bonuses_points")),
        sa.CheckConstraint(
            "reversed >= 0 AND reversed <= points AND forgiven >= 0 AND forgiven <= reversed",
            name=op.f("ck_bill_bonuses_reversed"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_bill_bonuses_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_bonuses")),
        sa.UniqueConstraint("tenant_id", "card_id", "opened_seq", name=op.f("uq_bill_bonuses_tenant_id_card_id_opened_seq")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_bill_bonuses_tenant_id_bill_id", "bill_bonuses", ["tenant_id", "bill_id"])


def downgrade() -> None:
    """Drop them again; which bonus a bill had is then forgotten."""
    op.drop_table("bill_bonuses", if_exists=True)
    drop_column("bills", "has_bonuses")
