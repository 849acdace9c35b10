"""The bodies and answers of the earning rules."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from card_service.earning_rules.change import CreateRule
from card_service.earning_rules.earn_activity import REPORTED, EarnActivity
from card_service.kit.http.fields import Choice, Document, Exact, Flag, Instant, Text, Whole, money, signed_points
from card_service.kit.http.together import exactly_one
from card_service.kit.money import MAX_AMOUNT, ZERO
from card_service.models.earning import ACTIVITIES, PERIODS

_PRIORITY = {"low": -1_000_000, "high": 1_000_000}


def _code() -> Text:
    says = "Must be 1 to 50 letters, digits, dots, dashes and underscores."
    return Text(longest=50, pattern="[A-Za-z0-9_.-]{1,50}", says=says, load_default=None)


def _points(**kwargs: Any) -> Exact:
    return Exact(above=ZERO, high=MAX_AMOUNT, **kwargs)


class CreateRuleBody(Document):
    """A rule of what is paid beside bills; `code` names a CUSTOM activity."""

    activity = Choice(*ACTIVITIES, required=True)
    code = _code()
    name = Text(longest=200, required=True)
    points = _points(required=True)
    use_tier_multiplier = Flag(load_default=False)
    min_bill = money(load_default=ZERO)
    max_per_card = Whole(high=1_000_000, load_default=None, allow_none=True)
    period = Choice(*PERIODS, load_default="EVER")
    pending_days = Whole(low=0, high=365, load_default=0)
    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(load_default=None, allow_none=True)
    priority = Whole(**_PRIORITY, load_default=0)
    is_active = Flag(load_default=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> CreateRule:
        """Make the command."""
        return CreateRule(data)


class ChangeRuleBody(Document):
    """Any subset of the fields; what a rule is for, its activity and code, stays."""

    name = Text(longest=200)
    points = _points()
    use_tier_multiplier = Flag()
    min_bill = money()
    max_per_card = Whole(high=1_000_000, allow_none=True)
    period = Choice(*PERIODS)
    pending_days = Whole(low=0, high=365)
    starts_at = Instant(allow_none=True)
    ends_at = Instant(allow_none=True)
    priority = Whole(**_PRIORITY)
    is_active = Flag()


class EarningRule(Document):
    """A rule as configured."""

    id = Whole(required=True)
    activity = Choice(*ACTIVITIES, required=True)
    code = Text(longest=50, required=True, allow_none=True)
    name = Text(longest=200, required=True)
    points = money(required=True)
    use_tier_multiplier = Flag(required=True)
    min_bill = money(required=True)
    max_per_card = Whole(required=True, allow_none=True)
    period = Choice(*PERIODS, required=True)
    pending_days = Whole(low=0, required=True)
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    priority = Whole(**_PRIORITY, required=True)
    is_active = Flag(required=True)


class EarningRulePage(Document):
    """A page of rules."""

    items = fields.List(fields.Nested(EarningRule), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class EarnActivityBody(Document):
    """What somebody did; `reference` is the caller's own name for this one time, and is paid once."""

    together = (exactly_one("customerId", "cardId"),)

    customer_id = Whole(load_default=None)
    card_id = Whole(load_default=None)
    activity = Choice(*REPORTED, required=True)
    code = _code()
    reference = Text(longest=100, pattern="[!-~]{1,100}", says="Must be printable ASCII without spaces.", required=True)

    @validates_schema(skip_on_field_errors=True)
    def check_together(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names of the card and none, and a code where it is none."""
        if (data["customer_id"] is None) == (data["card_id"] is None):
            raise ValidationError("Send exactly one of customerId, cardId.", "cardId")
        if (data["activity"] == "CUSTOM") != (data["code"] is not None):
            raise ValidationError("Is required for CUSTOM, and for no other activity.", "code")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EarnActivity:
        """Make the command."""
        return EarnActivity(**data)


class ActivityEarnedAnswer(Document):
    """What an activity has brought."""

    award_id = Whole(required=True)
    card_id = Whole(required=True)
    rule_id = Whole(required=True, allow_none=True)
    points = money(required=True)
    new_balance = signed_points(required=True)
    pending_points = money(required=True)
