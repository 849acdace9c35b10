"""Rules of what is paid beside bills, and what they have paid."""

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

from card_service.kit.db.types import ascii_text, money
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

ACTIVITIES = ("SIGNUP", "FIRST_PURCHASE", "REFERRAL", "REFERRED", "REVIEW", "SOCIAL_SHARE", "BIRTHDAY", "CUSTOM")
PERIODS = ("DAY", "WEEK", "MONTH", "YEAR", "EVER")

earning_rules = Table(
    "earning_rules",
    metadata,
    key(),
    tenant_key(),
    Column("activity", ascii_text(20), nullable=False),
    Column("code", ascii_text(50), nullable=True),
    Column("name", String(200), nullable=False),
    Column("points", money(), nullable=False),
    Column("use_tier_multiplier", Boolean, nullable=False),
    Column("min_bill", money(), nullable=False),
    Column("max_per_card", Integer, nullable=True),
    Column("period", ascii_text(5), nullable=False),
    Column("pending_days", Integer, nullable=False),
    instant("starts_at", nullable=True),
    instant("ends_at", nullable=True),
    Column("priority", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "id"),
    CheckConstraint("activity IN (" + ", ".join(f"'{name}'" for name in ACTIVITIES) + ")", name="activity"),
    CheckConstraint("period IN (" + ", ".join(f"'{name}'" for name in PERIODS) + ")", name="period"),
    CheckConstraint("points > 0 AND min_bill >= 0 AND pending_days >= 0", name="amounts"),
    CheckConstraint("max_per_card IS NULL OR max_per_card > 0", name="cap"),
    **SERVER_OPTIONS,
)

activity_awards = Table(
    "activity_awards",
    metadata,
    key(),
    tenant_key(),
    Column("card_id", BigInteger, nullable=False),
    # Which rule paid; none for the birthday points of a tier.
    Column("rule_id", BigInteger, nullable=True),
    Column("activity", ascii_text(20), nullable=False),
    # The name of a CUSTOM activity, else empty: a NULL would be no part of the key.
    Column("code", ascii_text(50), nullable=False),
    Column("reference", ascii_text(100), nullable=False),
    Column("points", money(), nullable=False),
    Column("new_balance", money(), nullable=False),
    Column("pending_points", money(), nullable=False),
    instant("created_at"),
    UniqueConstraint("tenant_id", "card_id", "activity", "code", "reference"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    ForeignKeyConstraint(["tenant_id", "rule_id"], ["earning_rules.tenant_id", "earning_rules.id"]),
    Index(None, "tenant_id", "card_id", "rule_id", "created_at"),
    CheckConstraint("points > 0", name="points"),
    **SERVER_OPTIONS,
)
