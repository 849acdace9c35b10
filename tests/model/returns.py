"""reverse-points: what a return gives back and takes back (docs/contract.md section 6, docs/programme.md sections 1 to 5)."""

from datetime import timedelta
from fractions import Fraction

from . import lost_bonuses
from .answers import Body
from .arithmetic import ZERO, round_down, shown
from .bills import Bill
from .bonuses import open_referral
from .books import Books
from .cards import Card


def reverse(books: Books, bill: Bill, body: Body) -> Body:
    """Return a part of a bill, or all that is left of it."""
    card, configuration = books.cards.final(bill.card_id), books.configuration
    parts = bill.parts_to_return(body["items"]) if "items" in body else None
    lines = bill.lines or []
    kept_before = [bill.kept_by(line) for line in lines]
    if parts is None:
        parts = [(line, line.amount - line.returned) for line in lines]
    for line, amount in parts:
        line.returned += amount
    bill.cancelled = all(line.returned == line.amount for line in lines)

    restored, amount_restored = _give_back(books, bill, card)
    clawed = [(("EARNED", bill.bill_id, i), kept_before[i] - bill.kept_by(line)) for i, line in enumerate(lines)]
    wanted, taken = books.take_back(card.account, bill, "REVERSED", clawed)
    extra = lost_bonuses.claw_back(books, bill)
    open_referral(books, card, bill)
    lost, of_rewards_wanted, of_rewards_taken = lost_bonuses.lose_challenges(books, bill, card)
    extra_wanted, extra_taken = extra.get(bill.card_id, (ZERO, ZERO))
    extra_wanted, extra_taken = extra_wanted + of_rewards_wanted, extra_taken + of_rewards_taken

    from_referrer = ZERO
    if bill.referrer_id is not None:
        referrer = books.cards.final(bill.referrer_id)
        target = bill.kept_by_referrer()
        difference, bill.referrer_kept = bill.referrer_kept - target, target
        origin = ("REFERRAL_EARNED", bill.bill_id)
        _, from_referrer = books.take_back(referrer.account, bill, "REFERRAL_REVERSED", [(origin, difference)])
    short = wanted - taken + extra_wanted - extra_taken
    lowered = books.tiers.after_return(card.standing, bill.bill_id, lost, books.bills_of(card), books.today)
    return {
        "pointsReversed": shown(taken),
        "bonusPointsReversed": shown(extra_taken),
        "pointsRestored": shown(restored),
        "amountRestored": shown(amount_restored),
        "referrerPointsReversed": shown(from_referrer),
        "shortfallPoints": shown(short),
        "shortfallAmount": shown(round_down(short * configuration.rate)),
        "billState": bill.state,
        "tierChanged": books.change_standing(card, lowered),
        "newBalance": shown(books.balance(card)),
        **books.shown_tier(card),
        **books.shown_progress(card),
    }


def _give_back(books: Books, bill: Bill, card: Card) -> tuple[Fraction, Fraction]:
    """Give redeemed points back: all of a live hold, else in proportion to what came back; answers points and money."""
    account, now, configuration = card.account, books.now, books.configuration
    redemption = bill.redemption or bill.live_redemption(now)
    if redemption is None:
        return ZERO, ZERO
    if redemption.hold and redemption.hold.state == "HELD":
        account.cancel_hold(redemption.hold, now)
        return redemption.points, redemption.amount
    bill.redemption = redemption
    before = round_down(redemption.restored * redemption.rate)
    restored = bill.restored_target() - redemption.restored
    redemption.restored += restored
    last_day = books.today + timedelta(days=int(configuration.settings["restoreGraceDays"]))
    account.give_back(redemption.takes, restored, now, configuration.end_of(last_day))
    return restored, round_down(redemption.restored * redemption.rate) - before
