"""Points that are held for a bill: out of the balance until the hold is confirmed, cancelled, or its time is over."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.concurrency.together import codes
from tests.points.over_time import end, hold, points_of
from tests.servers.service import Service

TTL = 900


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own."""
    return Pharmacy(service.tenant())


def test_a_hold_is_confirmed_once_and_is_then_a_redemption(service: Service, pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    held = hold(pharmacy, card, bill, 60).json
    assert (held["pointsRedeemed"], held["newBalance"], held["expiresAt"]) == (60, 40, "2026-03-02T06:45:00Z")
    assert points_of(pharmacy, card) == (40, 0, 0)
    pharmacy.configure(isEnabled=False)
    assert pharmacy.change(card, "block", {"reason": "lost"}).status == 200

    first, again = (end(pharmacy, held["redemptionId"], "confirm") for _ in range(2))

    assert (first.status, first.text) == (200, again.text)
    assert (first.json["amountDeducted"], first.json["newBalance"], first.json["expiresAt"]) == (60, 40, None)
    service.clock.advance(seconds=TTL)
    assert points_of(pharmacy, card) == (40, 0, 0)
    assert codes([end(pharmacy, held["redemptionId"], "cancel")]) == ["BILL_ALREADY_REDEEMED"]
    pharmacy.configure(isEnabled=True)
    assert pharmacy.change(card, "unblock", {"reason": "found"}).status == 200
    assert pharmacy.earn(card, bill).json["pointsEarned"] == pytest.approx(23.5)
    assert pharmacy.reverse(bill).json["pointsRestored"] == 60
    pharmacy.assert_books_balance()


def test_a_cancelled_hold_gives_every_point_back_into_its_lots(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(10), pharmacy.new_bill()
    body = {"points": 30, "reason": "gift", "expiresAt": "2026-03-31"}
    assert pharmacy.change(card, "adjust-points", body).status == 200
    before = pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json["items"]
    held = hold(pharmacy, card, bill, 35).json

    first, again = (end(pharmacy, held["redemptionId"], "cancel") for _ in range(2))

    assert (first.status, first.text) == (200, again.text)
    assert (first.json["pointsRedeemed"], first.json["newBalance"]) == (0, 40)
    assert pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json["items"] == before
    assert pharmacy.show(card)["totalPointsRedeemed"] == 0
    assert codes([end(pharmacy, held["redemptionId"], "confirm")]) == ["HOLD_EXPIRED"]
    pharmacy.assert_books_balance()


def test_a_hold_lapses_at_its_instant_whether_or_not_anybody_looks(service: Service, pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    held = hold(pharmacy, card, bill, 60).json
    service.clock.advance(seconds=TTL, microseconds=-1)
    assert points_of(pharmacy, card) == (40, 0, 0)
    service.clock.advance(microseconds=1)
    assert points_of(pharmacy, card) == (100, 0, 0)
    assert pharmacy.show(card)["totalPointsRedeemed"] == 0

    for _ in range(2):
        ends = [end(pharmacy, held["redemptionId"], how) for how in ("confirm", "cancel")]
        assert codes(ends) == ["HOLD_EXPIRED", "HOLD_EXPIRED"]
        assert pharmacy.adjust(card, 1).status == 200

    assert points_of(pharmacy, card) == (102, 0, 0)
    assert pharmacy.show(card)["totalPointsRedeemed"] == 0
    pharmacy.assert_books_balance()


def test_points_that_were_held_when_their_lot_ended_expire_when_the_hold_does(service: Service, pharmacy: Pharmacy) -> None:
    card = pharmacy.card(10)
    pharmacy.configure(holdTtlSeconds=86_400)
    assert pharmacy.change(card, "adjust-points", {"points": 30, "reason": "gift", "expiresAt": "2026-03-02"}).status == 200
    held = hold(pharmacy, card, pharmacy.new_bill(), 20).json
    service.clock.advance(hours=13)
    assert points_of(pharmacy, card) == (10, 0, 0)
    assert pharmacy.adjust(card, 1).json["newBalance"] == 11

    assert end(pharmacy, held["redemptionId"], "cancel").json["newBalance"] == 11

    assert [row["points"] for row in pharmacy.entries(card)[:3]] == [-20, 20, 1]
    assert points_of(pharmacy, card) == (11, 0, 0)
    pharmacy.assert_books_balance()


def test_an_earn_confirms_a_live_hold_and_forgets_one_that_has_lapsed(service: Service, pharmacy: Pharmacy) -> None:
    for waited, earned, left in ((TTL - 1, "22.5", "22.5"), (TTL, "25", "125")):
        card, bill = pharmacy.card(100), pharmacy.new_bill()
        held = hold(pharmacy, card, bill, 100).json
        assert pharmacy.redeem(card, bill, 100).json["code"] == "BILL_ALREADY_REDEEMED"
        service.clock.advance(seconds=waited)

        answer = pharmacy.earn(card, bill, "1000.00").json

        assert (answer["pointsEarned"], answer["newBalance"]) == (Decimal(earned), Decimal(left))
        wanted = "HOLD_EXPIRED" if waited == TTL else "BILL_ALREADY_REDEEMED"
        assert codes([end(pharmacy, held["redemptionId"], "cancel")]) == [wanted]
        assert pharmacy.reverse(bill).json["pointsRestored"] == (0 if waited == TTL else 100)
        assert points_of(pharmacy, card) == (100, 0, 0)
    pharmacy.assert_books_balance()


def test_reversing_a_bill_ends_its_live_hold(pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    held = hold(pharmacy, card, bill, 60).json

    reversed_ = pharmacy.reverse(bill).json

    assert (reversed_["pointsRestored"], reversed_["newBalance"], reversed_["billState"]) == (60, 100, "CANCELLED")
    assert codes([end(pharmacy, held["redemptionId"], "confirm")]) == ["HOLD_EXPIRED"]
    assert end(pharmacy, held["redemptionId"], "cancel").status == 200
    assert codes([hold(pharmacy, card, bill, 60)]) == ["BILL_CANCELLED"]
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("over", ["cancel", "lapse"])
def test_a_bill_whose_hold_is_over_may_be_redeemed_on_again_by_the_same_body(
    service: Service, pharmacy: Pharmacy, over: str
) -> None:
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    seen = []
    for _ in range(3):
        held, again = hold(pharmacy, card, bill, 60), hold(pharmacy, card, bill, 60)
        assert (held.status, held.text, again.headers.get("Idempotent-Replayed")) == (200, again.text, "true")
        assert held.headers.get("Idempotent-Replayed") is None
        seen.append(held.json["redemptionId"])
        if over == "cancel":
            assert end(pharmacy, seen[-1], "cancel").status == 200
        else:
            service.clock.advance(seconds=TTL)
    assert len(set(seen)) == 3

    assert pharmacy.redeem(card, bill, 60).json["newBalance"] == 40

    assert codes([hold(pharmacy, card, bill, 60)]) == ["BILL_ALREADY_REDEEMED"]
    assert points_of(pharmacy, card) == (40, 0, 0)
    assert pharmacy.show(card)["totalPointsRedeemed"] == 60
    pharmacy.assert_books_balance()


def test_the_key_of_the_caller_replays_a_hold_that_is_over(service: Service, pharmacy: Pharmacy) -> None:
    card, key = pharmacy.card(100), {"Idempotency-Key": "held-1"}
    body = {"cardId": card, "billId": pharmacy.new_bill(), "points": 60, "billAmount": "1000.00", "mode": "HOLD"}
    send: Callable[[], object] = lambda: pharmacy.tenant.billing.post(f"{INTERNAL}/redeem-points", body, key).text  # noqa: E731
    first = send()
    service.clock.advance(seconds=TTL)
    assert send() == first
    assert points_of(pharmacy, card) == (100, 0, 0)


def test_calculate_reckons_with_a_live_hold_only(service: Service, pharmacy: Pharmacy) -> None:
    card, bill = pharmacy.card(100), pharmacy.new_bill()
    assert hold(pharmacy, card, bill, 60).status == 200
    body = {"cardId": card, "billId": bill, "items": [{"categoryId": 1, "amount": "1000.00"}]}

    def deducted() -> object:
        return pharmacy.tenant.billing.post(f"{INTERNAL}/calculate", body).json["amountDeducted"]

    assert deducted() == 60
    service.clock.advance(seconds=TTL)
    assert deducted() == 0


def test_a_merge_takes_holds_along(service: Service, pharmacy: Pharmacy) -> None:
    target, source = pharmacy.card(5), pharmacy.card(100)
    kept, lapsed, cancelled = (hold(pharmacy, source, pharmacy.new_bill(), 20).json["redemptionId"] for _ in range(3))

    assert pharmacy.change(target, "merge", {"sourceCardId": source}).status == 200

    assert points_of(pharmacy, target) == (45, 0, 0)
    assert end(pharmacy, kept, "confirm").json["newBalance"] == 45
    assert end(pharmacy, cancelled, "cancel").json["newBalance"] == 65
    service.clock.advance(seconds=TTL)
    assert points_of(pharmacy, target) == (85, 0, 0)
    assert pharmacy.adjust(target, -85).json["newBalance"] == 0
    assert codes([end(pharmacy, lapsed, "confirm")]) == ["HOLD_EXPIRED"]
    assert end(pharmacy, kept, "confirm").json["newBalance"] == 0
    assert (pharmacy.show(target)["totalPointsRedeemed"], pharmacy.show(source)["totalPointsRedeemed"]) == (20, 0)
    pharmacy.assert_books_balance()


def test_an_unknown_redemption_is_not_found(pharmacy: Pharmacy) -> None:
    assert codes([end(pharmacy, 10**12, how) for how in ("confirm", "cancel")]) == ["NOT_FOUND"] * 2


@pytest.mark.parametrize("spend", ["redeem", "adjust", "hold"])
def test_what_a_lapsed_hold_gave_back_can_be_spent_by_the_call_that_settles_it(
    service: Service, pharmacy: Pharmacy, spend: str
) -> None:
    card = pharmacy.card(100)
    assert hold(pharmacy, card, pharmacy.new_bill(), 100).status == 200
    service.clock.advance(seconds=TTL)

    answer = {
        "redeem": lambda: pharmacy.redeem(card, pharmacy.new_bill(), 100),
        "adjust": lambda: pharmacy.adjust(card, -100),
        "hold": lambda: hold(pharmacy, card, pharmacy.new_bill(), 100),
    }[spend]()

    assert (answer.status, answer.json["newBalance"]) == (200, 0)
    assert points_of(pharmacy, card) == (0, 0, 0)
    pharmacy.assert_books_balance()


@pytest.mark.parametrize("policy", ["DEBT", "CAP_AT_ZERO"])
def test_a_return_finds_what_a_lapsed_hold_has_just_given_back(service: Service, pharmacy: Pharmacy, policy: str) -> None:
    pharmacy.configure(returnPolicy=policy)
    card, bill = pharmacy.card(), pharmacy.new_bill()
    assert pharmacy.earn(card, bill).json["pointsEarned"] == 25
    assert pharmacy.redeem(card, pharmacy.new_bill(), 25).status == 200
    assert pharmacy.adjust(card, 100).status == 200
    assert hold(pharmacy, card, pharmacy.new_bill(), 100).status == 200
    service.clock.advance(seconds=TTL)

    reversed_ = pharmacy.reverse(bill).json

    assert (reversed_["pointsReversed"], reversed_["shortfallPoints"], reversed_["newBalance"]) == (25, 0, 75)
    assert points_of(pharmacy, card) == (75, 0, 0)
    pharmacy.assert_books_balance()


def test_a_merge_repays_debt_and_keeps_the_totals_when_holds_of_both_cards_have_lapsed(
    service: Service, pharmacy: Pharmacy
) -> None:
    target, source, bill = pharmacy.card(), pharmacy.card(100), pharmacy.new_bill()
    assert pharmacy.earn(target, bill).status == 200
    assert pharmacy.redeem(target, pharmacy.new_bill(), 20).status == 200
    assert hold(pharmacy, target, pharmacy.new_bill(), 5).status == 200
    assert pharmacy.reverse(bill).json["newBalance"] == -25
    assert hold(pharmacy, source, pharmacy.new_bill(), 100).status == 200
    service.clock.advance(seconds=TTL)

    assert pharmacy.change(target, "merge", {"sourceCardId": source}).status == 200

    assert points_of(pharmacy, target) == (80, 0, 0)
    assert (pharmacy.show(target)["totalPointsRedeemed"], pharmacy.show(source)["totalPointsRedeemed"]) == (20, 0)
    pharmacy.assert_books_balance()
