"""The job notify: a warning 30, 7 and 1 days before the last valid day of a card's points, each once.

Which warning is due follows from the lots and the day alone, so that a day on which nobody asked is made up for on the next
(`rules.warning_due`). A warning is known again by its card, its last valid day and which of the three it is: lots that
follow the activity of their card get new ones with each new date.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.jobs.job import Step, Tally, Work, one_by_one
from card_service.jobs.rules import WARN_BEFORE, warning_due
from card_service.kit.context import Context
from card_service.kit.days import end_of, last_day
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.soon import expiring_soon
from card_service.models.cards import loyalty_cards as card
from card_service.models.outbox import outbox
from card_service.outbox.emit import emit, key_of

EVENT = "points.expiring"
READ_AT_ONCE = 1000

_page: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.id > bindparam("after")).order_by(card.c.id).limit(READ_AT_ONCE)
)
_said: Statement[tuple[Any, ...]] = Statement(
    select(outbox.c.dedupe_key).where(
        outbox.c.tenant_id == TENANT,
        outbox.c.card_id >= bindparam("first"),
        outbox.c.card_id <= bindparam("last"),
        outbox.c.event == EVENT,
    )
)


class PointsExpiring(Answer, frozen=True):
    """Points whose last valid day is `on`; it is `days` days away."""

    card_id: int
    points: Decimal
    on: date
    days: int


Warnings = dict[int, dict[str, PointsExpiring]]
"""By card, and by what tells each from all others."""


def warnings_due(session: Session, context: Context, day: date, timezone: str, first: int, last: int) -> Warnings:
    """Work out the warnings of cards whose ids lie in a range that are due on a day and in no outbox yet."""
    horizon = end_of(day + timedelta(days=max(WARN_BEFORE)), timezone)
    found: dict[int, dict[date, Decimal]] = {}
    for card_id, expires_at, points in expiring_soon(session, context.now, horizon, first, last):
        days = found.setdefault(card_id, {})
        on = last_day(expires_at, timezone)
        days[on] = days.get(on, ZERO) + points
    if not found:
        return {}
    said = {key for (key,) in session.all(_said, first=first, last=last)}
    due: Warnings = {}
    for card_id, days in found.items():
        for on, points in days.items():
            which = warning_due(day, on)
            once = f"{card_id}:{on}:{which}"
            if which is not None and key_of(EVENT, once) not in said:
                warning = PointsExpiring(card_id=card_id, points=points, on=on, days=(on - day).days)
                due.setdefault(card_id, {})[once] = warning
    return due


def cards_to_warn(session: Session, context: Context, day: date, timezone: str, after: int) -> tuple[list[int], list[int]]:
    """Look at the next thousand cards: all of them, and those that have a warning due."""
    looked_at = [card_id for (card_id,) in session.all(_page, after=after)]
    if not looked_at:
        return [], []
    return looked_at, sorted(warnings_due(session, context, day, timezone, looked_at[0], looked_at[-1]))


def warn(session: Session, context: Context, day: date, timezone: str, card_id: int) -> int:
    """Put what is due for one card into the outbox, by what its lots hold now; gives the number of warnings."""
    due = warnings_due(session, context, day, timezone, card_id, card_id).get(card_id, {})
    for once, warning in due.items():
        emit(session, context, EVENT, once=once, card_id=card_id, payload=warning)
    return len(due)


def notify(work: Work, after: int) -> Iterator[Step]:
    """Look at all cards a thousand at a time, and warn one by one where a warning is due."""

    def one(_work: Work, card_id: int) -> Tally:
        count = work.write(warn, work.day, work.timezone, card_id)
        return {"warnings": count} if count else {}

    while not work.stop.is_set():
        looked_at, cards = work.read(cards_to_warn, work.day, work.timezone, after)
        if not looked_at:
            return
        step = one_by_one(work, cards, one, after)
        after = step.after if work.stop.is_set() else looked_at[-1]
        yield step._replace(after=after, seen=len(looked_at))
