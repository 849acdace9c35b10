"""Campaigns, their counters, and how several of them stack."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column

revision = "0015"
down_revision = "0014"

_COUNTED_BY_CARD = "ix_campaign_counters_tenant_id_card_id"
_OPTIONS: Any = {
    "mariadb_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_engine": "InnoDB",
    "sqlite_autoincrement": True,
    "if_not_exists": True,
}


def upgrade() -> None:
    """Create the tables and columns; a version that knows nothing of them goes on writing beside this one."""
    ten = "1000" if op.get_bind().dialect.name == "sqlite" else "10.00"
    add_column("bills", sa.Column("campaigns", types.LongText, nullable=True))
    add_column("card_configurations", sa.Column("campaign_stacking", types.ascii_text(10), nullable=False, server_default="BEST"))
    add_column(
        "card_configurations",
        sa.Column("max_total_multiplier", types.multiplier(), nullable=False, server_default=sa.text(ten)),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("type", types.ascii_text(20), nullable=False),
        sa.Column("status", types.ascii_text(10), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(), nullable=False),
        sa.Column("conditions", types.LongText, nullable=False),
        sa.Column("min_spend", types.money(), nullable=False),
        sa.Column("opt_in", sa.Boolean(), nullable=False),
        sa.Column("multiplier", types.multiplier(), nullable=True),
        sa.Column("bonus_points", types.money(), nullable=True),
        sa.Column("referred_bonus_points", types.money(), nullable=True),
        sa.Column("target_spend", types.money(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("reward_tier_id", sa.BigInteger(), nullable=True),
        sa.Column("max_uses", sa.BigInteger(), nullable=True),
        sa.Column("max_points", types.money(), nullable=True),
        sa.Column("max_uses_per_card", sa.BigInteger(), nullable=True),
        sa.Column("max_points_per_card", types.money(), nullable=True),
        sa.Column("budget", types.money(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("has_total", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'ENDED')", name=op.f("ck_campaigns_status")),
        sa.CheckConstraint(
            "type IN ('POINTS_MULTIPLIER', 'CATEGORY_BONUS', 'FIXED_BONUS', 'TIER_CHALLENGE', 'REFERRAL')",
            name=op.f("ck_campaigns_type"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaigns_window")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaigns_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_campaigns_tenant_id_id")),
        **_OPTIONS,
    )
    op.create_table(
        "campaign_counters",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("points", types.sum_of_money(), nullable=False),
        sa.Column("amount", types.sum_of_money(), nullable=False),
        sa.Column("spent", types.sum_of_money(), nullable=False),
        sa.Column("joined_at", types.UtcDateTime(), nullable=True),
        sa.Column("completed_bill_id", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "uses >= 0 AND points >= 0 AND amount >= 0 AND spent >= 0", name=op.f("ck_campaign_counters_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_counters_tenant_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "campaign_id", "card_id", name=op.f("pk_campaign_counters")),
        **_OPTIONS,
    )
    create_index(_COUNTED_BY_CARD, "campaign_counters", ["tenant_id", "card_id"])


def downgrade() -> None:
    """Drop them again; what campaigns gave stays in the ledger, what they were is forgotten."""
    op.drop_table("campaign_counters", if_exists=True)
    op.drop_table("campaigns", if_exists=True)
    drop_column("card_configurations", "max_total_multiplier")
    drop_column("card_configurations", "campaign_stacking")
    drop_column("bills", "campaigns")
