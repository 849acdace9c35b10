"""The worked examples of docs/programme.md section 1, on the model."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from . import Pharmacy
from .expiry import last_valid_day

NOON = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("policy", "months", "available", "last"),
    [
        ("NONE", 24, date(2026, 1, 31), None),
        ("ROLLING", 1, date(2026, 1, 31), date(2026, 2, 28)),
        ("ROLLING", 1, date(2028, 1, 31), date(2028, 2, 29)),
        ("ROLLING", 24, date(2024, 2, 29), date(2026, 2, 28)),
        ("ROLLING", 11, date(2026, 1, 31), date(2026, 12, 31)),
        ("END_OF_PERIOD", 12, date(2026, 5, 7), date(2026, 12, 31)),
        ("END_OF_PERIOD", 24, date(2026, 5, 7), date(2027, 12, 31)),
        ("END_OF_PERIOD", 3, date(2026, 5, 7), date(2026, 6, 30)),
        ("END_OF_PERIOD", 6, date(2026, 5, 7), date(2026, 9, 30)),
        ("END_OF_PERIOD", 1, date(2026, 2, 28), date(2026, 2, 28)),
        ("END_OF_PERIOD", 2, date(2026, 12, 31), date(2027, 1, 31)),
        ("INACTIVITY", 6, date(2026, 8, 31), date(2027, 2, 28)),
    ],
)
def test_the_last_valid_day(policy: str, months: int, available: date, last: date | None) -> None:
    assert last_valid_day(policy, months, available) == last


def _pharmacy(**settings: Any) -> tuple[Pharmacy, int]:
    pharmacy = Pharmacy(NOON)
    pharmacy.put_config({"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **settings})
    pharmacy.save_category({"categoryId": 1, "categoryName": "General", "pointPercentage": 10})
    return pharmacy, pharmacy.issue_card({}).body["id"]


def _bill(card_id: int, bill_id: int, amount: int = 100) -> dict[str, Any]:
    items = [{"categoryId": 1, "amount": amount}]
    return {"cardId": card_id, "billId": bill_id, "billAmount": amount, "items": items}


def _points(pharmacy: Pharmacy, card_id: int) -> tuple[int, int, int]:
    assert pharmacy.books_balance()
    balance = pharmacy.balance(card_id).body
    return balance["pointsBalance"], balance["pointsPending"], balance["pointsDebt"]


def test_points_wait_their_days_and_pay_debt_only_then() -> None:
    pharmacy, card = _pharmacy(pendingDays=2)
    pharmacy.adjust_points(card, {"points": 30, "reason": "gift"})
    pharmacy.redeem_points({"cardId": card, "billId": 1, "points": 30, "billAmount": 50})
    pharmacy.put_config({"pendingDays": 0})
    pharmacy.earn_points(_bill(card, 2))
    pharmacy.redeem_points({"cardId": card, "billId": 3, "points": 10, "billAmount": 50})
    pharmacy.put_config({"pendingDays": 2})
    assert pharmacy.earn_points(_bill(card, 4)).body["pendingPoints"] == 10
    pharmacy.reverse_points({"billId": 2})
    assert _points(pharmacy, card) == (-10, 10, 10)
    pharmacy.now = datetime(2026, 1, 16, 18, 29, 59, tzinfo=UTC)
    assert _points(pharmacy, card) == (-10, 10, 10)
    pharmacy.now = datetime(2026, 1, 16, 18, 30, tzinfo=UTC)
    assert _points(pharmacy, card) == (0, 0, 0)


def test_a_bonus_may_wait_longer_than_its_bill_and_goes_back_out_of_its_own_lot() -> None:
    pharmacy, card = _pharmacy(pendingDays=2, expiryPolicy="ROLLING", expiryMonths=1)
    pharmacy.create_rule({"activity": "FIRST_PURCHASE", "name": "Welcome", "points": 5, "pendingDays": 4})
    answer = pharmacy.earn_points(_bill(card, 1)).body
    assert (answer["pendingPoints"], answer["availableAt"]) == (15, None)
    assert answer["expiresAt"] == datetime(2026, 2, 17, 18, 30, tzinfo=UTC)
    pharmacy.now += timedelta(days=3)
    assert _points(pharmacy, card) == (10, 5, 0)
    pharmacy.redeem_points({"cardId": card, "billId": 2, "points": 10, "billAmount": 50})
    assert pharmacy.reverse_points({"billId": 1}).body["bonusPointsReversed"] == 5
    assert _points(pharmacy, card) == (-10, 0, 10)


def test_a_return_takes_its_own_pending_points_and_never_those_of_another_bill() -> None:
    pharmacy, card = _pharmacy(pendingDays=2)
    for bill_id in (1, 2):
        pharmacy.earn_points(_bill(card, bill_id))
    pharmacy.reverse_points({"billId": 1})
    assert _points(pharmacy, card) == (0, 10, 0)
    pharmacy.put_config({"pendingDays": 0})
    pharmacy.earn_points(_bill(card, 3))
    pharmacy.redeem_points({"cardId": card, "billId": 4, "points": 10, "billAmount": 50})
    pharmacy.reverse_points({"billId": 3})
    assert _points(pharmacy, card) == (-10, 10, 10)


def test_a_hold_lapses_after_its_time_and_its_points_expire_only_then() -> None:
    pharmacy, card = _pharmacy()
    pharmacy.adjust_points(card, {"points": 30, "reason": "gift", "expiresAt": "2026-01-15"})
    pharmacy.put_config({"holdTtlSeconds": 86_400})
    body = {"cardId": card, "billId": 1, "points": 20, "billAmount": 50, "mode": "HOLD"}
    assert pharmacy.redeem_points(body).body["expiresAt"] == NOON + timedelta(days=1)
    pharmacy.now = NOON + timedelta(hours=23)
    assert pharmacy.redeem_points(body).replayed
    assert _points(pharmacy, card) == (0, 0, 0)
    pharmacy.now = NOON + timedelta(days=1)
    assert pharmacy.confirm_redemption(1, 0).body == {"code": "HOLD_EXPIRED"}
    assert pharmacy.redeem_points(body).body["code"] == "INSUFFICIENT_POINTS"
    pharmacy.adjust_points(card, {"points": 25, "reason": "gift"})
    assert pharmacy.ledger_sums(card) == {"ADJUSTED": 55, "REDEEMED": -20, "REDEEM_REVERSED": 20, "EXPIRED": -30}
    assert not pharmacy.redeem_points(body).replayed
    assert pharmacy.cancel_redemption(1, 0).body == {"code": "HOLD_EXPIRED"}
    assert [pharmacy.cancel_redemption(1, 1).status for _ in range(2)] == [200, 200]
    assert _points(pharmacy, card) == (25, 0, 0)


def test_an_earn_confirms_its_live_hold_and_reckons_without_a_lapsed_one() -> None:
    pharmacy, card = _pharmacy()
    pharmacy.adjust_points(card, {"points": 500, "reason": "gift"})
    for bill_id in (1, 2):
        hold = {**_bill(card, bill_id), "points": 250, "mode": "HOLD"}
        pharmacy.redeem_points(hold)
    assert pharmacy.earn_points(_bill(card, 1)).body["pointsEarned"] == pytest.approx(7.5)
    pharmacy.now += timedelta(minutes=15)
    assert pharmacy.earn_points(_bill(card, 2)).body["pointsEarned"] == 10
    assert pharmacy.cancel_redemption(1, 0).body == {"code": "BILL_ALREADY_REDEEMED"}
    assert pharmacy.confirm_redemption(1, 0).status == 200
    assert pharmacy.reverse_points({"billId": 1}).body["pointsRestored"] == 250
    assert pharmacy.reverse_points({"billId": 2}).body["pointsRestored"] == 0
    assert _points(pharmacy, card) == (500, 0, 0)


def test_inactivity_moves_the_date_of_what_waits_for_it_and_of_nothing_else() -> None:
    pharmacy, card = _pharmacy(expiryPolicy="INACTIVITY", expiryMonths=1)
    pharmacy.adjust_points(card, {"points": 5, "reason": "gift", "expiresAt": "2026-02-20"})
    pharmacy.earn_points(_bill(card, 1))
    pharmacy.now = NOON + timedelta(days=20)
    pharmacy.earn_points(_bill(card, 2))
    pharmacy.now = NOON + timedelta(days=40)
    assert _points(pharmacy, card) == (20, 0, 0)
    pharmacy.now = datetime(2026, 3, 4, 18, 30, tzinfo=UTC)
    assert _points(pharmacy, card) == (0, 0, 0)


def test_what_expired_of_a_bill_is_not_taken_again() -> None:
    pharmacy, card = _pharmacy(expiryPolicy="ROLLING", expiryMonths=1)
    pharmacy.earn_points(_bill(card, 1))
    pharmacy.redeem_points({"cardId": card, "billId": 2, "points": 4, "billAmount": 50})
    pharmacy.now = NOON + timedelta(days=40)
    pharmacy.adjust_points(card, {"points": 20, "reason": "gift"})
    half = {"billId": 1, "returnId": 1, "items": [{"categoryId": 1, "amount": 50}]}
    assert pharmacy.reverse_points(half).body["pointsReversed"] == 0
    assert pharmacy.reverse_points({"billId": 1}).body["pointsReversed"] == 4
    assert _points(pharmacy, card) == (16, 0, 0)
