"""A tier, its change and the way to the next one, as many answers show them."""

from marshmallow import fields

from card_service.kit.http.fields import Document, Instant, Text, Whole, money


class TierShownAnswer(Document):
    """A tier beside a card."""

    id = Whole(required=True)
    level = Whole(required=True, high=20)
    name = Text(longest=100, required=True)
    multiplier = money(required=True)


class TierChangedAnswer(Document):
    """From which tier to which; null stands for none."""

    from_ = fields.Nested(TierShownAnswer, required=True, allow_none=True, data_key="from")
    to = fields.Nested(TierShownAnswer, required=True, allow_none=True)


class NextTierAnswer(Document):
    """What is missing to the next tier: null where it does not ask for it."""

    next_tier = fields.Nested(TierShownAnswer, required=True)
    spend_needed = money(required=True, allow_none=True)
    points_needed = money(required=True, allow_none=True)
    orders_needed = Whole(low=0, required=True, allow_none=True)
    until = Instant(required=True, allow_none=True)


class TierFields(Document):
    """What a call on a bill says of the tier of its card."""

    tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)
    tier_changed = fields.Nested(TierChangedAnswer, required=True, allow_none=True)
    progress = fields.Nested(NextTierAnswer, required=True, allow_none=True)
