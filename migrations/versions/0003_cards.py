"""Cards and their numbers."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import create_index

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables; what a crashed run created before is left as it is."""
    op.create_table(
        "loyalty_cards",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("card_number", types.ascii_text(50), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_name", sa.String(length=200), nullable=True),
        sa.Column("customer_phone", types.ascii_text(30), nullable=True),
        sa.Column("customer_email", sa.String(length=254), nullable=True),
        sa.Column("referrer_card_id", sa.BigInteger(), nullable=True),
        sa.Column("referrer_linked_at", types.UtcDateTime(), nullable=True),
        sa.Column("points_balance", types.money(), nullable=False),
        sa.Column("points_pending", types.money(), nullable=False),
        sa.Column("points_debt", types.money(), nullable=False),
        sa.Column("total_points_earned", types.money(), nullable=False),
        sa.Column("total_points_redeemed", types.money(), nullable=False),
        sa.Column("total_referral_points_earned", types.money(), nullable=False),
        sa.Column("status", types.ascii_text(10), nullable=False),
        sa.Column("merged_into_card_id", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", types.UtcDateTime(), nullable=False),
        sa.Column("first_earned_at", types.UtcDateTime(), nullable=True),
        sa.Column("last_transaction_at", types.UtcDateTime(), nullable=True),
        sa.Column("next_due_at", types.UtcDateTime(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.Column(
            "live_customer_id",
            sa.BigInteger(),
            sa.Computed("CASE WHEN status <> 'CLOSED' THEN customer_id END", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')", name=op.f("ck_loyalty_cards_status")),
        sa.CheckConstraint("points_balance >= -points_debt", name=op.f("ck_loyalty_cards_balance_is_lots_less_debt")),
        sa.CheckConstraint("points_debt >= 0 AND points_pending >= 0", name=op.f("ck_loyalty_cards_not_negative")),
        sa.CheckConstraint("seq >= 0 AND version >= 1", name=op.f("ck_loyalty_cards_counters")),
        sa.CheckConstraint(
            "total_points_earned >= 0 AND total_points_redeemed >= 0 AND total_referral_points_earned >= 0",
            name=op.f("ck_loyalty_cards_totals"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "merged_into_card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_loyalty_cards_tenant_id_merged_into_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "referrer_card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_loyalty_cards_tenant_id_referrer_card_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_loyalty_cards_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_cards")),
        sa.UniqueConstraint("tenant_id", "card_number", name=op.f("uq_loyalty_cards_tenant_id_card_number")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_loyalty_cards_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "live_customer_id", name=op.f("uq_loyalty_cards_tenant_id_live_customer_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_loyalty_cards_tenant_id_customer_email", "loyalty_cards", ["tenant_id", "customer_email"])
    create_index("ix_loyalty_cards_tenant_id_customer_id", "loyalty_cards", ["tenant_id", "customer_id"])
    create_index("ix_loyalty_cards_tenant_id_customer_name", "loyalty_cards", ["tenant_id", "customer_name"])
    create_index("ix_loyalty_cards_tenant_id_customer_phone", "loyalty_cards", ["tenant_id", "customer_phone"])
    create_index("ix_loyalty_cards_tenant_id_referrer_card_id", "loyalty_cards", ["tenant_id", "referrer_card_id"])
    op.create_table(
        "card_numbers",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_number", types.ascii_text(50), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_card_numbers_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "card_number", name=op.f("pk_card_numbers")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("card_numbers", if_exists=True)
    op.drop_table("loyalty_cards", if_exists=True)
