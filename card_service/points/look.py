"""The first look: everything a call on a bill needs to know before it locks anything, in one statement.

The card, whether its bill is known, the configuration's version, and whether the answer is stored. Nothing of it is
trusted until the cards are locked: if the card has changed since, the look is repeated under the lock
(docs/reliability.md rule 2).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, null, select

from card_service.card_config.load import rulebook
from card_service.card_config.rulebook import Rulebook
from card_service.kit.context import Context
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.books import Book, lock_cards
from card_service.ledger.idempotency import Stored, bill_key, header_key, read_stored, redemption_key
from card_service.ledger.lock import CLOSED
from card_service.models.bills import bills
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import card_numbers as numbers
from card_service.models.cards import loyalty_cards as cards
from card_service.models.idempotency import idempotency_keys as keys
from card_service.points.bill import Bill
from card_service.points.read_bill import read_bill
from card_service.tiers.member import MEMBER_COLUMNS, TierRow


@dataclass(frozen=True, slots=True)
class CardRef:
    """Which card a request means: by id, by number, or (both None) by its bill alone."""

    card_id: int | None = None
    card_number: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether the request named a card at all."""
        return self.card_id is not None or self.card_number is not None


NO_SEGMENTS: frozenset[str] = frozenset()


def labels(segments: str | None) -> frozenset[str]:
    """Read the labels of a card, which its row keeps as one text."""
    return frozenset(segments.split(",")) if segments else NO_SEGMENTS


@dataclass(slots=True)
class Seen:
    """What one look found. `card_id` is the card the request means, None if it named none or there is none."""

    card_id: int | None
    card_version: int | None
    referrer_id: int | None
    merged_into: int | None
    first_earned_at: datetime | None
    segments: frozenset[str]
    tier: TierRow
    first_bill_id: int | None
    friend_bill_id: int | None
    is_replaced: bool
    rules: Rulebook
    bill: Bill | None
    bill_card: int | None
    bill_referrer: int | None
    by_bill: Stored | None
    by_header: Stored | None

    @property
    def is_own_bill(self) -> bool:
        """Whether the bill, if it is known, is that of the card: cards that were merged are one to their bills.

        The bill may have been read an instant after the card, so that a merge in between shows on one side only.
        """
        return self.bill is None or not {self.card_id, self.merged_into}.isdisjoint({self.bill.card_id, self.bill_card})


@cache
def _statement(by: str, *, has_key: bool) -> Statement[tuple[Any, ...]]:
    """Build the look for requests that name their card by `id`, by `number`, or only through the `bill`.

    Every column and every joined table costs more than its value is worth most of the time (bench/README.md), so
    what is there only sometimes is asked for when it is there: the bill, and the answers stored for it.
    """
    source = config.outerjoin(bills, (bills.c.tenant_id == TENANT) & (bills.c.bill_id == bindparam("bill_id")))
    replaced_at: Any = null().label("replaced_at")
    if by == "number":
        source = source.outerjoin(numbers, (numbers.c.tenant_id == TENANT) & (numbers.c.card_number == bindparam("card_number")))
        replaced_at = numbers.c.replaced_at
    card_id = {"number": numbers.c.card_id, "id": bindparam("card_id"), "bill": bills.c.card_id}[by]
    source = source.outerjoin(cards, (cards.c.tenant_id == TENANT) & (cards.c.id == card_id))
    key_print: Any = null().label("key_print")
    if has_key:
        source = source.outerjoin(
            keys,
            (keys.c.tenant_id == TENANT)
            & (keys.c.operation == bindparam("operation"))
            & (keys.c.idempotency_key == bindparam("header_key")),
        )
        key_print = keys.c.fingerprint
    return Statement(
        select(
            cards.c.id,
            cards.c.version,
            cards.c.referrer_card_id,
            cards.c.merged_into_card_id,
            cards.c.segments,
            cards.c.first_bill_id,
            cards.c.friend_bill_id,
            replaced_at,
            config.c.version,
            config.c.updated_at,
            bills.c.bill_id,
            key_print,
            *MEMBER_COLUMNS,
        )
        .select_from(source)
        .where(config.c.tenant_id == TENANT)
    )


for _by in ("number", "id", "bill"):
    for _has_key in (False, True):
        _statement(_by, has_key=_has_key)


def look(session: Session, context: Context, card: CardRef, bill_id: int, operation: str, return_id: int | None = None) -> Seen:
    """Look once, without a lock."""
    by = "number" if card.card_number is not None else "id" if card.card_id is not None else "bill"
    key = header_key(context)
    params: dict[str, Any] = {"bill_id": bill_id}
    if by != "bill":
        params |= {"card_number": card.card_number} if by == "number" else {"card_id": card.card_id}
    if key:
        params |= {"operation": operation, "header_key": key}
    row = session.one(_statement(by, has_key=bool(key)), **params)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    row, member = row[: -len(MEMBER_COLUMNS)], row[-len(MEMBER_COLUMNS) :]
    (
        card_id,
        version,
        referrer_id,
        merged_into,
        segments,
        first_bill,
        friend_bill,
        replaced_at,
        *config_row,
        found_bill,
        key_print,
    ) = row
    bill, bill_card, bill_referrer = read_bill(session, bill_id, context.now) if found_bill is not None else (None, None, None)
    # Every answer about a bill was stored together with the bill, so one without a bill need not be looked for.
    natural = None if bill is None else _natural_key(operation, bill, return_id)
    return Seen(
        card_id=card_id,
        card_version=version,
        referrer_id=referrer_id,
        merged_into=merged_into,
        first_earned_at=member[-1],
        tier=TierRow.of(*member),
        segments=labels(segments),
        first_bill_id=first_bill,
        friend_bill_id=friend_bill,
        is_replaced=replaced_at is not None,
        rules=rulebook(session, *config_row),
        bill=bill,
        bill_card=bill_card,
        bill_referrer=bill_referrer,
        by_bill=read_stored(session, operation, natural) if natural is not None else None,
        by_header=read_stored(session, operation, key) if key_print is not None else None,
    )


def _natural_key(operation: str, bill: Bill, return_id: int | None) -> str | None:
    """Name the request that a stored answer about this bill would be found by, None if there can be none."""
    if operation == "redeem-points":
        return redemption_key(bill.bill_id, bill.redemption_count) if bill.redemption is not None else None
    if operation == "reverse-points" or (operation == "earn-points" and bill.is_earned):
        return bill_key(bill.bill_id, return_id)
    return None


def under_lock(
    session: Session,
    look_again: Callable[[], Seen],
    cards_of: Callable[[Seen], Iterable[int | None]],
    *,
    request: tuple[str, CardRef] | None = None,
) -> tuple[Seen, dict[int, Book]]:
    """Look, lock the cards that the look named, and look again if one of them has changed in between.

    A card that changed in between is busy, and the next look before its lock would be for nothing, too: the next such
    `request`, if its kind always locks the same cards, locks first and looks once. Returns what is true while the locks
    are held.
    """
    busy = ("busy", session.tenant_id, request)
    wanted: frozenset[int] = session.memory.get(busy, frozenset())
    if wanted:
        books = lock_cards(session, wanted)
        seen = look_again()
        if _named(seen, cards_of) != wanted:
            session.memory.pop(busy, None)
            raise ConcurrentChangeError
        return seen, books
    seen = look_again()
    wanted = _named(seen, cards_of)
    if not wanted:
        return seen, {}
    books = lock_cards(session, wanted)
    own = books.get(seen.card_id) if seen.card_id is not None else None
    # A closed one may have been merged away since, and its points have gone with it.
    if own is None or own.version != seen.card_version or any(book.status == CLOSED for book in books.values()):
        seen = look_again()
        if _named(seen, cards_of) != wanted:
            raise ConcurrentChangeError
        if request is not None:
            session.memory[busy] = wanted
    return seen, books


def _named(seen: Seen, cards_of: Callable[[Seen], Iterable[int | None]]) -> frozenset[int]:
    return frozenset(card_id for card_id in cards_of(seen) if card_id is not None)
