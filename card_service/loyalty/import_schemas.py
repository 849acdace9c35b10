"""The cells of a file of members, held to the same rules as the bodies of the API."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from card_service.cards.fields import Email, Phone, own_number
from card_service.cards.schemas import segments
from card_service.kit.http.fields import Day, Document, QueryWhole, Text, money
from card_service.loyalty.member_row import MemberRow


class MemberColumns(Document):
    """The cells of a row of a file of members; a cell is text, and an empty one is left out."""

    card_number = own_number(load_default=None, data_key="card_number")
    customer_id = QueryWhole(load_default=None, data_key="customer_id")
    name = Text(longest=200, load_default=None)
    phone = Phone(load_default=None)
    email = Email(load_default=None)
    birth_date = Day(load_default=None, data_key="birth_date")
    opening_points = money(load_default=Decimal("0.00"), data_key="opening_points")
    points_last_day = Day(load_default=None, data_key="points_last_day")
    referrer_number = own_number(load_default=None, data_key="referrer_number")
    segments = segments(load_default=())

    @validates_schema(skip_on_field_errors=True)
    def check_together(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a row that names nobody, and a day without points."""
        if data["card_number"] is None and data["customer_id"] is None:
            raise ValidationError("or customer_id must be given, or a second run could not know the row again", "card_number")
        if data["points_last_day"] is not None and not data["opening_points"]:
            raise ValidationError("belongs to opening_points: give points, or empty this cell", "points_last_day")

    @post_load
    def row(self, data: dict[str, Any], **_: Any) -> MemberRow:
        """Make the row."""
        return MemberRow(**data | {"segments": tuple(data["segments"])})


_columns = MemberColumns()


def member_row(cells: dict[str, str]) -> tuple[MemberRow | None, dict[str, str]]:
    """Load the cells of a row; gives it, or what is wrong by column. Labels of segments stand between `|` or `;`."""
    given: dict[str, Any] = dict(cells)
    if "segments" in given:
        given["segments"] = [label.strip() for label in given["segments"].replace(";", "|").split("|")]
    try:
        row: MemberRow = _columns.load(given)
    except ValidationError as error:
        messages: Any = error.messages
        return None, {str(column): _first(messages) for column, messages in messages.items()}
    return row, {}


def _first(messages: Any) -> str:
    """Give the first message; those of a list stand below the places in it."""
    while isinstance(messages, dict):
        messages = next(iter(messages.values()))
    return str(messages[0] if isinstance(messages, list) else messages)
