"""The four calls of docs/contract.md section 6 as plain functions of the model's books."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from .answers import Body, RefusedError
from .arithmetic import ZERO, exact, round_down, shown
from .bills import Bill, Line, Redemption, earn_on, lines_of, pay_with_points, referral_points
from .cards import ACTIVE, Card, Cards
from .configuration import Configuration
from .ledger import Lot
from .quote import Discounted, asked_points, check_redemption, discounted_lines, most_points, shown_line


@dataclass
class Books:
    """Everything one tenant has."""

    now: datetime = datetime(2026, 1, 15, 6, 0, tzinfo=UTC)
    configuration: Configuration = field(default_factory=Configuration)
    cards: Cards = field(default_factory=Cards)
    bills: dict[int, Bill] = field(default_factory=dict)
    remembered: dict[int, tuple[Fraction, list[Line]]] = field(default_factory=dict)

    def balance(self, card: Card) -> Fraction:
        """Balance of a card now."""
        return card.account.balance(self.now)

    def belongs(self, bill: Bill, card: Card) -> bool:
        """Whether the bill is this card's, merged cards counting as one."""
        return self.cards.final(bill.card_id) is self.cards.final(card.id)

    def refuse_inactive(self, card: Card) -> None:
        """Refuse what a disabled system or a card that is not active may not do."""
        if not self.configuration.enabled:
            raise RefusedError(409, "CARD_SYSTEM_DISABLED")
        if card.status != ACTIVE:
            raise RefusedError(409, "CARD_NOT_ACTIVE")

    def refuse_bill(self, bill_id: int, card: Card, *, redeeming: bool) -> None:
        """Refuse by the bill's state, in the order of the contract."""
        bill = self.bills.get(bill_id)
        if bill is None:
            return
        if not self.belongs(bill, card):
            raise RefusedError(409, "CARD_MISMATCH")
        if bill.cancelled:
            raise RefusedError(409, "BILL_CANCELLED")
        if redeeming and bill.redemption:
            raise RefusedError(409, "BILL_ALREADY_REDEEMED")
        if bill.lines is not None:
            raise RefusedError(409, "BILL_ALREADY_EARNED")

    def active_referrer(self, card: Card) -> Card | None:
        """The card's referrer while it is active."""
        referrer = self.cards.by_id.get(card.referrer_id or 0)
        return referrer if referrer and referrer.status == ACTIVE else None


def earn(books: Books, card: Card, body: Body) -> Body:
    """Post the points of a bill to the card and its referrer."""
    books.cards.refuse_old_number(body)
    books.refuse_bill(body["billId"], card, redeeming=False)
    books.refuse_inactive(card)
    configuration, now = books.configuration, books.now
    bill = books.bills.setdefault(body["billId"], Bill(body["billId"], card.id))
    bill.lines = lines_of(body["items"], exact(body["billAmount"]))
    bill.precision = configuration.precision
    pay_with_points(bill.lines, bill.redemption.amount if bill.redemption else ZERO, configuration)
    earned = earn_on(bill.lines, configuration)
    for line in bill.lines:
        if line.points:
            card.account.credit("EARNED", line.points, now, Lot(ZERO, origin=("EARNED", bill.bill_id)))
    card.has_earned = True
    referrer = books.active_referrer(card)
    if referrer:
        bill.referrer_id = referrer.id
        bill.referrer_points = bill.referrer_kept = referral_points(bill.lines, configuration)
        lot = Lot(ZERO, origin=("REFERRAL_EARNED", bill.bill_id))
        referrer.account.credit("REFERRAL_EARNED", bill.referrer_points, now, lot)
    return {
        "pointsEarned": shown(earned),
        "newBalance": shown(books.balance(card)),
        "referrerPointsEarned": shown(bill.referrer_points),
        "pendingPoints": 0,
        "billId": bill.bill_id,
        "items": [
            {"categoryId": line.category_id, "points": shown(line.points), "excludedReason": line.excluded} for line in bill.lines
        ],
    }


def redeem(books: Books, card: Card, body: Body) -> Body:
    """Take points off the card as a payment on a bill."""
    books.cards.refuse_old_number(body)
    books.refuse_bill(body["billId"], card, redeeming=True)
    configuration = books.configuration
    payable, lines = books.remembered.get(body["billId"], (None, []))
    if "billAmount" in body:
        payable = exact(body["billAmount"])
    if payable is None:
        raise RefusedError(422, "BILL_AMOUNT_REQUIRED")
    books.refuse_inactive(card)
    if "items" in body:
        lines = lines_of(body["items"], payable)
    elif lines:
        lines = lines_of(
            [{"categoryId": x.category_id, "amount": x.amount, "loyaltyEligible": x.eligible} for x in lines], payable
        )
    points = asked_points(body, configuration) or ZERO
    check_redemption(points, books.balance(card), most_points(payable, lines, configuration), configuration)
    redemption = Redemption(points, configuration.rate)
    redemption.takes = card.account.spend("REDEEMED", points, books.now)
    books.bills[body["billId"]] = Bill(body["billId"], card.id, redemption=redemption)
    pay_with_points(lines, redemption.amount, configuration)
    return {
        "amountDeducted": shown(redemption.amount),
        "pointsRedeemed": shown(points),
        "newBalance": shown(books.balance(card)),
        "treatment": configuration.settings["redemptionTreatment"],
        "allocation": [{"categoryId": line.category_id, "amount": shown(line.share)} for line in lines],
    }


def calculate(books: Books, card: Card | None, body: Body) -> Body:
    """Quote discounts, a redemption and points; with a bill, remember the payable and its lines."""
    books.cards.refuse_old_number(body)
    configuration, bill_id = books.configuration, body.get("billId")
    discounted = discounted_lines(body, configuration)
    lines = [d.line for d in discounted]
    payable = sum((line.amount for line in lines), ZERO)
    most = most_points(payable, lines, configuration)
    deducted, limits = _previewed(books, card, body, most)
    pay_with_points(lines, deducted, configuration)
    earned = earn_on(lines, configuration)
    referred = card is not None and books.active_referrer(card) is not None
    if bill_id is not None:
        books.remembered[bill_id] = (payable, lines)
    return {
        "items": [shown_line(d) for d in discounted],
        "totalDiscount": shown(_gross(discounted) - payable),
        "payableAmount": shown(payable),
        "amountDeducted": shown(deducted),
        "amountDue": shown(max(payable - deducted, ZERO)),
        "pointsEarned": shown(earned),
        "referrerPointsEarned": shown(referral_points(lines, configuration) if referred else ZERO),
        "enabled": configuration.enabled,
        **limits,
    }


def reverse(books: Books, bill: Bill, body: Body) -> Body:
    """Return a part of a bill, or all that is left of it."""
    card, now, configuration = books.cards.final(bill.card_id), books.now, books.configuration
    parts = bill.parts_to_return(body["items"]) if "items" in body else None
    lines = bill.lines or []
    kept_before = [bill.kept_by(line) for line in lines]
    if parts is None:
        parts = [(line, line.amount - line.returned) for line in lines]
    for line, amount in parts:
        line.returned += amount
    bill.cancelled = all(line.returned == line.amount for line in lines)

    restored = amount_restored = ZERO
    redemption = bill.redemption
    if redemption:
        before = round_down(redemption.restored * redemption.rate)
        restored = bill.restored_target() - redemption.restored
        redemption.restored += restored
        amount_restored = round_down(redemption.restored * redemption.rate) - before
        last_day = configuration.today(now) + timedelta(days=int(configuration.settings["restoreGraceDays"]))
        card.account.give_back(redemption.takes, restored, now, configuration.end_of(last_day))

    capped = configuration.settings["returnPolicy"] == "CAP_AT_ZERO"
    wanted = sum(kept_before, ZERO) - sum((bill.kept_by(line) for line in lines), ZERO)
    taken = card.account.claw_back("REVERSED", wanted, now, ("EARNED", bill.bill_id), capped=capped)

    from_referrer = ZERO
    if bill.referrer_id is not None:
        referrer = books.cards.final(bill.referrer_id)
        target = bill.kept_by_referrer()
        difference, bill.referrer_kept = bill.referrer_kept - target, target
        origin = ("REFERRAL_EARNED", bill.bill_id)
        from_referrer = referrer.account.claw_back("REFERRAL_REVERSED", difference, now, origin, capped=capped)
    return {
        "pointsReversed": shown(taken),
        "pointsRestored": shown(restored),
        "amountRestored": shown(amount_restored),
        "referrerPointsReversed": shown(from_referrer),
        "shortfallPoints": shown(wanted - taken),
        "shortfallAmount": shown(round_down((wanted - taken) * configuration.rate)),
        "newBalance": shown(books.balance(card)),
        "billState": bill.state,
    }


def _previewed(books: Books, card: Card | None, body: Body, most: Fraction) -> tuple[Fraction, Body]:
    """Money deducted in a quote, and the fields that say how much could be."""
    configuration, asked = books.configuration, asked_points(body, books.configuration)
    deducted, blocked = ZERO, None
    bill = books.bills.get(body.get("billId", 0))
    if bill and bill.redemption and not bill.cancelled and (card is None or books.belongs(bill, card)):
        deducted = bill.redemption.amount
    if card is None:
        return deducted, {"maxRedeemablePoints": 0, "maxRedeemableAmount": 0}
    available = books.balance(card)
    try:
        books.refuse_inactive(card)
        if asked is not None:
            books.refuse_bill(body.get("billId", 0), card, redeeming=True)
            check_redemption(asked, available, most, configuration)
            deducted = round_down(asked * configuration.rate)
    except RefusedError as refused:
        blocked = refused.answer.body["code"]
    reachable = max(min(available, most), ZERO)
    if blocked in {"CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE"} or reachable < configuration.number("minPointsToRedeem"):
        reachable = ZERO
    return deducted, {
        "availablePoints": shown(available),
        "maxRedeemablePoints": shown(reachable),
        "maxRedeemableAmount": shown(round_down(reachable * configuration.rate)),
        "redeemBlockedReason": blocked,
    }


def _gross(discounted: list[Discounted]) -> Fraction:
    return sum((d.gross for d in discounted), ZERO)
