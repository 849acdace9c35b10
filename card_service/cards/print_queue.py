"""What there is to print: the next cards that never were, and those of the last times once more."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select

from card_service.cards.print_cards import MOST, count_waiting, waiting
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CLOSED
from card_service.models.cards import card_numbers as number
from card_service.models.cards import loyalty_cards as card

TIMES = 5
"""How many of the last times are shown."""


class _Printed(NamedTuple):
    at: datetime
    card_id: int


@dataclass(frozen=True, slots=True)
class Printing:
    """The cards of one time that could be printed again: none that was closed, replaced or printed since."""

    at: datetime
    card_ids: list[int]


@dataclass(frozen=True, slots=True)
class PrintQueue:
    """The next cards to print, how many wait after them, and the last times, newest first."""

    next_ids: list[int]
    remaining: int
    last: list[Printing]


_same = (number.c.tenant_id == card.c.tenant_id) & (number.c.card_number == card.c.card_number)
_last_printed = Statement(
    select(number.c.printed_at, card.c.id)
    .select_from(number.join(card, _same))
    .where(number.c.tenant_id == TENANT, card.c.tenant_id == TENANT, number.c.printed_at.is_not(None), card.c.status != CLOSED)
    .order_by(number.c.printed_at.desc())
    .limit(TIMES * MOST),
    _Printed,
)


def show_print_queue(session: Session, context: Context, query: None) -> PrintQueue:  # noqa: ARG001 - a use case
    """Show what waits to be printed, and what was printed last."""
    next_ids = [one.id for one in session.all(waiting)]
    # The cards of one call carry the same instant.
    times = groupby(session.all(_last_printed), key=lambda printed: printed.at)
    last = [Printing(at, sorted(printed.card_id for printed in cards)) for at, cards in times]
    return PrintQueue(next_ids, count_waiting(session) - len(next_ids), last[:TIMES])
