"""The ledger, its lots and the stored answers."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import create_index

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; what a crashed run created before is left as it is."""
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("operation", types.ascii_text(40), nullable=False),
        sa.Column("idempotency_key", types.ascii_text(260), nullable=False),
        sa.Column("fingerprint", types.ascii_text(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", types.LongText, nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation", "idempotency_key", name=op.f("pk_idempotency_keys")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "lot_spends",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("redemption_id", sa.BigInteger(), nullable=True),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("restored", types.money(), nullable=False),
        sa.CheckConstraint("points > 0 AND restored >= 0 AND restored <= points", name=op.f("ck_lot_spends_restored")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_lot_spends_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_spends")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_lot_spends_tenant_id_lot_id", "lot_spends", ["tenant_id", "lot_id"])
    create_index("ix_lot_spends_tenant_id_redemption_id", "lot_spends", ["tenant_id", "redemption_id"])
    op.create_table(
        "point_lots",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_card_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.Column("source", types.ascii_text(20), nullable=False),
        sa.Column("original", types.money(), nullable=False),
        sa.Column("remaining", types.money(), nullable=False),
        sa.Column("debt_repaid", types.money(), nullable=False),
        sa.Column("expired", types.money(), nullable=False),
        sa.Column("available_at", types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(), nullable=True),
        sa.Column("bill_id", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("debt_repaid >= 0 AND expired >= 0", name=op.f("ck_point_lots_parts")),
        sa.CheckConstraint("original > 0", name=op.f("ck_point_lots_original")),
        sa.CheckConstraint("remaining >= 0 AND remaining <= original", name=op.f("ck_point_lots_remaining")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_point_lots_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_lots")),
        sa.UniqueConstraint(
            "tenant_id",
            "opened_card_id",
            "opened_seq",
            name=op.f("uq_point_lots_tenant_id_opened_card_id_opened_seq"),
        ),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_point_lots_tenant_id_bill_id", "point_lots", ["tenant_id", "bill_id"])
    create_index("ix_point_lots_tenant_id_card_id_remaining", "point_lots", ["tenant_id", "card_id", "remaining"])
    op.create_table(
        "point_transactions",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", types.ascii_text(20), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("balance_after", types.money(), nullable=False),
        sa.Column("reference_type", types.ascii_text(20), nullable=False),
        sa.Column("reference_id", sa.BigInteger(), nullable=True),
        sa.Column("bill_id", sa.BigInteger(), nullable=True),
        sa.Column("bill_amount", types.money(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("category_name", sa.String(length=200), nullable=True),
        sa.Column("percentage", types.percent(), nullable=True),
        sa.Column("referred_card_id", sa.BigInteger(), nullable=True),
        sa.Column("referred_bill_id", sa.BigInteger(), nullable=True),
        sa.Column("performed_by", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("occurred_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "type IN ('EARNED', 'REDEEMED', 'REFERRAL_EARNED', 'EXPIRED', 'ADJUSTED', "
            "'REVERSED', 'REDEEM_REVERSED', 'REFERRAL_REVERSED', 'BONUS', 'TRANSFERRED')",
            name=op.f("ck_point_transactions_type"),
        ),
        sa.CheckConstraint("points <> 0", name=op.f("ck_point_transactions_points")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_point_transactions_seq")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_point_transactions_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_transactions")),
        sa.UniqueConstraint("tenant_id", "card_id", "seq", name=op.f("uq_point_transactions_tenant_id_card_id_seq")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_point_transactions_tenant_id_bill_id", "point_transactions", ["tenant_id", "bill_id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("point_transactions", if_exists=True)
    op.drop_table("point_lots", if_exists=True)
    op.drop_table("lot_spends", if_exists=True)
    op.drop_table("idempotency_keys", if_exists=True)
