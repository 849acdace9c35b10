"""What a return takes off its campaigns: the points, uses and budgets that count no longer, and rewards no longer reached.

docs/programme.md section 3. The bill says what each campaign gave and by which terms, so that one that was changed or ended
since is treated as it was at the earn.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from card_service.campaigns.campaign import TIER_CHALLENGE, Counted
from card_service.campaigns.counters import Returned, holder_of, reopen, standings, take_off
from card_service.kit.money import ZERO, ratio_down
from card_service.ledger.books import Book
from card_service.ledger.posting import Posting
from card_service.points.bill import CANCELLED, Bill, BillCampaign
from card_service.points.bonuses import read_rewards, save_taken_back
from card_service.points.challenge_tiers import LostTier
from card_service.points.clawback import Reversal
from card_service.points.clawback_bonuses import BonusClawback, take_back
from card_service.points.rules import cost


@dataclass(slots=True)
class Rewards(BonusClawback):
    """What was taken of the bonuses of challenges, and which tiers these no longer bring."""

    tiers: list[LostTier] = field(default_factory=list)


def count_back(reversal: Reversal, posting: Posting, book: Book, referrer: Book | None) -> Rewards:
    """Count back what campaigns have given on the part that returned; gives what was taken of challenges' bonuses.

    `book` and `referrer` are the locked cards of the bill as they are after merges. The counters' rows are locked before any is
    written, and after the cards.
    """
    bill, result = reversal.bill, Rewards()
    if not bill.campaigns:
        return result
    found: dict[int, Counted] = {}
    if any(one.type == TIER_CHALLENGE for one in bill.campaigns):
        ids = [one.id for one in bill.campaigns]
        found = {key: one.card for key, one in standings(reversal.session, ids, book.card_id, lock=True).items()}
    returned = []
    for one in bill.campaigns:
        back = _of_challenge(reversal, posting, book, one, found[one.id], result) if one.id in found and one.target else None
        holder_id = holder_of(one.type, book.card_id, referrer.card_id if referrer else None)
        returned.append(back or _of_lines(bill, one, holder_id))
    take_off(reversal.session, [one for one in returned if one.uses or one.points or one.spent])
    return result


def _of_lines(bill: Bill, one: BillCampaign, holder_id: int) -> Returned:
    """Take off what no longer counts of a campaign's parts of the lines, and of its bonus; the bill keeps the rest."""
    still = ZERO
    if bill.state != CANCELLED and bill.amount_left >= one.min_spend:
        still = one.bonus
        for line in bill.lines:
            for part in line.parts:
                if part.campaign_id == one.id:
                    share = Fraction(part.points) * Fraction(line.left) / Fraction(line.amount)
                    still += ratio_down(share, bill.points_precision)
    amount = cost(still, one.rate)
    uses = one.uses if still else 0
    back = Returned(one.id, holder_id, one.uses - uses, one.points - still, one.amount - amount)
    one.uses, one.points, one.amount = uses, still, amount
    return back


def _of_challenge(
    reversal: Reversal, posting: Posting, book: Book, one: BillCampaign, card: Counted, result: Rewards
) -> Returned:
    """Take what came back off a challenge, and its reward if the sum is below the target again."""
    bill = reversal.bill
    left = ZERO if bill.state == CANCELLED else min(bill.amount_left, one.spent)
    spent, one.spent = one.spent - left, left
    target = one.target or ZERO
    if card.completed_bill_id is None or card.spent - spent >= target:
        return Returned(one.id, book.card_id, spent=spent)
    reopen(reversal.session, one.id, book.card_id)
    if one.reward_tier is not None:
        result.tiers.append(LostTier(card.completed_bill_id, one.reward_tier))
    # More than one where cards were merged that had both got it. The counters say what these were worth when they were given.
    rewards = read_rewards(reversal.session, one.id, book.card_id)
    for bonus in rewards:
        taken, short = take_back(reversal, posting, book, bonus)
        result.points += taken
        result.short += short
        result.bonuses.append(bonus)
    save_taken_back(reversal.session, rewards)
    return Returned(one.id, book.card_id, card.uses, card.points, card.amount, spent)
