"""Several campaigns that multiply the points of one line, and what each of them gave (docs/programme.md section 3)."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Protocol

from .arithmetic import ZERO
from .bills import Line, points_of
from .configuration import Configuration


class Multiplying(Protocol):
    """A campaign, as far as it may multiply the points of a line."""

    id: int

    @property
    def multiplier(self) -> Fraction:
        """By what."""

    @property
    def order(self) -> tuple[int, int]:
        """Who goes first."""

    def multiplies(self, line: Line, configuration: Configuration) -> bool:
        """Whether it does so with this line."""


def multiply(line: Line, met: Sequence[Multiplying], configuration: Configuration) -> None:
    """Multiply the points of a line, and share what that adds among the campaigns that apply to it."""
    mine = [campaign for campaign in met if campaign.multiplies(line, configuration)]
    if not mine:
        return
    plain, stacking = line.points, configuration.settings["campaignStacking"]
    together = Fraction(1)
    if stacking == "BEST":
        mine = [max(mine, key=lambda campaign: (campaign.multiplier, *(-part for part in campaign.order)))]
        together = mine[0].multiplier
    elif stacking == "ADDITIVE":
        together += sum((campaign.multiplier - 1 for campaign in mine), ZERO)
    else:
        for campaign in mine:
            together *= campaign.multiplier
    most = max(configuration.number("maxTotalMultiplier"), line.tier_multiplier)
    line.multiplier = min(line.tier_multiplier * together, most)
    line.points = points_of(line, configuration)
    shares = share(line.points - plain, [campaign.multiplier - 1 for campaign in mine], configuration.precision)
    line.gifts = {campaign.id: part for campaign, part in zip(mine, shares, strict=True)}


def share(points: Fraction, weights: Sequence[Fraction], precision: int) -> list[Fraction]:
    """Share points by largest remainder to the precision; ties go to the earlier of two."""
    scale, whole = 10**precision, sum(weights, ZERO)
    ideal = [points * scale * weight / whole for weight in weights]
    parts = [floor(part) for part in ideal]
    by_claim = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for i in by_claim[: int(points * scale - sum(parts))]:
        parts[i] += 1
    return [Fraction(part, scale) for part in parts]
