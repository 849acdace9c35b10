"""The settings of a tenant's cards."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables; what a crashed run created before is left as it is."""
    op.create_table(
        "card_configurations",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("points_to_amount_rate", types.rate(), nullable=False),
        sa.Column("max_redemption_percent", types.percent(), nullable=False),
        sa.Column("referral_points_percent", types.percent(), nullable=False),
        sa.Column("min_points_to_redeem", sa.BigInteger(), nullable=False),
        sa.Column("flat_discount_type", types.ascii_text(10), nullable=False),
        sa.Column("flat_discount_value", types.money(), nullable=False),
        sa.Column("flat_discount_min_bill", types.money(), nullable=False),
        sa.Column("points_precision", sa.Integer(), nullable=False),
        sa.Column("return_policy", types.ascii_text(20), nullable=False),
        sa.Column("restore_grace_days", sa.Integer(), nullable=False),
        sa.Column("redemption_treatment", types.ascii_text(20), nullable=False),
        sa.Column("pending_days", sa.Integer(), nullable=False),
        sa.Column("expiry_policy", types.ascii_text(20), nullable=False),
        sa.Column("expiry_months", sa.Integer(), nullable=False),
        sa.Column("hold_ttl_seconds", sa.Integer(), nullable=False),
        sa.Column("currency", types.ascii_text(3), nullable=False),
        sa.Column("timezone", types.ascii_text(64), nullable=False),
        sa.Column("card_number_pattern", types.ascii_text(50), nullable=True),
        sa.Column("next_card_serial", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "expiry_policy IN ('NONE', 'ROLLING', 'END_OF_PERIOD', 'INACTIVITY')",
            name=op.f("ck_card_configurations_expiry"),
        ),
        sa.CheckConstraint(
            "flat_discount_type IN ('NONE', 'PERCENT', 'AMOUNT')",
            name=op.f("ck_card_configurations_flat_discount"),
        ),
        sa.CheckConstraint("redemption_treatment IN ('PAYMENT', 'DISCOUNT')", name=op.f("ck_card_configurations_treatment")),
        sa.CheckConstraint("return_policy IN ('DEBT', 'CAP_AT_ZERO')", name=op.f("ck_card_configurations_return_policy")),
        sa.CheckConstraint("min_points_to_redeem >= 0", name=op.f("ck_card_configurations_minimum")),
        sa.CheckConstraint("points_precision BETWEEN 0 AND 2", name=op.f("ck_card_configurations_precision")),
        sa.CheckConstraint("points_to_amount_rate > 0", name=op.f("ck_card_configurations_rate_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_configurations")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_card_configurations_tenant_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "category_discounts",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("category_name", sa.String(length=200), nullable=False),
        sa.Column("discount_percentage", types.percent(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("discount_percentage >= 0", name=op.f("ck_category_discounts_percentage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_discounts")),
        sa.UniqueConstraint("tenant_id", "category_id", name=op.f("uq_category_discounts_tenant_id_category_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "category_point_configs",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("category_name", sa.String(length=200), nullable=False),
        sa.Column("point_percentage", types.percent(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("point_percentage >= 0", name=op.f("ck_category_point_configs_percentage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_point_configs")),
        sa.UniqueConstraint("tenant_id", "category_id", name=op.f("uq_category_point_configs_tenant_id_category_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "category_restrictions",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("regulatory_class", sa.String(length=50), nullable=True),
        sa.Column("earn_blocked", sa.Boolean(), nullable=False),
        sa.Column("redeem_blocked", sa.Boolean(), nullable=False),
        sa.Column("discount_blocked", sa.Boolean(), nullable=False),
        sa.Column("campaign_blocked", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=500), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_restrictions")),
        sa.UniqueConstraint("tenant_id", "category_id", name=op.f("uq_category_restrictions_tenant_id_category_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("category_restrictions", if_exists=True)
    op.drop_table("category_point_configs", if_exists=True)
    op.drop_table("category_discounts", if_exists=True)
    op.drop_table("card_configurations", if_exists=True)
