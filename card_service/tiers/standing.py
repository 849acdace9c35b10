"""Where a card is on the ladder, what its bills add up to, and what the next tier asks for."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.session import Session
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.tiers.ladder import ladder_in_force
from card_service.tiers.member import Member, find_stored, open_member
from card_service.tiers.shown import Progress, TierShown, show_tier


class WindowShown(Answer, frozen=True):
    """What the bills of the last days add up to; `until` is when the first of them falls out."""

    period_days: int
    spend: Decimal
    points: Decimal
    orders: int
    until: datetime | None


class StandingAnswer(Answer, frozen=True):
    """The standing of a card; `held_until` and `grace_until` are last days of the tenant."""

    card_id: int
    tier: TierShown | None
    since: datetime | None
    held_tier: TierShown | None
    held_until: date | None
    grace_until: date | None
    figures: list[WindowShown]
    progress: Progress | None
    benefits: dict[str, Any]


def read_standing(session: Session, context: Context, card_id: int) -> StandingAnswer:
    """Read a card's standing; raises CardNotFound."""
    stored = find_stored(session, card_id)
    if stored is None:
        raise CardNotFound
    return show_standing(open_member(session, context.now, card_id, stored, ladder_in_force(session)))


def show_standing(member: Member) -> StandingAnswer:
    """Show where a card is."""
    standing, tier = member.standing, member.tier
    held = member.ladder.by_id.get(standing.held_id) if standing.held_id is not None else None
    return StandingAnswer(
        card_id=member.card_id,
        tier=show_tier(tier),
        since=standing.since,
        held_tier=show_tier(held),
        held_until=_last_day(standing.held_until, member.zone) if held else None,
        # A card keeps its grace while its programme has no tiers; there it means nothing.
        grace_until=_last_day(standing.grace_until, member.zone) if tier else None,
        figures=[
            WindowShown(period_days=days, spend=figures.spend, points=figures.points, orders=figures.orders, until=figures.until)
            for days, figures in member.windows.items()
        ],
        progress=member.progress,
        benefits=dict(tier.benefits) if tier else {},
    )


def _last_day(end: datetime | None, zone: str) -> date | None:
    return None if end is None else day_of(end, zone) - timedelta(days=1)
