"""How a challenge ends for a card that does not reach its target: a word three days before, then the end, each told once.

What counts and until when, the bills decide by `challenge_until` alone, whether or not anybody was told
(docs/programme.md section 3): nothing but these two events hangs on what is kept here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select

from card_service.campaigns.campaign import DRAFT, ENDED, TIER_CHALLENGE, Campaign
from card_service.campaigns.load import COLUMNS, campaign_of
from card_service.campaigns.rules import challenge_until, runs
from card_service.kit import days
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.lock import CLOSED, lock_card
from card_service.models.campaigns import campaign_counters as counters
from card_service.models.campaigns import campaigns
from card_service.outbox.emit import emit

ENDING, MISSED = "challenge.ending", "challenge.missed"
WARN_DAYS = 3
"""Days before the last day that counts on which a card is told that it ends."""
READ_AT_ONCE = 1000
_BY_CARD = "FORCE INDEX (ix_campaign_counters_tenant_id_card_id)"


class Participation(NamedTuple):
    """A card that takes part in something, has not completed it, and was not told of its end."""

    card_id: int
    campaign_id: int
    joined_at: datetime
    spent: Decimal
    warned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Night:
    """The tenant's day that is done, in its zone, and the instant up to which what is over is taken."""

    day: date
    until: datetime
    timezone: str


class ChallengeEnds(Answer, frozen=True):
    """What an event says: how far the card came, and the last day that counts."""

    card_id: int
    campaign_id: int
    spent: Decimal
    target_spend: Decimal
    on: date


class Told(NamedTuple):
    """How many events a card got."""

    missed: int = 0
    ending: int = 0


_open = (
    counters.c.tenant_id == TENANT,
    counters.c.joined_at.is_not(None),
    counters.c.completed_bill_id.is_(None),
    counters.c.closed_at.is_(None),
)
_columns = [counters.c[name] for name in Participation._fields]
_page = Statement(
    select(*_columns)
    .with_hint(counters, _BY_CARD, "mysql")
    .with_hint(counters, _BY_CARD, "mariadb")
    .where(*_open, counters.c.card_id > bindparam("after"))
    .order_by(counters.c.card_id, counters.c.campaign_id)
    .limit(READ_AT_ONCE),
    Participation,
)
_of_card = Statement(
    select(*_columns).where(*_open, counters.c.card_id == bindparam("card_id")).order_by(counters.c.campaign_id), Participation
)
_challenges = Statement(
    select(*COLUMNS)
    .where(campaigns.c.tenant_id == TENANT, campaigns.c.type == TIER_CHALLENGE, campaigns.c.status != DRAFT)
    .order_by(campaigns.c.id),
    campaign_of,
)
_row = (
    counters.c.tenant_id == TENANT,
    counters.c.campaign_id == bindparam("which"),
    counters.c.card_id == bindparam("whose"),
)
_now = bindparam("now", type_=counters.c.closed_at.type)
_mark: dict[str, Statement[None]] = {
    MISSED: Statement(counters.update().where(*_row).values(closed_at=_now)),
    ENDING: Statement(counters.update().where(*_row).values(warned_at=_now)),
}


def last_day(campaign: Campaign, joined_at: datetime, timezone: str) -> date:
    """Tell the last day on which bills count for a card that joined then."""
    return days.last_day(challenge_until(campaign, joined_at, timezone), timezone)


def event_due(campaign: Campaign, one: Participation, night: Night, now: datetime) -> str | None:
    """Tell which event is due for a card that takes part, None if none is: the end goes before the word of it."""
    if one.spent >= (campaign.target_spend or ZERO):
        # Reached by a merge: the next bill brings the reward, and if none comes it was still no miss.
        return None
    ends = challenge_until(campaign, one.joined_at, night.timezone)
    if campaign.status == ENDED or ends <= night.until:
        return MISSED
    is_near = last_day(campaign, one.joined_at, night.timezone) - night.day <= timedelta(days=WARN_DAYS)
    return ENDING if is_near and one.warned_at is None and now < ends and runs(campaign, now) else None


def cards_to_tell(session: Session, context: Context, night: Night, after: int) -> tuple[list[int], list[int]]:
    """Look at the next cards that take part in something: all of them, and those for which an event may be due."""
    known = {one.id: one for one in session.all(_challenges)}
    found = session.all(_page, after=after) if known else []
    due = {
        one.card_id for one in found if one.campaign_id in known and event_due(known[one.campaign_id], one, night, context.now)
    }
    if len(found) == READ_AT_ONCE:
        # Of the last card some may have been left out.
        due.add(found[-1].card_id)
    return sorted({one.card_id for one in found}), sorted(due)


def tell_of_ends(session: Session, context: Context, night: Night, card_id: int) -> Told:
    """Close what has run out for a card and warn it of what soon will, under its lock; raises CardNotFound.

    Nobody is told anything of a closed card.
    """
    book = lock_card(session, card_id)
    known = {one.id: one for one in session.all(_challenges)}
    told = []
    for one in session.all(_of_card, card_id=card_id):
        campaign = known.get(one.campaign_id)
        event = event_due(campaign, one, night, context.now) if campaign else None
        if campaign is None or event is None:
            continue
        session.queue(_mark[event], [{"which": campaign.id, "whose": card_id, "now": context.now}])
        if book.status != CLOSED:
            emit(session, context, event, once=f"{campaign.id}:{card_id}", card_id=card_id, payload=_said(campaign, one, night))
            told.append(event)
    return Told(told.count(MISSED), told.count(ENDING))


def _said(campaign: Campaign, one: Participation, night: Night) -> ChallengeEnds:
    on = last_day(campaign, one.joined_at, night.timezone)
    return ChallengeEnds(
        card_id=one.card_id,
        campaign_id=campaign.id,
        spent=one.spent,
        target_spend=campaign.target_spend or ZERO,
        on=min(on, night.day) if campaign.status == ENDED else on,
    )
