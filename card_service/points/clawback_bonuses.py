"""Taking back the bonuses of a bill: each whole, as soon as too little of the bill is left."""

from dataclasses import dataclass, field
from decimal import Decimal

from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.lots import lost_for_good, opened_lot
from card_service.ledger.posting import Posting
from card_service.points.bill import CANCELLED, Bill
from card_service.points.bonuses import BillBonus, read_bonuses, save_taken_back
from card_service.points.clawback import Reversal, once_each


@dataclass(slots=True)
class BonusClawback:
    """What was taken of the bonuses of the card itself, what could not be, and which bonuses, the referrer's included.

    `friend_left`: something of what the bill paid for a referral still stands.
    """

    points: Decimal = ZERO
    short: Decimal = ZERO
    bonuses: list[BillBonus] = field(default_factory=list)
    friend_left: bool = False


def claw_back_bonuses(reversal: Reversal, posting: Posting, book: Book, referrer: Book | None) -> BonusClawback:
    """Take back whole what the bill no longer deserves (docs/programme.md sections 3 to 5).

    `book` and `referrer` are the locked cards of the bill as they are after merges; their lots are found by the row of the
    ledger that opened them, which no merge changes.
    """
    bill, result = reversal.bill, BonusClawback()
    if not bill.has_bonuses:
        return result
    found = read_bonuses(reversal.session, bill.bill_id)
    for bonus in found:
        holder = book if bonus.card_id == bill.card_id else referrer
        # Other bills count for a challenge, too: whether its reward stays is not for this one alone to say.
        if bonus.kind == "CHALLENGE" or bonus.reversed or holder is None or _is_deserved(bill, bonus):
            continue
        taken, short = take_back(reversal, posting, holder, bonus)
        result.bonuses.append(bonus)
        if bonus.card_id == bill.card_id:
            result.points += taken
            result.short += short
    save_taken_back(reversal.session, result.bonuses)
    result.friend_left = any(bonus.kind in {"REFERRAL", "REFERRED"} and not bonus.reversed for bonus in found)
    return result


def _is_deserved(bill: Bill, bonus: BillBonus) -> bool:
    return bill.state != CANCELLED and bill.amount_left >= bonus.min_bill


def take_back(reversal: Reversal, posting: Posting, holder: Book, bonus: BillBonus) -> tuple[Decimal, Decimal]:
    """Take back all of a bonus; gives what was taken, and what could not be."""
    posting.settle(holder)
    mine = posting.lots(opened_lot(reversal.session, holder, bonus.card_id, bonus.opened_seq))
    own, others = reversal.lots(posting, holder, "BONUS")
    # What expired of its own lot is gone already and is not taken a second time.
    in_own = min(bonus.points, sum((lot.remaining for lot in mine), ZERO))
    bonus.forgiven = min(bonus.points - in_own, sum(lost_for_good(reversal.session, holder, mine).values(), ZERO))
    bonus.reversed = bonus.points
    facts = {"bill_id": reversal.bill.bill_id}
    # The reward of a challenge may have been paid to a card that was merged into that of the bill: it is nobody's friend.
    if bonus.kind != "CHALLENGE" and bonus.card_id != reversal.bill.card_id:
        facts = {"referred_card_id": reversal.bill.card_id, "referred_bill_id": reversal.bill.bill_id}
    pool = once_each((*mine, *own, *others))
    taken, short = reversal.take(posting, holder, "REVERSED", bonus.points - bonus.forgiven, pool, facts)
    holder.earned -= taken
    return taken, short
