"""The model is trusted only because it answers the golden cases and keeps its own books."""

from decimal import Decimal
from fractions import Fraction

import pytest

from . import Pharmacy
from .arithmetic import Weight, round_down, round_half_up, round_up, spread
from .golden import NAMES, SCENARIOS, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_the_model_answers_the_golden_cases(scenario: dict[str, object]) -> None:
    pharmacy = Pharmacy()
    assert play(scenario, pharmacy) > 0
    assert pharmacy.books_balance()


def _pharmacy(**settings: object) -> tuple[Pharmacy, int]:
    pharmacy = Pharmacy()
    pharmacy.put_config({"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **settings})
    pharmacy.save_category({"categoryId": 1, "categoryName": "General", "pointPercentage": 3})
    return pharmacy, pharmacy.issue_card({}).body["id"]


def _bill(card_id: int, bill_id: int, amount: str) -> dict[str, object]:
    items = [{"categoryId": 1, "amount": amount}]
    return {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": items}


def test_many_small_returns_take_back_what_one_whole_return_does() -> None:
    pharmacy, card = _pharmacy()
    pharmacy.earn_points(_bill(card, 1, "99.00"))
    body = {"billId": 1, "items": [{"categoryId": 1, "amount": "1.00"}]}
    reversed_points = [pharmacy.reverse_points({**body, "returnId": n}).body["pointsReversed"] for n in range(99)]
    assert sum(reversed_points) == Decimal("2.97")
    assert pharmacy.reverse_points({**body, "returnId": 99}) == (422, {"code": "RETURN_EXCEEDS_BILL"}, False)
    assert pharmacy.balance(card).body["pointsBalance"] == 0


def test_a_lot_that_expired_after_it_was_spent_comes_back_with_grace() -> None:
    pharmacy, card = _pharmacy(restoreGraceDays=5)
    pharmacy.adjust_points(card, {"points": 100, "reason": "gift", "expiresAt": "2026-01-20"})
    pharmacy.redeem_points({"cardId": card, "billId": 1, "points": 60, "billAmount": 50})
    pharmacy.now = pharmacy.now.replace(day=21)
    assert pharmacy.balance(card).body["pointsBalance"] == 0
    assert pharmacy.reverse_points({"billId": 1}).body["newBalance"] == 60
    assert pharmacy.ledger_sums(card) == {"ADJUSTED": 100, "REDEEMED": -60, "EXPIRED": -40, "REDEEM_REVERSED": 60}
    pharmacy.now = pharmacy.now.replace(day=26)
    assert pharmacy.balance(card).body["pointsBalance"] == 60
    pharmacy.now = pharmacy.now.replace(day=27)
    assert pharmacy.balance(card).body["pointsBalance"] == 0


def test_a_return_after_a_merge_acts_on_the_target() -> None:
    pharmacy, source = _pharmacy()
    target = pharmacy.issue_card({}).body["id"]
    pharmacy.earn_points(_bill(source, 1, "1000"))
    pharmacy.redeem_points({"cardId": source, "billId": 2, "points": 30, "billAmount": 500})
    assert pharmacy.merge(target, {"sourceCardId": source}).status == 200
    assert pharmacy.reverse_points({"billId": 1, "cardId": source}).body["newBalance"] == -30
    assert pharmacy.reverse_points({"billId": 2}).body["newBalance"] == 0
    assert pharmacy.earn_points(_bill(source, 3, "10")) == (409, {"code": "CARD_NOT_ACTIVE"}, False)
    assert pharmacy.books_balance()


def test_a_return_before_its_bill_leaves_a_mark() -> None:
    pharmacy, card = _pharmacy()
    assert pharmacy.reverse_points({"billId": 1}) == (404, {"code": "BILL_NOT_FOUND"}, False)
    assert pharmacy.reverse_points({"billId": 1, "cardId": card}).body["billState"] == "CANCELLED"
    assert pharmacy.earn_points(_bill(card, 1, "10")) == (409, {"code": "BILL_CANCELLED"}, False)


def test_roundings_go_the_way_their_names_say() -> None:
    third = Fraction(100, 3)
    assert [f(third) for f in (round_down, round_up, round_half_up)] == [
        Fraction("33.33"),
        Fraction("33.34"),
        Fraction("33.33"),
    ]
    assert round_half_up(Fraction("10.005")) == Fraction("10.01")
    assert round_down(Fraction("-1.999")) == Fraction("-1.99")


def test_a_tie_of_the_spread_goes_to_the_larger_line_then_the_smaller_category() -> None:
    three = [Weight(Fraction(1), 7), Weight(Fraction(1), 3), Weight(Fraction(2), 9)]
    assert spread(Fraction("0.02"), three) == [0, Fraction("0.01"), Fraction("0.01")]
    assert spread(Fraction("0.06"), three) == [Fraction("0.01"), Fraction("0.02"), Fraction("0.03")]
