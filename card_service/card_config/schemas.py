"""The bodies and answers of the configuration."""

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, validates, validates_schema

from card_service.card_config.apply_expiry import ApplyExpiry
from card_service.card_config.change_entry import PutEntry
from card_service.card_config.settings import ChangeConfig
from card_service.kit.http.fields import (
    Choice,
    Day,
    Document,
    Exact,
    Flag,
    Instant,
    QueryWhole,
    Text,
    Whole,
    cursor,
    money,
    percent,
)

EXPIRY_POLICIES = ("NONE", "ROLLING", "END_OF_PERIOD", "INACTIVITY")
_ZONES = available_timezones()


class ConfigFields(Document):
    """The settable fields of the card configuration."""

    is_enabled = Flag()
    points_to_amount_rate = Exact(places=4, above=Decimal(0), high=Decimal(100))
    max_redemption_percent = percent()
    referral_points_percent = percent()
    min_points_to_redeem = Whole(low=0, high=9_999_999_999)
    flat_discount_type = Choice("NONE", "PERCENT", "AMOUNT")
    flat_discount_value = money()
    flat_discount_min_bill = money()
    points_precision = Whole(low=0, high=2)
    return_policy = Choice("DEBT", "CAP_AT_ZERO")
    restore_grace_days = Whole(low=0, high=3650)
    redemption_treatment = Choice("PAYMENT", "DISCOUNT")
    pending_days = Whole(low=0, high=365)
    expiry_policy = Choice(*EXPIRY_POLICIES)
    expiry_months = Whole(low=1, high=120)
    hold_ttl_seconds = Whole(low=1, high=86_400)
    currency = Text(longest=3, pattern="[A-Z]{3}", says="Must be a currency code such as INR.")
    timezone = Text(longest=64)
    card_number_pattern = Text(longest=50, pattern="[!-~]{1,50}", says="Must be printable ASCII.", allow_none=True)
    referral_link_base = Text(
        longest=200, pattern="https?://[!-~]+", says="Must be an address that begins with https://.", allow_none=True
    )
    referral_min_bill = money()
    card_colour = Text(longest=7, pattern="#[0-9a-fA-F]{6}", says="Must be a colour such as #0b5d51.", allow_none=True)
    campaign_stacking = Choice("BEST", "ADDITIVE", "MULTIPLY")
    max_total_multiplier = Exact(low=Decimal(1), high=Decimal(100))


class ChangeConfigBody(ConfigFields):
    """Any subset of the fields; `version`, if sent, must be the one last read."""

    version = Whole(low=1)

    @validates("timezone")
    def check_zone(self, value: str, **_: Any) -> None:
        """Take a zone of the IANA database only."""
        if value not in _ZONES:
            message = "Must be a time zone such as Asia/Kolkata."
            raise ValidationError(message)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> ChangeConfig:
        """Make the command."""
        version = data.pop("version", None)
        return ChangeConfig(data, version)


class ApplyExpiryBody(Document):
    """Whether only to tell what would be touched, or else the number of cards that was told."""

    dry_run = Flag(load_default=True)
    confirm_cards = Whole(low=0, load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def require_number(self, data: dict[str, Any], **_: Any) -> None:
        """Dates are changed by who has seen what that does, only."""
        if not data["dry_run"] and data.get("confirm_cards") is None:
            message = "Is required unless dryRun is true."
            raise ValidationError(message, "confirmCards")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> ApplyExpiry:
        """Make the command."""
        return ApplyExpiry(**data)


class ExpiryAppliedAnswer(Document):
    """The cards, lots and points whose dates would change, or have changed."""

    dry_run = Flag(required=True)
    cards = Whole(low=0, required=True)
    lots = Whole(low=0, required=True)
    points = money(required=True)
    points_expiring_at_once = money(required=True)
    earliest = Day(required=True, allow_none=True)
    cards_left = Whole(low=0, required=True)


class EntryFields(Document):
    """What the three kinds of entries share."""

    category_id = Whole(required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> Any:
        """Make the command."""
        return PutEntry(data.pop("category_id"), data)


class CategoryBody(EntryFields):
    """Points per hundred of a category."""

    category_name = Text(longest=200, required=True)
    point_percentage = percent(required=True)
    is_active = Flag(load_default=True)


class DiscountBody(EntryFields):
    """Discount of a category."""

    category_name = Text(longest=200, required=True)
    discount_percentage = percent(required=True)
    is_active = Flag(load_default=True)


class RestrictionBody(EntryFields):
    """What the law forbids for a category, and on what basis."""

    regulatory_class = Text(longest=50, allow_none=True, load_default=None)
    earn_blocked = Flag(load_default=False)
    redeem_blocked = Flag(load_default=False)
    discount_blocked = Flag(load_default=False)
    campaign_blocked = Flag(load_default=False)
    basis = Text(longest=500, allow_none=True, load_default=None)


class Category(CategoryBody):
    """A percentage as configured."""

    id = Whole(required=True)


class Discount(DiscountBody):
    """A discount as configured."""

    id = Whole(required=True)


class Restriction(RestrictionBody):
    """A restriction as configured."""

    id = Whole(required=True)


class Config(ConfigFields):
    """The card configuration with everything per category."""

    tenant_id = Whole(required=True)
    version = Whole(required=True)
    updated_at = Instant(required=True)
    category_point_configs = fields.List(fields.Nested(Category), required=True)
    category_discounts = fields.List(fields.Nested(Discount), required=True)
    category_restrictions = fields.List(fields.Nested(Restriction), required=True)


class PageQuery(Document):
    """A page of a list: how many, and after which."""

    limit = QueryWhole(low=1, high=200, load_default=50)
    cursor = cursor()


class CategoryPage(Document):
    """A page of percentages."""

    items = fields.List(fields.Nested(Category), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class DiscountPage(Document):
    """A page of discounts."""

    items = fields.List(fields.Nested(Discount), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class RestrictionPage(Document):
    """A page of restrictions."""

    items = fields.List(fields.Nested(Restriction), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)
