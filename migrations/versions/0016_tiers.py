"""Tiers, what cards have of them, and what came back of each bill."""

import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column, drop_index, each_by_itself

revision = "0016"
down_revision = "0015"

_CARD_INDEX = "ix_loyalty_cards_tenant_id_tier_id"
_BILLS, _BILLS_BEFORE = "ix_bills_tenant_id_card_id_occurred_at", "ix_bills_tenant_id_card_id"
_CARD_COLUMNS: dict[str, Any] = {
    "tier_id": sa.BigInteger(),
    "tier_since": types.UtcDateTime(),
    "tier_grace_until": types.UtcDateTime(),
    "tier_held_id": sa.BigInteger(),
    "tier_held_until": types.UtcDateTime(),
    "tier_lifted_by": sa.BigInteger(),
    "tier_figures": sa.Text(),
}
_OPTIONS: Any = {
    "mariadb_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "sqlite_autoincrement": True,
    "if_not_exists": True,
}


def upgrade() -> None:
    """Create the tables and columns, and fill in what came back of the bills that are there."""
    op.create_table(
        "tiers",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("min_spend", types.money(), nullable=True),
        sa.Column("min_points", types.money(), nullable=True),
        sa.Column("min_orders", sa.BigInteger(), nullable=True),
        sa.Column("qualify_mode", types.ascii_text(3), nullable=False),
        sa.Column("qualification_period_days", sa.Integer(), nullable=False),
        sa.Column("points_multiplier", types.percent(), nullable=False),
        sa.Column("category_percentages", types.LongText, nullable=False),
        sa.Column("tier_discount_percent", types.percent(), nullable=False),
        sa.Column("benefits", types.LongText, nullable=False),
        sa.Column("birthday_points", types.money(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("downgrade", types.ascii_text(20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 20", name=op.f("ck_tiers_level")),
        sa.CheckConstraint("qualify_mode IN ('ANY', 'ALL')", name=op.f("ck_tiers_qualify_mode")),
        sa.CheckConstraint("qualification_period_days >= 1 AND grace_days >= 0", name=op.f("ck_tiers_days")),
        sa.CheckConstraint("points_multiplier > 0", name=op.f("ck_tiers_multiplier")),
        sa.CheckConstraint("downgrade IN ('NONE', 'ONE_DOWN', 'TO_QUALIFIED')", name=op.f("ck_tiers_downgrade")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tiers")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_tiers_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "level", name=op.f("uq_tiers_tenant_id_level")),
        **_OPTIONS,
    )
    op.create_table(
        "tier_history",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("type", types.ascii_text(10), nullable=False),
        sa.Column("from_tier_id", sa.BigInteger(), nullable=True),
        sa.Column("to_tier_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("spend", types.money(), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("until", types.UtcDateTime(), nullable=True),
        sa.Column("bill_id", sa.BigInteger(), nullable=True),
        sa.Column("standing_before", types.LongText, nullable=False),
        sa.Column("performed_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "type IN ('UPGRADE', 'DOWNGRADE', 'GRACE', 'MANUAL', 'CHALLENGE', 'REVERSAL')", name=op.f("ck_tier_history_type")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_tier_history_tenant_id_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_tier_id"], ["tiers.tenant_id", "tiers.id"], name=op.f("fk_tier_history_tenant_id_from_tier_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_tier_id"], ["tiers.tenant_id", "tiers.id"], name=op.f("fk_tier_history_tenant_id_to_tier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_history")),
        **_OPTIONS,
    )
    create_index("ix_tier_history_tenant_id_card_id_id", "tier_history", ["tenant_id", "card_id", "id"])
    for name, kind in _CARD_COLUMNS.items():
        add_column("loyalty_cards", sa.Column(name, kind, nullable=True))
    create_index(_CARD_INDEX, "loyalty_cards", ["tenant_id", "tier_id"])
    add_column("bills", sa.Column("amount_returned", types.money(), nullable=False, server_default=sa.text("0")))
    create_index(_BILLS, "bills", ["tenant_id", "card_id", "occurred_at"])
    drop_index(_BILLS_BEFORE, "bills")
    with each_by_itself():
        _fill_in_returns()


def _fill_in_returns() -> None:
    """Say of each bill of which something came back how much it was; a second time says the same."""
    bills = sa.table(
        "bills",
        sa.column("tenant_id", sa.BigInteger()),
        sa.column("bill_id", sa.BigInteger()),
        sa.column("state", sa.String()),
        sa.column("bill_amount", types.money()),
        sa.column("amount_returned", types.money()),
        sa.column("lines", sa.Text()),
    )
    connection = op.get_bind()
    cancelled = sa.and_(bills.c.state == "CANCELLED", bills.c.bill_amount.is_not(None))
    connection.execute(bills.update().where(cancelled).values(amount_returned=bills.c.bill_amount))
    partly = sa.select(bills.c.tenant_id, bills.c.bill_id, bills.c.lines).where(bills.c.state == "PARTIALLY_RETURNED")
    for tenant_id, bill_id, lines in connection.execute(partly).all():
        returned = sum((Decimal(line.get("returned", "0")) for line in json.loads(lines)), Decimal(0))
        connection.execute(
            bills.update().where(bills.c.tenant_id == tenant_id, bills.c.bill_id == bill_id).values(amount_returned=returned)
        )


def downgrade() -> None:
    """Drop them again; which card was in which tier is then forgotten."""
    create_index(_BILLS_BEFORE, "bills", ["tenant_id", "card_id"])
    drop_index(_BILLS, "bills")
    drop_column("bills", "amount_returned")
    drop_index(_CARD_INDEX, "loyalty_cards")
    for name in _CARD_COLUMNS:
        drop_column("loyalty_cards", name)
    op.drop_table("tier_history", if_exists=True)
    op.drop_table("tiers", if_exists=True)
