"""What a return takes, what a redemption takes it from, and whose cards they are."""

from decimal import Decimal
from typing import Any

import pytest

from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.concurrency.together import codes
from tests.servers.service import Service


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own, in this process."""
    return Pharmacy(service.tenant())


def test_many_small_returns_take_what_one_large_one_takes(pharmacy: Pharmacy) -> None:
    referrer = pharmacy.card()
    pharmacy.configure(referralPointsPercent="1.50")
    card, in_parts, at_once = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill(), pharmacy.new_bill()
    for bill in (in_parts, at_once):
        assert _earn_one_line(pharmacy, card, bill, "10.50").json["pointsEarned"] == Decimal("0.31")

    parts = [_return(pharmacy, in_parts, number, "1.50") for number in range(6)]
    whole = _return(pharmacy, at_once, 1, "9.00")

    # Of 0.31 stays ROUND_DOWN(0.31 * 1.50 / 10.50) = 0.04; a floor for each return would have taken 6 * 0.04 only.
    for field, taken in (("pointsReversed", "0.27"), ("referrerPointsReversed", "0.13")):
        assert sum(answer[field] for answer in parts) == whole[field] == Decimal(taken)
    pharmacy.assert_books_balance()


def test_a_return_goes_by_the_percentages_of_its_earn_and_not_by_todays(pharmacy: Pharmacy) -> None:
    referrer = pharmacy.card()
    card, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    assert pharmacy.earn(card, bill).json["pointsEarned"] == 25
    pharmacy.configure(referralPointsPercent="5.00", pointsPrecision=0)
    for category_id in (1, 2):
        row = {"categoryId": category_id, "categoryName": "Dearer", "pointPercentage": 10, "isActive": True}
        assert pharmacy.tenant.admin.post("/card-config/categories", row).status == 200

    returned = _return(pharmacy, bill, 1, "250.50", category_id=1)

    # 10.00 * 249.50 / 500 = 4.99 stays of category 1; 10.00 * 749.50 / 1000 = 7.495 stays of the referrer's.
    assert (returned["pointsReversed"], returned["referrerPointsReversed"]) == (Decimal("5.01"), Decimal("2.51"))
    pharmacy.assert_books_balance()


def test_a_redemption_takes_the_lot_that_expires_first_and_goes_on_to_the_next(service: Service, pharmacy: Pharmacy) -> None:
    card = pharmacy.card(10)
    for points, last_day in ((20, "2026-04-30"), (30, "2026-03-31")):
        body = {"points": points, "reason": "gift", "expiresAt": last_day}
        assert pharmacy.change(card, "adjust-points", body).status == 200

    assert pharmacy.redeem(card, pharmacy.new_bill(), 35).json["newBalance"] == 25
    assert pharmacy.show(card)["pointsDebt"] == 0

    # In April nothing ends, for the lot of March is empty; at the end of April the 15 that are left of its lot end.
    for days, left in ((30, 25), (30, 10)):
        service.clock.advance(days=days)
        assert pharmacy.balance(card) == left
    assert pharmacy.redeem(card, pharmacy.new_bill(), 10).json["newBalance"] == 0
    assert pharmacy.show(card)["pointsDebt"] == 0
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("more", ["0.01", "1.00"])
def test_not_one_point_more_than_there_is_can_be_spent(pharmacy: Pharmacy, more: str) -> None:
    card = pharmacy.card(40)
    too_many = Decimal(40) + Decimal(more)

    redeemed = pharmacy.redeem(card, pharmacy.new_bill(), too_many)
    taken = pharmacy.adjust(card, -too_many)

    assert codes([redeemed, taken]) == ["INSUFFICIENT_POINTS"] * 2
    assert (pharmacy.balance(card), len(pharmacy.entries(card))) == (40, 1)


def test_the_same_bill_with_another_body_is_no_repetition(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    assert pharmacy.earn(card, bill).status == 200

    other = pharmacy.earn(card, bill, "1000.02")

    assert codes([other]) == ["BILL_ALREADY_EARNED"]


def test_a_card_of_another_tenant_is_no_card(service: Service, pharmacy: Pharmacy) -> None:
    card = pharmacy.card(40)
    stranger = service.tenant().admin
    unknown = card + 1_000_000

    for path in ("", "/balance", "/transactions", "/audit", "/referrals"):
        foreign, none = (stranger.get(f"/cards/{id_}{path}") for id_ in (card, unknown))
        assert codes([foreign, none]) == ["CARD_NOT_FOUND"] * 2, path
        assert foreign.text == none.text


def _earn_one_line(pharmacy: Pharmacy, card: int, bill: int, amount: str) -> Any:
    items = [{"categoryId": 2, "amount": amount}]
    body = {"cardId": card, "billId": bill, "billAmount": amount, "items": items}
    return pharmacy.tenant.billing.post(f"{INTERNAL}/earn-points", body)


def _return(pharmacy: Pharmacy, bill: int, number: int, amount: str, category_id: int = 2) -> Any:
    answer = pharmacy.reverse(bill, returnId=number + 1, items=[{"categoryId": category_id, "amount": amount}])
    assert answer.status == 200, answer
    return answer.json


@pytest.mark.parametrize("merged", [False, True])
def test_what_came_back_into_a_new_lot_has_not_expired_for_the_bill_that_earned_it(
    service: Service,
    pharmacy: Pharmacy,
    merged: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    card, earned, paid = pharmacy.card(), pharmacy.new_bill(), pharmacy.new_bill()
    assert pharmacy.earn(card, earned).json["pointsEarned"] == 25
    assert pharmacy.redeem(card, paid, 20).status == 200
    service.clock.advance(days=40)
    assert pharmacy.balance(card) == 0
    assert pharmacy.reverse(paid).json["pointsRestored"] == 20
    if merged:
        other = pharmacy.card()
        assert pharmacy.change(other, "merge", {"sourceCardId": card}).status == 200
        card = other

    reversed_ = pharmacy.reverse(earned).json

    # 5 points expired in their own lot and are not taken again; 20 were spent, and are there once more.
    assert (reversed_["pointsReversed"], reversed_["newBalance"]) == (20, 0)
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("returns", [0, 3])
def test_what_expired_of_a_referrers_points_is_not_taken_a_second_time(
    service: Service,
    pharmacy: Pharmacy,
    returns: int,
    merged: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    referrer = pharmacy.card()
    friend, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    assert pharmacy.earn(friend, bill).json["referrerPointsEarned"] == 10
    assert pharmacy.reverse(bill, returnId=9, items=[{"categoryId": 2, "amount": 100}]).json["referrerPointsReversed"] == 1
    service.clock.advance(days=40)
    assert pharmacy.adjust(referrer, 50).status == 200
    if merged:
        other = pharmacy.card()
        assert pharmacy.change(other, "merge", {"sourceCardId": referrer}).status == 200
        referrer = other

    for number in range(returns):
        back = pharmacy.reverse(bill, returnId=number + 1, items=[{"categoryId": 1, "amount": 100}]).json
        assert back["referrerPointsReversed"] == 0
    assert pharmacy.reverse(bill).json["referrerPointsReversed"] == 0

    assert pharmacy.balance(referrer) == 50
    pharmacy.assert_books_balance()


def test_a_bill_whose_card_and_referrer_became_one_takes_back_everything(pharmacy: Pharmacy) -> None:
    for activity in ("REFERRAL", "REFERRED", "FIRST_PURCHASE"):
        rule = {"activity": activity, "name": activity, "points": 10, "minBill": 500}
        assert pharmacy.tenant.admin.post("/earning-rules", rule).status == 201
    pharmacy.configure(pendingDays=3)
    referrer = pharmacy.card()
    friend, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    assert pharmacy.earn(friend, bill).json["bonusPoints"] == 20
    assert pharmacy.change(friend, "merge", {"sourceCardId": referrer}).status == 200

    parts = [{"categoryId": 1, "amount": 500}, {"categoryId": 2, "amount": 1}]
    assert pharmacy.reverse(bill, returnId=1, items=parts).json["bonusPointsReversed"] == 20
    assert pharmacy.reverse(bill).status == 200

    shown = pharmacy.show(friend)
    totals = ("pointsBalance", "pointsPending", "pointsDebt", "totalPointsEarned", "totalReferralPointsEarned")
    assert [shown[name] for name in totals] == [0, 0, 0, 0, 0]
    pharmacy.assert_books_balance()
