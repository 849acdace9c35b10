"""The jobs holds, release and expire: settling cards on which something is due, each in a transaction of its own.

What is due is settled by whatever touches the card first, so that these jobs only bring into the books what every answer
says already. Settling a card settles all of it: which of the three jobs found the card makes no difference to it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.jobs.job import CHUNK, Tally, Work, each_card
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.settle import due_cards, settle_card
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as card

_lapsed: Statement[tuple[Any, ...]] = Statement(
    select(redemptions.c.card_id)
    .where(
        redemptions.c.tenant_id == TENANT,
        redemptions.c.status == "HELD",
        redemptions.c.card_id > bindparam("after"),
        redemptions.c.hold_expires_at <= bindparam("until", type_=redemptions.c.hold_expires_at.type),
    )
    .distinct()
    .order_by(redemptions.c.card_id)
    .limit(CHUNK)
)
_pending: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id)
    .where(
        card.c.tenant_id == TENANT,
        card.c.id > bindparam("after"),
        card.c.next_due_at <= bindparam("until", type_=card.c.next_due_at.type),
        card.c.points_pending > bindparam("nothing", type_=card.c.points_pending.type),
    )
    .order_by(card.c.id)
    .limit(CHUNK)
)


def lapsed_holds(session: Session, context: Context, until: datetime, after: int) -> list[int]:  # noqa: ARG001 - a use case
    """List cards with a hold that has lapsed at this instant."""
    return [card_id for (card_id,) in session.all(_lapsed, until=until, after=after)]


def pending_cards(session: Session, context: Context, until: datetime, after: int) -> list[int]:  # noqa: ARG001 - a use case
    """List cards with pending points, on which something is due at this instant."""
    return [card_id for (card_id,) in session.all(_pending, until=until, after=after, nothing=ZERO)]


def settle(work: Work, card_id: int) -> Tally:
    """Settle a card; says what became available, what holds gave back, and what expired."""
    done = work.write(settle_card, card_id)
    said = {"pointsReleased": done.available, "pointsGivenBack": done.given_back, "pointsExpired": done.expired}
    return {name: points for name, points in said.items() if points}


holds = each_card(lambda work, after: work.read(lapsed_holds, work.until, after), settle)
release = each_card(lambda work, after: work.read(pending_cards, work.until, after), settle)
expire = each_card(lambda work, after: work.read(due_cards, work.until, after, CHUNK), settle)
all_due = each_card(lambda work, after: work.read(due_cards, work.clock(), after, CHUNK), settle)
