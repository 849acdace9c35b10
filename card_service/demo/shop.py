"""The demo pharmacy: what it sells, and to whom. All names and numbers are made up."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NAME = "Demo Pharmacy"

SETTINGS: dict[str, Any] = {"is_enabled": True, "min_points_to_redeem": 50}

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
