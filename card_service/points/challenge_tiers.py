"""The tier that a challenge brings, until the campaign's end, like one that is set by hand; and its end when it is lost again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from card_service.campaigns.campaign import Campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.books import Book
from card_service.tiers.evaluate import Moved, moved, undo_lift
from card_service.tiers.lifted import find_lift_by_challenge
from card_service.tiers.member import Member
from card_service.tiers.record import settle
from card_service.tiers.rules import CHALLENGE, go_back, level_of, set_by_hand


@dataclass(frozen=True, slots=True)
class LostTier:
    """A tier that a challenge had brought with a bill, and no longer brings."""

    bill_id: int
    tier_id: int


def give_tiers(
    session: Session, context: Context, member: Member, book: Book, bill_id: int, completed: Iterable[Campaign], so_far: Moved
) -> Moved:
    """Put the card into the tiers that its challenges bring with a bill; one no higher, or over by now, brings nothing."""
    before = so_far.tier_changed.from_ if so_far.tier_changed else so_far.tier
    for campaign in completed:
        tier = member.ladder.by_id.get(campaign.reward_tier_id or 0)
        if tier is None or level_of(tier) <= level_of(member.tier) or campaign.ends_at <= context.now:
            continue
        outcome = set_by_hand(member.ladder, member.standing, tier, context.now, campaign.ends_at, campaign.name)
        if outcome.change is not None:
            outcome = replace(outcome, change=replace(outcome.change, type=CHALLENGE))
        settle(session, context, member, outcome, book.version, bill_id)
    book.also |= member.changed_columns()
    return moved(member, before)


def take_tiers(
    session: Session, context: Context, member: Member, book: Book, bill_id: int, lost: Iterable[LostTier], so_far: Moved
) -> Moved:
    """Put the card back where it was before a challenge lifted it, unless something else changed its tier since.

    Where it was may be a tier that the bill which was returned now had lifted it into by itself: that is undone, too.
    """
    before = so_far.tier_changed.from_ if so_far.tier_changed else so_far.tier
    for one in sorted(lost, key=lambda one: level_of(member.ladder.by_id.get(one.tier_id)), reverse=True):
        standing, present = member.standing, member.tier
        if standing.held_id != one.tier_id or present is None or present.id != one.tier_id:
            continue
        lift = find_lift_by_challenge(session, member, context.now, one.bill_id, one.tier_id)
        # Every change of a tier has its own instant: one that came since, also into the same tier, has another.
        if lift is None or lift.created_at != standing.since:
            continue
        reason = f"the challenge of bill {one.bill_id} is not met any more"
        outcome = go_back(member.ladder, standing, member.windows, context.now, lift.before, reason)
        settle(session, context, member, outcome, book.version, one.bill_id)
        undo_lift(session, context, member, book, bill_id)
    book.also |= member.changed_columns()
    return moved(member, before)
