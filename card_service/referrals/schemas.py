"""The answers of the referrals."""

from marshmallow import fields

from card_service.kit.http.fields import Choice, Document, Instant, Text, Whole, signed_points


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
