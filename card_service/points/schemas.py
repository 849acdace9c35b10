"""The bodies of the calls that Billing makes."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from card_service.kit.http.fields import Choice, Document, Flag, Instant, Text, Whole, money
from card_service.kit.http.together import at_most_one, exactly_one, needs
from card_service.points.calculate import Calculate
from card_service.points.earn import EarnPoints
from card_service.points.look import CardRef
from card_service.points.redeem import RedeemPoints
from card_service.points.returns import ReturnItem
from card_service.points.reverse import ReversePoints
from card_service.points.rules import Item

MAX_ITEMS = 500
CARD_NUMBER = "[!-~]{1,50}"
ONE_CARD = exactly_one("cardId", "cardNumber")
ONE_CARD_AT_MOST = at_most_one("cardId", "cardNumber")
_LENGTH = validate.Length(min=1, max=MAX_ITEMS, error=f"Must have 1 to {MAX_ITEMS} items.")


class ItemBody(Document):
    """One item of a bill."""

    category_id = Whole(required=True)
    amount = money(required=True)
    item_id = Whole(load_default=None)
    loyalty_eligible = Flag(load_default=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> Item:
        """Make the item; its id is Billing's own and not looked at."""
        return Item(data["category_id"], data["amount"], data["loyalty_eligible"])


class ReturnItemBody(Document):
    """An amount of a category that comes back."""

    category_id = Whole(required=True)
    amount = money(required=True)
    loyalty_eligible = Flag(load_default=None)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> ReturnItem:
        """Make the item."""
        return ReturnItem(**data)


class CardBody(Document):
    """A body that may name a card, by its id or by its number."""

    card_id = Whole(load_default=None)
    card_number = Text(longest=50, pattern=CARD_NUMBER, says="Must be printable ASCII without spaces.", load_default=None)

    @validates_schema(skip_on_field_errors=False)
    def check_card(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names for the card."""
        if data.get("card_id") is not None and data.get("card_number") is not None:
            message = "Send cardId or cardNumber, not both."
            raise ValidationError(message, "cardNumber")


class NamedCardBody(CardBody):
    """A body that must name a card."""

    @validates_schema(skip_on_field_errors=True)
    def require_card(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse no name at all."""
        if data.get("card_id") is None and data.get("card_number") is None:
            message = "Send cardId or cardNumber."
            raise ValidationError(message, "cardNumber")


def card_of(data: dict[str, Any]) -> CardRef:
    """Take the card out of a loaded body."""
    return CardRef(data.pop("card_id"), data.pop("card_number"))


def items_of(data: dict[str, Any]) -> tuple[Any, ...] | None:
    """Take the items out of a loaded body."""
    items = data.pop("items", None)
    return None if items is None else tuple(items)


class RedemptionFields(CardBody):
    """Points, or the amount they are to pay; one of the two."""

    points = money(load_default=None)
    redeem_amount = money(load_default=None)

    @validates_schema(skip_on_field_errors=False)
    def check_points(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse both."""
        if data.get("points") is not None and data.get("redeem_amount") is not None:
            message = "Send points or redeemAmount, not both."
            raise ValidationError(message, "redeemAmount")


class CalculateBody(RedemptionFields):
    """A bill being rung up; items are gross. `points` or `redeemAmount` previews a redemption."""

    together = (ONE_CARD_AT_MOST, at_most_one("points", "redeemAmount"))

    bill_id = Whole(load_default=None)
    items = fields.List(fields.Nested(ItemBody), required=True, validate=_LENGTH)
    flat_discount = money(load_default=None)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> Calculate:
        """Make the command."""
        return Calculate(card=card_of(data), items=items_of(data) or (), **data)


class EarnPointsBody(NamedCardBody):
    """A paid bill; `billAmount` is payable after all discounts, before points."""

    together = (ONE_CARD,)

    bill_id = Whole(required=True)
    bill_amount = money(required=True)
    items = fields.List(fields.Nested(ItemBody), required=True, validate=_LENGTH)
    occurred_at = Instant(load_default=None)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EarnPoints:
        """Make the command."""
        return EarnPoints(card=card_of(data), items=items_of(data) or (), **data)


# A bill that is none of earn-points is answered with a problem of its own, and the batch goes on.
EARN_BODY = {"anyOf": [{"$ref": "#/components/schemas/EarnPointsBody"}, {"type": "object"}]}


class EarnBatchBody(Document):
    """Up to 100 bills; each is judged by itself."""

    items = fields.List(
        fields.Dict(metadata=EARN_BODY),
        required=True,
        validate=validate.Length(min=1, max=100, error="Must have 1 to 100 bills."),
    )


class RedeemPointsBody(RedemptionFields, NamedCardBody):
    """Points for a bill: as points, or as the amount that they are to pay."""

    together = (ONE_CARD, exactly_one("points", "redeemAmount"))

    bill_id = Whole(required=True)
    bill_amount = money(load_default=None)
    items = fields.List(fields.Nested(ItemBody), load_default=None, validate=_LENGTH)
    mode = Choice("COMMIT", "HOLD", load_default="COMMIT")

    @validates_schema(skip_on_field_errors=True)
    def require_points(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse neither."""
        if data.get("points") is None and data.get("redeem_amount") is None:
            message = "Send points or redeemAmount."
            raise ValidationError(message, "points")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> RedeemPoints:
        """Make the command."""
        return RedeemPoints(card=card_of(data), items=items_of(data), **data)


class ReversePointsBody(CardBody):
    """A return; without items, all that is left. Items come back under a `returnId`."""

    together = (ONE_CARD_AT_MOST, needs("items", "returnId"))

    bill_id = Whole(required=True)
    reason = Text(longest=500, load_default=None)
    return_id = Whole(load_default=None)
    items = fields.List(fields.Nested(ReturnItemBody), load_default=None, validate=_LENGTH)

    @validates_schema(skip_on_field_errors=True)
    def require_return_id(self, data: dict[str, Any], **_: Any) -> None:
        """A part of a bill comes back under an id, or a retry could not be told from a second return."""
        if data.get("items") is not None and data.get("return_id") is None:
            message = "Is required when items are returned."
            raise ValidationError(message, "returnId")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> ReversePoints:
        """Make the command."""
        return ReversePoints(card=card_of(data), items=items_of(data), **data)
