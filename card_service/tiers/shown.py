"""A tier, its change and the way to the next one, as answers show them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.figures import Figures
from card_service.tiers.rules import Ladder, Tier


class TierShown(Answer, frozen=True):
    """A tier beside a card."""

    id: int
    level: int
    name: str
    multiplier: Decimal


class TierChanged(Answer, frozen=True):
    """That a call has changed the tier of its card; None stands for no tier."""

    from_: TierShown | None = msgspec.field(name="from")
    to: TierShown | None


class Progress(Answer, frozen=True):
    """What is missing to the next tier: None where it does not ask for it, 0 where it is met.

    `until` is when the first of the bills falls out of its window.
    """

    next_tier: TierShown
    spend_needed: Decimal | None
    points_needed: Decimal | None
    orders_needed: int | None
    until: datetime | None


def show_tier(tier: Tier | None) -> TierShown | None:
    """Show a tier."""
    return None if tier is None else TierShown(id=tier.id, level=tier.level, name=tier.name, multiplier=tier.multiplier)


def show_progress(ladder: Ladder, tier: Tier | None, windows: Mapping[int, Figures]) -> Progress | None:
    """Show the way to the next tier, None at the top."""
    following = ladder.above(tier)
    shown = show_tier(following)
    if following is None or shown is None:
        return None
    figures = windows[following.period_days]
    return Progress(
        next_tier=shown,
        spend_needed=_missing(following.min_spend, figures.spend),
        points_needed=_missing(following.min_points, figures.points),
        orders_needed=None if following.min_orders is None else max(following.min_orders - figures.orders, 0),
        until=figures.until,
    )


def _missing(wanted: Decimal | None, there: Decimal) -> Decimal | None:
    return None if wanted is None else max(wanted - there, ZERO)
