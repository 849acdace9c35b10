"""What histories of the programme are made of: tiers within reach of a few bills, campaigns with narrow caps, short dates."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

WINDOW = {"startsAt": "2026-03-01T00:00:00Z", "endsAt": "2026-09-01T00:00:00Z"}
APRIL = {"startsAt": "2026-04-01T00:00:00Z", "endsAt": "2026-05-01T00:00:00Z"}
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
        "referralMinBill": st.sampled_from([0, 0, 100]),
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
            {"referralMinBill": 60},
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
        )
    )
)
_HOURS = (
    *({"weekdays": ["MON"]}, {"weekdays": ["MON", "TUE", "WED", "THU", "FRI"]}),
    *({"fromTime": "09:00", "toTime": "13:00"}, {"fromTime": "22:00", "toTime": "13:00"}),
)
_hours = st.sampled_from([*({} for _ in range(12)), *_HOURS])
_targets = st.sampled_from(
    [
        *({}, {}, {}, {}),
        *({"segments": ["vip"]}, {"segments": ["new"]}, {"segments": ["new", "vip"]}, {"tiers": [0]}, {"tiers": [1, 2]}),
        *_HOURS,
    ]
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
_for_friends = st.sampled_from(
    [
        {"type": "REFERRAL", "bonusPoints": 30, "referredBonusPoints": Decimal("12.5")},
        {"type": "REFERRAL", "bonusPoints": 10},
        {"type": "REFERRAL", "referredBonusPoints": 8},
    ]
)
# `rewardTier` is the place of the tier in the ladder, the lowest first; where there is no ladder, `bonusPoints` are all.
_challenges = st.builds(
    lambda target, days, reward, limits: {**WINDOW, **target, **days, **reward, **limits, "type": "TIER_CHALLENGE"},
    st.fixed_dictionaries({"targetSpend": st.sampled_from([Decimal("99.99"), 300, 1000])}),
    st.fixed_dictionaries({"days": st.sampled_from([1, 3, 30, 90])}),
    st.one_of(
        st.fixed_dictionaries({"bonusPoints": st.sampled_from([Decimal("7.5"), 40])}),
        st.fixed_dictionaries({"rewardTier": st.sampled_from([1, 2])}, optional={"endsAt": st.just("2026-04-01T12:00:00Z")}),
        st.fixed_dictionaries({"rewardTier": st.sampled_from([1, 2]), "bonusPoints": st.just(15)}),
    ),
    st.sampled_from(
        [{}, {}, {}, {"maxUses": 1}, {"maxPoints": 45}, {"maxUsesPerCard": 1}, {"budget": 5}, {"minSpend": 50}, {"priority": 3}]
    ),
)


def _not_exclusive(limits: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in limits.items() if name != "exclusive"}


_joining = st.sampled_from([{}, {}, {"optIn": True}])
_plain = st.builds(
    lambda offer, limits, targets, joining: {**WINDOW, **offer, **limits, **targets, **joining},
    _offers,
    _limits,
    _targets,
    _joining,
)
_joined_challenges = st.builds(lambda challenge, joining: {**challenge, **joining}, _challenges, _joining)
_of_a_referrer = st.sampled_from([{"maxUsesPerCard": 1}, {"maxPointsPerCard": 40}, {"maxUsesPerCard": 2, "maxPointsPerCard": 45}])
_referrals = st.builds(
    lambda offer, limits, targets: {**WINDOW, **offer, **_not_exclusive(limits), **targets},
    _for_friends,
    _limits | _of_a_referrer,
    _targets,
)
campaigns = st.lists(
    st.one_of(_plain, _plain, _plain, _joined_challenges, _joined_challenges, _referrals), min_size=1, max_size=3
)
stackings = st.fixed_dictionaries(
    {
        "campaignStacking": st.sampled_from(["BEST", "ADDITIVE", "MULTIPLY"]),
        "maxTotalMultiplier": st.sampled_from([10, 10, Decimal("3.5")]),
    }
)
_THANKS = {"activity": "REFERRAL", "name": "Thank you", "points": 20, "minBill": 100, "maxPerCard": 1, "period": "MONTH"}
_FIRST = {"activity": "FIRST_PURCHASE", "name": "Welcome", "points": 30, "minBill": 50}
_FRIEND = {"activity": "REFERRED", "name": "From a friend", "points": Decimal("7.5"), "useTierMultiplier": True}
_rules_of_bills = st.sampled_from(
    [
        [],
        [],
        [_FIRST, _THANKS, _FRIEND],
        [{**_FIRST, "pendingDays": 2}, {**_THANKS, "pendingDays": 31}, {**_FRIEND, "pendingDays": 7}],
        [{"activity": "REFERRAL", "name": "Thank you", "points": 5}],
        [{**_FIRST, "pendingDays": 31}, {"activity": "REFERRAL", "name": "Thank you", "points": 5, "pendingDays": 2}],
    ]
)
_rules_of_activities = st.sampled_from(
    [
        [],
        [
            {"activity": "SIGNUP", "name": "Hello", "points": 11, "useTierMultiplier": True},
            {"activity": "REVIEW", "name": "Review", "points": 5, "maxPerCard": 1, "period": "DAY", "useTierMultiplier": True},
            {"activity": "CUSTOM", "code": "quiz", "name": "Quiz", "points": 4, "maxPerCard": 2, "period": "MONTH"},
        ],
        [
            {
                "activity": "REVIEW",
                "name": "Review",
                "points": Decimal("2.5"),
                "maxPerCard": 2,
                "period": "WEEK",
                "pendingDays": 2,
            },
            {"activity": "REVIEW", "name": "April", "points": 9, "priority": 1, **APRIL},
            {"activity": "SOCIAL_SHARE", "name": "Share", "points": 3, "maxPerCard": 1, "period": "EVER"},
        ],
    ]
)
rules = st.builds(lambda of_bills, of_activities: of_bills + of_activities, _rules_of_bills, _rules_of_activities)
activities = st.sampled_from(
    [("REVIEW", None), ("REVIEW", None), ("SOCIAL_SHARE", None), ("CUSTOM", "quiz"), ("CUSTOM", "survey")]
)
segments = st.sampled_from([None, ["vip"], ["new"], ["diabetes", "vip"]])
# Campaigns for everybody, whose caps a few bills reach; and those that ask for more.
_for_all = st.builds(lambda offer, limits, hours: {**WINDOW, **offer, **limits, **hours}, _offers, _limits, _hours)
made = st.fixed_dictionaries({"tier": ladders, "campaign": st.lists(_for_all, min_size=1, max_size=3), "rule": _rules_of_bills})
made_for_some = st.fixed_dictionaries({"tier": ladders, "campaign": campaigns, "rule": rules})
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
