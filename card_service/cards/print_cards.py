"""Printing cards: those that are asked for, or the next that never were, as sheets for a browser to print."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from card_service.card_config.audit_log import record_change
from card_service.cards.sheet import CardToPrint, Sheets, draw_sheets
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.ledger.lock import ACTIVE, CLOSED, CardNotActive, CardNotFound
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import card_numbers as number
from card_service.models.cards import loyalty_cards as card
from card_service.models.tenants import tenants

OPERATION = "print-cards"

MOST = 100
"""Cards of one call: ten sheets."""


@dataclass(frozen=True, slots=True)
class PrintCards:
    """The cards by their ids, in this order; without any, the oldest of those that were never printed."""

    card_ids: tuple[int, ...] = ()


class PrintedCards(Answer, frozen=True):
    """The cards that were printed, how many more were never printed, and the page with the policy it stands under."""

    card_ids: list[int]
    remaining: int
    html: str
    policy: str


class _Card(NamedTuple):
    id: int
    number: str
    name: str | None
    status: str


_COLUMNS = (card.c.id, card.c.card_number, card.c.customer_name, card.c.status)


def _never_printed(*columns: Any) -> Select[Any]:
    """Select active cards whose present number was never printed."""
    same = (number.c.tenant_id == card.c.tenant_id) & (number.c.card_number == card.c.card_number)
    return (
        select(*columns)
        .select_from(number.join(card, same))
        .where(number.c.tenant_id == TENANT, card.c.tenant_id == TENANT, number.c.printed_at.is_(None), card.c.status == ACTIVE)
    )


_by_ids = Statement(
    select(*_COLUMNS).where(card.c.tenant_id == TENANT, card.c.id.in_(bindparam("card_ids", expanding=True))), _Card
)
waiting = Statement(_never_printed(*_COLUMNS).order_by(card.c.id).limit(MOST), _Card)
_count_waiting: Statement[tuple[Any, ...]] = Statement(_never_printed(func.count()))
_design: Statement[tuple[Any, ...]] = Statement(
    select(tenants.c.name, config.c.card_colour).where(tenants.c.id == config.c.tenant_id, config.c.tenant_id == TENANT)
)
_is_current = (number.c.tenant_id == TENANT, number.c.card_number == bindparam("number"), number.c.replaced_at.is_(None))
_mark: Statement[None] = Statement(number.update().where(*_is_current).values(printed_at=bindparam("now")))
_mark_first: Statement[None] = Statement(
    number.update().where(*_is_current, number.c.printed_at.is_(None)).values(printed_at=bindparam("now"))
)


def print_cards(session: Session, context: Context, request: PrintCards) -> PrintedCards:
    """Draw the cards and mark their numbers as printed: all of them, or none.

    A card that is asked for by its id is printed however often; a suspended one too, for it may go on. Two calls for
    what was never printed share no card: the second marks fewer than it drew, and runs again. Raises CardNotFound,
    CardNotActive for a closed card, CodeUnreadable.
    """
    found = _wanted(session, request.card_ids) if request.card_ids else session.all(waiting)
    remaining = 0 if request.card_ids else count_waiting(session) - len(found)
    sheets = _draw(session, found, remaining)
    mark = _mark if request.card_ids else _mark_first
    session.queue(mark, [{"number": one.number, "now": context.now} for one in found], matches=1)
    for one in found:
        after = {"card_number": one.number}
        record_change(session, context, entity="card", entity_id=one.id, action="print", after=after)
    return PrintedCards(card_ids=[one.id for one in found], remaining=remaining, html=sheets.html, policy=sheets.policy)


def _wanted(session: Session, card_ids: tuple[int, ...]) -> list[_Card]:
    """Read these cards in their order; one that is named twice is printed once."""
    found = {one.id: one for one in session.all(_by_ids, card_ids=card_ids)}
    wanted = dict.fromkeys(card_ids)
    for card_id in wanted:
        if card_id not in found:
            raise CardNotFound(f"There is no card {card_id}; nothing was printed, send the ids of your cards")
        if found[card_id].status == CLOSED:
            raise CardNotActive(f"Card {card_id} is closed; nothing was printed, leave it out")
    return [found[card_id] for card_id in wanted]


def count_waiting(session: Session) -> int:
    """Count the cards that were never printed."""
    row = session.one(_count_waiting)
    return int(row[0]) if row else 0


def _draw(session: Session, found: list[_Card], remaining: int) -> Sheets:
    row = session.one(_design)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    tenant, colour = row
    return draw_sheets(tenant, colour, [CardToPrint(one.id, one.number, one.name) for one in found], remaining)
