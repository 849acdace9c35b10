"""The bonuses that returns take back: of a bill that is too small by now, and of challenges (docs/programme.md section 3)."""

from fractions import Fraction

from .arithmetic import ZERO, exact
from .bills import Bill
from .bonuses import origin_of
from .books import Books
from .cards import Card
from .challenges import spent


def claw_back(books: Books, bill: Bill) -> dict[int, tuple[Fraction, Fraction]]:
    """Take back whole what the bill is too small for by now; answers what was wanted and taken, by card as it is now."""
    sums: dict[int, tuple[Fraction, Fraction]] = {}
    for number, bonus in enumerate(bill.bonuses):
        if bonus.kind != "CHALLENGE" and bill.falls_below(bonus.min_bill) and not bonus.taken_back:
            wanted, taken = _take_back(books, bill, number, bill)
            before = sums.get(bonus.card_id, (ZERO, ZERO))
            sums[bonus.card_id] = before[0] + wanted, before[1] + taken
    return sums


def lose_challenges(books: Books, bill: Bill, card: Card) -> tuple[list[int], Fraction, Fraction]:
    """Take back what challenges brought whose target is not reached without what came back of this bill.

    Answers which challenges these are, and how many points were wanted and how many taken.
    """
    lost, wanted, taken = [], ZERO, ZERO
    own = books.bills_of(card)
    for campaign in [books.campaigns[campaign_id] for campaign_id in sorted(bill.counted)]:
        rewarded = [other for other in own if other.gift_of(campaign.id)]
        if not rewarded or spent(campaign, own) >= exact(campaign.body["targetSpend"]):
            continue
        lost.append(campaign.id)
        for other in rewarded:
            for gift in other.gifts:
                gift.taken_back |= gift.campaign_id == campaign.id
            for number, bonus in enumerate(other.bonuses):
                if (bonus.kind, bonus.source_id) == ("CHALLENGE", campaign.id):
                    parts = _take_back(books, other, number, bill)
                    wanted, taken = wanted + parts[0], taken + parts[1]
    return lost, wanted, taken


def _take_back(books: Books, bill: Bill, number: int, returned: Bill) -> tuple[Fraction, Fraction]:
    """Take a bonus of a bill back whole; where its own lot has too little, from the card's bonuses of the bill that came back.

    Answers how many points were wanted and how many taken.
    """
    bonus = bill.bonuses[number]
    bonus.taken_back = True
    card = books.cards.final(bonus.card_id)
    others = [
        (origin_of(returned, n), ZERO)
        for n, other in enumerate(returned.bonuses)
        if other is not bonus and books.cards.final(other.card_id) is card
    ]
    return books.take_back(card.account, bill, "REVERSED", [(origin_of(bill, number), bonus.points), *others])
