"""What random histories are made of: awkward amounts, few categories, changes of the configuration."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .answers import Body

UNKNOWN_CATEGORY = 8
Opening = tuple[Decimal, int | None]
BY_NUMBER, BY_FIRST_NUMBER = 6, 10
CATEGORIES = (1, 2, 3, UNKNOWN_CATEGORY, 9)
AWKWARD = ("0.01", "0.02", "0.03", "0.99", "1.00", "7.00", "13.37", "33.33", "66.67", "97.00", "101.01", "499.99", "9999999.99")
amounts = st.sampled_from([Decimal(text) for text in AWKWARD]) | st.integers(1, 300_000).map(lambda n: Decimal(n) / 100)
percents = st.sampled_from(["0", "1", "2", "3", "5", "0.33", "12.5", "100"]).map(Decimal)
picks = st.integers(0, 11)
buyers = st.sampled_from([1, 1, 1, 1, 7, 10, 0, 2, 3])
bill_ids = st.integers(1, 5)
bills = st.sampled_from([0, 0, 0]) | bill_ids
returned_bills = st.sampled_from([None, None, None, None, None, None, 1, 2, 5])
openings = st.lists(
    st.tuples(
        st.sampled_from([Decimal(text) for text in ("1000", "5000", "333.33", "100", "0.01", "99999.99")]),
        st.sampled_from([None, 3, 20, 40]),
    ),
    min_size=1,
    max_size=3,
)
events_after_spending = st.lists(
    st.sampled_from(
        [
            *("whole first", "part of first", "20 days", "part of second", "whole second"),
            *(
                "31 days",
                "7 days",
                "merge",
                "CAP_AT_ZERO",
                "DEBT",
                "new rate",
                "new percentage",
                "part of first",
                "part of second",
                "whole first",
            ),
        ]
    ),
    min_size=2,
    max_size=6,
)
items = st.lists(
    st.builds(
        lambda category_id, amount, flag: {"categoryId": category_id, "amount": amount, **flag},
        st.sampled_from(CATEGORIES),
        amounts,
        st.sampled_from([{}, {}, {}, {}, {"loyaltyEligible": False}, {"loyaltyEligible": True}]),
    ),
    min_size=1,
    max_size=4,
)
even_items = st.lists(
    st.builds(
        lambda category_id, amount: {"categoryId": category_id, "amount": amount},
        st.sampled_from(CATEGORIES),
        st.sampled_from([1, 3, 3, 1, 2, 5]),
    ),
    min_size=2,
    max_size=3,
)
payable_parts = st.sampled_from([Decimal(text) for text in ("1", "1", "1", "0.7", "0.333", "1.25")])
points_asked = st.sampled_from(["fits", "fits", "fits", "third", "half", "all", "over", "1", "100", "333.33", "0"])
returned_parts = st.lists(st.tuples(picks, payable_parts), min_size=1, max_size=2)
brought_back = st.lists(st.tuples(picks, st.sampled_from([Decimal(text) for text in ("0.333", "0.5", "1", "0.7")])), max_size=3)
paid_in = st.sampled_from(["points", "redeemAmount"])
config_changes = st.sampled_from(
    [
        {"pointsToAmountRate": Decimal("0.0333")},
        {"pointsToAmountRate": Decimal("0.25")},
        {"pointsToAmountRate": Decimal(3)},
        {"maxRedemptionPercent": Decimal("33.33")},
        {"maxRedemptionPercent": 100},
        {"minPointsToRedeem": 0},
        {"minPointsToRedeem": 100},
        {"referralPointsPercent": Decimal("7.77")},
        {"referralPointsPercent": 0},
        {"pointsPrecision": 0},
        {"pointsPrecision": 1},
        {"pointsPrecision": 2},
        {"returnPolicy": "CAP_AT_ZERO"},
        {"returnPolicy": "DEBT"},
        {"restoreGraceDays": 0},
        {"redemptionTreatment": "DISCOUNT"},
        {"flatDiscountType": "PERCENT", "flatDiscountValue": Decimal("7.5"), "flatDiscountMinBill": 100},
        {"flatDiscountType": "AMOUNT", "flatDiscountValue": Decimal("33.33"), "flatDiscountMinBill": 0},
        {"flatDiscountType": "NONE"},
        {"isEnabled": False},
        {"isEnabled": True},
    ]
)
restriction_flags = st.sets(st.sampled_from(["earnBlocked", "redeemBlocked", "discountBlocked"]))


def payable(lines: list[Body], part: Decimal) -> Decimal:
    """Bill amount for these lines: their sum, or a part of it that is at least a paisa."""
    total = sum((line["amount"] for line in lines), Decimal(0))
    return max((total * part).quantize(Decimal("0.01"), rounding="ROUND_FLOOR"), Decimal("0.01"))


def restriction(category_id: int, *flags: str) -> Body:
    """Body of a restriction with these flags raised."""
    return {"categoryId": category_id, "regulatoryClass": "RX_H1", "basis": "prescription", **dict.fromkeys(flags, True)}


def spelled_as_text(value: Any) -> Any:
    """The same body with its amounts as strings of two decimals, where that means the same."""
    if isinstance(value, dict):
        return {name: spelled_as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [spelled_as_text(part) for part in value]
    return f"{value:.2f}" if isinstance(value, Decimal) and value == round(value, 2) else value


def next_morning(now: datetime) -> datetime:
    """Ten in the morning of the next day in the tenant's time zone (UTC+5:30), so that every history starts alike."""
    return now.astimezone(UTC).replace(hour=4, minute=30, second=0, microsecond=0) + timedelta(days=1)
