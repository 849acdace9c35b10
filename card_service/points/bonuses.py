"""Bonuses of a bill: points beside those of its lines, posted with its earn and taken back whole with its return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.books import Book
from card_service.ledger.person import cards_of_person
from card_service.ledger.posting import Posting
from card_service.ledger.validity import Validity
from card_service.models.bills import bill_bonuses


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points that a bill brings beside its lines.

    `kind` is one of models.bills.BONUS_KINDS, `source_id` the campaign (`of_campaign`) or the rule, `card_id` who gets
    them: the card of the bill or its referrer. They go back when less than `min_bill` is left of the bill. `validity` is
    None where they wait, and expire, as the points of the bill's lines do.
    """

    kind: str
    source_id: int
    name: str
    points: Decimal
    card_id: int
    min_bill: Decimal = ZERO
    of_campaign: bool = False
    validity: Validity | None = None


class BonusGiven(Answer, frozen=True):
    """A bonus in an answer: `id` is that of the campaign or the rule."""

    kind: str
    id: int
    name: str
    points: Decimal
    card_id: int


@dataclass(slots=True)
class BillBonus:
    """A bonus as it is stored: whose lot it opened, and how much of it was taken back, or had expired before that."""

    id: int
    card_id: int
    opened_seq: int
    kind: str
    source_id: int
    points: Decimal
    min_bill: Decimal
    reversed: Decimal
    forgiven: Decimal


_STORED = ("id", "card_id", "opened_seq", "kind", "source_id", "points", "min_bill", "reversed", "forgiven")
_insert: Statement[None] = Statement(insert_into(bill_bonuses, "id"))
_of_bill = Statement(
    select(*(bill_bonuses.c[name] for name in _STORED))
    .where(bill_bonuses.c.tenant_id == TENANT, bill_bonuses.c.bill_id == bindparam("bill_id"))
    .order_by(bill_bonuses.c.id),
    BillBonus,
)
_own = cards_of_person()
_rewards = Statement(
    select(*(bill_bonuses.c[name] for name in _STORED))
    .select_from(_own.join(bill_bonuses, (bill_bonuses.c.tenant_id == TENANT) & (bill_bonuses.c.card_id == _own.c.card_id)))
    .where(
        bill_bonuses.c.kind == "CHALLENGE",
        bill_bonuses.c.source_id == bindparam("campaign_id"),
        bill_bonuses.c.reversed == bindparam("nothing", type_=bill_bonuses.c.reversed.type),
    )
    .order_by(bill_bonuses.c.id),
    BillBonus,
)
_take_back: Statement[None] = Statement(
    bill_bonuses.update()
    .where(bill_bonuses.c.tenant_id == TENANT, bill_bonuses.c.id == bindparam("bonus_id"))
    .values(reversed=bindparam("reversed"), forgiven=bindparam("forgiven"))
)


@dataclass(frozen=True, slots=True)
class PaidBill:
    """Which bill brings the bonuses, and whose it is."""

    bill_id: int
    amount: Decimal
    card_id: int


def post_bonuses(
    session: Session,
    context: Context,
    posting: Posting,
    bill: PaidBill,
    books: Mapping[int, Book],
    bonuses: Sequence[Bonus],
    validity: Validity,
) -> None:
    """Credit each bonus as a lot of its own, on cards that are locked; the rows go with what the posting writes.

    `validity` is that of the bill's lines.
    """
    rows = []
    for bonus in bonuses:
        book = books[bonus.card_id]
        named: dict[str, Any] = {"bill_id": bill.bill_id}
        if bonus.card_id != bill.card_id:
            named = {"referred_card_id": bill.card_id, "referred_bill_id": bill.bill_id}
        posting.settle(book)
        posting.credit(
            book,
            "BONUS",
            bonus.points,
            reference="BILL",
            validity=bonus.validity or validity,
            reference_id=bill.bill_id,
            bill_amount=bill.amount,
            description=bonus.name,
            **named,
        )
        book.earned += bonus.points
        rows.append(
            {
                "bill_id": bill.bill_id,
                "card_id": bonus.card_id,
                "opened_seq": book.seq,
                "kind": bonus.kind,
                "source_id": bonus.source_id,
                "of_campaign": bonus.of_campaign,
                "name": bonus.name,
                "points": bonus.points,
                "min_bill": bonus.min_bill,
                "reversed": ZERO,
                "forgiven": ZERO,
                "created_at": context.now,
            }
        )
    session.queue(_insert, rows)


def given(bonuses: Sequence[Bonus]) -> list[BonusGiven]:
    """Say in an answer what a bill brings beside its lines, and to whom."""
    return [
        BonusGiven(kind=bonus.kind, id=bonus.source_id, name=bonus.name, points=bonus.points, card_id=bonus.card_id)
        for bonus in bonuses
    ]


def points_for(card_id: int | None, bonuses: Sequence[Bonus]) -> Decimal:
    """Sum what one card gets of the bonuses."""
    return sum((bonus.points for bonus in bonuses if bonus.card_id == card_id), ZERO)


class Waiting(NamedTuple):
    """What of a card's points of one bill is pending, from when all of that can be used, and when the first of all expire.

    `available_at` is None where nothing is pending, and where not all of it becomes available at one instant.
    """

    points: Decimal
    available_at: datetime | None
    expires_at: datetime | None


def waiting(book: Book, earned: Decimal, bonuses: Sequence[Bonus], validity: Validity) -> Waiting:
    """Tell what a bill whose lines earned so much, with this validity, has left pending on its own card."""
    pending, instants, ends = ZERO, set[datetime](), list[datetime]()
    own = [(bonus.points, bonus.validity or validity) for bonus in bonuses if bonus.card_id == book.card_id]
    for points, dates in ((earned, validity), *own):
        if points and dates.available_at is not None:
            pending += points
            instants.add(dates.available_at)
        if points and (end := book.expiry_of(dates)) is not None:
            ends.append(end)
    return Waiting(pending, instants.pop() if len(instants) == 1 else None, min(ends, default=None))


def read_bonuses(session: Session, bill_id: int) -> list[BillBonus]:
    """Read the bonuses of a bill, those that were taken back included, in the order in which they were posted."""
    return session.all(_of_bill, bill_id=bill_id)


def read_rewards(session: Session, campaign_id: int, card_id: int) -> list[BillBonus]:
    """Read what a challenge has paid to a card, or to one merged into it, and what was not taken back."""
    return session.all(_rewards, campaign_id=campaign_id, card_id=card_id, nothing=ZERO)


def save_taken_back(session: Session, bonuses: Sequence[BillBonus]) -> None:
    """Write how much of each bonus was taken back."""
    session.queue(
        _take_back, [{"bonus_id": bonus.id, "reversed": bonus.reversed, "forgiven": bonus.forgiven} for bonus in bonuses]
    )
