"""The first look: everything a call on a bill needs to know before it locks anything, in one statement.

The card, its bill and live redemption, the configuration's version, what calculate remembered, and the stored
answers. Nothing of it is trusted until the cards are locked: if the card has changed since, the look is repeated
under the lock (docs/reliability.md rule 2).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from card_service.card_config.load import rulebook
from card_service.card_config.rulebook import Rulebook
from card_service.kit.context import Context
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict
from card_service.ledger.books import Book, lock_cards
from card_service.ledger.idempotency import Stored, bill_key, header_key
from card_service.models.bills import bill_quotes as quotes
from card_service.models.bills import bills, redemptions
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import card_numbers as numbers
from card_service.models.cards import loyalty_cards as cards
from card_service.models.ledger import idempotency_keys as keys
from card_service.points.bill import Bill, QuoteLine, Redemption, read_lines, read_quote


class CardSystemDisabled(Conflict):
    """The tenant has switched the card system off."""

    code = "CARD_SYSTEM_DISABLED"
    title = "The card system is switched off"


@dataclass(frozen=True, slots=True)
class CardRef:
    """Which card a request means: by id, by number, or (both None) by its bill alone."""

    card_id: int | None = None
    card_number: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether the request named a card at all."""
        return self.card_id is not None or self.card_number is not None


@dataclass(slots=True)
class Seen:
    """What one look found. `card_id` is the card the request means, None if it named none or there is none."""

    card_id: int | None
    card_version: int | None
    card_status: str | None
    card_balance: Decimal | None
    next_due_at: datetime | None
    referrer_id: int | None
    referrer_status: str | None
    merged_into: int | None
    is_replaced: bool
    rules: Rulebook
    bill: Bill | None
    bill_card: int | None
    bill_referrer: int | None
    payable: Decimal | None
    quote: list[QuoteLine] | None
    quote_document: str | None
    by_bill: Stored | None
    by_header: Stored | None


_BILL = [c for c in bills.c if c.name not in {"tenant_id", "updated_at"}]
_REDEMPTION = [
    redemptions.c[name] for name in ("id", "status", "points", "amount", "rate", "points_restored", "amount_restored")
]
_CARD = [
    cards.c[name]
    for name in ("id", "version", "status", "points_balance", "next_due_at", "referrer_card_id", "merged_into_card_id")
]


@cache
def _statement(by: str) -> Statement[tuple[Any, ...]]:
    """Build the look for requests that name their card by `id`, by `number`, or only through the `bill`."""
    return Statement(_select(by), lambda *row: row)


def _select(by: str) -> Select[Any]:
    referrer, bill_card, bill_referrer = (cards.alias(name) for name in ("referrer", "bill_card", "bill_referrer"))
    by_bill, by_header = keys.alias("by_bill"), keys.alias("by_header")
    bill_id = bindparam("bill_id")
    source = config.outerjoin(bills, (bills.c.tenant_id == TENANT) & (bills.c.bill_id == bill_id))
    replaced_at: Any = bills.c.cancelled_at.label("replaced_at")
    if by == "number":
        source = source.outerjoin(
            numbers, (numbers.c.tenant_id == TENANT) & (numbers.c.card_number == bindparam("card_number"))
        )
        replaced_at = numbers.c.replaced_at
    card_id = {"number": numbers.c.card_id, "id": bindparam("card_id"), "bill": bills.c.card_id}[by]
    source = (
        source.outerjoin(cards, (cards.c.tenant_id == TENANT) & (cards.c.id == card_id))
        .outerjoin(referrer, (referrer.c.tenant_id == TENANT) & (referrer.c.id == cards.c.referrer_card_id))
        .outerjoin(redemptions, (redemptions.c.tenant_id == TENANT) & (redemptions.c.id == bills.c.redemption_id))
        .outerjoin(quotes, (quotes.c.tenant_id == TENANT) & (quotes.c.bill_id == bill_id))
        .outerjoin(bill_card, (bill_card.c.tenant_id == TENANT) & (bill_card.c.id == bills.c.card_id))
        .outerjoin(bill_referrer, (bill_referrer.c.tenant_id == TENANT) & (bill_referrer.c.id == bills.c.referrer_card_id))
        .outerjoin(by_bill, _key(by_bill, "natural_key"))
        .outerjoin(by_header, _key(by_header, "header_key"))
    )
    return (
        select(
            *_CARD,
            referrer.c.status,
            replaced_at,
            config.c.version,
            config.c.updated_at,
            *_BILL,
            *_REDEMPTION,
            bill_card.c.merged_into_card_id,
            bill_referrer.c.merged_into_card_id,
            quotes.c.payable_amount,
            quotes.c.lines,
            *(by_bill.c[name] for name in Stored._fields),
            *(by_header.c[name] for name in Stored._fields),
        )
        .select_from(source)
        .where(config.c.tenant_id == TENANT)
    )


def _key(table: Any, name: str) -> Any:
    return (
        (table.c.tenant_id == TENANT)
        & (table.c.operation == bindparam("operation"))
        & (table.c.idempotency_key == bindparam(name))
    )


for _by in ("number", "id", "bill"):
    _statement(_by)


def look(
    session: Session, context: Context, card: CardRef, bill_id: int, operation: str, return_id: int | None = None
) -> Seen:
    """Look once, without a lock."""
    by = "number" if card.card_number is not None else "id" if card.card_id is not None else "bill"
    names: dict[str, Any] = {"number": {"card_number": card.card_number}, "id": {"card_id": card.card_id}}.get(by, {})
    row = session.one(
        _statement(by),
        bill_id=bill_id,
        operation=operation,
        natural_key=bill_key(bill_id, return_id),
        header_key=header_key(context),
        **names,
    )
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    return _seen(session, row, by)


def _seen(session: Session, row: tuple[Any, ...], by: str) -> Seen:
    parts = iter(row)

    def some(count: int) -> list[Any]:
        return [next(parts) for _ in range(count)]

    card_id, version, status, balance, next_due_at, referrer_id, merged_into = some(7)
    referrer_status, replaced_at, config_version, config_updated_at = some(4)
    bill_row, redemption_row = some(len(_BILL)), some(len(_REDEMPTION))
    bill_merged, referrer_merged, payable, quote = some(4)
    by_bill, by_header = some(3), some(3)
    bill = None
    if bill_row[0] is not None:
        fields = dict(zip((c.name for c in _BILL), bill_row, strict=True))
        fields["lines"] = read_lines(fields["lines"])
        bill = Bill(**fields, redemption=Redemption(*redemption_row) if redemption_row[0] is not None else None)
    return Seen(
        card_id=card_id,
        card_version=version,
        card_status=status,
        card_balance=balance,
        next_due_at=next_due_at,
        referrer_id=referrer_id,
        referrer_status=referrer_status,
        merged_into=merged_into,
        is_replaced=by == "number" and replaced_at is not None,
        rules=rulebook(session, config_version, config_updated_at),
        bill=bill,
        bill_card=(bill_merged or bill.card_id) if bill else None,
        bill_referrer=(referrer_merged or bill.referrer_card_id) if bill else None,
        payable=payable,
        quote=read_quote(quote) if quote is not None else None,
        quote_document=quote,
        by_bill=Stored(*by_bill) if by_bill[0] is not None else None,
        by_header=Stored(*by_header) if by_header[0] is not None else None,
    )


def under_lock(
    session: Session, look_again: Callable[[], Seen], cards_of: Callable[[Seen], Iterable[int | None]]
) -> tuple[Seen, dict[int, Book]]:
    """Look, lock the cards that the look named, and look again if one of them has changed in between.

    Returns what is true while the locks are held.
    """
    seen = look_again()
    wanted = {card_id for card_id in cards_of(seen) if card_id is not None}
    if not wanted:
        return seen, {}
    books = lock_cards(session, wanted)
    own = books.get(seen.card_id) if seen.card_id is not None else None
    if own is None or own.version != seen.card_version:
        seen = look_again()
        if {card_id for card_id in cards_of(seen) if card_id is not None} != wanted:
            raise ConcurrentChangeError
    return seen, books
