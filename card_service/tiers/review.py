"""The review of cards: up and down to where their figures are (docs/programme.md section 2).

A chunk is read without a lock, and says whose standing is to change; each of these is then reviewed again under its own
lock, in a transaction of its own. Killed in between, or run twice at once, it does each thing once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CLOSED, CardNotFound, lock_card
from card_service.models.cards import loyalty_cards as card
from card_service.tiers import rules
from card_service.tiers.ladder import InForce, ladder_in_force
from card_service.tiers.member import MEMBER_COLUMNS, Member, TierRow, exact_figures, open_member, read_stored
from card_service.tiers.record import settle
from card_service.tiers.rules import Change
from card_service.tiers.sums import sum_up_many
from card_service.tiers.write import write_member

BATCH = 500
"""Cards a chunk: those whose figures cannot be told from their rows are added up together, by one statement."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a review makes of one card; `is_moved` when anything about its standing is to be written."""

    card_id: int
    change: Change | None
    is_moved: bool
    is_in_grace: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of cards, looked at; `last_card_id` is where the next one begins, None after the last."""

    findings: list[Finding]
    last_card_id: int | None


_cards: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id, *MEMBER_COLUMNS)
    .where(card.c.tenant_id == TENANT, card.c.id > bindparam("after"), card.c.status != CLOSED)
    .order_by(card.c.id)
    .limit(bindparam("limit", type_=card.c.id.type))
)
_status: Statement[tuple[Any, ...]] = Statement(
    select(card.c.status).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)


def review_batch(session: Session, context: Context, after_card_id: int, limit: int = BATCH) -> Chunk:
    """Tell, without a lock and without writing, what a review would make of the next cards that are not closed."""
    in_force = ladder_in_force(session)
    stored = {row[0]: TierRow.of(*row[1:]) for row in session.all(_cards, after=after_card_id, limit=limit)}
    findings = [_judge(context, member)[1] for member in _members(session, context, stored, in_force)]
    return Chunk(findings, max(stored) if len(stored) == limit else None)


def review_one(session: Session, context: Context, card_id: int) -> Finding:
    """Tell what a review would make of one card; raises CardNotFound."""
    status = session.one(_status, card_id=card_id)
    if status is None:
        raise CardNotFound
    if status == (CLOSED,):
        return _left_as_it_is(card_id)
    member = open_member(session, context.now, card_id, read_stored(session, card_id), ladder_in_force(session))
    return _judge(context, member)[1]


def review_card(session: Session, context: Context, card_id: int, *, moved_before: datetime | None = None) -> Finding:
    """Review one card under its lock, and write what comes of it; raises CardNotFound.

    With `moved_before` a card that has changed its tier since is not taken down: by ONE_DOWN each review takes it one tier
    further, and a job that was killed, or runs twice at once, comes to the same card again.
    """
    book = lock_card(session, card_id)
    if book.status == CLOSED:
        return _left_as_it_is(card_id)
    member = open_member(session, context.now, card_id, read_stored(session, card_id), ladder_in_force(session))
    outcome, finding = _judge(context, member)
    since = member.standing.since
    if finding.change and finding.change.type == rules.DOWNGRADE and moved_before and since and since >= moved_before:
        return _left_as_it_is(card_id)
    if finding.is_moved:
        settle(session, context, member, outcome, book.version)
        write_member(session, context, member)
    return finding


def _left_as_it_is(card_id: int) -> Finding:
    return Finding(card_id, None, is_moved=False, is_in_grace=False)


def _judge(context: Context, member: Member) -> tuple[rules.Outcome, Finding]:
    outcome = rules.Outcome(member.standing)
    if member.running is not None:
        outcome = rules.review(member.ladder, member.standing, member.windows, context.now, member.zone)
    is_moved = outcome.standing != member.standing
    return outcome, Finding(member.card_id, outcome.change, is_moved, outcome.standing.grace_until is not None)


def _members(session: Session, context: Context, stored: dict[int, TierRow], in_force: InForce) -> list[Member]:
    """Open many cards at once."""
    zone = in_force.zone
    ladders = {card_id: in_force.ladder.of_program(row.program_id) for card_id, row in stored.items()}
    running = {card_id: exact_figures(context.now, row, ladders[card_id], zone) for card_id, row in stored.items()}
    stale = [card_id for card_id, ladder in ladders.items() if ladder.tiers and running[card_id] is None]
    running |= sum_up_many(session, context.now, stale, in_force.ladder.periods, zone)
    return [Member(card_id, ladders[card_id], zone, row, row.standing, running[card_id]) for card_id, row in stored.items()]
