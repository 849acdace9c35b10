"""Applying a bill: points pay, then the bill earns, by the same use cases as Billing's calls, and each of them once.

Nothing is applied but what was shown. The two steps are two transactions, so a bill may be redeemed and not earned;
that is said, and the same bill sent again goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import AlreadyAnswered, ServiceError, ValidationFailed
from card_service.kit.http import blueprint as http
from card_service.kit.money import ZERO
from card_service.points import metrics
from card_service.points.bill import Bill, BillAlreadyEarned, BillAlreadyRedeemed
from card_service.points.calculate import Calculate, Quote, calculate
from card_service.points.earn import EarnPoints, PointsEarned, earn_points
from card_service.points.look import CardRef
from card_service.points.quotes import QuoteLine
from card_service.points.read_bill import read_bill, read_quote
from card_service.points.redeem import PointsRedeemed, RedeemPoints, redeem_points
from card_service.points.rules import Item
from card_service.web.counter_form import POINTS, REST, BillForm, Shown
from card_service.web.counter_quote import Preview, preview_bill
from card_service.web.counter_receipt import Receipt, make_receipt

Result = TypeVar("Result", PointsRedeemed, PointsEarned)


class BillChanged(Exception):
    """What would be applied is not what was shown, so nothing was; `preview` is what would be applied now."""

    def __init__(self, preview: Preview) -> None:
        """Keep the new figures."""
        super().__init__("the bill is not what was shown")
        self.preview = preview


class PointsRefused(BillChanged):
    """The points that were asked for cannot be used; nothing was applied."""


class EarnRefused(Exception):
    """Points were taken for the bill, and then it could not earn."""

    def __init__(self, redeemed: PointsRedeemed, refusal: ServiceError) -> None:
        """Keep what was done and why no more."""
        super().__init__(refusal.code)
        self.redeemed, self.refusal = redeemed, refusal


@dataclass(frozen=True, slots=True)
class SeenBill:
    """What the service knows of a bill number: the bill, if anything was posted to it, and its remembered payable."""

    bill: Bill | None
    payable: Decimal | None
    lines: list[QuoteLine]


def see_bill(session: Session, context: Context, bill_id: int) -> SeenBill:
    """Read a bill and what calculate remembered of it."""
    bill, _, _ = read_bill(session, bill_id, context.now)
    payable, lines, _ = read_quote(session, bill_id) or (None, [], "")
    return SeenBill(bill, payable, lines)


def apply_bill(form: BillForm) -> Receipt:
    """Redeem and earn a bill as it was shown.

    Raises BillChanged, PointsRefused, EarnRefused, and what the use cases raise. A bill that was applied before, by an
    earlier click, answers what it answered then.
    """
    if not form.items or form.problems:
        raise ValidationFailed({"items": ["Must have an amount."]})
    seen, shown = _judge(form)
    redeemed = None
    if shown.points:
        command = RedeemPoints(card=CardRef(card_id=form.card_id), bill_id=form.bill_id, points=shown.points)
        redeemed = _once(redeem_points, command, PointsRedeemed, metrics.count_redeemed)
    try:
        earned = _once(earn_points, _purchase(form, seen, shown), PointsEarned, metrics.count_earned)
    except ServiceError as refusal:
        if redeemed is None:
            raise
        raise EarnRefused(redeemed, refusal) from refusal
    return make_receipt(form, shown, redeemed, earned)


def _judge(form: BillForm) -> tuple[SeenBill, Shown]:
    """Tell what is to be applied: what was shown, if that is what it would be now, or what this bill already is."""
    seen: SeenBill = http.read(see_bill, form.bill_id)
    if seen.bill is None or form.shown is None:
        try:
            shown = _check_shown(form)
        except BillChanged:
            # Another click on the same form may have been quicker, and then it is that which has changed the card.
            seen = http.read(see_bill, form.bill_id)
            if seen.bill is None or form.shown is None:
                raise
        else:
            return http.read(see_bill, form.bill_id), shown
    _check_same(seen, form.shown)
    return seen, form.shown


def _check_shown(form: BillForm) -> Shown:
    """Work the bill out again, and remember its payable; raises BillChanged unless it is what was shown."""
    preview: Preview = http.read(preview_bill, form)
    if preview.refused and form.use in {POINTS, REST}:
        raise PointsRefused(preview)
    if preview.shown != form.shown:
        raise BillChanged(preview)
    card = CardRef(card_id=form.card_id)
    quote: Quote = http.transact(
        calculate, Calculate(card=card, bill_id=form.bill_id, items=form.items, points=preview.points or None)
    )
    shown = preview.shown
    now = (quote.payable_amount, quote.amount_deducted, quote.points_earned, quote.bonus_points)
    if now != (shown.payable, shown.deducted, shown.earned, shown.bonus):
        # The configuration or the card has changed between the two.
        raise BillChanged(http.read(preview_bill, form))
    return shown


def _check_same(seen: SeenBill, shown: Shown) -> None:
    """Let a bill go on, or answer again, only as it was: raises BillAlreadyEarned, BillAlreadyRedeemed."""
    bill = seen.bill
    if bill is None:
        return
    points = bill.redemption.points if bill.redemption is not None else ZERO
    if seen.payable == shown.payable and points in {ZERO, shown.points}:
        return
    if bill.is_earned:
        raise BillAlreadyEarned
    raise BillAlreadyRedeemed


def _purchase(form: BillForm, seen: SeenBill, shown: Shown) -> EarnPoints:
    """Make the earn of the remembered lines, so that a repeated click sends the very same."""
    items = tuple(Item(line.category_id, line.amount, line.loyalty_eligible) for line in seen.lines)
    return EarnPoints(card=CardRef(card_id=form.card_id), bill_id=form.bill_id, bill_amount=shown.payable, items=items)


def _once(use_case: Callable[..., Result], command: Any, kind: type[Result], count: Callable[[Result], None]) -> Result:
    """Run a use case; a bill that was posted before gives its first answer, and is not counted again."""
    try:
        result: Result = http.transact(use_case, command)
    except AlreadyAnswered as first:
        return msgspec.json.decode(first.body, type=kind)
    count(result)
    return result
