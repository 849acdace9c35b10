"""What the audit reads: the sums of all rows of a range of cards, and what is wrong by itself.

Sums are the database's, in the column's own type; nothing is multiplied or divided there.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.audit_figures import wrong_figures
from card_service.ledger.audit_rows import wrong_rows
from card_service.ledger.card_range import in_range, total
from card_service.ledger.ends_at import LOT_ENDS_AT
from card_service.models.bills import bill_bonuses, bills
from card_service.models.cards import loyalty_cards as cards
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
_now = bindparam("now", type_=lots.c.expires_at.type)
_posted: Statement[tuple[Any, ...]] = Statement(
    select(
        entries.c.card_id,
        entries.c.type,
        total(entries.c.points),
        func.count(),
        func.max(entries.c.seq),
    )
    .where(in_range(entries))
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
    .where(in_range(cards, "id"))
)
_remaining: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, total(lots.c.remaining)).where(in_range(lots)).group_by(lots.c.card_id)
)
_pending: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, total(lots.c.remaining)).where(in_range(lots), lots.c.is_pending).group_by(lots.c.card_id)
)
_past: Statement[tuple[Any, ...]] = Statement(
    select(lots.c.card_id, total(lots.c.remaining))
    .select_from(lots.join(cards, and_(cards.c.tenant_id == TENANT, cards.c.id == lots.c.card_id)))
    .where(in_range(lots), _now >= LOT_ENDS_AT)
    .group_by(lots.c.card_id)
)
# A merge moves the totals, never the entries.
_merged: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.merged_into_card_id, entries.c.type, total(entries.c.points))
    .select_from(cards.join(entries, and_(entries.c.tenant_id == TENANT, entries.c.card_id == cards.c.id)))
    .where(in_range(cards, "merged_into_card_id"))
    .group_by(cards.c.merged_into_card_id, entries.c.type)
)
_earned: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, entries.c.bill_id, total(entries.c.points))
    .where(in_range(entries), entries.c.type == "EARNED", entries.c.bill_id.is_not(None))
    .group_by(entries.c.card_id, entries.c.bill_id)
)
_bonuses_posted: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.card_id, total(entries.c.points))
    .where(
        in_range(entries),
        entries.c.type == "BONUS",
        or_(entries.c.bill_id.is_not(None), entries.c.referred_bill_id.is_not(None)),
    )
    .group_by(entries.c.card_id)
)
_bonuses_of_bills: Statement[tuple[Any, ...]] = Statement(
    select(bill_bonuses.c.card_id, total(bill_bonuses.c.points)).where(in_range(bill_bonuses)).group_by(bill_bonuses.c.card_id)
)
_bills: Statement[tuple[Any, ...]] = Statement(
    select(bills.c.card_id, bills.c.bill_id, bills.c.points_earned, bills.c.points_reversed, bills.c.lines).where(in_range(bills))
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
    for card_id, bill_id, points in session.all(_earned, **span):
        found[card_id].earned_by_bill[bill_id] = points
    for card_id, bill_id, earned, taken_back, lines in session.all(_bills, **span):
        found[card_id].bills[bill_id] = BillPoints(earned, taken_back, _as_lines.decode(lines) if lines else [])
    for card_id, name, expected, stored in chain(wrong_rows(session, first, last), wrong_figures(session, now, first, last)):
        found[card_id].wrong.append((name, expected, stored))
    return found
