"""Histories that chance meets too seldom, played on the service and the model like the random ones."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.model import OverHttp, draws
from tests.model.history import History


def _pinned(service: Any, **changes: Any) -> tuple[History, int]:
    """A history with one card and one category at 3 %, begun in the morning, for what chance meets too seldom."""
    service.clock.advance(seconds=(draws.next_morning(service.clock.now) - service.clock.now).total_seconds())
    history = History(OverHttp(service.tenant(name="pinned")), service.clock)
    history.call("put_config", {"isEnabled": True, "minPointsToRedeem": 1, "maxRedemptionPercent": 100, **changes})
    history.call("save_category", {"categoryId": 2, "categoryName": "Goods", "pointPercentage": 3})
    history.issue({})
    return history, history.cards[0]


def test_grace_lots_end_with_the_last_of_their_days(service: Any) -> None:
    history, card_id = _pinned(service, restoreGraceDays=2)
    last_day = history.model.books.configuration.today(service.clock.now) + timedelta(days=1)
    history.call("adjust_points", card_id, {"points": 100, "reason": "gift", "expiresAt": last_day.isoformat()})
    history.call("redeem_points", {"cardId": card_id, "billId": 1, "points": 60, "billAmount": 50})
    balances = []
    for day in range(6):
        if day == 2:
            assert history.call("reverse_points", {"billId": 1}).body["newBalance"] == 60
        balances.append(history.call("balance", card_id).body["pointsBalance"])
        service.clock.advance(days=1)
    assert balances == [40, 40, 60, 60, 60, 0]
    history.close()


def test_a_return_is_judged_by_what_held_at_the_purchase(service: Any) -> None:
    history, card_id = _pinned(service)
    history.call("adjust_points", card_id, {"points": 100, "reason": "gift"})
    bill = {"cardId": card_id, "billId": 1, "billAmount": 100, "items": [{"categoryId": 2, "amount": 100}]}
    history.call("redeem_points", {**bill, "points": 100})
    assert history.call("earn_points", bill).body["pointsEarned"] == Decimal("2.70")
    history.call("put_config", {"pointsToAmountRate": Decimal("0.25"), "pointsPrecision": 0})
    history.call("save_category", {"categoryId": 2, "categoryName": "Goods", "pointPercentage": 5})
    half = {"billId": 1, "returnId": 1, "items": [{"categoryId": 2, "amount": 50}]}
    for body in (half, {"billId": 1}):
        answer = history.call("reverse_points", body).body
        assert (answer["pointsReversed"], answer["amountRestored"]) == (Decimal("1.35"), 5)
    history.close()


def test_the_lot_that_expires_first_is_spent_first(service: Any) -> None:
    history, card_id = _pinned(service)
    today = history.model.books.configuration.today(service.clock.now)
    for days in (None, 9, 3):
        expiry = {} if days is None else {"expiresAt": (today + timedelta(days=days)).isoformat()}
        history.call("adjust_points", card_id, {"points": 10, "reason": "gift", **expiry})
    history.call("redeem_points", {"cardId": card_id, "billId": 1, "points": 15, "billAmount": 50})
    service.clock.advance(days=4)
    assert history.call("balance", card_id).body["pointsBalance"] == 15
    service.clock.advance(days=6)
    assert history.call("balance", card_id).body["pointsBalance"] == 10
    history.close()


def test_a_tied_paisa_goes_to_the_larger_line(service: Any) -> None:
    history, _ = _pinned(service)
    items = [{"categoryId": 2, "amount": 1}, {"categoryId": 9, "amount": 3}]
    quote = history.call("calculate", {"items": items, "flatDiscount": Decimal("0.02")}).body
    assert [line["netAmount"] for line in quote["items"]] == [1, Decimal("2.98")]


def test_redeemed_points_come_back_into_the_lot_taken_last(service: Any) -> None:
    history, card_id = _pinned(service)
    today = history.model.books.configuration.today(service.clock.now)
    for days in (None, 3):
        expiry = {} if days is None else {"expiresAt": (today + timedelta(days=days)).isoformat()}
        history.call("adjust_points", card_id, {"points": 50, "reason": "gift", **expiry})
    bill = {"cardId": card_id, "billId": 1, "billAmount": 100, "items": [{"categoryId": 8, "amount": 100}]}
    history.call("redeem_points", {**bill, "points": 100})
    history.call("earn_points", bill)
    half = {"billId": 1, "returnId": 1, "items": [{"categoryId": 8, "amount": 50}]}
    assert history.call("reverse_points", half).body["pointsRestored"] == 50
    service.clock.advance(days=4)
    assert history.call("balance", card_id).body["pointsBalance"] == 50
    history.close()


def test_a_merge_brings_debt_along_and_a_later_return_acts_on_the_target(service: Any) -> None:
    history, source = _pinned(service)
    history.issue({})
    target = history.cards[1]
    bill = {"cardId": source, "billId": 1, "billAmount": 1000, "items": [{"categoryId": 2, "amount": 1000}]}
    history.call("earn_points", bill)
    history.call("redeem_points", {"cardId": source, "billId": 2, "points": 30, "billAmount": 500})
    history.call("adjust_points", target, {"points": 10, "reason": "gift"})
    assert history.call("reverse_points", {"billId": 1}).body["newBalance"] == -30
    history.call("merge", target, {"sourceCardId": source})
    assert history.call("balance", target).body["pointsBalance"] == -20
    assert history.call("reverse_points", {"billId": 2}).body["newBalance"] == 10
    history.close()


def test_a_second_whole_return_shows_the_balance_without_what_has_expired(service: Any) -> None:
    history, card_id = _pinned(service)
    today = history.model.books.configuration.today(service.clock.now)
    history.call("adjust_points", card_id, {"points": 100, "reason": "gift", "expiresAt": today.isoformat()})
    history.call("earn_points", {"cardId": card_id, "billId": 1, "billAmount": 10, "items": [{"categoryId": 2, "amount": 10}]})
    history.call("reverse_points", {"billId": 1})
    service.clock.advance(days=1)
    assert history.call("reverse_points", {"billId": 1, "reason": "sent once more"}).body["newBalance"] == 0
    history.close()


def test_a_quote_without_a_card_reckons_with_the_points_paid_on_the_bill(service: Any) -> None:
    history, card_id = _pinned(service)
    history.call("adjust_points", card_id, {"points": 100, "reason": "gift"})
    items = [{"categoryId": 2, "amount": 100}]
    history.call("redeem_points", {"cardId": card_id, "billId": 1, "points": 100, "billAmount": 100, "items": items})
    quote = history.call("calculate", {"billId": 1, "items": items}).body
    earned = history.call("earn_points", {"cardId": card_id, "billId": 1, "billAmount": 100, "items": items}).body
    assert quote["pointsEarned"] == earned["pointsEarned"] == Decimal("2.70")
    history.close()


def test_cards_merged_one_after_the_other_are_one_card_to_their_bills(service: Any) -> None:
    history, first = _pinned(service)
    history.issue({})
    history.issue({})
    second, third = history.cards[1:]
    history.call("adjust_points", first, {"points": 100, "reason": "gift"})
    history.call("redeem_points", {"cardId": first, "billId": 1, "points": 50, "billAmount": 100})
    history.call("merge", second, {"sourceCardId": first})
    history.call("redeem_points", {"cardId": second, "billId": 2, "points": 50, "billAmount": 100})
    history.call("merge", third, {"sourceCardId": second})
    for bill_id, card_id in ((1, second), (2, first), (1, third), (2, third), (2, second)):
        body = {"cardId": card_id, "billId": bill_id, "billAmount": 100}
        assert history.call("redeem_points", {**body, "points": 1}).body["code"] == "BILL_ALREADY_REDEEMED"
        history.call("earn_points", {**body, "items": [{"categoryId": 2, "amount": 100}]})
        history.call("calculate", {"cardId": card_id, "billId": bill_id, "items": [{"categoryId": 2, "amount": 100}]})
    for bill_id, card_id in ((1, second), (2, first)):
        assert history.call("reverse_points", {"cardId": card_id, "billId": bill_id}).body["pointsRestored"] == 50
    history.close()


def test_a_hold_that_nobody_saw_lapse_may_be_spent_again_at_once(service: Any) -> None:
    history, card_id = _pinned(service)
    history.call("adjust_points", card_id, {"points": 200, "reason": "gift"})
    for bill_id in (1, 2):
        held = {"cardId": card_id, "billId": bill_id, "points": 200, "billAmount": 500, "mode": "HOLD"}
        assert history.call("redeem_points", held).body["newBalance"] == 0
        service.clock.advance(minutes=16)
    history.call("adjust_points", card_id, {"points": -200, "reason": "given by mistake"})
    assert history.call("balance", card_id).body["pointsDebt"] == 0
    history.close()


def test_what_expired_of_a_referrers_points_is_not_taken_from_them_again(service: Any) -> None:
    history, referrer = _pinned(service, expiryPolicy="ROLLING", expiryMonths=1, referralPointsPercent=10)
    history.issue({"referrerCardId": referrer})
    items = [{"categoryId": 2, "amount": 100}]
    history.call("earn_points", {"cardId": history.cards[1], "billId": 1, "billAmount": 100, "items": items})
    history.call("redeem_points", {"cardId": referrer, "billId": 2, "points": 4, "billAmount": 50})
    service.clock.advance(days=40)
    part = {"billId": 1, "returnId": 1, "items": [{"categoryId": 2, "amount": 50}]}
    assert history.call("reverse_points", part).body["referrerPointsReversed"] == 0
    assert history.call("reverse_points", {"billId": 1}).body["referrerPointsReversed"] == 4
    assert history.call("balance", referrer).body["pointsBalance"] == -4
    history.close()


def test_a_friend_whose_merged_card_was_paid_for_is_not_eligible_again(service: Any) -> None:
    history, referrer = _pinned(service)
    day = service.clock.now.date()
    runs = {"startsAt": f"{day - timedelta(days=1)}T00:00:00Z", "endsAt": f"{day + timedelta(days=9)}T00:00:00Z"}
    campaign = history.create("campaign", {"name": "Friends", "type": "REFERRAL", "bonusPoints": 30, **runs})
    history.call("change_campaign", campaign, "activate")
    for customer_id in (1, 2):
        history.issue({"customerId": customer_id, "referrerCardId": referrer})
    friend, other = history.cards[1:]
    items = [{"categoryId": 2, "amount": 100}]
    for bill_id, card_id in ((1, friend), (2, other)):
        history.call("earn_points", {"cardId": card_id, "billId": bill_id, "billAmount": 100, "items": items})
    history.call("reverse_points", {"billId": 1})
    history.call("merge", friend, {"sourceCardId": other})
    assert history.call("eligible", friend).body["items"][0]["reason"] == "NO_REFERRAL"
    answer = history.call("earn_points", {"cardId": friend, "billId": 3, "billAmount": 100, "items": items})
    assert answer.body["campaigns"][0]["reason"] == "NO_REFERRAL"
    history.close()


def test_a_referrer_has_of_a_campaign_what_they_may_whichever_friend_comes_and_whatever_is_merged(service: Any) -> None:
    history, referrer = _pinned(service)
    day = service.clock.now.date()
    runs = {"startsAt": f"{day - timedelta(days=1)}T00:00:00Z", "endsAt": f"{day + timedelta(days=9)}T00:00:00Z"}
    friends = {"type": "REFERRAL", "bonusPoints": 30, "referredBonusPoints": 5, **runs}
    for n, caps in enumerate(({"maxUsesPerCard": 2}, {"maxPointsPerCard": 50})):
        history.call("change_campaign", history.create("campaign", {"name": f"Friends {n}", **friends, **caps}), "activate")
    for customer_id in range(1, 6):
        history.issue({"customerId": customer_id, **({"referrerCardId": referrer} if customer_id < 5 else {})})
    *brought, other = history.cards[1:]
    items = [{"categoryId": 2, "amount": 100}]

    def buys(bill_id: int, card_id: int) -> list[Any]:
        assert history.call("eligible", card_id).status == 200
        bill = {"cardId": card_id, "billId": bill_id, "billAmount": 100, "items": items}
        history.call("calculate", {"cardId": card_id, "items": items})
        return [campaign["points"] for campaign in history.call("earn_points", bill).body["campaigns"]]

    assert [buys(n, card_id) for n, card_id in enumerate(brought[:3], 1)] == [[35, 35], [35, 15], [0, 0]]
    for bill_id in (2, 3):
        history.call("reverse_points", {"billId": bill_id})
    history.call("merge", other, {"sourceCardId": referrer})
    assert buys(4, brought[2]) == [35, 15]
    history.call("merge", brought[3], {"sourceCardId": brought[0]})
    history.call("reverse_points", {"billId": 1})
    assert buys(5, brought[3]) == [35, 35]
    assert buys(6, brought[1]) == [0, 0]
    history.close()
