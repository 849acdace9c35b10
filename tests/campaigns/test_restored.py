"""An earn and then a whole return leave everything as it was, whatever the bill, the campaigns and the returns between."""

from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.campaigns.steps import bring_back, calculate, card, counters, earn, open_pharmacy, run
from tests.cards.steps import assert_balanced
from tests.servers.service import Service

amounts = st.integers(1, 20_000).map(lambda paise: Decimal(paise).scaleb(-2))
lines = st.dictionaries(st.sampled_from((1, 2, 3)), amounts, min_size=1).map(lambda found: tuple(found.items()))
_bills = count(1)
KINDS: list[dict[str, Any]] = [
    {"multiplier": "1.37", "maxPoints": "900.00", "minSpend": 20},
    {"type": "CATEGORY_BONUS", "categoryIds": [2], "multiplier": "2.50", "budget": "500.00"},
    {"type": "FIXED_BONUS", "multiplier": None, "bonusPoints": "3.33", "minSpend": 50, "maxUses": 1000},
    {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 60, "days": 5, "bonusPoints": 11, "maxUses": 99},
]


def test_points_uses_counters_and_budgets_are_restored_exactly(service: Service) -> None:
    pharmacies = {}
    for stacking in ("BEST", "ADDITIVE", "MULTIPLY"):
        tenant = open_pharmacy(service, campaignStacking=stacking)
        pharmacies[stacking] = (tenant, [run(service, tenant, **fields)["id"] for fields in KINDS])

    @given(st.sampled_from(sorted(pharmacies)), lines, st.lists(st.integers(1, 99), max_size=3))
    @settings(max_examples=25)
    def check(stacking: str, bought: tuple[tuple[int, Decimal], ...], shares: list[int]) -> None:
        (tenant, ids), bill = pharmacies[stacking], next(_bills)
        buyer = card(tenant)
        before = [counters(service, one) for one in ids]
        quoted = calculate(tenant, buyer, *bought)
        answer = earn(tenant, buyer, bill, *bought).json
        for name in ("pointsEarned", "bonusPoints", "bonuses", "campaigns"):
            assert quoted[name] == answer[name]
        assert [line["why"] for line in quoted["items"]] == [line["why"] for line in answer["items"]]
        left = dict(bought)
        for number, share in enumerate(shares, 1):
            part = {category: (amount * share / 100).quantize(Decimal("0.01")) for category, amount in left.items()}
            back = tuple((category, amount) for category, amount in part.items() if amount)
            if back:
                bring_back(tenant, bill, *back, return_id=number)
                left = {category: amount - part[category] for category, amount in left.items()}
        assert bring_back(tenant, bill)["newBalance"] == 0
        assert [counters(service, one) for one in ids] == before
        assert all(counters(service, one, buyer) in {None, (0, 0, 0, 0)} for one in ids)
        assert_balanced(service, tenant, buyer)

    check()
