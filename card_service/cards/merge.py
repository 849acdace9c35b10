"""Merging two cards of one customer: points, debt and referrals move to the one that stays."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, or_, select

from card_service.campaigns import counters
from card_service.card_config.audit_log import record_change
from card_service.cards.card import CardAnswer, show_card, update_card
from card_service.kit.context import Context
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.ledger.books import Book, by_id
from card_service.ledger.lock import CLOSED, lock_card, lock_pair, refuse_closed
from card_service.ledger.posting import Posting
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.chain import lock_links
from card_service.referrals.hand_over import hand_over_referrals
from card_service.tiers.merge import keep_higher_tier

OPERATION = "merge-card"


@dataclass(frozen=True, slots=True)
class MergeCards:
    """The card that stays, and the one that is closed into it."""

    target_card_id: int
    source_card_id: int


_pointing: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(
        card.c.tenant_id == TENANT,
        or_(card.c.referrer_card_id == bindparam("source_id"), card.c.merged_into_card_id == bindparam("source_id")),
    )
)
_lock_all: Statement[tuple[Any, ...]] = Statement(
    by_id(select(card.c.id))
    .where(card.c.tenant_id == TENANT, card.c.id.in_(bindparam("card_ids", expanding=True)))
    .order_by(card.c.id)
    .with_for_update()
)
_totals: Statement[tuple[Any, ...]] = Statement(
    select(
        card.c.total_points_earned,
        card.c.total_points_redeemed,
        card.c.total_referral_points_earned,
        card.c.first_earned_at,
        card.c.first_bill_id,
        card.c.friend_bill_id,
    ).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)
_close: Statement[None] = Statement(update_card("status", "merged_into_card_id"))
_redirect: Statement[None] = Statement(
    card.update()
    .where(card.c.tenant_id == TENANT, card.c.merged_into_card_id == bindparam("source_id"))
    .values(merged_into_card_id=bindparam("target_id"), version=card.c.version + 1)
)


def merge_cards(session: Session, context: Context, request: MergeCards) -> CardAnswer:
    """Move lots with their own dates, debt, totals and referrals to the target, and close the source.

    A later return of a bill of the source finds the target by `merged_into_card_id`, which is why that of every
    card merged before points to the newest target. Raises CardNotFound, CardNotActive if either is closed,
    ReferrerInvalid where the target's chain of referrers is too long to follow, ValidationFailed for a card with itself.
    """
    target_id, source_id = request.target_card_id, request.source_card_id
    if target_id == source_id:
        lock_card(session, target_id)
        raise ValidationFailed({"sourceCardId": ["Must be another card."]})
    lock_links(session)
    target, source = _lock(session, target_id, source_id)
    refuse_closed(target)
    refuse_closed(source)
    moved = _move_points(session, context, source, target)
    session.write(_close, card_id=source_id, status=CLOSED, merged_into_card_id=target_id, now=context.now)
    session.write(_redirect, source_id=source_id, target_id=target_id)
    counters.merge(session, source_id, target_id)
    hand_over_referrals(session, context, source_id, target_id)
    keep_higher_tier(session, context, target, source_id)
    for card_id, before, after in (
        (target_id, None, {"merged_card_id": source_id, "points": moved}),
        (source_id, {"status": source.status}, {"status": CLOSED, "merged_into_card_id": target_id}),
    ):
        record_change(session, context, entity="card", entity_id=card_id, action="merge", before=before, after=after)
    return show_card(session, context, target_id)


def _lock(session: Session, target_id: int, source_id: int) -> tuple[Book, Book]:
    """Lock the two cards and all that point to the source, in ascending id order.

    No other card can begin to point to the source once it is locked; one that did so just before runs the use
    case again.
    """
    pointing = _pointing_to(session, source_id)
    if pointing:
        session.all(_lock_all, card_ids=sorted({target_id, source_id, *pointing}))
    books = lock_pair(session, target_id, source_id)
    if not _pointing_to(session, source_id) <= {*pointing, target_id, source_id}:
        raise ConcurrentChangeError
    return books


def _pointing_to(session: Session, source_id: int) -> set[int]:
    return {card_id for (card_id,) in session.all(_pointing, source_id=source_id)}


def _move_points(session: Session, context: Context, source: Book, target: Book) -> Decimal:
    """Post the transfer, and repay what is owed from the lots that are now together; gives the points moved."""
    # By itself and at once: what holds have given back counts in the totals that are read below.
    settling = Posting(session, context)
    settling.settle(source)
    settling.settle(target)
    settling.write()
    posting = Posting(session, context)
    moved = source.balance + source.pending
    posting.transfer(source, target)
    # The totals follow: a return of a bill of the source will take its points off those of the target.
    (totals,) = session.all(_totals, card_id=source.card_id)
    target.earned, target.redeemed, target.referral, first_earned_at, first_bill_id, friend_bill_id = totals
    source.earned, source.redeemed, source.referral = (-total for total in totals[:3])
    (own,) = session.all(_totals, card_id=target.card_id)
    if own[3] is None:
        target.also |= {"first_earned_at": first_earned_at, "first_bill_id": first_bill_id}
    if not own[5] and friend_bill_id is not None:
        target.also["friend_bill_id"] = friend_bill_id
    # What ran beside each card counts the bills of one of them only.
    source.also["tier_figures"] = target.also["tier_figures"] = None
    if target.debt:
        lots = posting.open_lots(target)
        posting.repay_debt(target, [lot for lot in lots if lot.is_available(context.now)])
    posting.write()
    return moved
