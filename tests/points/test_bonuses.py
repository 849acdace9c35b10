"""Bonuses of a bill: posted with it, taken back whole with it, and found again after the cards were merged."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from card_service.points import reward
from card_service.points.bonuses import Bonus
from card_service.points.due_bonuses import Deserving
from tests.concurrency.pharmacy import Pharmacy
from tests.servers.service import Service

Give = Callable[..., None]


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return Pharmacy(service.tenant())


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    """Decide what the next bills bring, whatever rules and campaigns there are."""

    def decide(*bonuses: Bonus) -> None:
        def due(_session: Any, _seen: Any, _bill: Deserving) -> list[Bonus]:
            return list(bonuses)

        monkeypatch.setattr(reward, "bonuses_due", due)

    return decide


def campaign(card: int, points: str, min_bill: str = "0.00") -> Bonus:
    return Bonus("CAMPAIGN", 7, "Diwali", Decimal(points), card, Decimal(min_bill))


def test_a_bonus_is_posted_beside_the_lines_and_counts_as_earned(pharmacy: Pharmacy, give: Give) -> None:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    give(campaign(card, "50.00"))

    earned = pharmacy.earn(card, bill).json

    assert (earned["pointsEarned"], earned["bonusPoints"], earned["newBalance"]) == (25, 50, 75)
    assert earned["bonuses"] == [{"kind": "CAMPAIGN", "id": 7, "name": "Diwali", "points": 50, "cardId": card}]
    row = pharmacy.entries(card, "BONUS")[0]
    assert (row["points"], row["billId"], row["description"], row["balanceAfter"]) == (50, bill, "Diwali", 75)
    assert pharmacy.show(card)["totalPointsEarned"] == 75
    pharmacy.assert_books_balance()


def test_a_whole_return_takes_the_bonus_and_leaves_the_card_as_it_was(pharmacy: Pharmacy, give: Give) -> None:
    card, bill = pharmacy.card(40), pharmacy.new_bill()
    before = pharmacy.show(card)
    give(campaign(card, "50.00"), campaign(card, "5.00"))
    pharmacy.earn(card, bill)

    back = pharmacy.reverse(bill).json

    assert (back["pointsReversed"], back["bonusPointsReversed"], back["shortfallPoints"]) == (25, 55, 0)
    after = pharmacy.show(card)
    assert {name for name in before if before[name] != after[name]} == {"version"}
    assert pharmacy.reverse(bill, reason="again").json["bonusPointsReversed"] == 0
    pharmacy.assert_books_balance()


def test_a_bonus_stays_until_less_than_its_bill_is_left(pharmacy: Pharmacy, give: Give) -> None:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    give(campaign(card, "50.00", "600.00"), campaign(card, "5.00"))
    pharmacy.earn(card, bill)

    def bring_back(number: int, amount: str) -> tuple[Any, Any]:
        items = [{"categoryId": 1, "amount": amount}]
        answer = pharmacy.reverse(bill, returnId=number, items=items).json
        return answer["pointsReversed"], answer["bonusPointsReversed"]

    assert bring_back(1, "400.00") == (8, 0)
    assert bring_back(2, "0.01") == (Decimal("0.01"), 50)
    assert bring_back(3, "99.99") == (Decimal("1.99"), 0)
    assert pharmacy.reverse(bill).json["bonusPointsReversed"] == 5
    assert pharmacy.balance(card) == 0
    pharmacy.assert_books_balance()


@pytest.mark.parametrize(("policy", "taken", "short", "debt"), [("DEBT", 50, 0, 70), ("CAP_AT_ZERO", 5, 45, 0)])
def test_a_bonus_that_was_spent_is_owed_or_reported(
    pharmacy: Pharmacy, give: Give, policy: str, taken: int, short: int, debt: int
) -> None:
    pharmacy.configure(returnPolicy=policy)
    card, bill = pharmacy.card(), pharmacy.new_bill()
    give(campaign(card, "50.00"))
    pharmacy.earn(card, bill)
    assert pharmacy.redeem(card, pharmacy.new_bill(), 70 if policy == "DEBT" else 45).status == 200

    back = pharmacy.reverse(bill).json

    assert (back["pointsReversed"], back["bonusPointsReversed"]) == (25, taken)
    assert (back["shortfallPoints"], back["shortfallAmount"]) == (short, short)
    assert pharmacy.show(card)["pointsDebt"] == debt
    pharmacy.assert_books_balance()


def test_a_referrers_bonus_is_theirs_and_goes_back_with_the_friends_bill(pharmacy: Pharmacy, give: Give) -> None:
    pharmacy.configure(referralPointsPercent=0)
    referrer = pharmacy.card()
    card, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    give(Bonus("REFERRAL", 3, "A friend", Decimal("30.00"), referrer), Bonus("REFERRED", 4, "Welcome", Decimal("20.00"), card))

    earned = pharmacy.earn(card, bill).json

    assert (earned["bonusPoints"], earned["newBalance"], earned["referrerPointsEarned"]) == (20, 45, 0)
    assert [(bonus["kind"], bonus["cardId"]) for bonus in earned["bonuses"]] == [("REFERRAL", referrer), ("REFERRED", card)]
    row = pharmacy.entries(referrer)[0]
    assert (row["type"], row["points"], row["referredCardId"], row["referredBillId"]) == ("BONUS", 30, card, bill)
    assert pharmacy.reverse(bill).json["bonusPointsReversed"] == 20
    assert (pharmacy.balance(card), pharmacy.balance(referrer)) == (0, 0)
    assert pharmacy.show(referrer)["totalPointsEarned"] == 0
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("merged", ["card", "referrer", "both"])
def test_a_merge_takes_the_bonus_along(pharmacy: Pharmacy, give: Give, merged: str) -> None:
    referrer, new_card, new_referrer = (pharmacy.card() for _ in range(3))
    card, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    give(Bonus("REFERRAL", 3, "A friend", Decimal("30.00"), referrer), campaign(card, "50.00"))
    pharmacy.earn(card, bill)
    for target, source, kinds in ((new_card, card, {"card", "both"}), (new_referrer, referrer, {"referrer", "both"})):
        if merged in kinds:
            assert pharmacy.change(target, "merge", {"sourceCardId": source}).status == 200

    back = pharmacy.reverse(bill).json

    assert (back["bonusPointsReversed"], back["referrerPointsReversed"]) == (50, 10)
    for one in (card, referrer, new_card, new_referrer):
        shown = pharmacy.show(one)
        assert (shown["pointsBalance"], shown["pointsDebt"], shown["totalPointsEarned"]) == (0, 0, 0)
    pharmacy.assert_books_balance()
