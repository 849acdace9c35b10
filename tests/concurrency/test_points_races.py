"""Requests that exclude each other, sent at the same moment: one wins, the other is refused, and the books balance."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes, insisting, together

ROUNDS = 6


def test_a_balance_can_be_spent_on_one_bill_only(pharmacy: Pharmacy) -> None:
    card = pharmacy.card(100)
    bills = [pharmacy.new_bill() for _ in range(8)]

    answers = together([insisting(pharmacy.redeem, card, bill, 100) for bill in bills])

    assert codes(answers) == ["200", *["INSUFFICIENT_POINTS"] * 7]
    shown = pharmacy.show(card)
    assert (shown["pointsBalance"], shown["pointsDebt"], shown["totalPointsRedeemed"]) == (0, 0, 100)
    pharmacy.assert_books_balance()


def test_many_small_redemptions_spend_a_balance_to_the_last_point_and_no_further(pharmacy: Pharmacy) -> None:
    card = pharmacy.card(70)

    answers = together([insisting(pharmacy.redeem, card, pharmacy.new_bill(), 10) for _ in range(16)])

    assert codes(answers) == [*["200"] * 7, *["INSUFFICIENT_POINTS"] * 9]
    assert sorted(answer.json["newBalance"] for answer in answers if answer.status == 200) == list(range(0, 70, 10))
    assert pharmacy.show(card)["pointsDebt"] == 0
    pharmacy.assert_books_balance()


def test_earns_on_one_card_wait_for_each_other_and_none_is_lost(pharmacy: Pharmacy) -> None:
    card = pharmacy.card()
    bills = [pharmacy.new_bill() for _ in range(32)]

    answers = together([insisting(pharmacy.earn, card, bill) for bill in bills])

    assert codes(answers) == ["200"] * 32
    assert sorted(answer.json["newBalance"] for answer in answers) == [25 * n for n in range(1, 33)]
    assert [entry["seq"] for entry in pharmacy.entries(card)] == list(range(64, 0, -1))
    pharmacy.assert_books_balance()


def test_a_redemption_races_the_return_of_the_bill_that_earned_its_points(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card, earned, paid = pharmacy.card(), pharmacy.new_bill(), pharmacy.new_bill()
        assert pharmacy.earn(card, earned).status == 200

        redeemed, reversed_ = together([insisting(pharmacy.redeem, card, paid, 25), insisting(pharmacy.reverse, earned)])

        assert reversed_.status == 200
        assert reversed_.json["pointsReversed"] == 25
        shown = pharmacy.show(card)
        if redeemed.status == 200:
            assert (shown["pointsBalance"], shown["pointsDebt"]) == (-25, 25)
        else:
            assert redeemed.json["code"] == "INSUFFICIENT_POINTS"
            assert (shown["pointsBalance"], shown["pointsDebt"]) == (0, 0)
    pharmacy.assert_books_balance()


def test_a_redemption_races_the_cancelling_of_its_own_bill(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card, bill = pharmacy.card(40), pharmacy.new_bill()

        redeemed, cancelled = together(
            [insisting(pharmacy.redeem, card, bill, 40), insisting(pharmacy.reverse, bill, cardId=card)]
        )

        assert cancelled.json["billState"] == "CANCELLED"
        assert redeemed.status == 200 or redeemed.json["code"] == "BILL_CANCELLED"
        assert cancelled.json["pointsRestored"] == (40 if redeemed.status == 200 else 0)
        assert pharmacy.balance(card) == 40
    pharmacy.assert_books_balance()


def test_an_earn_races_the_cancelling_of_its_bill(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        referrer = pharmacy.card()
        card, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()

        earned, cancelled = together([insisting(pharmacy.earn, card, bill), insisting(pharmacy.reverse, bill, cardId=card)])

        assert cancelled.json["billState"] == "CANCELLED"
        assert earned.status == 200 or earned.json["code"] == "BILL_CANCELLED"
        assert cancelled.json["pointsReversed"] == (25 if earned.status == 200 else 0)
        assert (pharmacy.balance(card), pharmacy.balance(referrer)) == (0, 0)
    pharmacy.assert_books_balance()


def test_a_whole_return_races_returns_of_parts(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        referrer = pharmacy.card()
        card, bill = pharmacy.card(20, referrerCardId=referrer), pharmacy.new_bill()
        assert pharmacy.redeem(card, bill, 20).status == 200
        assert pharmacy.earn(card, bill).status == 200
        part = [{"categoryId": 1, "amount": "125.00"}]

        parts = [insisting(pharmacy.reverse, bill, returnId=number, items=part) for number in range(1, 5)]
        whole, *returns = together([insisting(pharmacy.reverse, bill), *parts])

        assert whole.json["billState"] == "CANCELLED"
        assert {answer.status if answer.status == 200 else answer.json["code"] for answer in returns} <= {
            200,
            "RETURN_EXCEEDS_BILL",
        }
        done = [whole, *(answer for answer in returns if answer.status == 200)]
        assert sum(answer.json["pointsRestored"] for answer in done) == 20
        assert sum(answer.json["pointsReversed"] for answer in done) == pharmacy.show(card)["totalPointsRedeemed"] + Decimal(
            "24.50"
        )
        assert (pharmacy.balance(card), pharmacy.balance(referrer)) == (20, 0)
    pharmacy.assert_books_balance()


def test_returns_of_parts_never_give_back_more_than_the_bill(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    assert pharmacy.earn(card, bill).status == 200
    part = [{"categoryId": 2, "amount": "100.00"}]

    answers = together([insisting(pharmacy.reverse, bill, returnId=number, items=part) for number in range(1, 13)])

    assert codes(answers) == [*["200"] * 5, *["RETURN_EXCEEDS_BILL"] * 7]
    assert pharmacy.balance(card) == 10
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("call", ["redeem", "earn"])
def test_two_cards_race_for_one_bill(pharmacy: Pharmacy, call: str) -> None:
    for _ in range(ROUNDS):
        cards, bill = [pharmacy.card(50), pharmacy.card(50)], pharmacy.new_bill()
        send = partial(pharmacy.redeem, points=50) if call == "redeem" else pharmacy.earn

        answers = together([insisting(send, card, bill) for card in cards])

        assert codes(answers) == ["200", "CARD_MISMATCH"]
        loser = cards[0 if answers[0].status != 200 else 1]
        assert pharmacy.balance(loser) == 50
        assert len(pharmacy.entries(loser)) == 1
    pharmacy.assert_books_balance()


def test_each_redemption_and_earn_is_wholly_of_one_configuration(pharmacy: Pharmacy) -> None:
    before = {
        "pointsToAmountRate": "1.00",
        "redemptionTreatment": "PAYMENT",
        "pointsPrecision": 2,
        "referralPointsPercent": "1.00",
    }
    after = {
        "pointsToAmountRate": "0.10",
        "redemptionTreatment": "DISCOUNT",
        "pointsPrecision": 0,
        "referralPointsPercent": "50.00",
    }
    pharmacy.configure(**before)
    referrer = pharmacy.card()
    cards = [pharmacy.card(100, referrerCardId=referrer) for _ in range(6)]

    def buy(card: int) -> set[tuple[str, ...]]:
        seen: set[tuple[str, ...]] = set()
        for _ in range(4):
            earned = insisting(pharmacy.earn, card, pharmacy.new_bill(), "333.34")()
            seen.add(("earn", str(earned.json["pointsEarned"]), str(earned.json["referrerPointsEarned"])))
            paid = insisting(pharmacy.redeem, card, pharmacy.new_bill(), 20)()
            seen.add(("redeem", str(paid.json["amountDeducted"]), paid.json["treatment"]))
        return seen

    def change() -> set[tuple[str, ...]]:
        for fields in [after, before] * 8:
            pharmacy.configure(**fields)
        return set()

    buyers: list[Callable[[], set[tuple[str, ...]]]] = [partial(buy, card) for card in cards]
    seen = {one for found in together([change, *buyers]) for one in found}

    assert seen <= {
        ("redeem", "20.00", "PAYMENT"),
        ("redeem", "2.00", "DISCOUNT"),
        ("earn", "8.33", "3.33"),
        ("earn", "8.00", "166.00"),
    }
    assert {kind for kind, *_ in seen} == {"redeem", "earn"}
    pharmacy.assert_books_balance()
