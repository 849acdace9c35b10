"""A return at the counter: what is left of a bill, and taking back what the customer brings."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

import msgspec
from werkzeug.datastructures import MultiDict

from card_service.card_config.settings import VersionConflict
from card_service.cards.card import CardAnswer, show_card
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import AlreadyAnswered, ValidationFailed
from card_service.kit.http import blueprint as http
from card_service.kit.money import ZERO
from card_service.points import metrics
from card_service.points.bill import CANCELLED, Bill, BillLine, BillNotFound
from card_service.points.look import CardRef
from card_service.points.read_bill import read_bill
from card_service.points.returns import ReturnItem
from card_service.points.reverse import PointsReversed, ReversePoints, reverse_points
from card_service.web.amounts import UnreadableAmount, read_amount
from card_service.web.counter_form import MAX_LINES, read_id
from card_service.web.i18n import later, translate


class ReturnUnreadable(Exception):
    """The form of a return cannot be carried out; the argument is a sentence in the reader's language."""


@dataclass(frozen=True, slots=True)
class BillLeft:
    """A bill with what has not come back of it yet, and the card it belongs to."""

    bill: Bill
    card: CardAnswer

    @property
    def lines(self) -> list[BillLine]:
        """Give the lines of which something is left."""
        return [line for line in self.bill.lines if line.left]

    @property
    def left(self) -> Decimal:
        """Sum up what is left."""
        return sum((line.left for line in self.lines), ZERO)

    @property
    def is_redeemed_only(self) -> bool:
        """Whether points were used on it and it has not earned: it then comes back whole."""
        return not self.bill.is_earned and self.bill.state != CANCELLED and self.bill.redemption is not None


@dataclass(frozen=True, slots=True)
class Return:
    """What comes back of a bill: these items, or (None) all of a bill that has only been redeemed on."""

    bill_id: int
    return_id: int
    items: tuple[ReturnItem, ...] | None

    @property
    def amount(self) -> Decimal:
        """Sum up what the customer brings back."""
        return sum((item.amount for item in self.items or ()), ZERO)


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What a return did."""

    given: Return
    at: datetime
    done: PointsReversed

    @property
    def money_back(self) -> Decimal:
        """Tell what the customer is given in money: what points paid comes back as points."""
        return max(self.given.amount - self.done.amount_restored, ZERO)


def see_bill_left(session: Session, context: Context, bill_id: int) -> BillLeft:
    """Read what is left of a bill; raises BillNotFound."""
    bill, card_id, _ = read_bill(session, bill_id, context.now)
    if bill is None or card_id is None:
        raise BillNotFound
    return BillLeft(bill, show_card(session, context, card_id))


def read_return(form: MultiDict[str, str]) -> Return:
    """Read the form: everything that was shown as left, or the amounts typed; raises ReturnUnreadable, ValidationFailed."""
    names = ("category", "eligible", "left", "amount")
    rows = list(zip_longest(*(form.getlist(name) for name in names), fillvalue=""))
    if len(rows) > MAX_LINES:
        raise ValidationFailed({"items": ["Has too many lines."]})
    whole = form.get("all") == "1"
    items = []
    for category, eligible, left, typed in rows:
        text = left if whole else typed
        if text.strip():
            items.append(ReturnItem(_category(category), _amount(text), eligible != "0"))
    items = [item for item in items if item.amount]
    if not items and not (whole and not rows):
        raise ReturnUnreadable(translate(later("Type the amount that comes back, or choose “Return all of it”.")))
    return Return(read_id(form, "bill_id", "billId"), read_id(form, "return_id", "billId"), tuple(items) or None)


def make_return(given: Return) -> ReturnReceipt:
    """Take the goods back by the same use case as Billing's calls; the same return again answers as it did then.

    Raises VersionConflict for a bill that was shown without goods and has earned since, and what the use case raises.
    """
    if given.items is None and http.read(see_bill_left, given.bill_id).lines:
        raise VersionConflict
    command = ReversePoints(card=CardRef(), bill_id=given.bill_id, return_id=given.return_id, items=given.items)
    try:
        done: PointsReversed = http.transact(reverse_points, command)
    except AlreadyAnswered as first:
        return ReturnReceipt(given, http.context().now, msgspec.json.decode(first.body, type=PointsReversed))
    metrics.count_reversed(done)
    return ReturnReceipt(given, http.context().now, done)


def _category(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - the digits that any 64-bit number has
        raise ValidationFailed({"category": ["Must be a category."]})
    return int(text)


def _amount(text: str) -> Decimal:
    try:
        return read_amount(text)
    except UnreadableAmount as unreadable:
        raise ReturnUnreadable(translate(str(unreadable), typed=text.strip()[:40])) from unreadable
