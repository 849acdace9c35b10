"""The bodies and answers about members."""

from typing import Any

from marshmallow import fields, post_load, validates_schema

from card_service.cards.schemas import Card, ExpiringPointsAnswer, require_one
from card_service.kit.http.facts import Facts
from card_service.kit.http.fields import Choice, Day, Document, Instant, Text, Whole, money
from card_service.kit.http.together import exactly_one
from card_service.loyalty.enroll import EnrollCard, MemberRef
from card_service.models.earning import ACTIVITIES
from card_service.points.card_schemas import TransactionAnswer
from card_service.programs.rules import STATUSES, TYPES
from card_service.programs.schemas import CashBackAnswer
from card_service.tiers.answer_schemas import NextTierAnswer, TierShownAnswer
from card_service.tiers.schemas import TierChange


class EnrollBody(Document):
    """A member, by card or by customer, and a programme; null takes the card out of the one that it is in."""

    together = (exactly_one("cardId", "customerId"),)

    card_id = Whole(load_default=None)
    customer_id = Whole(load_default=None)
    program_id = Whole(required=True, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def check_member(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names for the member, and none."""
        require_one(data, {"card_id": "cardId", "customer_id": "customerId"})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnrollCard:
        """Make the command."""
        return EnrollCard(MemberRef(data["card_id"], data["customer_id"]), data["program_id"])


class CampaignJoinedAnswer(Document):
    """A campaign that the member takes part in."""

    campaign_id = Whole(required=True)
    name = Text(longest=200, required=True)


class AwardGivenAnswer(Document):
    """Points for something other than a bill; `ruleId` is null for the birthday points of a tier."""

    id = Whole(required=True)
    activity = Choice(*ACTIVITIES, required=True)
    code = Text(longest=50, required=True, allow_none=True)
    reference = Text(longest=100, required=True)
    rule_id = Whole(required=True, allow_none=True)
    points = money(required=True)


class ActivityAnswer(Document):
    """One thing that happened: the field of its kind says what, the others are null."""

    kind = Choice("POSTING", "TIER_CHANGE", "AWARD", "CAMPAIGN_JOINED", required=True)
    at = Instant(required=True)
    posting = fields.Nested(TransactionAnswer, required=True, allow_none=True)
    tier_change = fields.Nested(TierChange, required=True, allow_none=True)
    award = fields.Nested(AwardGivenAnswer, required=True, allow_none=True)
    campaign_joined = fields.Nested(CampaignJoinedAnswer, required=True, allow_none=True)


class ActivityPage(Document):
    """A page of what happened to a member, newest first."""

    items = fields.List(fields.Nested(ActivityAnswer), required=True)
    next_cursor = Text(longest=1000, required=True, allow_none=True)


class MemberProgramAnswer(Document):
    """The programme that a member is in."""

    id = Whole(required=True)
    name = Text(longest=200, required=True)
    type = Choice(*TYPES, required=True)
    status = Choice(*STATUSES, required=True)
    starts_on = Day(required=True, allow_none=True)
    ends_on = Day(required=True, allow_none=True)


class MemberAnswer(Document):
    """A member as a whole."""

    card = fields.Nested(Card, required=True)
    amount = money(required=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)
    expires_next = fields.Nested(ExpiringPointsAnswer, required=True, allow_none=True)
    program = fields.Nested(MemberProgramAnswer, required=True, allow_none=True)
    tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)
    progress = fields.Nested(NextTierAnswer, required=True, allow_none=True)
    benefits = Facts(required=True)
    activities = fields.List(fields.Nested(ActivityAnswer), required=True)
