"""What the audit reads: the sums of all rows of a range of cards, and the single rows that contradict themselves.

Sums are the database's, in the column's own type; nothing is multiplied or divided there.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, or_, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.audit_figures import wrong_figures
from card_service.ledger.ends_at import LOT_ENDS_AT
from card_service.models.bills import bill_bonuses, bills, redemptions
from card_service.models.cards import loyalty_cards as cards
from card_service.models.ledger import lot_spends as spends
from card_service.models.ledger import point_lots as lots
from card_service.models.ledger import point_transactions as entries


class LinePoints(msgspec.Struct):
    """Of a line of a bill, what the audit needs."""

    points: Decimal
    reversed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BillPoints:
    """Of a bill, what the audit needs."""

    points_earned: Decimal
    points_reversed: Decimal
    lines: list[LinePoints]


NO_BILL = BillPoints(ZERO, ZERO, [])


@dataclass(frozen=True, slots=True)
class StoredCard:
    """What the row of a card says of its books."""

    card_id: int
    seq: int
    balance: Decimal
    pending: Decimal
    debt: Decimal
    total_earned: Decimal
    total_redeemed: Decimal
    total_referral: Decimal
    merged_into: int | None


@dataclass(slots=True)
class CardSums:
    """One card's rows added up.

    `merged_by_type` are the entries of cards merged into it; `wrong` are checks that single rows have failed:
    name, expected, stored.
    """

    points_by_type: dict[str, Decimal] = field(default_factory=dict)
    merged_by_type: dict[str, Decimal] = field(default_factory=dict)
    entries: int = 0
    last_seq: int = 0
    last_balance: Decimal = ZERO
    remaining: Decimal = ZERO
    pending: Decimal = ZERO
    unsettled: Decimal = ZERO
    bonuses_posted: Decimal = ZERO
    bonuses_of_bills: Decimal = ZERO
    earned_by_bill: dict[int, Decimal] = field(default_factory=dict)
    bills: dict[int, BillPoints] = field(default_factory=dict)
    wrong: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)


CARD_COLUMNS = (
    cards.c.id,
    cards.c.seq,
    cards.c.points_balance,
    cards.c.points_pending,
    cards.c.points_debt,
    cards.c.total_points_earned,
    cards.c.total_points_redeemed,
    cards.c.total_referral_points_earned,
    cards.c.merged_into_card_id,
)


def _total(column: ColumnElement[Any]) -> Any:
    return func.coalesce(func.sum(column, type_=column.type), 0, type_=column.type)


def _in_range(table: Any, column: str = "card_id") -> ColumnElement[bool]:
    return and_(table.c.tenant_id == TENANT, table.c[column] >= bindparam("first"), table.c[column] <= bindparam("last"))


_now = bindparam("now", type_=lots.c.expires_at.type)


def _before_due(instant: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(instant.is_not(None), or_(cards.c.next_due_at.is_(None), cards.c.next_due_at > instant))


_posted: Statement[tuple[Any, ...]] = Statement(
    select(
        entries.c.card_id,
        entries.c.type,
        _total(entries.c.points),
        func.count(),
        func.max(entries.c.seq),
    )
    .where(_in_range(entries))
    .group_by(entries.c.card_id, entries.c.type)
)
_last_balance: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, entries.c.balance_after)
    .select_from(
        cards.join(
            entries,
            and_(entries.c.tenant_id == TENANT, entries.c.card_id == cards.c.id, entries.c.seq == cards.c.seq),
        )
    )
    .where(_in_range(cards, "id"))
)
_remaining: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, _total(lots.c.remaining)).where(_in_range(lots)).group_by(lots.c.card_id)
)
_pending: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, _total(lots.c.remaining)).where(_in_range(lots), lots.c.is_pending).group_by(lots.c.card_id)
)
_past: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, _total(lots.c.remaining))
    .select_from(lots.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == lots.c.card_id)))
    .where(_in_range(lots), _now >= LOT_ENDS_AT)
    .group_by(lots.c.card_id)
)
# Readers and jobs look at a card's lots and holds from `next_due_at` on only, so that none may fall due before it.
_unnoticed_lots: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, func.count())
    .select_from(lots.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == lots.c.card_id)))
    .where(
        _in_range(lots),
        lots.c.remaining > literal(ZERO, lots.c.remaining.type),
        _before_due(case((lots.c.is_pending, lots.c.available_at), else_=LOT_ENDS_AT)),
    )
    .group_by(lots.c.card_id)
)
_unnoticed_holds: Statement[tuple[Any, ...]] = Statement(
    select(redemptions.c.card_id, func.count())
    .select_from(redemptions.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == redemptions.c.card_id)))
    .where(_in_range(redemptions), redemptions.c.status == "HELD", _before_due(redemptions.c.hold_expires_at))
    .group_by(redemptions.c.card_id)
)
# A merge moves the totals, never the entries.
_merged: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.merged_into_card_id, entries.c.type, _total(entries.c.points))
    .select_from(cards.join(entries, and_(entries.c.tenant_id == TENANT, entries.c.card_id == cards.c.id)))
    .where(_in_range(cards, "merged_into_card_id"))
    .group_by(cards.c.merged_into_card_id, entries.c.type)
)
_spent = _total(spends.c.points)
_restored = _total(spends.c.restored)
_lot_should_hold = lots.c.original - lots.c.debt_repaid - lots.c.expired - _spent + _restored
_wrong_lots: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, lots.c.id, lots.c.original, lots.c.debt_repaid, lots.c.expired, _spent, _restored, lots.c.remaining)
    .select_from(lots.outerjoin(spends, and_(spends.c.tenant_id == TENANT, spends.c.lot_id == lots.c.id)))
    .where(_in_range(lots))
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
    .where(_in_range(spends))
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
    .where(_in_range(entries), entries.c.type == "REDEEMED", entries.c.points + _found_spent != 0)
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
    .where(_in_range(redemptions))
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
_earned: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, entries.c.bill_id, _total(entries.c.points))
    .where(_in_range(entries), entries.c.type == "EARNED", entries.c.bill_id.is_not(None))
    .group_by(entries.c.card_id, entries.c.bill_id)
)
_bonuses_posted: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, _total(entries.c.points))
    .where(
        _in_range(entries),
        entries.c.type == "BONUS",
        or_(entries.c.bill_id.is_not(None), entries.c.referred_bill_id.is_not(None)),
    )
    .group_by(entries.c.card_id)
)
_bonuses_of_bills: Statement[tuple[Any, ...]] = Statement(
    select(bill_bonuses.c.card_id, _total(bill_bonuses.c.points)).where(_in_range(bill_bonuses)).group_by(bill_bonuses.c.card_id)
)
_bills: Statement[tuple[Any, ...]] = Statement(
    select(bills.c.card_id, bills.c.bill_id, bills.c.points_earned, bills.c.points_reversed, bills.c.lines).where(
        _in_range(bills)
    )
)
_ONE_A_CARD = {
    "last_balance": _last_balance,
    "remaining": _remaining,
    "pending": _pending,
    "unsettled": _past,
    "bonuses_posted": _bonuses_posted,
    "bonuses_of_bills": _bonuses_of_bills,
}
"""What is one figure a card: the attribute of CardSums, and the statement that reads it."""
_as_lines = msgspec.json.Decoder(list[LinePoints])


def read(session: Session, now: datetime, first: int, last: int) -> dict[int, CardSums]:
    """Add up the rows of all cards whose ids lie in a range, both ends included; fifteen statements in all."""
    found: defaultdict[int, CardSums] = defaultdict(CardSums)
    span = {"first": first, "last": last}
    for card_id, kind, points, count, last_seq in session.all(_posted, **span):
        card = found[card_id]
        card.points_by_type[kind] = points
        card.entries += count
        card.last_seq = max(card.last_seq, last_seq)
    for name, statement in _ONE_A_CARD.items():
        for card_id, value in session.all(statement, now=now, **span):
            setattr(found[card_id], name, value)
    for card_id, kind, points in session.all(_merged, **span):
        found[card_id].merged_by_type[kind] = points
    for card_id, name, expected, stored in _wrong_rows(session, span):
        found[card_id].wrong.append((name, expected, stored))
    for card_id, bill_id, points in session.all(_earned, **span):
        found[card_id].earned_by_bill[bill_id] = points
    for card_id, bill_id, earned, taken_back, lines in session.all(_bills, **span):
        found[card_id].bills[bill_id] = BillPoints(earned, taken_back, _as_lines.decode(lines) if lines else [])
    for card_id, name, expected, stored in wrong_figures(session, now, first, last):
        found[card_id].wrong.append((name, expected, stored))
    return found


def _wrong_rows(session: Session, span: dict[str, int]) -> Iterator[tuple[int, str, Decimal, Decimal]]:
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
