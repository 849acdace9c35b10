"""What happened to a member, newest first: postings, changes of tier, awards, campaigns joined, woven into one list.

Each kind is read along a key of its own, and a cursor holds the place in each: so a page never misses what stands between
two others, whatever the clocks of several servers said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_places, encode_places
from card_service.kit.wire import Answer
from card_service.models.campaigns import campaign_counters as counters
from card_service.models.campaigns import campaigns
from card_service.models.earning import activity_awards as awards
from card_service.points.history import ReadHistory, Transaction, read_history
from card_service.tiers.history import TierChange, changes_before


class CampaignJoined(Answer, frozen=True):
    """A campaign that the member takes part in."""

    campaign_id: int
    name: str


class AwardGiven(Answer, frozen=True):
    """Points for something other than a bill; `rule_id` is None for the birthday points of a tier."""

    id: int
    activity: str
    code: str | None
    reference: str
    rule_id: int | None
    points: Decimal


class Activity(Answer, frozen=True):
    """One thing that happened: the field of its kind says what, the others are None."""

    kind: str
    at: datetime
    posting: Transaction | None = None
    tier_change: TierChange | None = None
    award: AwardGiven | None = None
    campaign_joined: CampaignJoined | None = None


@dataclass(frozen=True, slots=True)
class ReadTimeline:
    """A page of what happened to a card."""

    card_id: int
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


class Placed(NamedTuple):
    """An activity and its place in the list of its kind."""

    place: int
    activity: Activity


Reader = Callable[[Session, Context, int, int, int], Sequence[Placed]]
"""Reads of a card what comes before a place, newest first, at most so many."""

_joined: Statement[tuple[Any, ...]] = Statement(
    select(counters.c.campaign_id, campaigns.c.name, counters.c.joined_at)
    .select_from(counters.join(campaigns, (campaigns.c.tenant_id == TENANT) & (campaigns.c.id == counters.c.campaign_id)))
    .where(counters.c.tenant_id == TENANT, counters.c.card_id == bindparam("card_id"), counters.c.joined_at.is_not(None))
    .order_by(counters.c.joined_at, counters.c.campaign_id)
)


def _award(award_id: int, activity: str, code: str, reference: str, rule_id: int | None, points: Decimal, at: datetime) -> Any:
    given = AwardGiven(id=award_id, activity=activity, code=code or None, reference=reference, rule_id=rule_id, points=points)
    return award_id, at, given


_awards = Statement(
    select(
        awards.c.id, awards.c.activity, awards.c.code, awards.c.reference, awards.c.rule_id, awards.c.points, awards.c.created_at
    )
    .where(awards.c.tenant_id == TENANT, awards.c.card_id == bindparam("card_id"), awards.c.id < bindparam("before"))
    .order_by(awards.c.id.desc())
    .limit(bindparam("limit", type_=awards.c.id.type)),
    _award,
)


def _postings(session: Session, context: Context, card_id: int, before: int, limit: int) -> list[Placed]:
    rows = read_history(session, context, ReadHistory(card_id, before_seq=before, limit=limit))
    return [Placed(row.seq, Activity(kind="POSTING", at=row.created_at, posting=row)) for row in rows]


def _campaigns(session: Session, _context: Context, card_id: int, before: int, limit: int) -> list[Placed]:
    """Place each by its number from the oldest: they are few, and what is added comes last."""
    found = [
        Placed(number, Activity(kind="CAMPAIGN_JOINED", at=at, campaign_joined=CampaignJoined(campaign_id=campaign, name=name)))
        for number, (campaign, name, at) in enumerate(session.all(_joined, card_id=card_id), start=1)
        if number < before
    ]
    return found[::-1][:limit]


def _tier_changes(session: Session, _context: Context, card_id: int, before: int, limit: int) -> list[Placed]:
    rows = changes_before(session, card_id, before, limit)
    return [Placed(row.id, Activity(kind="TIER_CHANGE", at=row.created_at, tier_change=row)) for row in rows]


def _given(session: Session, _context: Context, card_id: int, before: int, limit: int) -> list[Placed]:
    rows = session.all(_awards, card_id=card_id, before=before, limit=limit)
    return [Placed(place, Activity(kind="AWARD", at=at, award=award)) for place, at, award in rows]


READERS: tuple[Reader, ...] = (_postings, _tier_changes, _given, _campaigns)


def read_timeline(session: Session, context: Context, query: ReadTimeline) -> Page[Activity]:
    """Read a page; raises CardNotFound, ValidationFailed for a cursor of another list."""
    name = f"activities:{query.card_id}"
    places = decode_places(name, query.cursor, len(READERS))
    waiting = [
        list(read(session, context, query.card_id, place, query.limit + 1)) for read, place in zip(READERS, places, strict=True)
    ]
    shown: list[Activity] = []
    while len(shown) < query.limit and any(waiting):
        newest = max((kind for kind, rows in enumerate(waiting) if rows), key=lambda kind: (waiting[kind][0].activity.at, -kind))
        placed = waiting[newest].pop(0)
        places[newest] = placed.place
        shown.append(placed.activity)
    return Page(items=shown, next_cursor=encode_places(name, places) if any(waiting) else None)
