"""The tiers of a tenant, and every change of a card's tier."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from card_service.kit.db.types import LongText, ascii_text, money, percent
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

tiers = Table(
    "tiers",
    metadata,
    key(),
    tenant_key(),
    Column("level", Integer, nullable=False),
    Column("name", String(100), nullable=False),
    Column("min_spend", money(), nullable=True),
    Column("min_points", money(), nullable=True),
    Column("min_orders", BigInteger, nullable=True),
    Column("qualify_mode", ascii_text(3), nullable=False),
    Column("qualification_period_days", Integer, nullable=False),
    Column("points_multiplier", percent(), nullable=False),
    # {category id: points per hundred}, amounts as text: read and written whole, kept in memory by version.
    Column("category_percentages", LongText, nullable=False),
    Column("tier_discount_percent", percent(), nullable=False),
    Column("benefits", LongText, nullable=False),
    Column("birthday_points", money(), nullable=True),
    Column("grace_days", Integer, nullable=False),
    Column("downgrade", ascii_text(20), nullable=False),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "level"),
    CheckConstraint("level BETWEEN 1 AND 20", name="level"),
    CheckConstraint("qualify_mode IN ('ANY', 'ALL')", name="qualify_mode"),
    CheckConstraint("qualification_period_days >= 1 AND grace_days >= 0", name="days"),
    CheckConstraint("points_multiplier > 0", name="multiplier"),
    CheckConstraint("downgrade IN ('NONE', 'ONE_DOWN', 'TO_QUALIFIED')", name="downgrade"),
    **SERVER_OPTIONS,
)

tier_history = Table(
    "tier_history",
    metadata,
    key(),
    tenant_key(),
    Column("card_id", BigInteger, nullable=False),
    Column("type", ascii_text(10), nullable=False),
    Column("from_tier_id", BigInteger, nullable=True),
    Column("to_tier_id", BigInteger, nullable=True),
    Column("reason", String(500), nullable=False),
    Column("spend", money(), nullable=False),
    Column("points", money(), nullable=False),
    Column("orders", BigInteger, nullable=False),
    instant("until", nullable=True),
    Column("bill_id", BigInteger, nullable=True),
    # Where the card was before, for the return of the bill that lifted it.
    Column("standing_before", LongText, nullable=False),
    Column("performed_by", String(120), nullable=False),
    instant("created_at"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    ForeignKeyConstraint(["tenant_id", "from_tier_id"], ["tiers.tenant_id", "tiers.id"]),
    ForeignKeyConstraint(["tenant_id", "to_tier_id"], ["tiers.tenant_id", "tiers.id"]),
    Index(None, "tenant_id", "card_id", "id"),
    CheckConstraint("type IN ('UPGRADE', 'DOWNGRADE', 'GRACE', 'MANUAL', 'CHALLENGE', 'REVERSAL')", name="type"),
    **SERVER_OPTIONS,
)
