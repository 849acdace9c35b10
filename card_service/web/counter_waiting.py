"""What of a card's points waits: those that become available later, and those that are held for a bill."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO
from card_service.ledger.lock import CardNotFound
from card_service.ledger.shown import read_shown


@dataclass(frozen=True, slots=True)
class Dated:
    """Points, and the day from which or until which they can be used."""

    day: date
    points: Decimal


@dataclass(frozen=True, slots=True)
class Held:
    """Points that are set aside for a bill; at `until` they come back by themselves."""

    bill_id: int
    points: Decimal
    until: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, the soonest first."""

    pending: list[Dated]
    holds: list[Held]


def read_waiting(session: Session, context: Context, card_id: int, timezone: str) -> Waiting:
    """Read it as it is at this instant, whether or not what is due was settled; raises CardNotFound."""
    shown = read_shown(session, context, card_id)
    if shown is None:
        raise CardNotFound
    pending: defaultdict[date, Decimal] = defaultdict(Decimal)
    for lot in shown.lots:
        if lot.is_pending and lot.remaining:
            pending[day_of(lot.available_at, timezone)] += lot.remaining
    holds = [
        Held(hold.bill_id, sum((spend.points - spend.restored for spend in hold.spends), ZERO), hold.expires_at)
        for hold in shown.holds
    ]
    return Waiting(
        [Dated(day, pending[day]) for day in sorted(pending)],
        sorted(holds, key=lambda hold: hold.until),
    )
