"""Redemptions: committed at once or held for a while, confirmed or cancelled (docs/programme.md section 1)."""

from datetime import timedelta

from .answers import Body, RefusedError
from .arithmetic import ZERO, exact, shown
from .bills import Bill, Redemption, lines_of, pay_with_points
from .books import Books
from .cards import Card
from .ledger import CONFIRMED, HELD, LAPSED, Hold
from .quote import asked_points, check_redemption, most_points


def redeem(books: Books, card: Card, body: Body) -> Body:
    """Take points off the card as a payment on a bill, for good or until the hold is over."""
    books.cards.refuse_old_number(body)
    books.refuse_bill(body["billId"], card, redeeming=True)
    configuration, now = books.configuration, books.now
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
    redemption.takes = card.account.spend("REDEEMED", points, now)
    held = body.get("mode") == "HOLD"
    if held:
        redemption.hold = Hold(redemption.takes, now + timedelta(seconds=int(configuration.settings["holdTtlSeconds"])))
        card.account.holds.append(redemption.hold)
    books.stir(card)
    bill = books.bills.setdefault(body["billId"], Bill(body["billId"], card.id))
    bill.redemptions.append(redemption)
    pay_with_points(lines, redemption.amount, configuration)
    return {
        "amountDeducted": shown(redemption.amount),
        "pointsRedeemed": shown(points),
        "newBalance": shown(books.balance(card)),
        "treatment": configuration.settings["redemptionTreatment"],
        "allocation": [{"categoryId": line.category_id, "amount": shown(line.share)} for line in lines],
        **({"expiresAt": redemption.hold.lapses_at} if redemption.hold else {}),
    }


def confirm(books: Books, redemption: Redemption) -> Body:
    """Make a hold a redemption like any other; one that is so already stays so."""
    hold = redemption.hold
    if hold and hold.over(books.now):
        raise RefusedError(409, "HOLD_EXPIRED")
    if hold:
        hold.state = CONFIRMED
    return {"pointsRedeemed": shown(redemption.points), "amountDeducted": shown(redemption.amount)}


def cancel(books: Books, bill: Bill, redemption: Redemption) -> Body:
    """Give the points of a live hold back; a hold that was cancelled before stays so."""
    hold = redemption.hold
    if hold is None or hold.state == CONFIRMED:
        raise RefusedError(409, "BILL_ALREADY_REDEEMED")
    if hold.state == LAPSED or (hold.state == HELD and hold.over(books.now)):
        raise RefusedError(409, "HOLD_EXPIRED")
    if hold.state == HELD:
        books.cards.final(bill.card_id).account.cancel_hold(hold, books.now)
    return {}
