"""Reading when a card's points expire: a list that adds up to what the card has."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

from card_service.card_config.load import load_rulebook
from card_service.kit.context import Context
from card_service.kit.days import last_day
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.ledger.shown import read_shown


class ExpiringPoints(Answer, frozen=True):
    """Points whose last valid day is `on`; `expires_at` is the first instant after it."""

    on: date
    expires_at: datetime
    points: Decimal


class Expiring(Answer, frozen=True):
    """The points of a card by their dates, pending ones too.

    The items and `undated`, less the debt, add up to `points_balance + points_pending`.
    """

    card_id: int
    as_of: datetime
    items: list[ExpiringPoints]
    undated: Decimal
    debt: Decimal
    points_balance: Decimal
    points_pending: Decimal


def read_expiring(session: Session, context: Context, card_id: int) -> Expiring:
    """List a card's points by the day until which they are valid, the soonest first; raises CardNotFound.

    The day is that of the tenant's zone as it is configured now.
    """
    shown = read_shown(session, context, card_id)
    if shown is None:
        raise CardNotFound
    dated: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    undated = ZERO
    for lot in shown.lots:
        if lot.expires_at is None:
            undated += lot.remaining
        else:
            dated[lot.expires_at] += lot.remaining
    timezone = load_rulebook(session).timezone
    return Expiring(
        card_id=card_id,
        as_of=context.now,
        items=[
            ExpiringPoints(on=last_day(ends_at, timezone), expires_at=ends_at, points=dated[ends_at]) for ends_at in sorted(dated)
        ],
        undated=undated,
        debt=shown.book.debt,
        points_balance=shown.book.balance,
        points_pending=shown.book.pending,
    )
