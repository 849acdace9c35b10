"""The statements that write the ledger: one INSERT a kind of row, one UPDATE for the cards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, and_, bindparam, case, or_

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.lots import Lot, Spend
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import lot_spends, point_lots, point_transactions

_insert_entries: Statement[None] = Statement(insert_into(point_transactions, "id"))
_insert_lots: Statement[None] = Statement(insert_into(point_lots, "id"))
_insert_spends: Statement[None] = Statement(insert_into(lot_spends, "id"))

_empty_lots: Statement[None] = Statement(
    point_lots.update()
    .where(point_lots.c.tenant_id == TENANT, point_lots.c.id.in_(bindparam("lot_ids", expanding=True)))
    .values(remaining=ZERO)
)
# In this order: a server counts with what it has just set, and SQLite with what was there before.
_expire_lots: Statement[None] = Statement(
    point_lots.update()
    .where(point_lots.c.tenant_id == TENANT, point_lots.c.id.in_(bindparam("lot_ids", expanding=True)))
    .ordered_values((point_lots.c.expired, point_lots.c.expired + point_lots.c.remaining), (point_lots.c.remaining, ZERO))
)
_update_lot: Statement[None] = Statement(
    point_lots.update()
    .where(point_lots.c.tenant_id == TENANT, point_lots.c.id == bindparam("lot_id"))
    .values({name: bindparam(name) for name in ("remaining", "debt_repaid", "expired", "is_pending")})
)
_update_spend: Statement[None] = Statement(
    lot_spends.update()
    .where(lot_spends.c.tenant_id == TENANT, lot_spends.c.id == bindparam("spend_id"))
    .values(restored=bindparam("restored"))
)
_move_lots: Statement[None] = Statement(
    point_lots.update()
    .where(point_lots.c.tenant_id == TENANT, point_lots.c.card_id == bindparam("source_id"))
    .values(card_id=bindparam("target_id"))
)

_move_holds: Statement[None] = Statement(
    redemptions.update()
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.card_id == bindparam("source_id"), redemptions.c.status == "HELD")
    .values(card_id=bindparam("target_id"))
)
_release_hold: Statement[None] = Statement(
    redemptions.update()
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.id == bindparam("redemption_id"), redemptions.c.status == "HELD")
    .values(
        status="RELEASED",
        points_restored=redemptions.c.points,
        amount_restored=redemptions.c.amount,
        released_at=bindparam("now", type_=redemptions.c.released_at.type),
        updated_at=bindparam("now", type_=redemptions.c.updated_at.type),
    )
)

_SET = {
    "seq": "seq",
    "points_balance": "balance",
    "points_pending": "pending",
    "points_debt": "debt",
    "next_due_at": "next_due_at",
}
_ADDED = {
    "total_points_earned": "earned",
    "total_points_redeemed": "redeemed",
    "total_referral_points_earned": "referral",
}


@cache
def _update_cards(also: tuple[frozenset[str], ...]) -> Statement[None]:
    """Build the UPDATE of one or two cards, each with its further columns: there are as many kinds as use cases."""
    return Statement(_update_statement(also))


def _update_statement(also: tuple[frozenset[str], ...]) -> Update:
    """Write every column as a CASE over the id, guarded by each card's seq."""
    count = len(also)
    now = bindparam("now", type_=card.c.updated_at.type)

    def chosen(name: str) -> Any:
        new = [bindparam(f"{name}_{i}", type_=card.c[name].type) for i in range(count)]
        return new[0] if count == 1 else case((card.c.id == bindparam("card_id_0"), new[0]), else_=new[1])

    values: dict[str, Any] = {name: chosen(name) for name in _SET}
    values |= {name: card.c[name] + chosen(name) for name in _ADDED}
    for name in sorted(frozenset.union(*also)):
        new = [
            bindparam(f"{name}_{i}", type_=card.c[name].type) if name in names else card.c[name] for i, names in enumerate(also)
        ]
        values[name] = new[0] if count == 1 else case((card.c.id == bindparam("card_id_0"), new[0]), else_=new[1])
    values |= {"version": card.c.version + 1, "last_transaction_at": now, "updated_at": now}
    unmoved = [and_(card.c.id == bindparam(f"card_id_{i}"), card.c.seq == bindparam(f"locked_seq_{i}")) for i in range(count)]
    statement: Update = card.update().where(card.c.tenant_id == TENANT, or_(*unmoved)).values(values)
    return statement


def insert_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append to the ledger."""
    session.queue(_insert_entries, rows)


def insert_lots(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open lots."""
    session.queue(_insert_lots, rows)


def insert_spends(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record what was taken of which lot."""
    session.queue(_insert_spends, rows)


def update_lots(session: Session, lots: Sequence[Lot]) -> None:
    """Write what is left of each lot: by one statement all that were emptied, and that expired; each other by its own."""
    emptied = {lot.id for lot in lots if lot.remaining == ZERO and lot.state[1:] == lot.before[1:]}
    if emptied:
        session.write(_empty_lots, lot_ids=sorted(emptied))
    expired = {lot.id for lot in lots if lot.remaining == ZERO and _has_only_expired(lot)}
    if len(expired) > 1:
        session.write(_expire_lots, lot_ids=sorted(expired))
        emptied |= expired
    changed = [lot for lot in lots if lot.id not in emptied]
    session.queue(
        _update_lot,
        [
            {
                "lot_id": lot.id,
                "remaining": lot.remaining,
                "debt_repaid": lot.debt_repaid,
                "expired": lot.expired,
                "is_pending": lot.is_pending,
            }
            for lot in changed
        ],
    )


def _has_only_expired(lot: Lot) -> bool:
    remaining, repaid, expired, is_pending = lot.before
    return lot.state[1:] == (repaid, expired + remaining, is_pending) and remaining > ZERO


def update_spends(session: Session, spends: Sequence[Spend]) -> None:
    """Write how much of each spend has come back."""
    session.queue(_update_spend, [{"spend_id": spend.id, "restored": spend.restored} for spend in spends])


def release_holds(session: Session, ended: Sequence[Mapping[str, Any]]) -> None:
    """Mark holds as ended, each `redemption_id` at its `now`; one that somebody else has ended runs the use case again."""
    session.queue(_release_hold, ended, matches=1)


def move_lots(session: Session, source_id: int, target_id: int) -> None:
    """Give all lots of a card to another, each with its own date, and what is held of their points."""
    session.write(_move_lots, source_id=source_id, target_id=target_id)
    session.write(_move_holds, source_id=source_id, target_id=target_id)


def update_cards(session: Session, books: Sequence[Book], now: datetime) -> None:
    """Write the balances, each only where the card's seq is still the one that was locked.

    The lock makes this certain; the guard stands behind it (docs/reliability.md rule 3): if a card has moved on, the
    use case runs again.
    """
    if not books:
        return
    params: dict[str, Any] = {"now": now}
    for i, book in enumerate(books):
        params[f"card_id_{i}"] = book.card_id
        params[f"locked_seq_{i}"] = book.locked_seq
        params |= {f"{name}_{i}": value for name, value in book.also.items()}
        for column, attribute in (*_SET.items(), *_ADDED.items()):
            params[f"{column}_{i}"] = getattr(book, attribute)
    statement = _update_cards(tuple(frozenset(book.also) for book in books))
    session.queue(statement, [params], matches=len(books))
