"""What histories of the programme are made of: tiers within reach of a few bills, campaigns with narrow caps, short dates."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

WINDOW = {"startsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-09-01T00:00:00Z"}
Event = tuple[str, dict[str, Any]]
amounts = st.sampled_from([Decimal(text) for text in ("0.01", "7.00", "33.33", "99.99", "100", "101.01", "499.99", "1000")]) | (
    st.integers(1, 200_000).map(lambda n: Decimal(n) / 100)
)
items = st.lists(
    st.builds(
        lambda category_id, amount, flag: {"categoryId": category_id, "amount": amount, **flag},
        st.sampled_from([1, 1, 2, 2, 3, 8, 9]),
        amounts,
        st.sampled_from([{}, {}, {}, {}, {}, {"loyaltyEligible": False}]),
    ),
    min_size=1,
    max_size=3,
)
settings = st.fixed_dictionaries(
    {
        "pendingDays": st.sampled_from([0, 0, 1, 7]),
        "holdTtlSeconds": st.sampled_from([60, 7200, 86_400]),
        "pointsPrecision": st.sampled_from([2, 2, 1, 0]),
        "returnPolicy": st.sampled_from(["DEBT", "DEBT", "CAP_AT_ZERO"]),
        "pointsToAmountRate": st.sampled_from([Decimal("0.10"), Decimal("0.30"), Decimal(1)]),
    }
)
expiries = st.sampled_from(
    [
        {"expiryPolicy": "NONE"},
        {"expiryPolicy": "ROLLING", "expiryMonths": 1},
        {"expiryPolicy": "ROLLING", "expiryMonths": 2},
        {"expiryPolicy": "END_OF_PERIOD", "expiryMonths": 1},
        {"expiryPolicy": "END_OF_PERIOD", "expiryMonths": 3},
        {"expiryPolicy": "INACTIVITY", "expiryMonths": 1},
        {"expiryPolicy": "INACTIVITY", "expiryMonths": 2},
    ]
)
later_settings = expiries | st.sampled_from(
    [
        *(
            {"pendingDays": 0},
            {"pendingDays": 3},
            {"holdTtlSeconds": 60},
            {"returnPolicy": "DEBT"},
            {"returnPolicy": "CAP_AT_ZERO"},
        ),
        *({"pointsPrecision": 1}, {"pointsToAmountRate": Decimal("0.25")}),
    ]
)
brought_back = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([Decimal(text) for text in ("0.5", "0.1", "1", "0.333", "0.7")])),
    min_size=1,
    max_size=2,
)
SILVER = {"level": 3, "name": "Silver"}
GOLD = {"level": 7, "name": "Gold"}
OWN = [{"categoryId": 2, "pointPercentage": Decimal("7.5")}, {"categoryId": 8, "pointPercentage": 1}]
ladders = st.sampled_from(
    [
        [],
        [
            {"level": 1, "name": "Bronze"},
            {**SILVER, "minSpend": 500, "pointsMultiplier": Decimal("1.25"), "tierDiscountPercent": Decimal("2.5")},
            {**GOLD, "minSpend": 1500, "pointsMultiplier": 2, "categoryPercentages": OWN},
        ],
        [
            {
                **SILVER,
                "minPoints": 10,
                "qualificationPeriodDays": 20,
                "pointsMultiplier": Decimal("1.5"),
                "downgrade": "ONE_DOWN",
            },
            {**GOLD, "minSpend": 800, "minOrders": 2, "qualifyMode": "ALL", "qualificationPeriodDays": 40, "graceDays": 10},
            {"level": 9, "name": "Platinum", "minOrders": 3, "qualificationPeriodDays": 10, "pointsMultiplier": 4},
        ],
        [
            {"level": 1, "name": "Bronze", "pointsMultiplier": Decimal("0.5"), "tierDiscountPercent": 1},
            {**SILVER, "minSpend": 300, "minPoints": 400, "qualificationPeriodDays": 7, "graceDays": 3, "pointsMultiplier": 1},
            {**GOLD, "minPoints": 60, "downgrade": "NONE", "pointsMultiplier": 6},
        ],
    ]
)
_others = {
    "priority": st.sampled_from([1, 5]),
    "exclusive": st.sampled_from([True, False, False]),
    "minSpend": st.sampled_from([50, 100, Decimal("499.99")]),
}
_limits = st.one_of(
    *(
        st.fixed_dictionaries(limits, optional=_others)
        for limits in (
            {},
            {"maxUses": st.sampled_from([1, 1, 2])},
            {"maxUsesPerCard": st.sampled_from([1, 1, 2])},
            {"maxPoints": st.sampled_from([2, Decimal("7.77"), 100])},
            {"maxPointsPerCard": st.sampled_from([1, 5, 40])},
            {"budget": st.sampled_from([1, Decimal("9.99")])},
            {"weekdays": st.sampled_from([["MON"], ["MON", "TUE", "WED", "THU", "FRI"]])},
            {"fromTime": st.sampled_from(["09:00", "22:00"]), "toTime": st.just("13:00")},
        )
    )
)
_offers = st.sampled_from(
    [
        {"type": "POINTS_MULTIPLIER", "multiplier": 2},
        {"type": "POINTS_MULTIPLIER", "multiplier": Decimal("1.5")},
        {"type": "POINTS_MULTIPLIER", "multiplier": 3, "categoryIds": [2]},
        {"type": "CATEGORY_BONUS", "multiplier": 3, "categoryIds": [1, 9]},
        {"type": "CATEGORY_BONUS", "multiplier": Decimal("2.5"), "categoryIds": [2, 3]},
        {"type": "FIXED_BONUS", "bonusPoints": 25},
        {"type": "FIXED_BONUS", "bonusPoints": 10},
    ]
)
campaigns = st.lists(
    st.builds(lambda offer, limits: {**offer, **limits, **WINDOW}, _offers, _limits),
    min_size=1,
    max_size=3,
)
stackings = st.fixed_dictionaries(
    {
        "campaignStacking": st.sampled_from(["BEST", "ADDITIVE", "MULTIPLY"]),
        "maxTotalMultiplier": st.sampled_from([10, 10, Decimal("3.5")]),
    }
)
rules = st.sampled_from(
    [
        [],
        [],
        [
            {"activity": "FIRST_PURCHASE", "name": "Welcome", "points": 30, "minBill": 50},
            {"activity": "REFERRAL", "name": "Thank you", "points": 20, "minBill": 100, "maxPerCard": 1, "period": "MONTH"},
            {"activity": "REFERRED", "name": "From a friend", "points": Decimal("7.5"), "useTierMultiplier": True},
        ],
        [{"activity": "REFERRAL", "name": "Thank you", "points": 5}],
    ]
)
made = st.fixed_dictionaries({"tier": ladders, "campaign": campaigns, "rule": rules})
hours = st.sampled_from([0, 0, 0, 0, 1, 24, 24, 24 * 7, 24 * 31, 24 * 31, 24 * 62])
buyers = st.sampled_from([1, 1, 1, 1, 0])
picks = st.integers(0, 5)
after_a_hold = st.lists(
    st.sampled_from(["confirm", "cancel", "cancel", "earn", "reverse", "again", "2 hours", "2 days", "return"]),
    min_size=2,
    max_size=5,
)


def event(name: str, **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """Something that happens in a history, by the name of the method that plays it."""
    return st.tuples(st.just(name), st.fixed_dictionaries(drawn))


def histories(*events: st.SearchStrategy[Event]) -> st.SearchStrategy[list[tuple[Event, int]]]:
    """Some of these events, each with the hours that pass after it."""
    return st.lists(st.tuples(st.one_of(*events), hours), min_size=4, max_size=9)
