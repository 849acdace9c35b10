"""What each campaign has given: read and locked before a bill is posted, added to with it, and counted back by its return.

A row for each card, which the card's own lock guards, and one for the whole of a campaign that has a cap or a budget for all:
that one makes the tills wait for each other, so there is none for the others. What a REFERRAL gives is counted in the row of the
referrer, whose card is locked with the friend's. Rows are locked after the cards, in the order of campaign, then card
(docs/reliability.md rule 2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, null, select

from card_service.campaigns.campaign import NOTHING, REFERRAL, THE_WHOLE, UNTOUCHED, Campaign, Counted, Standing
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.upsert import insert_or
from card_service.kit.money import ZERO
from card_service.models.campaigns import campaign_counters as counters

_SUMS = ("uses", "points", "amount", "spent")
_COUNTED = [counters.c[name] for name in Counted.__dataclass_fields__]
_BY_KEY = "FORCE INDEX (PRIMARY)"
"""Two keys begin with the tenant; a lock must be on the rows that it names and on no other."""


@dataclass(frozen=True, slots=True)
class Gift:
    """What a bill adds to a campaign's counters; `spent`, `joined_at` and `completed` are a challenge's."""

    campaign: Campaign
    uses: int = 0
    points: Decimal = ZERO
    amount: Decimal = ZERO
    spent: Decimal = ZERO
    joined_at: datetime | None = None
    completed_bill_id: int | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """What a return takes off a campaign's counters again, those of a card and those of the whole."""

    campaign_id: int
    card_id: int
    uses: int = 0
    points: Decimal = ZERO
    amount: Decimal = ZERO
    spent: Decimal = ZERO


def _read(count: int) -> Select[Any]:
    ids: list[Any] = [bindparam(f"campaign_{i}") for i in range(count)]
    return (
        select(counters.c.campaign_id, counters.c.card_id, *_COUNTED)
        .with_hint(counters, _BY_KEY, "mysql")
        .with_hint(counters, _BY_KEY, "mariadb")
        .where(
            counters.c.tenant_id == TENANT,
            counters.c.campaign_id.in_(ids),
            counters.c.card_id.in_((THE_WHOLE, bindparam("card_id"), bindparam("referrer_id"))),
        )
        .order_by(counters.c.campaign_id, counters.c.card_id)
    )


@cache
def _statement(count: int, *, locks: bool) -> Statement[tuple[Any, ...]]:
    """Build the SELECT for so many campaigns: a list of any length would be compiled at every call."""
    return Statement(_read(count).with_for_update() if locks else _read(count))


for _count in (1, 2):
    for _locks in (False, True):
        _statement(_count, locks=_locks)

_TOLD = ("warned_at", "closed_at")
"""What only the job that tells of ends writes (challenge_ends.py), and a merge takes along."""
_add: Statement[None] = Statement(
    insert_or(counters, *_TOLD, add=_SUMS, fill=("joined_at",), put=("completed_bill_id", "completed_at"))
)


def _less(name: str) -> Any:
    """Take a parameter off a sum, which never falls below 0.

    A bill that was under way while its campaign got its first cap is not in the whole; its return must not fail on that.
    """
    off = bindparam(f"off_{name}", type_=counters.c[name].type)
    return case((counters.c[name] < off, 0), else_=counters.c[name] - off)


_take_off: Statement[None] = Statement(
    counters.update()
    .where(
        counters.c.tenant_id == TENANT,
        counters.c.campaign_id == bindparam("which"),
        counters.c.card_id.in_((THE_WHOLE, bindparam("whose"))),
    )
    .values({name: _less(name) for name in _SUMS})
)
_reopen: Statement[None] = Statement(
    counters.update()
    .where(
        counters.c.tenant_id == TENANT,
        counters.c.campaign_id == bindparam("which"),
        counters.c.card_id == bindparam("whose"),
    )
    .values(completed_bill_id=null(), completed_at=null())
)


def standings(
    session: Session, campaign_ids: Iterable[int], card_id: int | None, referrer_id: int | None = None, *, lock: bool
) -> dict[int, Standing]:
    """Read what these campaigns have given in all, to a card and for its referrer, in one statement.

    With `lock` it stays so until the COMMIT: the cards must be locked before.
    """
    ids = sorted(campaign_ids)
    if not ids:
        return {}
    statement = _statement(len(ids), locks=lock)
    named = {f"campaign_{i}": campaign_id for i, campaign_id in enumerate(ids)}
    rows = session.all(statement, card_id=card_id or THE_WHOLE, referrer_id=referrer_id or THE_WHOLE, **named)
    found = {(campaign_id, of_card): Counted(*values) for campaign_id, of_card, *values in rows}
    return {one: Standing(*(found.get((one, whose), NOTHING) for whose in (THE_WHOLE, card_id, referrer_id))) for one in ids}


def holder_of(type_: str, card_id: int, referrer_id: int | None) -> int:
    """Tell whose row counts what a campaign of this type gave on a bill: that of the bill's card, or of its referrer."""
    return referrer_id if type_ == REFERRAL and referrer_id is not None else card_id


def add(session: Session, card_id: int, referrer_id: int | None, gifts: Sequence[Gift]) -> None:
    """Queue one statement that adds what a bill got: to the rows of its cards, and to the whole where that is counted."""
    rows = []
    for gift in sorted(gifts, key=lambda one: one.campaign.id):
        row = {name: getattr(gift, name) for name in Counted.__dataclass_fields__}
        mine = {"campaign_id": gift.campaign.id, **row}
        if gift.campaign.has_total:
            rows.append(mine | {"card_id": THE_WHOLE, "joined_at": None, "completed_bill_id": None, "completed_at": None})
        rows.append(mine | {"card_id": holder_of(gift.campaign.type, card_id, referrer_id)})
    if rows:
        session.queue(_add, rows)


def take_off(session: Session, returned: Sequence[Returned]) -> None:
    """Queue the statements that count a return back, one a campaign, of the card and of the whole at once."""
    rows = [
        {"which": one.campaign_id, "whose": one.card_id, **{f"off_{name}": getattr(one, name) for name in _SUMS}}
        for one in sorted(returned, key=lambda one: one.campaign_id)
    ]
    if rows:
        session.queue(_take_off, rows)


_of_card = Statement(
    select(counters.c.campaign_id, *(counters.c[name] for name in _TOLD), *_COUNTED)
    .where(counters.c.tenant_id == TENANT, counters.c.card_id == bindparam("card_id"))
    .order_by(counters.c.campaign_id)
    .with_for_update()
)
_empty: Statement[None] = Statement(
    counters.update()
    .where(counters.c.tenant_id == TENANT, counters.c.card_id == bindparam("whose"))
    .values(
        uses=0,
        points=ZERO,
        amount=ZERO,
        spent=ZERO,
        **dict.fromkeys(("joined_at", "completed_bill_id", "completed_at", *_TOLD), null()),
    )
)
_merge: Statement[None] = Statement(
    insert_or(counters, add=_SUMS, put=("joined_at", "completed_bill_id", "completed_at"), fill=_TOLD)
)


def reopen(session: Session, campaign_id: int, card_id: int) -> None:
    """Queue that a card has not completed a challenge any more."""
    session.queue(_reopen, [{"which": campaign_id, "whose": card_id}])


def join(session: Session, campaign_id: int, card_id: int, joined_at: datetime) -> None:
    """Note that a card takes part from this instant on, unless it does already."""
    nothing = asdict(Counted(joined_at=joined_at))
    session.write(_add, campaign_id=campaign_id, card_id=card_id, **nothing)


def merge(session: Session, source_id: int, target_id: int) -> None:
    """Add what one card got to another: each has counted the same campaigns; a challenge goes on from the earlier start.

    A reward that either has got is got, and what either was told of an end is not told again.
    """
    own = {row[0]: Counted(*row[3:]) for row in session.all(_of_card, card_id=target_id)}
    moved = {row[0]: (Counted(*row[3:]), row[1:3]) for row in session.all(_of_card, card_id=source_id)}
    if not moved:
        return
    session.write(_empty, whose=source_id)
    rows = []
    for campaign_id, (theirs, told) in moved.items():
        mine = own.get(campaign_id, UNTOUCHED.card)
        joined = [one for one in (mine.joined_at, theirs.joined_at) if one is not None]
        done = mine if mine.completed_bill_id is not None else theirs
        row = {name: getattr(theirs, name) for name in _SUMS}
        row |= {"completed_bill_id": done.completed_bill_id, "completed_at": done.completed_at}
        row |= zip(_TOLD, told, strict=True)
        rows.append({"campaign_id": campaign_id, "card_id": target_id, "joined_at": min(joined, default=None), **row})
    session.queue(_merge, rows)


_sum = Statement(
    select(*(func.sum(counters.c[name], type_=counters.c[name].type) for name in _SUMS)).where(
        counters.c.tenant_id == TENANT, counters.c.campaign_id == bindparam("which"), counters.c.card_id != THE_WHOLE
    )
)


def begin_total(session: Session, campaign_id: int) -> None:
    """Begin to count a campaign as a whole: with what its cards have got until now."""
    (sums,) = session.all(_sum, which=campaign_id)
    row = {name: value or 0 for name, value in zip(_SUMS, sums, strict=True)}
    row |= {name: Decimal(row[name]) for name in ("points", "amount", "spent")}
    empty = {"joined_at": None, "completed_bill_id": None, "completed_at": None}
    session.write(_add, campaign_id=campaign_id, card_id=THE_WHOLE, **row, **empty)
