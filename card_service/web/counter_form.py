"""The form of a bill as the page sends it: lines of categories and amounts, and how points are to pay."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from card_service.kit.errors import ValidationFailed
from card_service.kit.http.fields import MAX_ID
from card_service.points.rules import Item
from card_service.web.amounts import UnreadableAmount, read_amount
from card_service.web.i18n import translate

NONE, ALL, POINTS, REST = "none", "all", "points", "rest"
USES = (NONE, ALL, POINTS, REST)
MAX_LINES = 100
SHOWN = ("discount", "payable", "deducted", "points", "earned", "bonus")
"""The hidden fields `shown_...` of the preview, in the order of `Shown`."""
_MICROSECONDS = 1_000


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line as it was typed, to be shown again as it was."""

    category: str
    amount: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures that the cashier saw before applying; nothing else is ever applied."""

    discount: Decimal
    payable: Decimal
    deducted: Decimal
    points: Decimal
    earned: Decimal
    bonus: Decimal


@dataclass(slots=True)
class BillForm:
    """A bill at the counter. `items` are what could be read of it, `problems` sentences about what could not."""

    card_id: int
    bill_id: int
    typed: list[TypedLine]
    use: str
    typed_points: str
    typed_money: str
    items: tuple[Item, ...] = ()
    points: Decimal | None = None
    money: Decimal | None = None
    shown: Shown | None = None
    problems: list[str] = field(default_factory=list)


def new_number(now: datetime) -> int:
    """Make the number of a bill or a return at this till: the time, and chance against a second till of the same millisecond.

    It stays below 2^53, so that a script can hold it; with 1,000 numbers a millisecond two tills may still meet, and
    then the second bill is refused as another customer's, not booked twice.
    """
    return int(now.timestamp() * 1000) * _MICROSECONDS + secrets.randbelow(_MICROSECONDS)


def read_bill_form(form: MultiDict[str, str]) -> BillForm:
    """Read the form; raises ValidationFailed only for what no cashier types: the card, the number, the shape."""
    use = form.get("use", NONE)
    typed = [TypedLine(*line) for line in zip(form.getlist("category"), form.getlist("amount"), strict=False)]
    if use not in USES or len(typed) > MAX_LINES:
        raise ValidationFailed({"use": ["Is not a way to pay."]})
    read = BillForm(
        card_id=read_id(form, "card_id", "cardId"),
        bill_id=read_id(form, "bill_id", "billId"),
        typed=typed,
        use=use,
        typed_points=form.get("points", ""),
        typed_money=form.get("money", ""),
    )
    read.items = tuple(_items(typed, read.problems))
    if use == POINTS:
        read.points = _amount(read.typed_points, read.problems)
    if use == REST:
        read.money = _amount(read.typed_money, read.problems)
    read.shown = _shown(form)
    return read


def read_id(form: MultiDict[str, str], name: str, wire: str) -> int:
    """Read an id of the form; raises ValidationFailed for `wire`, its name in the sentences."""
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID)) and 1 <= int(text) <= MAX_ID):
        raise ValidationFailed({wire: ["Must be a whole number."]})
    return int(text)


def _items(typed: Sequence[TypedLine], problems: list[str]) -> list[Item]:
    items = []
    for line in typed:
        if not line.amount.strip():
            continue
        amount = _amount(line.amount, problems)
        if not (line.category.isascii() and line.category.isdigit() and len(line.category) < len(str(MAX_ID))):
            raise ValidationFailed({"category": ["Must be a category."]})
        if amount:
            items.append(Item(int(line.category), amount))
    return items


def _amount(text: str, problems: list[str]) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return read_amount(text)
    except UnreadableAmount as unreadable:
        problems.append(translate(str(unreadable), typed=text.strip()[:40]))
        return None


def _shown(form: MultiDict[str, str]) -> Shown | None:
    try:
        return Shown(*(read_amount(form.get(f"shown_{name}", "")) for name in SHOWN))
    except UnreadableAmount:
        return None
