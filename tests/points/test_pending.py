"""Points that wait: pending until the first instant of their day, for every reader, whether or not anything was posted."""

from decimal import Decimal

import pytest

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes
from tests.points.over_time import points_of
from tests.servers.service import Service


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own whose bills wait for three days."""
    pharmacy = Pharmacy(service.tenant())
    pharmacy.configure(pendingDays=3)
    return pharmacy


def test_points_of_a_bill_wait_for_the_first_instant_of_their_day(service: Service, pharmacy: Pharmacy) -> None:
    referrer = pharmacy.card()
    card = pharmacy.card(40, referrerCardId=referrer)

    earned = pharmacy.earn(card, pharmacy.new_bill()).json

    assert (earned["pointsEarned"], earned["pendingPoints"], earned["newBalance"]) == (25, 25, 40)
    assert points_of(pharmacy, card) == (40, 25, 0)
    assert points_of(pharmacy, referrer) == (0, 10, 0)
    assert codes([pharmacy.redeem(card, pharmacy.new_bill(), 41)]) == ["INSUFFICIENT_POINTS"]
    assert pharmacy.entries(card)[0]["balanceAfter"] == 65
    # Noon of the 2nd of March in India: 59 hours and 59.999999 minutes later it is still the 4th.
    service.clock.advance(hours=60, microseconds=-1)
    assert points_of(pharmacy, card) == (40, 25, 0)
    service.clock.advance(microseconds=1)
    assert points_of(pharmacy, card) == (65, 0, 0)
    assert points_of(pharmacy, referrer) == (10, 0, 0)
    rows = len(pharmacy.entries(card))
    assert pharmacy.redeem(card, pharmacy.new_bill(), 65).json["newBalance"] == 0
    assert len(pharmacy.entries(card)) == rows + 1
    pharmacy.assert_books_balance()


def test_debt_is_repaid_once_points_are_available_and_not_before(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(pendingDays=0)
    card, bill = pharmacy.card(), pharmacy.new_bill()
    assert pharmacy.earn(card, bill).status == 200
    assert pharmacy.redeem(card, pharmacy.new_bill(), 25).status == 200
    assert pharmacy.reverse(bill).json["newBalance"] == -25
    pharmacy.configure(pendingDays=1)

    assert pharmacy.earn(card, pharmacy.new_bill(), "1600.00").json["newBalance"] == -25

    assert points_of(pharmacy, card) == (-25, 40, 25)
    service.clock.advance(days=1)
    assert points_of(pharmacy, card) == (15, 0, 0)
    assert pharmacy.adjust(card, 1).json["newBalance"] == 16
    assert points_of(pharmacy, card) == (16, 0, 0)
    pharmacy.assert_books_balance()


def test_a_return_takes_pending_points_of_its_own_bill_and_of_no_other(pharmacy: Pharmacy) -> None:
    card, first, second = pharmacy.card(10), pharmacy.new_bill(), pharmacy.new_bill()
    for bill in (first, second):
        assert pharmacy.earn(card, bill).status == 200
    assert points_of(pharmacy, card) == (10, 50, 0)

    part = pharmacy.reverse(first, returnId=1, items=[{"categoryId": 2, "amount": "500.00"}])
    assert (part.json["pointsReversed"], part.json["newBalance"]) == (15, 10)
    assert points_of(pharmacy, card) == (10, 35, 0)
    assert pharmacy.reverse(first).json["pointsReversed"] == 10
    assert points_of(pharmacy, card) == (10, 25, 0)
    pharmacy.assert_books_balance()


def test_adjustments_are_available_at_once_and_a_merge_moves_what_waits(service: Service, pharmacy: Pharmacy) -> None:
    target, source = pharmacy.card(5), pharmacy.card(7)
    for card in (target, source):
        assert pharmacy.earn(card, pharmacy.new_bill()).status == 200

    assert pharmacy.change(target, "merge", {"sourceCardId": source}).status == 200

    assert points_of(pharmacy, target) == (12, 50, 0)
    assert points_of(pharmacy, source) == (0, 0, 0)
    pharmacy.assert_books_balance()
    service.clock.advance(days=3)
    assert points_of(pharmacy, target) == (62, 0, 0)
    assert pharmacy.adjust(target, -62).json["newBalance"] == 0
    pharmacy.assert_books_balance()


def test_a_changed_number_of_days_is_for_later_bills(service: Service, pharmacy: Pharmacy) -> None:
    card = pharmacy.card()
    assert pharmacy.earn(card, pharmacy.new_bill()).json["pendingPoints"] == 25
    pharmacy.configure(pendingDays=0)
    assert pharmacy.earn(card, pharmacy.new_bill()).json["pendingPoints"] == 0
    assert points_of(pharmacy, card) == (25, 25, 0)
    service.clock.advance(days=3)
    assert points_of(pharmacy, card) == (Decimal(50), 0, 0)
    pharmacy.assert_books_balance()
