"""The answers to the calls that Billing makes."""

from decimal import Decimal

from marshmallow import fields

from card_service.campaigns.campaign import TYPES
from card_service.campaigns.rules import REASONS as REASONS_NOT
from card_service.kit.http.fields import Choice, Document, Exact, Flag, Instant, Text, Whole, money, signed_points
from card_service.models.bills import BONUS_KINDS
from card_service.programs.schemas import CashBackAnswer
from card_service.tiers.answer_schemas import TierFields

REASONS = ("RESTRICTED", "NO_PERCENTAGE", "NOT_ELIGIBLE", "CARD_SYSTEM_DISABLED", "PROGRAM_NOT_ACTIVE")


class WhyAnswer(Document):
    """What made points of a line beyond the percentage of its category; negative where it made them fewer."""

    source = Choice("TIER", "CAMPAIGN", "CAP", required=True)
    id = Whole(required=True)
    name = Text(longest=200, required=True)
    multiplier = money(required=True)
    points = signed_points(required=True)


class EarnedLineAnswer(Document):
    """One category of an earned bill."""

    category_id = Whole(required=True)
    amount = money(required=True)
    redeemed_share = money(required=True)
    eligible_amount = money(required=True)
    point_percentage = money(required=True)
    multiplier = Exact(places=4, low=Decimal(0), required=True)
    points = money(required=True)
    excluded_reason = Choice(*REASONS, required=True, allow_none=True)
    why = fields.List(fields.Nested(WhyAnswer), required=True)


class QuotedLineAnswer(EarnedLineAnswer):
    """One category of a calculated bill."""

    discount_percentage = money(required=True)
    discount_amount = money(required=True)
    tier_discount_amount = money(required=True)
    net_amount = money(required=True)


class BonusAnswer(Document):
    """Points that a bill brings beside its lines; `id` is that of the campaign or the rule, `cardId` who gets them."""

    kind = Choice(*BONUS_KINDS, required=True)
    id = Whole(required=True)
    name = Text(longest=200, required=True)
    points = money(required=True)
    card_id = Whole(required=True)


class CampaignAnswer(Document):
    """A campaign that runs: whether it applies to the bill, the first reason why not, and what it gives."""

    id = Whole(required=True)
    name = Text(longest=100, required=True)
    type = Choice(*TYPES, required=True)
    applies = Flag(required=True)
    reason = Choice(*REASONS_NOT, required=True, allow_none=True)
    points = money(required=True)


class QuoteAnswer(TierFields):
    """What a bill costs, may be paid with, and earns."""

    items = fields.List(fields.Nested(QuotedLineAnswer), required=True)
    total_discount = money(required=True)
    payable_amount = money(required=True)
    amount_deducted = money(required=True)
    amount_due = money(required=True)
    points_earned = money(required=True)
    referrer_points_earned = money(required=True)
    available_points = signed_points(required=True)
    max_redeemable_points = money(required=True)
    max_redeemable_amount = money(required=True)
    redeem_blocked_reason = Text(longest=50, required=True, allow_none=True)
    enabled = Flag(required=True)
    bonus_points = money(required=True)
    bonuses = fields.List(fields.Nested(BonusAnswer), required=True)
    campaigns = fields.List(fields.Nested(CampaignAnswer), required=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)


class PointsEarnedAnswer(TierFields):
    """What a bill has earned."""

    points_earned = money(required=True)
    new_balance = signed_points(required=True)
    referrer_points_earned = money(required=True)
    pending_points = money(required=True)
    bill_id = Whole(required=True)
    items = fields.List(fields.Nested(EarnedLineAnswer), required=True)
    expires_at = Instant(required=True, allow_none=True)
    available_at = Instant(required=True, allow_none=True)
    bonus_points = money(required=True)
    bonuses = fields.List(fields.Nested(BonusAnswer), required=True)
    campaigns = fields.List(fields.Nested(CampaignAnswer), required=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)


PROBLEM_OR_NONE = [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]


class BatchItemAnswer(Document):
    """The answer to one bill of a batch: `answer` when it was earned, `problem` when it was refused."""

    bill_id = Whole(required=True, allow_none=True)
    status = Whole(required=True)
    replayed = Flag(required=True)
    answer = fields.Nested(PointsEarnedAnswer, required=True, allow_none=True)
    problem = fields.Dict(required=True, allow_none=True, metadata={"anyOf": PROBLEM_OR_NONE})


class EarnBatchAnswer(Document):
    """An answer per bill, in their order."""

    items = fields.List(fields.Nested(BatchItemAnswer), required=True)


class AllocationAnswer(Document):
    """What points paid of one category."""

    category_id = Whole(required=True)
    amount = money(required=True)


class PointsRedeemedAnswer(Document):
    """What points have paid."""

    amount_deducted = money(required=True)
    points_redeemed = money(required=True)
    new_balance = signed_points(required=True)
    redemption_id = Whole(required=True)
    allocation = fields.List(fields.Nested(AllocationAnswer), required=True)
    treatment = Choice("PAYMENT", "DISCOUNT", required=True)
    expires_at = Instant(required=True, allow_none=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)


class PointsReversedAnswer(TierFields):
    """What a return gave and took."""

    points_reversed = money(required=True)
    points_restored = money(required=True)
    amount_restored = money(required=True)
    referrer_points_reversed = money(required=True)
    shortfall_points = money(required=True)
    shortfall_amount = money(required=True)
    new_balance = signed_points(required=True)
    bill_state = Choice("OPEN", "PARTIALLY_RETURNED", "CANCELLED", required=True)
    bonus_points_reversed = money(required=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)
