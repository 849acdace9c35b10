"""The rows that contradict themselves, or the rows that they stand for: lots, redemptions, and what falls due unnoticed."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.card_range import in_range, total
from card_service.ledger.ends_at import LOT_ENDS_AT
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as cards
from card_service.models.ledger import lot_spends as spends
from card_service.models.ledger import point_lots as lots
from card_service.models.ledger import point_transactions as entries


def _before_due(instant: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(instant.is_not(None), or_(cards.c.next_due_at.is_(None), cards.c.next_due_at > instant))


_spent = total(spends.c.points)
_restored = total(spends.c.restored)
_lot_should_hold = lots.c.original - lots.c.debt_repaid - lots.c.expired - _spent + _restored
_wrong_lots: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, lots.c.id, lots.c.original, lots.c.debt_repaid, lots.c.expired, _spent, _restored, lots.c.remaining)
    .select_from(lots.outerjoin(spends, and_(spends.c.tenant_id == TENANT, spends.c.lot_id == lots.c.id)))
    .where(in_range(lots))
    .group_by(lots.c.id)
    .having(
        or_(
            lots.c.remaining != _lot_should_hold,
            lots.c.remaining > lots.c.original,
            lots.c.remaining < lots.c.original - lots.c.original,
        )
    )
)
_spent_by_entry = (
    select(spends.c.card_id, spends.c.seq, _spent.label("spent"))
    .where(in_range(spends))
    .group_by(spends.c.card_id, spends.c.seq)
    .subquery("spent_by_entry")
)
_found_spent = func.coalesce(_spent_by_entry.c.spent, 0, type_=entries.c.points.type)
_wrong_redeemed: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, entries.c.seq, entries.c.points, _found_spent)
    .select_from(
        entries.outerjoin(
            _spent_by_entry,
            and_(_spent_by_entry.c.card_id == entries.c.card_id, _spent_by_entry.c.seq == entries.c.seq),
        )
    )
    .where(in_range(entries), entries.c.type == "REDEEMED", entries.c.points + _found_spent != 0)
)
_wrong_redemptions: Statement[tuple[Any, ...]] = Statement(
    select(
        redemptions.c.card_id,
        redemptions.c.id,
        redemptions.c.points,
        redemptions.c.points_restored,
        _spent,
        _restored,
        redemptions.c.status,
    )
    .select_from(redemptions.outerjoin(spends, and_(spends.c.tenant_id == TENANT, spends.c.redemption_id == redemptions.c.id)))
    .where(in_range(redemptions))
    .group_by(redemptions.c.id)
    .having(
        or_(
            redemptions.c.points != _spent,
            redemptions.c.points_restored != _restored,
            and_(redemptions.c.status == "HELD", redemptions.c.points_restored != literal(ZERO, redemptions.c.points.type)),
            and_(redemptions.c.status == "RELEASED", redemptions.c.points_restored != redemptions.c.points),
        )
    )
)
# Readers and jobs look at a card's lots and holds from `next_due_at` on only, so that none may fall due before it.
_unnoticed_lots: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, func.count())
    .select_from(lots.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == lots.c.card_id)))
    .where(
        in_range(lots),
        lots.c.remaining > literal(ZERO, lots.c.remaining.type),
        _before_due(case((lots.c.is_pending, lots.c.available_at), else_=LOT_ENDS_AT)),
    )
    .group_by(lots.c.card_id)
)
_unnoticed_holds: Statement[tuple[Any, ...]] = Statement(
    select(redemptions.c.card_id, func.count())
    .select_from(redemptions.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == redemptions.c.card_id)))
    .where(in_range(redemptions), redemptions.c.status == "HELD", _before_due(redemptions.c.hold_expires_at))
    .group_by(redemptions.c.card_id)
)


def wrong_rows(session: Session, first: int, last: int) -> Iterator[tuple[int, str, Decimal, Decimal]]:
    """Give each such row of all cards whose ids lie in a range, both ends included: card, check, expected, stored."""
    span = {"first": first, "last": last}
    for card_id, lot_id, original, repaid, expired, spent, restored, remaining in session.all(_wrong_lots, **span):
        held = original - repaid - expired - spent + restored
        yield card_id, f"lot {lot_id} holds what was put in less what was taken out", held, remaining
    for card_id, seq, points, spent in session.all(_wrong_redeemed, **span):
        yield card_id, f"entry {seq} took out of lots what it redeemed", -points, spent
    for card_id, id_, points, restored, spent, given_back, status in session.all(_wrong_redemptions, **span):
        if points != spent:
            yield card_id, f"redemption {id_} took out of lots what it redeemed", points, spent
        if restored != given_back:
            yield card_id, f"redemption {id_} gave back what its lots have got back", given_back, restored
        if status != "COMMITTED" and restored != (wanted := points if status == "RELEASED" else ZERO):
            yield card_id, f"hold {id_} has given back all if it is over, and nothing before", wanted, restored
    for statement, things in ((_unnoticed_lots, "lots"), (_unnoticed_holds, "holds")):
        for card_id, count in session.all(statement, **span):
            yield card_id, f"no {things} fall due before the card says so", ZERO, Decimal(count)
