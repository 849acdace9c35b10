"""A bill and the card that it is of, as campaigns look at them (docs/programme.md section 3)."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from .bills import Line
from .bonuses import can_pay_referral, paying_referrer
from .books import Books
from .campaigns import Purchase
from .cards import Card


def purchase_of(
    books: Books, card: Card | None, lines: Sequence[Line], amount: Fraction, instant: datetime, *, whatever_bill: bool = False
) -> Purchase:
    """Put together what campaigns look at; without a card there is no tier, no segment, and nothing joined."""
    everyone = books.earned_bills()
    if card is None:
        return Purchase(lines, amount, instant, None, (), everyone, [], [], {}, refers=False)
    refers = can_pay_referral(books, card) if whatever_bill else paying_referrer(books, card, amount) is not None
    own, brought = books.bills_of(card), books.bills_brought_by(card.referrer_id)
    return Purchase(lines, amount, instant, books.tier(card), card.segments, everyone, own, brought, card.joined, refers)
