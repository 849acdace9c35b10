"""Campaigns, and what each has given: to a card, and in all where a cap or a budget holds for all."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from card_service.kit.db.types import LongText, ascii_text, money, multiplier, sum_of_money
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata

campaigns = Table(
    "campaigns",
    metadata,
    key(),
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("description", String(500), nullable=True),
    Column("type", ascii_text(20), nullable=False),
    # What was asked of it last; whether it is to come, runs or is over, its window says.
    Column("status", ascii_text(10), nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    # Weekdays, hours, tiers, segments and categories: read whole, by the service only.
    Column("conditions", LongText, nullable=False),
    Column("min_spend", money(), nullable=False),
    Column("opt_in", Boolean, nullable=False),
    Column("multiplier", multiplier(), nullable=True),
    Column("bonus_points", money(), nullable=True),
    Column("referred_bonus_points", money(), nullable=True),
    Column("target_spend", money(), nullable=True),
    Column("days", Integer, nullable=True),
    Column("reward_tier_id", BigInteger, nullable=True),
    Column("max_uses", BigInteger, nullable=True),
    Column("max_points", money(), nullable=True),
    Column("max_uses_per_card", BigInteger, nullable=True),
    Column("max_points_per_card", money(), nullable=True),
    Column("budget", money(), nullable=True),
    Column("priority", Integer, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    # Whether its whole is counted in a row of its own: from the first cap or budget that holds for all, and for ever.
    Column("has_total", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "id"),
    CheckConstraint("status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'ENDED')", name="status"),
    CheckConstraint("type IN ('POINTS_MULTIPLIER', 'CATEGORY_BONUS', 'FIXED_BONUS', 'TIER_CHALLENGE', 'REFERRAL')", name="type"),
    CheckConstraint("starts_at < ends_at", name="window"),
    **SERVER_OPTIONS,
)

campaign_counters = Table(
    "campaign_counters",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    # 0 is the whole campaign, so the card is no foreign key.
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("uses", BigInteger, nullable=False),
    Column("points", sum_of_money(), nullable=False),
    # What the points were worth, bill by bill, for the budget.
    Column("amount", sum_of_money(), nullable=False),
    # Of a challenge: what the bills that count come to.
    Column("spent", sum_of_money(), nullable=False),
    instant("joined_at", nullable=True),
    Column("completed_bill_id", BigInteger, nullable=True),
    instant("completed_at", nullable=True),
    # Of a challenge that is not completed: when the card was told that it ends soon, and when that it is over.
    instant("warned_at", nullable=True),
    instant("closed_at", nullable=True),
    ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaigns.tenant_id", "campaigns.id"]),
    Index(None, "tenant_id", "card_id"),
    CheckConstraint("uses >= 0 AND points >= 0 AND amount >= 0 AND spent >= 0", name="not_negative"),
    **SERVER_OPTIONS,
)
