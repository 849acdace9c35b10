"""Bonuses of a bill: posted with it, taken back whole with it, and found again after the cards were merged."""

from decimal import Decimal
from typing import Any

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.earning_rules.test_earning_rules_api import add_rule
from tests.servers.service import Service


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return Pharmacy(service.tenant())


def friend_of(pharmacy: Pharmacy) -> tuple[int, int]:
    """Issue a card, and one that it has referred."""
    referrer = pharmacy.card()
    return referrer, pharmacy.card(referrerCardId=referrer)


def test_a_bonus_is_posted_beside_the_lines_and_counts_as_earned(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    rule = add_rule(pharmacy.tenant, "FIRST_PURCHASE", 50, name="Diwali")

    earned = pharmacy.earn(card, bill).json

    assert (earned["pointsEarned"], earned["bonusPoints"], earned["newBalance"]) == (25, 50, 75)
    assert earned["bonuses"] == [{"kind": "FIRST_PURCHASE", "id": rule, "name": "Diwali", "points": 50, "cardId": card}]
    row = pharmacy.entries(card, "BONUS")[0]
    assert (row["points"], row["billId"], row["description"], row["balanceAfter"]) == (50, bill, "Diwali", 75)
    assert pharmacy.show(card)["totalPointsEarned"] == 75
    pharmacy.assert_books_balance()


def test_a_whole_return_takes_the_bonus_and_leaves_the_card_as_it_was(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(40, referrerCardId=pharmacy.card()), pharmacy.new_bill()
    before = pharmacy.show(card)
    add_rule(pharmacy.tenant, "FIRST_PURCHASE", 50)
    add_rule(pharmacy.tenant, "REFERRED", 5)
    pharmacy.earn(card, bill)

    back = pharmacy.reverse(bill).json

    assert (back["pointsReversed"], back["bonusPointsReversed"], back["shortfallPoints"]) == (25, 55, 0)
    after = pharmacy.show(card)
    assert {name for name in before if before[name] != after[name]} == {"version"}
    assert pharmacy.reverse(bill, reason="again").json["bonusPointsReversed"] == 0
    pharmacy.assert_books_balance()


def test_a_bonus_stays_until_less_than_its_bill_is_left(pharmacy: Pharmacy) -> None:
    (_, card), bill = friend_of(pharmacy), pharmacy.new_bill()
    add_rule(pharmacy.tenant, "FIRST_PURCHASE", 50, minBill=600)
    add_rule(pharmacy.tenant, "REFERRED", 5)
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
def test_a_bonus_that_was_spent_is_owed_or_reported(pharmacy: Pharmacy, policy: str, taken: int, short: int, debt: int) -> None:
    pharmacy.configure(returnPolicy=policy)
    card, bill = pharmacy.card(), pharmacy.new_bill()
    add_rule(pharmacy.tenant, "FIRST_PURCHASE", 50)
    pharmacy.earn(card, bill)
    assert pharmacy.redeem(card, pharmacy.new_bill(), 70 if policy == "DEBT" else 45).status == 200

    back = pharmacy.reverse(bill).json

    assert (back["pointsReversed"], back["bonusPointsReversed"]) == (25, taken)
    assert (back["shortfallPoints"], back["shortfallAmount"]) == (short, short)
    assert pharmacy.show(card)["pointsDebt"] == debt
    pharmacy.assert_books_balance()


def test_a_referrers_bonus_is_theirs_and_goes_back_with_the_friends_bill(pharmacy: Pharmacy) -> None:
    pharmacy.configure(referralPointsPercent=0)
    (referrer, card), bill = friend_of(pharmacy), pharmacy.new_bill()
    add_rule(pharmacy.tenant, "REFERRAL", 30)
    add_rule(pharmacy.tenant, "REFERRED", 20)

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
def test_a_merge_takes_the_bonus_along(pharmacy: Pharmacy, merged: str) -> None:
    (referrer, card), bill = friend_of(pharmacy), pharmacy.new_bill()
    new_card, new_referrer = pharmacy.card(), pharmacy.card()
    add_rule(pharmacy.tenant, "REFERRAL", 30)
    add_rule(pharmacy.tenant, "FIRST_PURCHASE", 50)
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
