"""The bodies and answers of the tiers."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from card_service.kit.http.facts import Facts
from card_service.kit.http.fields import (
    Choice,
    Day,
    Document,
    Exact,
    Flag,
    Instant,
    Text,
    Whole,
    money,
    percent,
    signed_points,
)
from card_service.kit.http.together import exactly_one
from card_service.tiers.answer_schemas import NextTierAnswer, TierShownAnswer
from card_service.tiers.create import PRESET_NAMES, CreateTier
from card_service.tiers.recalculate import Recalculate

MOST_DAYS, MOST_CATEGORIES = 3650, 200


class OwnPercentage(Document):
    """Points per hundred of a category, instead of the category's own."""

    category_id = Whole(required=True)
    point_percentage = percent(required=True)


class TierFields(Document):
    """What is set for a tier; null for a requirement that it does not have."""

    level = Whole(high=20)
    name = Text(longest=100)
    min_spend = money(allow_none=True)
    min_points = money(allow_none=True)
    min_orders = Whole(low=0, high=1_000_000_000, allow_none=True)
    qualify_mode = Choice("ANY", "ALL")
    qualification_period_days = Whole(high=MOST_DAYS)
    points_multiplier = Exact(low=Decimal("0.01"), high=Decimal(10))
    category_percentages = fields.List(
        fields.Nested(OwnPercentage),
        validate=validate.Length(max=MOST_CATEGORIES, error=f"Must be at most {MOST_CATEGORIES} categories."),
    )
    tier_discount_percent = percent()
    benefits = Facts()
    birthday_points = money(allow_none=True)
    grace_days = Whole(low=0, high=MOST_DAYS)
    downgrade = Choice("NONE", "ONE_DOWN", "TO_QUALIFIED")
    is_active = Flag()

    @validates_schema(skip_on_field_errors=True)
    def refuse_twice(self, data: dict[str, Any], **_: Any) -> None:
        """One percentage a category."""
        rows = data.get("category_percentages", [])
        if len({row["category_id"] for row in rows}) < len(rows):
            raise ValidationError("A category stands here twice.", "categoryPercentages")


class CreateTierBody(TierFields):
    """A new tier; what is left out is as docs/programme.md section 2 says."""

    level = Whole(high=20, required=True)
    name = Text(longest=100, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> CreateTier:
        """Make the command."""
        return CreateTier(data)


class ChangeTierBody(TierFields):
    """Any subset of the fields."""


class PresetBody(Document):
    """Which four tiers."""

    preset = Choice(*PRESET_NAMES, required=True)


class SetTierBody(Document):
    """The tier by its id or its level, the reason, and the last day if it is to end."""

    together = (exactly_one("tierId", "tierLevel"),)

    tier_id = Whole(load_default=None)
    tier_level = Whole(high=20, load_default=None)
    reason = Text(longest=500, required=True)
    until = Day(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def check_which(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse both names for the tier, and none."""
        if (data.get("tier_id") is None) == (data.get("tier_level") is None):
            raise ValidationError("Send exactly one of tierId, tierLevel.", "tierLevel")


class RecalculateBody(Document):
    """One card, or all of them; nothing is written unless `dryRun` is false."""

    card_id = Whole(load_default=None)
    dry_run = Flag(load_default=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> Recalculate:
        """Make the command."""
        return Recalculate(**data)


class Tier(Document):
    """A tier with all that was set for it."""

    id = Whole(required=True)
    level = Whole(high=20, required=True)
    name = Text(longest=100, required=True)
    min_spend = money(required=True, allow_none=True)
    min_points = money(required=True, allow_none=True)
    min_orders = Whole(low=0, required=True, allow_none=True)
    qualify_mode = Choice("ANY", "ALL", required=True)
    qualification_period_days = Whole(high=MOST_DAYS, required=True)
    points_multiplier = money(required=True)
    category_percentages = fields.List(fields.Nested(OwnPercentage), required=True)
    tier_discount_percent = percent(required=True)
    benefits = Facts(required=True)
    birthday_points = money(required=True, allow_none=True)
    grace_days = Whole(low=0, required=True)
    downgrade = Choice("NONE", "ONE_DOWN", "TO_QUALIFIED", required=True)
    is_active = Flag(required=True)


class TierPage(Document):
    """All tiers, the lowest first: there are at most twenty, so that there is never a next page."""

    items = fields.List(fields.Nested(Tier), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class ChangeListedAnswer(Document):
    """A card that goes up or down."""

    card_id = Whole(required=True)
    from_ = fields.Nested(TierShownAnswer, required=True, allow_none=True, data_key="from")
    to = fields.Nested(TierShownAnswer, required=True, allow_none=True)
    reason = Text(longest=500, required=True)


class RecalculatedAnswer(Document):
    """What a review did, or would do."""

    dry_run = Flag(required=True)
    reviewed = Whole(low=0, required=True)
    upgraded = Whole(low=0, required=True)
    downgraded = Whole(low=0, required=True)
    in_grace = Whole(low=0, required=True)
    cards_left = Whole(low=0, required=True)
    changes = fields.List(fields.Nested(ChangeListedAnswer), required=True)


class WindowAnswer(Document):
    """What the bills of a window add up to, until the first of them falls out of it."""

    period_days = Whole(required=True)
    spend = money(required=True)
    points = money(required=True)
    orders = Whole(low=0, required=True)
    until = Instant(required=True, allow_none=True)


class Standing(Document):
    """Where a card is on the ladder."""

    card_id = Whole(required=True)
    tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)
    since = Instant(required=True, allow_none=True)
    held_tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)
    held_until = Day(required=True, allow_none=True)
    grace_until = Day(required=True, allow_none=True)
    figures = fields.List(fields.Nested(WindowAnswer), required=True)
    progress = fields.Nested(NextTierAnswer, required=True, allow_none=True)
    benefits = Facts(required=True)


class TierChange(Document):
    """One change of a card's tier."""

    id = Whole(required=True)
    type = Choice("UPGRADE", "DOWNGRADE", "GRACE", "MANUAL", "CHALLENGE", "REVERSAL", required=True)
    from_tier_id = Whole(required=True, allow_none=True)
    to_tier_id = Whole(required=True, allow_none=True)
    reason = Text(longest=500, required=True)
    spend = signed_points(required=True)
    points = signed_points(required=True)
    orders = Whole(low=0, required=True)
    until = Instant(required=True, allow_none=True)
    performed_by = Text(longest=120, required=True)
    created_at = Instant(required=True)
    bill_id = Whole(required=True, allow_none=True)


class TierChangePage(Document):
    """A page of changes."""

    items = fields.List(fields.Nested(TierChange), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)
