"""Challenges: which bills count for them, and whether a card has their reward (docs/programme.md section 3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Protocol

from .answers import Body
from .arithmetic import ZERO
from .bills import Bill
from .configuration import Configuration

CHALLENGE = "TIER_CHALLENGE"


class Challenge(Protocol):
    """A campaign, as far as it may be a challenge."""

    id: int
    body: Body

    @property
    def kind(self) -> str:
        """Its type."""


def counts_until(campaign: Challenge, joined: datetime, configuration: Configuration) -> datetime:
    """The first instant at which bills of a card that joined then no longer count."""
    last_day = configuration.today(joined) + timedelta(days=campaign.body["days"] - 1)
    return min(configuration.end_of(last_day), datetime.fromisoformat(campaign.body["endsAt"]))


def counts_at(campaign: Challenge, joined: Mapping[int, datetime], instant: datetime, configuration: Configuration) -> bool:
    """Whether it still runs for a card that joined, if ever, when this says; of other campaigns always."""
    if campaign.kind != CHALLENGE or campaign.id not in joined:
        return True
    began = joined[campaign.id]
    return began <= instant < counts_until(campaign, began, configuration)


def spent(campaign: Challenge, bills: Iterable[Bill]) -> Fraction:
    """What is left of the bills that count for it."""
    return sum((bill.left for bill in bills if campaign.id in bill.counted), ZERO)


def has_reward(campaign: Challenge, bills: Iterable[Bill]) -> bool:
    """Whether one of these bills brought a reward that was not taken back."""
    return any(bill.gift_of(campaign.id) for bill in bills)
