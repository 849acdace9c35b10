"""The bonuses that a bill brings beside its lines: of the first purchase, and of a friend (docs/programme.md sections 4, 5)."""

from fractions import Fraction

from .arithmetic import ZERO
from .bills import Bill, Bonus
from .books import Books
from .cards import ACTIVE, Card
from .rules import Rule


def bonuses_of(books: Books, card: Card, bill: Bill) -> list[Bonus]:
    """What the rules pay with this bill, which is among the card's already."""
    if not bill.amount:
        return []
    others = [other for other in books.bills_of(card) if other is not bill]
    found: list[Bonus] = []
    rule = books.rules.paying("FIRST_PURCHASE", books.now)
    if rule and bill.amount >= rule.min_bill and all(other.cancelled or not other.amount for other in others):
        found.append(_bonus(books, "FIRST_PURCHASE", rule, card))
    referrer = books.cards.by_id.get(card.referrer_id or 0)
    least = books.configuration.number("referralMinBill")
    paid_before = any(
        not bonus.taken_back for other in others for bonus in other.bonuses if bonus.kind in {"REFERRAL", "REFERRED"}
    )
    if referrer and referrer.status == ACTIVE and bill.amount >= least and not paid_before:
        for kind, receiver in (("REFERRAL", referrer), ("REFERRED", card)):
            rule = books.rules.paying(kind, books.now)
            if rule and bill.amount >= rule.min_bill and not _capped(books, kind, rule, receiver):
                bonus = _bonus(books, kind, rule, receiver)
                bonus.min_bill = max(bonus.min_bill, least)
                found.append(bonus)
    return [bonus for bonus in found if bonus.points]


def post(books: Books, bill: Bill, bonuses: list[Bonus]) -> None:
    """Credit the bonuses of a bill."""
    for bonus in bonuses:
        books.credit(books.cards.by_id[bonus.card_id], "BONUS", bonus.points, origin_of(bill, len(bill.bonuses)))
        bill.bonuses.append(bonus)


def claw_back(books: Books, bill: Bill) -> dict[int, tuple[Fraction, Fraction]]:
    """Take back whole what the bill is too small for by now; answers what was wanted and taken, by card as it is now."""
    sums: dict[int, tuple[Fraction, Fraction]] = {}
    for number, bonus in enumerate(bill.bonuses):
        if bill.falls_below(bonus.min_bill) and not bonus.taken_back:
            bonus.taken_back = True
            receiver = books.cards.final(bonus.card_id)
            wanted, taken = books.take_back(receiver.account, bill, "REVERSED", [(origin_of(bill, number), bonus.points)])
            before = sums.get(bonus.card_id, (ZERO, ZERO))
            sums[bonus.card_id] = before[0] + wanted, before[1] + taken
    return sums


def origin_of(bill: Bill, number: int) -> tuple[object, ...]:
    """What the lot of a bonus is known by."""
    return "BONUS", bill.bill_id, number


def _bonus(books: Books, kind: str, rule: Rule, card: Card) -> Bonus:
    tier = books.tier(card)
    points = rule.points(tier.multiplier if tier else Fraction(1), books.configuration.precision)
    return Bonus(kind, rule.id, card.id, points, rule.min_bill)


def _capped(books: Books, kind: str, rule: Rule, card: Card) -> bool:
    """Whether the card was paid by this rule as often as it may be in this period."""
    most = rule.body.get("maxPerCard")
    paid = [
        bill
        for bill in books.earned_bills()
        for bonus in bill.bonuses
        if (bonus.kind, bonus.source_id) == (kind, rule.id) and books.cards.final(bonus.card_id) is card and not bonus.taken_back
    ]
    in_period = [bill for bill in paid if rule.same_period(books.configuration.today(bill.posted_at), books.today)]
    return most is not None and len(in_period) >= most
