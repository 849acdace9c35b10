"""The proof of the running figures: what stands beside a card, against the bills that it counts."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.figures import Counted, read_running, window_start
from card_service.models.bills import bills
from card_service.models.cards import loyalty_cards as cards

_first: BindParameter[int] = bindparam("first")
_last: BindParameter[int] = bindparam("last")
_owner = func.coalesce(cards.c.merged_into_card_id, cards.c.id)
_running: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.id, cards.c.tier_figures, cards.c.updated_at).where(
        cards.c.tenant_id == TENANT, cards.c.id >= _first, cards.c.id <= _last, cards.c.tier_figures.is_not(None)
    )
)
# A bill stays with the card that earned it; after a merge it counts for the other.
_counted: Statement[tuple[Any, ...]] = Statement(
    select(
        _owner,
        bills.c.occurred_at,
        bills.c.bill_amount,
        bills.c.amount_returned,
        bills.c.points_earned,
        bills.c.points_reversed,
        bills.c.state,
    )
    .select_from(cards.join(bills, and_(bills.c.tenant_id == TENANT, bills.c.card_id == cards.c.id)))
    .where(cards.c.tenant_id == TENANT, bills.c.earned_at.is_not(None), _owner >= _first, _owner <= _last)
)


def wrong_figures(session: Session, now: datetime, first: int, last: int) -> Iterator[tuple[int, str, Decimal, Decimal]]:
    """Give what is not the sum of the bills, for all cards whose ids lie in a range: card, check, expected, stored.

    Figures that a bill has fallen out of by now are no difference: whoever needs them adds the bills up again.
    """
    documents = session.all(_running, first=first, last=last)
    if not documents:
        return
    counted: defaultdict[int, list[Counted]] = defaultdict(list)
    for owner, at, amount, returned, earned, taken_back, state in session.all(_counted, first=first, last=last):
        counted[owner].append(Counted(at, amount - returned, earned - taken_back, 0 if state == "CANCELLED" else 1))
    for card_id, document, updated_at in documents:
        running = read_running(document)
        # The clock of the auditor may be behind that of the service.
        as_of = max(now, updated_at)
        for days, figures in running.windows.items() if running else ():
            if running is None or not running.is_exact(as_of, running.zone, (days,)):
                continue
            start = window_start(as_of, running.zone, days)
            inside = [bill for bill in counted[card_id] if bill.occurred_at >= start]
            for name, wanted, there in (
                ("spend", sum((bill.spend for bill in inside), ZERO), figures.spend),
                ("points", sum((bill.points for bill in inside), ZERO), figures.points),
                ("orders", Decimal(sum(bill.orders for bill in inside)), Decimal(figures.orders)),
            ):
                if wanted != there:
                    yield card_id, f"the {name} of {days} days are those of its bills", wanted, there
