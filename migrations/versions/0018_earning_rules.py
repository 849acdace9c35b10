"""Earning rules, what they have paid, and which bills of a card paid once-only bonuses."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the tables and the columns; what a crashed run created before is left as it is."""
    add_column("loyalty_cards", sa.Column("first_bill_id", sa.BigInteger(), nullable=True))
    add_column("loyalty_cards", sa.Column("friend_bill_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "earning_rules",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("activity", types.ascii_text(20), nullable=False),
        sa.Column("code", types.ascii_text(50), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("use_tier_multiplier", sa.Boolean(), nullable=False),
        sa.Column("min_bill", types.money(), nullable=False),
        sa.Column("max_per_card", sa.Integer(), nullable=True),
        sa.Column("period", types.ascii_text(5), nullable=False),
        sa.Column("pending_days", sa.Integer(), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(), nullable=True),
        sa.Column("ends_at", types.UtcDateTime(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "activity IN ('SIGNUP', 'FIRST_PURCHASE', 'REFERRAL', 'REFERRED', 'REVIEW', 'SOCIAL_SHARE', 'BIRTHDAY', 'CUSTOM')",
            name=op.f("ck_earning_rules_activity"),
        ),
        sa.CheckConstraint("period IN ('DAY', 'WEEK', 'MONTH', 'YEAR', 'EVER')", name=op.f("ck_earning_rules_period")),
        sa.CheckConstraint("points > 0 AND min_bill >= 0 AND pending_days >= 0", name=op.f("ck_earning_rules_amounts")),
        sa.CheckConstraint("max_per_card IS NULL OR max_per_card > 0", name=op.f("ck_earning_rules_cap")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earning_rules")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_earning_rules_tenant_id_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "activity_awards",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("activity", types.ascii_text(20), nullable=False),
        sa.Column("code", types.ascii_text(50), nullable=False),
        sa.Column("reference", types.ascii_text(100), nullable=False),
        sa.Column("points", types.money(), nullable=False),
        sa.Column("new_balance", types.money(), nullable=False),
        sa.Column("pending_points", types.money(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_activity_awards_points")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_activity_awards_tenant_id_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rule_id"],
            ["earning_rules.tenant_id", "earning_rules.id"],
            name=op.f("fk_activity_awards_tenant_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_awards")),
        sa.UniqueConstraint(
            "tenant_id",
            "card_id",
            "activity",
            "code",
            "reference",
            name=op.f("uq_activity_awards_tenant_id_card_id_activity_code_reference"),
        ),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index(
        "ix_activity_awards_tenant_id_card_id_rule_id_created_at",
        "activity_awards",
        ["tenant_id", "card_id", "rule_id", "created_at"],
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("activity_awards", if_exists=True)
    op.drop_table("earning_rules", if_exists=True)
    drop_column("loyalty_cards", "friend_bill_id")
    drop_column("loyalty_cards", "first_bill_id")
