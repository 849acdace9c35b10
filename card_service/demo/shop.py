"""The demo pharmacy: what it sells, and to whom. All names and numbers are made up."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NAME = "Demo Pharmacy"

SETTINGS: dict[str, Any] = {
    "is_enabled": True,
    "min_points_to_redeem": 50,
    # Points can be used a week later, and for two months: so that some wait and some expire soon on the day of the demo.
    "pending_days": 7,
    "expiry_policy": "ROLLING",
    "expiry_months": 2,
}

MEDICINES, VITAMINS, CARE, BABY_FOOD, DEVICES = range(1, 6)

POINT_PERCENTAGES = {
    MEDICINES: ("Medicines", Decimal("2.00")),
    VITAMINS: ("Vitamins and supplements", Decimal("5.00")),
    CARE: ("Personal care", Decimal("3.00")),
    BABY_FOOD: ("Infant milk and baby food", Decimal("1.00")),
    DEVICES: ("Devices", Decimal("1.50")),
}

DISCOUNTS = {VITAMINS: Decimal("10.00"), CARE: Decimal("5.00")}

RESTRICTION: dict[str, Any] = {
    "regulatory_class": "INFANT_MILK_SUBSTITUTE",
    "earn_blocked": True,
    "redeem_blocked": True,
    "discount_blocked": True,
    "campaign_blocked": True,
    "basis": "Infant Milk Substitutes, Feeding Bottles and Infant Foods Act, 1992 (India): no inducements",
}
"""What the law forbids for BABY_FOOD: it wins over the percentage above."""


TIER_SPEND = {"SILVER": 5_000, "GOLD": 9_000, "PLATINUM": 20_000}

CAMPAIGNS: tuple[dict[str, Any], ...] = (
    {
        "name": "Vitamin weeks",
        "type": "CATEGORY_BONUS",
        "description": "Twice the points on vitamins and supplements.",
        "multiplier": Decimal("2.00"),
        "category_ids": frozenset({VITAMINS}),
    },
    {
        "name": "Two thousand challenge",
        "type": "TIER_CHALLENGE",
        "description": "200 points for 2,000 rupees within 30 days of joining.",
        "opt_in": True,
        "target_spend": Decimal(2000),
        "days": 30,
        "bonus_points": Decimal(200),
    },
)
"""What runs now; the window is that of the day the demo is made."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `referred_by` is the place in this list of the one who brought them."""

    name: str
    referred_by: int | None = None


CUSTOMERS = (
    Customer("Asha Rao"),
    Customer("Vikram Shetty", 0),
    Customer("Meera Nair", 0),
    Customer("Imran Qureshi"),
    Customer("Lakshmi Iyer", 3),
    Customer("Joseph D'Souza"),
    Customer("Kavita Joshi", 1),
    Customer("Harpreet Singh"),
    Customer("Fatima Sheikh", 7),
    Customer("Rohan Deshpande"),
    Customer("Sunita Patil", 2),
    Customer("Arjun Menon"),
    Customer("Neha Gupta", 9),
    Customer("Prakash Kulkarni"),
    Customer("Ananya Bose", 4),
    Customer("Mohan Reddy"),
    Customer("Divya Pillai", 15),
    Customer("Sanjay Verma"),
    Customer("Rekha Chauhan", 0),
    Customer("Thomas Kurian"),
)
