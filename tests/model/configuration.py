"""The tenant's configuration as the model keeps it: settings, percentages, discounts and restrictions by category."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .answers import Answer, Body
from .arithmetic import ZERO, exact
from .expiry import last_valid_day

DEFAULTS: Body = {
    "isEnabled": False,
    "pointsToAmountRate": "0.10",
    "maxRedemptionPercent": 50,
    "referralPointsPercent": "0.50",
    "minPointsToRedeem": 100,
    "flatDiscountType": "NONE",
    "flatDiscountValue": 0,
    "flatDiscountMinBill": 0,
    "pointsPrecision": 2,
    "returnPolicy": "DEBT",
    "restoreGraceDays": 30,
    "redemptionTreatment": "PAYMENT",
    "pendingDays": 0,
    "expiryPolicy": "NONE",
    "expiryMonths": 24,
    "holdTtlSeconds": 900,
    "campaignStacking": "BEST",
    "maxTotalMultiplier": "10.00",
    "referralMinBill": "0.00",
    "timezone": "Asia/Kolkata",
}
AMOUNTS = {
    *("pointsToAmountRate", "maxRedemptionPercent", "referralPointsPercent", "flatDiscountValue", "flatDiscountMinBill"),
    *("pointPercentage", "discountPercentage", "maxTotalMultiplier", "referralMinBill"),
}


class Configuration:
    """Settings and category rows; each change answers as the API does."""

    def __init__(self) -> None:
        """Start with the defaults of docs/contract.md section 3 and no category rows."""
        self.settings: Body = dict(DEFAULTS)
        self.percentages: dict[int, Body] = {}
        self.discounts: dict[int, Body] = {}
        self.restrictions: dict[int, Body] = {}

    def put_config(self, body: Body) -> Answer:
        """Change a subset of the settings."""
        changes = _numbers(body)
        self.settings.update(changes)
        return Answer(200, changes)

    def enable(self) -> Answer:
        """Switch the card system on."""
        return self.put_config({"isEnabled": True})

    def disable(self) -> Answer:
        """Switch the card system off."""
        return self.put_config({"isEnabled": False})

    def save_category(self, body: Body) -> Answer:
        """Add or change the percentage of a category."""
        return _saved(self.percentages, body)

    def save_discount(self, body: Body) -> Answer:
        """Add or change the discount of a category."""
        return _saved(self.discounts, body)

    def save_restriction(self, body: Body) -> Answer:
        """Add or change what the law forbids on a category."""
        return _saved(self.restrictions, body)

    def delete_category(self, category_id: int) -> Answer:
        """Delete the percentage of a category, which then earns nothing."""
        return _deleted(self.percentages, category_id)

    def delete_discount(self, category_id: int) -> Answer:
        """Delete the discount of a category."""
        return _deleted(self.discounts, category_id)

    def delete_restriction(self, category_id: int) -> Answer:
        """Lift a restriction."""
        return _deleted(self.restrictions, category_id)

    def number(self, name: str) -> Fraction:
        """One numeric setting, exact."""
        return exact(self.settings[name])

    @property
    def enabled(self) -> bool:
        """Whether earn and redeem are open."""
        return bool(self.settings["isEnabled"])

    @property
    def rate(self) -> Fraction:
        """Money per point."""
        return self.number("pointsToAmountRate")

    @property
    def precision(self) -> int:
        """Decimals of earned points."""
        return int(self.settings["pointsPrecision"])

    def point_percentage(self, category_id: int) -> Fraction:
        """Percent of a line that becomes points; 0 with no row or an inactive one."""
        return _active_percentage(self.percentages, category_id, "pointPercentage")

    def discount_percentage(self, category_id: int) -> Fraction:
        """Percent off a line of the category; 0 with no row, an inactive one, or where the law forbids discounts."""
        if self.blocked(category_id, "discount"):
            return ZERO
        return _active_percentage(self.discounts, category_id, "discountPercentage")

    def blocked(self, category_id: int, what: str) -> bool:
        """Whether `what` (earn, redeem, discount, campaign) is forbidden on the category."""
        return bool(self.restrictions.get(category_id, {}).get(f"{what}Blocked", False))

    def today(self, now: datetime) -> date:
        """The tenant's day at an instant."""
        return now.astimezone(self._zone).date()

    def end_of(self, day: date) -> datetime:
        """The instant at which the tenant's `day` is over: the first at which a lot valid on it has expired."""
        return datetime.combine(day + timedelta(days=1), time(), self._zone)

    def start_of(self, day: date) -> datetime:
        """The first instant of the tenant's `day`."""
        return self.end_of(day - timedelta(days=1))

    def wall_clock(self, instant: datetime) -> datetime:
        """The tenant's own date and time at an instant."""
        return instant.astimezone(self._zone)

    def waiting_until(self, now: datetime, days: int | None = None) -> date | None:
        """The tenant's day on which points that a bill brings now become available; None: at once."""
        days = int(self.settings["pendingDays"]) if days is None else days
        return self.today(now) + timedelta(days=days) if days else None

    def expiry(self, clock_starts: date) -> datetime | None:
        """When a lot whose clock starts on this day expires, by the present policy."""
        last = last_valid_day(self.settings["expiryPolicy"], int(self.settings["expiryMonths"]), clock_starts)
        return None if last is None else self.end_of(last)

    @property
    def idle(self) -> bool:
        """Whether lots made now wait for inactivity."""
        return bool(self.settings["expiryPolicy"] == "INACTIVITY")

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings["timezone"])


def _saved(rows: dict[int, Body], body: Body) -> Answer:
    status = 200 if body["categoryId"] in rows else 201
    rows[body["categoryId"]] = _numbers(body)
    return Answer(status, _numbers(body))


def _numbers(body: Body) -> Body:
    """The same body with its amounts as numbers: a request may spell them as text, an answer never does."""
    return {name: Decimal(value) if name in AMOUNTS and isinstance(value, str) else value for name, value in body.items()}


def _deleted(rows: dict[int, Body], category_id: int) -> Answer:
    del rows[category_id]
    return Answer(204, {})


def _active_percentage(rows: dict[int, dict[str, Any]], category_id: int, name: str) -> Fraction:
    row = rows.get(category_id)
    return exact(row[name]) if row and row.get("isActive", True) else ZERO
