"""The bodies and answers about the ledger of one card."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates

from card_service.kit.http.fields import (
    Choice,
    Day,
    Document,
    Flag,
    Instant,
    QueryWhole,
    Text,
    Whole,
    cursor,
    money,
    percent,
    signed_points,
)
from card_service.kit.pagination import DEFAULT_LIMIT, MAX_LIMIT
from card_service.points.history import TYPES
from card_service.programs.schemas import CashBackAnswer


class HistoryQuery(Document):
    """Which part of the history; `from` and `to` are days of the tenant, both inclusive."""

    limit = QueryWhole(low=1, high=MAX_LIMIT, load_default=DEFAULT_LIMIT)
    cursor = cursor()
    type = Choice(*TYPES, load_default=None)
    bill_id = QueryWhole(load_default=None)
    first_day = Day(load_default=None, data_key="from")
    last_day = Day(load_default=None, data_key="to")


class TransactionAnswer(Document):
    """One row of the ledger."""

    id = Whole(required=True)
    seq = Whole(required=True)
    type = Choice(*TYPES, required=True)
    points = signed_points(required=True)
    balance_after = signed_points(required=True)
    reference_type = Text(longest=20, required=True)
    reference_id = Whole(required=True, allow_none=True)
    bill_id = Whole(required=True, allow_none=True)
    bill_amount = money(required=True, allow_none=True)
    category_id = Whole(required=True, allow_none=True)
    category_name = Text(longest=200, required=True, allow_none=True)
    percentage = percent(required=True, allow_none=True)
    referred_card_id = Whole(required=True, allow_none=True)
    referred_bill_id = Whole(required=True, allow_none=True)
    performed_by = Text(longest=120, required=True)
    description = Text(longest=500, required=True, allow_none=True)
    occurred_at = Instant(required=True)
    created_at = Instant(required=True)


class TransactionPage(Document):
    """A page of the history."""

    items = fields.List(fields.Nested(TransactionAnswer), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class DifferenceAnswer(Document):
    """One thing that does not add up."""

    check = Text(longest=200, required=True)
    expected = signed_points(required=True)
    found = signed_points(required=True)


class AuditAnswer(Document):
    """Whether a card's books balance, and where they do not."""

    card_id = Whole(required=True)
    balanced = Flag(required=True)
    differences = fields.List(fields.Nested(DifferenceAnswer), required=True)
    unsettled_points = money(required=True)


class AdjustPointsBody(Document):
    """Signed points and the reason."""

    points = signed_points(required=True)
    reason = Text(longest=500, required=True)
    expires_at = Day(load_default=None)

    @validates("points")
    def refuse_nothing(self, value: Decimal, **_: Any) -> None:
        """An adjustment by nothing is a mistake."""
        if not value:
            message = "Must not be 0."
            raise ValidationError(message)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give the fields; the card is in the path."""
        return data


class PointsAdjustedAnswer(Document):
    """What an adjustment did."""

    card_id = Whole(required=True)
    points_adjusted = signed_points(required=True)
    new_balance = signed_points(required=True)
    expires_at = Instant(required=True, allow_none=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)
