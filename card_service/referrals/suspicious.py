"""Listing referrers whose friends look alike, or have brought everything back: for an administrator to look at, no more."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, encode_cursor
from card_service.kit.wire import Answer
from card_service.models.bills import bills
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.rules import FEWEST_FRIENDS, LAST_DIGITS, Friends, reasons

LIST = "referrals:suspicious"
LOOKED_AT = 200
"""Referrers that one call looks at, so that it ends in time however few of them are suspicious."""


@dataclass(frozen=True, slots=True)
class ListSuspicious:
    """A page of suspicious referrers, by the ids of their cards."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


class Suspicious(Answer, frozen=True):
    """A referrer, why they are listed, and the figures behind it."""

    card_id: int
    card_number: str
    customer_name: str | None
    status: str
    reasons: list[str]
    friends: int
    friends_of_one_prefix: int
    friends_with_bills: int
    friends_with_bills_left: int


_referrer = card.c.referrer_card_id
_of_these = (card.c.tenant_id == TENANT, _referrer.in_(bindparam("referrer_ids", expanding=True)))
_bill = (bills.c.tenant_id == TENANT, bills.c.card_id == card.c.id, bills.c.earned_at.is_not(None))
_bought = exists(select(bills.c.bill_id).where(*_bill))
_kept = exists(select(bills.c.bill_id).where(*_bill, bills.c.state != "CANCELLED"))
_referrers: Statement[tuple[Any, ...]] = Statement(
    select(_referrer)
    .where(card.c.tenant_id == TENANT, _referrer > bindparam("after"))
    .group_by(_referrer)
    .having(func.count() >= bindparam("fewest"))
    .order_by(_referrer)
    .limit(bindparam("most", type_=card.c.id.type))
)
_prefix = func.substr(card.c.customer_phone, 1, func.length(card.c.customer_phone) - LAST_DIGITS)
_prefixes: Statement[tuple[Any, ...]] = Statement(
    select(_referrer, func.count()).where(*_of_these, card.c.customer_phone.is_not(None)).group_by(_referrer, _prefix)
)
_friends: Statement[tuple[Any, ...]] = Statement(
    select(_referrer, func.count(), func.count(case((_bought, 1))), func.count(case((_kept, 1))))
    .where(*_of_these)
    .group_by(_referrer)
)
_shown: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id, card.c.card_number, card.c.customer_name, card.c.status)
    .where(card.c.tenant_id == TENANT, card.c.id.in_(bindparam("referrer_ids", expanding=True)))
    .order_by(card.c.id)
)


def list_suspicious(session: Session, context: Context, query: ListSuspicious) -> Page[Suspicious]:  # noqa: ARG001 - a use case
    """List a page of referrers with the reasons of docs/programme.md section 5; raises ValidationFailed for a foreign cursor.

    A page may be short, or empty, and yet not be the last: no more than LOOKED_AT referrers are looked at for it.
    """
    after = decode_cursor(LIST, query.cursor) or 0
    looked_at = [found for (found,) in session.all(_referrers, after=after, fewest=FEWEST_FRIENDS, most=LOOKED_AT)]
    friends = _friends_of(session, looked_at) if looked_at else {}
    found = [referrer_id for referrer_id in looked_at if reasons(friends[referrer_id])]
    shown = found[: query.limit]
    items = [
        Suspicious(
            card_id=card_id,
            card_number=number,
            customer_name=name,
            status=status,
            reasons=reasons(friends[card_id]),
            friends=friends[card_id].all,
            friends_of_one_prefix=friends[card_id].of_one_prefix,
            friends_with_bills=friends[card_id].with_bills,
            friends_with_bills_left=friends[card_id].with_bills_left,
        )
        for card_id, number, name, status in (session.all(_shown, referrer_ids=shown) if shown else ())
    ]
    last = None
    if len(found) > len(shown):
        last = shown[-1]
    elif len(looked_at) == LOOKED_AT:
        last = looked_at[-1]
    return Page(items=items, next_cursor=None if last is None else encode_cursor(LIST, last))


def _friends_of(session: Session, referrer_ids: list[int]) -> dict[int, Friends]:
    prefixes: dict[int, int] = {}
    for referrer_id, count in session.all(_prefixes, referrer_ids=referrer_ids):
        prefixes[referrer_id] = max(count, prefixes.get(referrer_id, 0))
    rows = session.all(_friends, referrer_ids=referrer_ids)
    return {referrer_id: Friends(every, prefixes.get(referrer_id, 0), bought, kept) for referrer_id, every, bought, kept in rows}
