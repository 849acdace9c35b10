"""Bills, redemptions and quotes."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import create_index

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables; what a crashed run created before is left as it is."""
    op.create_table(
        "bill_quotes",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bill_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payable_amount", types.money(), nullable=False),
        sa.Column("lines", types.LongText, nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "bill_id", name=op.f("pk_bill_quotes")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "bills",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bill_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("state", types.ascii_text(20), nullable=False),
        sa.Column("redemption_id", sa.BigInteger(), nullable=True),
        sa.Column("bill_amount", types.money(), nullable=True),
        sa.Column("lines", types.LongText, nullable=True),
        sa.Column("points_precision", sa.Integer(), nullable=False),
        sa.Column("points_earned", types.money(), nullable=False),
        sa.Column("points_reversed", types.money(), nullable=False),
        sa.Column("referrer_card_id", sa.BigInteger(), nullable=True),
        sa.Column("referral_percent", types.percent(), nullable=False),
        sa.Column("referrer_points_earned", types.money(), nullable=False),
        sa.Column("referrer_points_reversed", types.money(), nullable=False),
        sa.Column("occurred_at", types.UtcDateTime(), nullable=True),
        sa.Column("earned_at", types.UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('OPEN', 'PARTIALLY_RETURNED', 'CANCELLED')", name=op.f("ck_bills_state")),
        sa.CheckConstraint("points_reversed >= 0 AND points_reversed <= points_earned", name=op.f("ck_bills_reversed")),
        sa.CheckConstraint(
            "referrer_points_reversed >= 0 AND referrer_points_reversed <= referrer_points_earned",
            name=op.f("ck_bills_referrer_reversed"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_bills_tenant_id_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "referrer_card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_bills_tenant_id_referrer_card_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "bill_id", name=op.f("pk_bills")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_bills_tenant_id_card_id", "bills", ["tenant_id", "card_id"])
    op.create_table(
        "redemptions",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("status", types.ascii_text(20), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("amount", types.money(), nullable=False),
        sa.Column("rate", types.rate(), nullable=False),
        sa.Column("points_restored", types.money(), nullable=False),
        sa.Column("amount_restored", types.money(), nullable=False),
        sa.Column("treatment", types.ascii_text(20), nullable=False),
        sa.Column("allocation", types.LongText, nullable=False),
        sa.Column("hold_expires_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('HELD', 'COMMITTED', 'RELEASED')", name=op.f("ck_redemptions_status")),
        sa.CheckConstraint("amount_restored >= 0 AND amount_restored <= amount", name=op.f("ck_redemptions_amount_restored")),
        sa.CheckConstraint(
            "points > 0 AND points_restored >= 0 AND points_restored <= points",
            name=op.f("ck_redemptions_restored"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_redemptions_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_redemptions_tenant_id_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_redemptions_tenant_id_bill_id", "redemptions", ["tenant_id", "bill_id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("redemptions", if_exists=True)
    op.drop_table("bills", if_exists=True)
    op.drop_table("bill_quotes", if_exists=True)
