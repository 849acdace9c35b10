"""The answers of the referrals."""

from marshmallow import fields

from card_service.kit.http.fields import Choice, Day, Document, Instant, Text, Whole, money, signed_points
from card_service.referrals.rules import REASONS


class Referral(Document):
    """A card that was referred, and what it brought the referrer."""

    card_id = Whole(required=True)
    card_number = Text(longest=50, required=True)
    customer_name = Text(longest=200, required=True, allow_none=True)
    status = Choice("ACTIVE", "SUSPENDED", "CLOSED", required=True)
    linked_at = Instant(required=True, allow_none=True)
    points_earned = signed_points(required=True)
    bonus_points = signed_points(required=True)


class ReferralPage(Document):
    """A page of referrals."""

    items = fields.List(fields.Nested(Referral), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class SuspiciousReferrer(Document):
    """A referrer who is worth a look, and the figures that say why."""

    card_id = Whole(required=True)
    card_number = Text(longest=50, required=True)
    customer_name = Text(longest=200, required=True, allow_none=True)
    status = Choice("ACTIVE", "SUSPENDED", "CLOSED", required=True)
    reasons = fields.List(Choice(*REASONS), required=True)
    friends = Whole(low=0, required=True)
    friends_of_one_prefix = Whole(low=0, required=True)
    friends_with_bills = Whole(low=0, required=True)
    friends_with_bills_left = Whole(low=0, required=True)


class SuspiciousPage(Document):
    """A page of suspicious referrers; it may be short or empty and yet have a cursor to go on from."""

    items = fields.List(fields.Nested(SuspiciousReferrer), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class ReportQuery(Document):
    """Days of the tenant, both included, at most 366; without them the 30 days that end today."""

    first_day = Day(load_default=None, data_key="from")
    last_day = Day(load_default=None, data_key="to")


class ReferralReport(Document):
    """What referring brings: referrers and friends until `to`, and the bills of the days, less what came back."""

    from_ = Day(required=True, data_key="from")
    to = Day(required=True)
    referrers = Whole(low=0, required=True)
    friends = Whole(low=0, required=True)
    friends_with_bills = Whole(low=0, required=True)
    referral_points = money(required=True)
    bonus_points = money(required=True)
    friends_spend = money(required=True)
    average_spend_of_friends = money(required=True, allow_none=True)
    average_spend_of_others = money(required=True, allow_none=True)
