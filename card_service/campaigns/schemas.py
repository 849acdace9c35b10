"""The bodies and answers of campaigns."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from card_service.campaigns.campaign import STATUSES, TYPES, WEEKDAYS
from card_service.campaigns.change import ChangeCampaign
from card_service.campaigns.participate import Participate
from card_service.campaigns.rules import REASONS
from card_service.kit.http.fields import Choice, Day, Document, Exact, Flag, Instant, Text, Whole, money
from card_service.kit.http.together import exactly_one

MOST = 50
_FEW = validate.Length(max=MOST, error=f"Must have at most {MOST} items.")
_OF_THIS_AGE = validate.Range(
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(3000, 1, 1, tzinfo=UTC),
    error="Must be from the year 2000 to 2999.",
    max_inclusive=False,
)
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_SEGMENT = "[a-z0-9-]{1,30}"
_SETS = ("tier_ids", "segments", "category_ids")


def _list(of: fields.Field[Any]) -> Any:
    return fields.List(of, validate=[_FEW, _each_once])


def _each_once(values: list[Any]) -> None:
    if len(set(values)) < len(values):
        message = "Must name each only once."
        raise ValidationError(message)


def _clock() -> Text:
    return Text(longest=5, pattern=_CLOCK, says="Must be an hour such as 09:30.", allow_none=True)


def _points() -> Exact:
    return Exact(above=Decimal(0), allow_none=True)


class CampaignFields(Document):
    """The fields of a campaign that may be sent; each type has its own, another type's are refused."""

    name = Text(longest=100)
    description = Text(longest=500, allow_none=True)
    type = Choice(*TYPES)
    starts_at = Instant(validate=_OF_THIS_AGE)
    ends_at = Instant(validate=_OF_THIS_AGE)
    weekdays = _list(Choice(*WEEKDAYS))
    from_time = _clock()
    to_time = _clock()
    tier_ids = _list(Whole())
    segments = _list(Text(longest=30, pattern=_SEGMENT, says="Must be a label such as over-60."))
    category_ids = _list(Whole())
    min_spend = money()
    opt_in = Flag()
    multiplier = Exact(low=Decimal("1.01"), high=Decimal(100), allow_none=True)
    bonus_points = _points()
    referred_bonus_points = _points()
    target_spend = _points()
    days = Whole(high=3650, allow_none=True)
    reward_tier_id = Whole(allow_none=True)
    max_uses = Whole(allow_none=True)
    max_points = _points()
    max_uses_per_card = Whole(allow_none=True)
    max_points_per_card = _points()
    budget = _points()
    priority = Whole(low=-1000, high=1000)
    exclusive = Flag()


def _as_values(data: dict[str, Any]) -> dict[str, Any]:
    """Turn hours and lists into what a campaign holds."""
    for name in ("from_time", "to_time"):
        if data.get(name) is not None:
            data[name] = time.fromisoformat(data[name])
    for name in _SETS:
        if name in data:
            data[name] = frozenset(data[name])
    return data


class CreateCampaignBody(CampaignFields):
    """A new campaign, which begins as a draft."""

    name = Text(longest=100, required=True)
    type = Choice(*TYPES, required=True)
    starts_at = Instant(validate=_OF_THIS_AGE, required=True)
    ends_at = Instant(validate=_OF_THIS_AGE, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the values."""
        return _as_values(data)


class ChangeCampaignBody(CampaignFields):
    """Any subset of the fields; `version`, if sent, must be the one last read."""

    version = Whole()

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> ChangeCampaign:
        """Make the command; which campaign, the path says."""
        version = data.pop("version", None)
        return ChangeCampaign(0, _as_values(data), version)


class ParticipateBody(Document):
    """A campaign, and who takes part."""

    together = (exactly_one("cardId", "customerId"),)

    campaign_id = Whole(required=True)
    card_id = Whole(load_default=None)
    customer_id = Whole(load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def check_who(self, data: dict[str, Any], **_: Any) -> None:
        """Take exactly one name of the card."""
        if (data.get("card_id") is None) == (data.get("customer_id") is None):
            message = "Send cardId or customerId, and not both."
            raise ValidationError(message, "cardId")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> Participate:
        """Make the command."""
        return Participate(**data)


class CampaignShown(CampaignFields):
    """A campaign; `status` is that of this instant."""

    id = Whole(required=True)
    status = Choice(*STATUSES, required=True)
    version = Whole(required=True)


class CampaignPage(Document):
    """A page of campaigns."""

    items = fields.List(fields.Nested(CampaignShown), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class ActiveAnswer(Document):
    """The campaigns that run now."""

    items = fields.List(fields.Nested(CampaignShown), required=True)


class ProgressAnswer(Document):
    """How far a card is in a campaign."""

    campaign_id = Whole(required=True)
    card_id = Whole(required=True)
    joined_at = Instant(required=True, allow_none=True)
    until = Instant(required=True, allow_none=True)
    uses = Whole(low=0, required=True)
    points = money(required=True)
    spent = money(required=True)
    target_spend = money(required=True, allow_none=True)
    remaining = money(required=True, allow_none=True)
    completed_at = Instant(required=True, allow_none=True)


class EligibleItem(Document):
    """A campaign that runs, and why a card could not have it whatever it buys."""

    campaign = fields.Nested(CampaignShown, required=True)
    eligible = Flag(required=True)
    reason = Choice(*REASONS, required=True, allow_none=True)
    joined_at = Instant(required=True, allow_none=True)


class EligibleAnswer(Document):
    """What runs now, for one customer."""

    customer_id = Whole(required=True)
    card_id = Whole(required=True)
    items = fields.List(fields.Nested(EligibleItem), required=True)


class DryRunBody(Document):
    """Days of the tenant, both included; at most 92."""

    from_ = Day(required=True, data_key="from")
    to = Day(required=True)


class TriedBill(Document):
    """A bill that would have met a campaign."""

    bill_id = Whole(required=True)
    card_id = Whole(required=True)
    occurred_at = Instant(required=True)
    bill_amount = money(required=True)
    points = money(required=True)


class DryRunAnswer(Document):
    """What a campaign would have given."""

    bills = Whole(low=0, required=True)
    bills_met = Whole(low=0, required=True)
    cards = Whole(low=0, required=True)
    points = money(required=True)
    amount = money(required=True)
    complete = Flag(required=True)
    tried_to = Day(required=True)
    sample = fields.List(fields.Nested(TriedBill), required=True)


class ResultsAnswer(Document):
    """What a campaign has given, and how its bills compare with others of its window."""

    campaign_id = Whole(required=True)
    uses = Whole(low=0, required=True)
    cards = Whole(low=0, required=True)
    points = money(required=True)
    amount = money(required=True)
    bills = Whole(low=0, required=True)
    average_bill = money(required=True, allow_none=True)
    average_bill_others = money(required=True, allow_none=True)
    uplift_percent = Exact(low=Decimal(-100), required=True, allow_none=True)
