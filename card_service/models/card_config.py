"""A tenant's card configuration, its category percentages, discounts and restrictions."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, String, Table, UniqueConstraint

from card_service.kit.db.types import ascii_text, money, multiplier, percent, rate
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

card_configurations = Table(
    "card_configurations",
    metadata,
    key(),
    tenant_key(),
    Column("is_enabled", Boolean, nullable=False),
    Column("points_to_amount_rate", rate(), nullable=False),
    Column("max_redemption_percent", percent(), nullable=False),
    Column("referral_points_percent", percent(), nullable=False),
    Column("min_points_to_redeem", BigInteger, nullable=False),
    Column("flat_discount_type", ascii_text(10), nullable=False),
    Column("flat_discount_value", money(), nullable=False),
    Column("flat_discount_min_bill", money(), nullable=False),
    Column("points_precision", Integer, nullable=False),
    Column("return_policy", ascii_text(20), nullable=False),
    Column("restore_grace_days", Integer, nullable=False),
    Column("redemption_treatment", ascii_text(20), nullable=False),
    Column("pending_days", Integer, nullable=False),
    Column("expiry_policy", ascii_text(20), nullable=False),
    Column("expiry_months", Integer, nullable=False),
    Column("hold_ttl_seconds", Integer, nullable=False),
    Column("currency", ascii_text(3), nullable=False),
    Column("timezone", ascii_text(64), nullable=False),
    Column("card_number_pattern", ascii_text(50), nullable=True),
    # Of the cards that are printed, such as `#0b5d51`; empty for the service's own.
    Column("card_colour", ascii_text(7), nullable=True),
    # What a card's referral code is put behind to make a link; empty for no links.
    Column("referral_link_base", ascii_text(200), nullable=True),
    # The least that a friend's bill must be to bring the bonuses of a referral.
    Column("referral_min_bill", money(), nullable=False, server_default="0"),
    Column("campaign_stacking", ascii_text(10), nullable=False),
    # The most that tier and campaigns together multiply by.
    Column("max_total_multiplier", multiplier(), nullable=False),
    Column("next_card_serial", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id"),
    CheckConstraint("points_to_amount_rate > 0", name="rate_positive"),
    CheckConstraint("points_precision BETWEEN 0 AND 2", name="precision"),
    CheckConstraint("min_points_to_redeem >= 0", name="minimum"),
    CheckConstraint("flat_discount_type IN ('NONE', 'PERCENT', 'AMOUNT')", name="flat_discount"),
    CheckConstraint("return_policy IN ('DEBT', 'CAP_AT_ZERO')", name="return_policy"),
    CheckConstraint("redemption_treatment IN ('PAYMENT', 'DISCOUNT')", name="treatment"),
    CheckConstraint("expiry_policy IN ('NONE', 'ROLLING', 'END_OF_PERIOD', 'INACTIVITY')", name="expiry"),
    **SERVER_OPTIONS,
)

category_point_configs = Table(
    "category_point_configs",
    metadata,
    key(),
    tenant_key(),
    Column("category_id", BigInteger, nullable=False),
    Column("category_name", String(200), nullable=False),
    Column("point_percentage", percent(), nullable=False),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "category_id"),
    CheckConstraint("point_percentage >= 0", name="percentage"),
    **SERVER_OPTIONS,
)

category_discounts = Table(
    "category_discounts",
    metadata,
    key(),
    tenant_key(),
    Column("category_id", BigInteger, nullable=False),
    Column("category_name", String(200), nullable=False),
    Column("discount_percentage", percent(), nullable=False),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "category_id"),
    CheckConstraint("discount_percentage >= 0", name="percentage"),
    **SERVER_OPTIONS,
)

category_restrictions = Table(
    "category_restrictions",
    metadata,
    key(),
    tenant_key(),
    Column("category_id", BigInteger, nullable=False),
    Column("regulatory_class", String(50), nullable=True),
    Column("earn_blocked", Boolean, nullable=False),
    Column("redeem_blocked", Boolean, nullable=False),
    Column("discount_blocked", Boolean, nullable=False),
    Column("campaign_blocked", Boolean, nullable=False),
    Column("basis", String(500), nullable=True),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "category_id"),
    **SERVER_OPTIONS,
)
