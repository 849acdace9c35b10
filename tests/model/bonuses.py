"""The bonuses that a bill brings beside its lines: of the first purchase, and of a friend (docs/programme.md sections 4, 5)."""

from collections.abc import Sequence
from fractions import Fraction

from .bills import Bill
from .books import Books
from .campaigns import Verdict
from .cards import Card
from .challenges import CHALLENGE
from .gifts import Bonus
from .ledger import Lot
from .rules import Rule


def of_campaigns(verdicts: Sequence[Verdict], card: Card) -> list[Bonus]:
    """What campaigns give a bill beside the points of its lines."""
    kinds = {"FIXED_BONUS": "CAMPAIGN", CHALLENGE: "CHALLENGE"}
    found = []
    for verdict in verdicts:
        campaign, to_referrer = verdict.campaign, verdict.to_referrer
        if to_referrer and card.referrer_id is not None:
            found.append(Bonus("REFERRAL", campaign.id, card.referrer_id, to_referrer, verdict.min_bill, of_campaign=True))
        if verdict.bonus > to_referrer:
            kind = kinds.get(campaign.kind, "REFERRED")
            found.append(Bonus(kind, campaign.id, card.id, verdict.bonus - to_referrer, verdict.min_bill, of_campaign=True))
    return found


def settle_referral(books: Books, card: Card, bill: Bill) -> None:
    """Let a bill be the friend's first, which settles the referral even if it pays nothing for it."""
    if _is_large(books, bill.amount) and books.active_referrer(card) and card.friend_bill is None:
        card.friend_bill = bill.bill_id


def open_referral(books: Books, card: Card, bill: Bill) -> None:
    """Let another bill be the friend's first once this one is too small by now, and nothing that it paid stands."""
    too_small = bill.falls_below(books.configuration.number("referralMinBill"))
    if card.friend_bill == bill.bill_id and too_small and not _stands(bill):
        card.friend_bill = None


def paying_referrer(books: Books, card: Card, amount: Fraction) -> Card | None:
    """The referrer whose referral of this card a bill of so much, not among the card's yet, can pay for."""
    return books.active_referrer(card) if _is_large(books, amount) and can_pay_referral(books, card) else None


def can_pay_referral(books: Books, card: Card) -> bool:
    """Whether somebody has referred the card, and no bill has settled that: its first, or one of a card merged into it."""
    return card.referrer_id is not None and card.friend_bill is None and not any(map(_stands, books.bills_of(card)))


def _is_large(books: Books, amount: Fraction) -> bool:
    return amount > 0 and amount >= books.configuration.number("referralMinBill")


def _stands(bill: Bill) -> bool:
    """Whether something that a bill paid for a referral was not taken back."""
    return any(bonus.kind in {"REFERRAL", "REFERRED"} and not bonus.taken_back for bonus in bill.bonuses)


def of_rules(books: Books, card: Card, amount: Fraction) -> list[Bonus]:
    """What the rules pay with a bill of so much that is not among the card's yet."""
    found: list[Bonus] = []
    rule = books.rules.paying("FIRST_PURCHASE", books.now)
    others = books.bills_of(card)
    if rule and amount and amount >= rule.min_bill and all(other.cancelled or not other.amount for other in others):
        found.append(_bonus(books, "FIRST_PURCHASE", rule, card))
    referrer, least = paying_referrer(books, card, amount), books.configuration.number("referralMinBill")
    if referrer:
        for kind, receiver in (("REFERRAL", referrer), ("REFERRED", card)):
            rule = books.rules.paying(kind, books.now)
            if rule and amount >= rule.min_bill and not _capped(books, kind, rule, receiver):
                bonus = _bonus(books, kind, rule, receiver)
                bonus.min_bill = max(bonus.min_bill, least)
                found.append(bonus)
    return [bonus for bonus in found if bonus.points]


def post(books: Books, bill: Bill, bonuses: list[Bonus], buyer: Card) -> list[Lot]:
    """Credit the bonuses of a bill; answers the lots of who has bought."""
    lots = []
    for bonus in bonuses:
        card = books.cards.by_id[bonus.card_id]
        lot = books.credit(card, "BONUS", bonus.points, origin_of(bill, len(bill.bonuses)), bonus.days)
        lots += [lot] if card is buyer else []
        bill.bonuses.append(bonus)
    return lots


def origin_of(bill: Bill, number: int) -> tuple[object, ...]:
    """What the lot of a bonus is known by."""
    return "BONUS", bill.bill_id, number


def _bonus(books: Books, kind: str, rule: Rule, card: Card) -> Bonus:
    tier = books.tier(card)
    points = rule.points(tier.multiplier if tier else Fraction(1), books.configuration.precision)
    return Bonus(kind, rule.id, card.id, points, rule.min_bill, days=rule.body.get("pendingDays") or None)


def _capped(books: Books, kind: str, rule: Rule, card: Card) -> bool:
    """Whether the card was paid by this rule as often as it may be in this period."""
    most = rule.body.get("maxPerCard")
    paid = [
        bill
        for bill in books.earned_bills()
        for bonus in bill.bonuses
        if (bonus.kind, bonus.source_id, bonus.of_campaign) == (kind, rule.id, False)
        and books.cards.final(bonus.card_id) is card
        and not bonus.taken_back
    ]
    in_period = [bill for bill in paid if rule.same_period(books.configuration.today(bill.posted_at), books.today)]
    return most is not None and len(in_period) >= most
