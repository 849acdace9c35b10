"""A tenant's rules as calculate, earn and redeem apply them: one immutable version of its configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from card_service.kit.errors import Conflict
from card_service.kit.money import ZERO


class CardSystemDisabled(Conflict):
    """The tenant has switched the card system off."""

    code = "CARD_SYSTEM_DISABLED"
    title = "The card system is switched off"


@dataclass(frozen=True, slots=True)
class CategoryPercentage:
    """The percentage of a category, of points or of discount; inactive ones are not in the rulebook."""

    category_name: str
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class Restriction:
    """What the law forbids for a category; it wins over every percentage, discount, campaign and referral."""

    earn_blocked: bool = False
    redeem_blocked: bool = False
    discount_blocked: bool = False
    campaign_blocked: bool = False


UNRESTRICTED = Restriction()
_NOTHING: Mapping[int, CategoryPercentage] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that a tenant has configured, at one version."""

    version: int
    updated_at: datetime
    is_enabled: bool
    points_to_amount_rate: Decimal
    max_redemption_percent: Decimal
    referral_points_percent: Decimal
    min_points_to_redeem: int
    flat_discount_type: str
    flat_discount_value: Decimal
    flat_discount_min_bill: Decimal
    points_precision: int
    return_policy: str
    restore_grace_days: int
    redemption_treatment: str
    pending_days: int
    expiry_policy: str
    expiry_months: int
    hold_ttl_seconds: int
    timezone: str
    referral_min_bill: Decimal = ZERO
    campaign_stacking: str = "BEST"
    max_total_multiplier: Decimal = Decimal("10.00")
    percentages: Mapping[int, CategoryPercentage] = field(default_factory=lambda: _NOTHING)
    discounts: Mapping[int, CategoryPercentage] = field(default_factory=lambda: _NOTHING)
    restrictions: Mapping[int, Restriction] = field(default_factory=dict)

    def percentage_of(self, category_id: int) -> Decimal:
        """Points per hundred of a category; no row is 0."""
        found = self.percentages.get(category_id)
        return found.percentage if found else ZERO

    def discount_of(self, category_id: int) -> Decimal:
        """Discount percentage of a category; no row is 0."""
        found = self.discounts.get(category_id)
        return found.percentage if found else ZERO

    def restriction_of(self, category_id: int) -> Restriction:
        """Tell what is forbidden for a category."""
        return self.restrictions.get(category_id, UNRESTRICTED)

    def name_of(self, category_id: int) -> str | None:
        """Tell what the tenant calls a category, if it has said so."""
        found = self.percentages.get(category_id)
        return found.category_name if found else None
