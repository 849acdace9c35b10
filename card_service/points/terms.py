"""The terms on which a card buys, beyond what is configured for every card: its tier."""

from dataclasses import dataclass
from decimal import Decimal

import msgspec

from card_service.card_config.rulebook import Rulebook
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.tiers.rules import Tier

ONE = Decimal("1.00")


class Why(Answer, frozen=True):
    """One thing that made the points of a line, beyond the percentage of its category; `points` may be negative."""

    source: str
    id: int
    name: str
    multiplier: Decimal
    points: Decimal


class Part(msgspec.Struct, array_like=True):
    """What a campaign gave of the points of a line."""

    campaign_id: int
    points: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to one card at one instant; without a card, or where tiers do not apply, `tier` is None."""

    tier: Tier | None = None
    earns: bool = True
    """Whether the card's programme runs; a card without one earns."""

    @property
    def multiplier(self) -> Decimal:
        """The tier's multiplier of points."""
        return self.tier.multiplier if self.tier else ONE

    @property
    def discount_percent(self) -> Decimal:
        """The tier's discount, per hundred of what the category discount has left."""
        return self.tier.discount_percent if self.tier else ZERO

    def percentage_of(self, category_id: int, rules: Rulebook) -> Decimal:
        """Points per hundred of a category: the tier's own, else the category's."""
        own = self.tier.percentages.get(category_id) if self.tier else None
        return rules.percentage_of(category_id) if own is None else own


PLAIN = Terms()
"""The terms of a card in no tier, and of a bill without a card."""
