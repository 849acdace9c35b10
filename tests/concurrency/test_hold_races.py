"""Holds raced for: whoever comes first decides, and the points are taken once, or given back once."""

from collections.abc import Callable
from time import sleep

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes, insisting, together
from tests.points.over_time import end, hold
from tests.servers.clients import Answer

ROUNDS = 6


def test_confirm_and_cancel_race_and_one_of_them_wins(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card = pharmacy.card(100)
        held = hold(pharmacy, card, pharmacy.new_bill(), 60).json["redemptionId"]

        confirmed, cancelled = together([insisting(end, pharmacy, held, how) for how in ("confirm", "cancel")])

        assert {confirmed.status, cancelled.status} == {200, 409}
        if confirmed.status == 200:
            assert codes([cancelled]) == ["BILL_ALREADY_REDEEMED"]
            assert pharmacy.balance(card) == 40
        else:
            assert codes([confirmed]) == ["HOLD_EXPIRED"]
            assert pharmacy.balance(card) == 100
        assert len(pharmacy.entries(card, "REDEEM_REVERSED")) == (confirmed.status != 200)
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("how", ["confirm", "cancel"])
def test_the_same_end_many_times_at_once_has_one_effect(pharmacy: Pharmacy, how: str) -> None:
    card = pharmacy.card(100)
    held = hold(pharmacy, card, pharmacy.new_bill(), 60).json["redemptionId"]

    answers = together([insisting(end, pharmacy, held, how)] * 12)

    assert {(answer.status, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert pharmacy.balance(card) == (40 if how == "confirm" else 100)
    assert len(pharmacy.entries(card)) == (2 if how == "confirm" else 3)
    pharmacy.assert_books_balance()


def test_an_earn_races_the_cancelling_of_its_hold(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card, bill = pharmacy.card(1000), pharmacy.new_bill()
        held = hold(pharmacy, card, bill, 1000).json["redemptionId"]

        earned, cancelled = together([insisting(pharmacy.earn, card, bill), insisting(end, pharmacy, held, "cancel")])

        # All of the bill is paid with points that stay redeemed, or nothing of it.
        assert earned.status == 200
        won = cancelled.status == 409
        assert earned.json["pointsEarned"] == (0 if won else 25)
        assert pharmacy.balance(card) == (0 if won else 1025)
    pharmacy.assert_books_balance()


def test_a_return_races_the_confirming_of_the_hold_on_its_bill(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card, bill = pharmacy.card(100), pharmacy.new_bill()
        held = hold(pharmacy, card, bill, 60).json["redemptionId"]

        confirmed, returned = together([insisting(end, pharmacy, held, "confirm"), insisting(pharmacy.reverse, bill)])

        assert returned.json["pointsRestored"] == 60
        assert codes([confirmed]) in (["200"], ["HOLD_EXPIRED"])
        assert pharmacy.balance(card) == 100
        assert len(pharmacy.entries(card, "REDEEM_REVERSED")) == 1
    pharmacy.assert_books_balance()


def test_everybody_meets_a_hold_at_the_instant_at_which_it_lapses(pharmacy: Pharmacy) -> None:
    pharmacy.configure(holdTtlSeconds=1)
    for _ in range(3):
        card, bill = pharmacy.card(1000), pharmacy.new_bill()
        redemption = hold(pharmacy, card, bill, 1000).json["redemptionId"]
        calls = [insisting(end, pharmacy, redemption, how) for how in ("confirm", "confirm", "cancel")]
        calls += [insisting(pharmacy.earn, card, bill), insisting(pharmacy.adjust, card, 1)]

        *ends, earned, adjusted = together([_late(call) for call in calls])

        assert (earned.status, adjusted.status) == (200, 200)
        paid = earned.json["pointsEarned"] == 0
        assert {answer.status for answer in ends} <= {200, 409}
        assert pharmacy.balance(card) == (1 if paid else 1026)
        assert len(pharmacy.entries(card, "REDEEM_REVERSED")) == (not paid)
    pharmacy.assert_books_balance()


def test_one_bill_is_held_once_at_a_time_however_many_ask(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(1000), pharmacy.new_bill()
    for _ in range(3):
        answers = together([insisting(hold, pharmacy, card, bill, 60)] * 8)
        assert len({answer.text for answer in answers}) == 1
        assert codes(answers) == ["200"] * 8
        assert pharmacy.balance(card) == 940
        assert end(pharmacy, answers[0].json["redemptionId"], "cancel").status == 200
    different = together([insisting(hold, pharmacy, card, bill, points) for points in (10, 20, 30, 40)])
    assert codes(different) == ["200", *["BILL_ALREADY_REDEEMED"] * 3]
    pharmacy.assert_books_balance()


def test_a_merge_races_the_ends_of_holds(pharmacy: Pharmacy) -> None:
    for how, left in (("confirm", 40), ("cancel", 100)):
        for _ in range(ROUNDS // 2):
            target, source = pharmacy.card(), pharmacy.card(100)
            held = hold(pharmacy, source, pharmacy.new_bill(), 60).json["redemptionId"]

            merged, ended = together([
                insisting(pharmacy.change, target, "merge", {"sourceCardId": source}),
                insisting(end, pharmacy, held, how),
            ])  # fmt: skip

            assert (merged.status, ended.status) == (200, 200)
            assert pharmacy.balance(target) == left
            assert pharmacy.show(target)["totalPointsRedeemed"] == 100 - left
    pharmacy.assert_books_balance()


def _late(call: Callable[[], Answer]) -> Callable[[], Answer]:
    """Wait until a hold of one second is about to lapse."""

    def wait_and_call() -> Answer:
        sleep(0.93)
        return call()

    return wait_and_call
