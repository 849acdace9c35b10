"""Points that expire by policy: to the instant, for every reader, and whether or not anything is posted meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.points.over_time import end, first_instant_of, hold, points_of
from tests.servers.service import Service

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own; it is noon of the 2nd of March 2026 there."""
    return Pharmacy(service.tenant())


@pytest.mark.parametrize(
    ("policy", "months", "pending_days", "ends"),
    [
        ("ROLLING", 1, 0, "2026-04-03"),
        ("ROLLING", 1, 29, "2026-05-01"),
        ("END_OF_PERIOD", 3, 0, "2026-04-01"),
        ("END_OF_PERIOD", 3, 30, "2026-07-01"),
        ("END_OF_PERIOD", 12, 0, "2027-01-01"),
        ("INACTIVITY", 2, 0, "2026-05-03"),
        ("INACTIVITY", 1, 31, "2026-05-03"),
    ],
)
def test_a_lot_ends_with_the_last_valid_day_of_its_policy(
    service: Service, pharmacy: Pharmacy, policy: str, months: int, pending_days: int, ends: str
) -> None:
    pharmacy.configure(expiryPolicy=policy, expiryMonths=months, pendingDays=pending_days)
    referrer = pharmacy.card()
    card = pharmacy.card(referrerCardId=referrer)

    earned = pharmacy.earn(card, pharmacy.new_bill()).json

    instant = first_instant_of(ends)
    assert earned["expiresAt"] == instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    service.clock.now = instant - MOMENT
    assert points_of(pharmacy, card) == (25, 0, 0)
    assert points_of(pharmacy, referrer) == (10, 0, 0)
    service.clock.now = instant
    for one, gone in ((card, 25), (referrer, 10)):
        assert points_of(pharmacy, one) == (0, 0, 0)
        assert pharmacy.adjust(one, 1).json["newBalance"] == 1
        assert sum(row["points"] for row in pharmacy.entries(one, "EXPIRED")) == -gone
    pharmacy.assert_books_balance()


def test_a_changed_policy_leaves_the_dates_that_lots_have(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=2)
    card = pharmacy.card()
    pharmacy.earn(card, pharmacy.new_bill())
    pharmacy.configure(expiryMonths=1)
    pharmacy.earn(card, pharmacy.new_bill(), "2000.00")
    pharmacy.configure(expiryPolicy="NONE")
    pharmacy.earn(card, pharmacy.new_bill(), "4000.00")

    found = pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json

    assert [(item["on"], item["points"]) for item in found["items"]] == [("2026-04-02", 50), ("2026-05-02", 25)]
    assert found["undated"] == 100
    # What ends first is spent first.
    assert pharmacy.redeem(card, pharmacy.new_bill(), 60).status == 200
    found = pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json
    assert [(item["on"], item["points"]) for item in found["items"]] == [("2026-05-02", 15)]
    service.clock.advance(days=62)
    assert points_of(pharmacy, card) == (100, 0, 0)
    pharmacy.assert_books_balance()


def test_each_earn_and_redemption_moves_all_that_waits_for_inactivity(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(expiryPolicy="INACTIVITY", expiryMonths=1)
    card = pharmacy.card(40)
    pharmacy.change(card, "adjust-points", {"points": 7, "reason": "stays", "expiresAt": "2026-03-10"})

    def days() -> list[tuple[Any, Any]]:
        return [(i["on"], i["points"]) for i in pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json["items"]]

    assert days() == [("2026-03-10", 7), ("2026-04-02", 40)]
    service.clock.advance(days=5)
    assert pharmacy.earn(card, pharmacy.new_bill(), "0.10").json["pointsEarned"] == 0
    assert days() == [("2026-03-10", 7), ("2026-04-07", 40)]
    service.clock.advance(days=5)
    assert pharmacy.adjust(card, 3).status == 200
    assert days() == [("2026-04-07", 40), ("2026-04-12", 3)]
    held = hold(pharmacy, card, pharmacy.new_bill(), 10).json["redemptionId"]
    assert days() == [("2026-04-12", 33)]
    # Never back, whatever becomes of the hold or of the policy.
    assert end(pharmacy, held, "cancel").status == 200
    assert days() == [("2026-04-12", 43)]
    pharmacy.configure(expiryPolicy="NONE")
    service.clock.advance(days=1)
    assert pharmacy.earn(card, pharmacy.new_bill()).json["expiresAt"] is None
    assert days() == [("2026-04-12", 43)]
    service.clock.now = first_instant_of("2026-04-13") - MOMENT
    assert points_of(pharmacy, card) == (68, 0, 0)
    service.clock.advance(microseconds=1)
    assert points_of(pharmacy, card) == (25, 0, 0)
    pharmacy.assert_books_balance()


def test_after_a_merge_the_later_activity_counts_for_both(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(expiryPolicy="INACTIVITY", expiryMonths=1)
    target, source = pharmacy.card(), pharmacy.card()
    pharmacy.earn(target, pharmacy.new_bill())
    service.clock.advance(days=10)
    pharmacy.earn(source, pharmacy.new_bill())

    assert pharmacy.change(target, "merge", {"sourceCardId": source}).status == 200

    service.clock.now = first_instant_of("2026-04-13") - MOMENT
    assert points_of(pharmacy, target) == (50, 0, 0)
    service.clock.advance(microseconds=1)
    assert points_of(pharmacy, target) == (0, 0, 0)
    pharmacy.assert_books_balance()


def test_a_return_goes_into_a_moved_lot_as_long_as_it_lasts(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(expiryPolicy="INACTIVITY", expiryMonths=1)
    card, bill = pharmacy.card(20), pharmacy.new_bill()
    assert pharmacy.redeem(card, bill, 20).status == 200
    service.clock.advance(days=20)
    pharmacy.earn(card, pharmacy.new_bill())
    service.clock.advance(days=20)

    assert pharmacy.reverse(bill).json["pointsRestored"] == 20

    found = pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json["items"]
    assert [(item["on"], item["points"]) for item in found] == [("2026-04-22", 45)]
    service.clock.now = first_instant_of("2026-04-23")
    assert points_of(pharmacy, card) == (0, 0, 0)
    pharmacy.assert_books_balance()
