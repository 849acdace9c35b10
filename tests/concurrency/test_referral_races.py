"""Friends, rings and activities that race each other: what may happen once happens once."""

from collections.abc import Callable
from typing import Any

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes, insisting, together
from tests.servers.clients import Answer

ROUNDS = 6


def _rule(pharmacy: Pharmacy, activity: str, points: int, **fields: Any) -> None:
    body = {"activity": activity, "name": activity, "points": points, **fields}
    assert pharmacy.tenant.admin.post("/earning-rules", body).status == 201


def _link(pharmacy: Pharmacy, card: int, referrer: int) -> Callable[[], Answer]:
    return insisting(pharmacy.change, card, "link-referrer", {"referrerCardId": referrer})


def test_two_links_of_four_cards_that_would_close_a_ring_together_leave_one(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        one, two, three, four = (pharmacy.card() for _ in range(4))
        assert _link(pharmacy, one, two)().status == 200
        assert _link(pharmacy, three, four)().status == 200

        answers = together([_link(pharmacy, two, three), _link(pharmacy, four, one)])

        assert codes(answers) == ["200", "REFERRER_INVALID"]


def test_a_link_and_a_merge_at_once_close_no_ring(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        first, source, target = (pharmacy.card() for _ in range(3))
        middle = pharmacy.card(referrerCardId=source)
        last = pharmacy.card(referrerCardId=middle)
        assert _link(pharmacy, target, first)().status == 200

        linked, merged = together(
            [_link(pharmacy, first, last), insisting(pharmacy.change, target, "merge", {"sourceCardId": source})]
        )

        # Merged first, the ring is refused; linked first, the merge ends the link that would close it.
        assert merged.status == 200
        above = {card: pharmacy.show(card)["referrerCardId"] for card in (first, middle, last, target)}
        if linked.status == 200:
            assert above == {first: last, last: middle, middle: None, target: first}
        else:
            assert linked.json["code"] == "REFERRER_INVALID"
            assert above == {first: None, last: middle, middle: target, target: first}


def test_one_person_is_brought_by_one_of_those_who_bring_them_at_once(pharmacy: Pharmacy) -> None:
    for turn in range(ROUNDS):
        referrers = [pharmacy.card() for _ in range(4)]

        answers = together(
            [
                insisting(pharmacy.tenant.admin.post, "/cards", {"customerPhone": f"98000{turn:05}", "referrerCardId": one})
                for one in referrers
            ]
        )

        assert codes(answers) == ["201", *["REFERRER_INVALID"] * 3]


def test_an_activity_that_sixteen_report_at_once_is_paid_once(pharmacy: Pharmacy) -> None:
    _rule(pharmacy, "REVIEW", 7)
    card = pharmacy.card()
    body = {"cardId": card, "activity": "REVIEW", "reference": "review-1"}

    answers = together([insisting(pharmacy.tenant.billing.post, "/loyalty/points/earn", body)] * 16)

    assert codes(answers) == [*["200"] * 15, "201"]
    assert len({answer.json["awardId"] for answer in answers}) == 1
    assert {answer.json["newBalance"] for answer in answers} == {7}
    assert (pharmacy.balance(card), len(pharmacy.entries(card, "BONUS"))) == (7, 1)
    pharmacy.assert_books_balance()


def test_a_cap_of_activities_is_kept_by_sixteen_at_once(pharmacy: Pharmacy) -> None:
    _rule(pharmacy, "REVIEW", 7, maxPerCard=3)
    card = pharmacy.card()
    bodies = [{"cardId": card, "activity": "REVIEW", "reference": f"review-{n}"} for n in range(16)]

    answers = together([insisting(pharmacy.tenant.billing.post, "/loyalty/points/earn", body) for body in bodies])

    assert codes(answers) == [*["201"] * 3, *["ACTIVITY_CAPPED"] * 13]
    assert pharmacy.balance(card) == 21
    pharmacy.assert_books_balance()


def test_of_two_first_bills_at_once_one_is_the_first_purchase(pharmacy: Pharmacy) -> None:
    _rule(pharmacy, "FIRST_PURCHASE", 50)
    for _ in range(ROUNDS):
        card = pharmacy.card()

        answers = together([insisting(pharmacy.earn, card, pharmacy.new_bill()) for _ in range(2)])

        assert codes(answers) == ["200"] * 2
        assert sorted(answer.json["bonusPoints"] for answer in answers) == [0, 50]
        assert pharmacy.balance(card) == 100
    pharmacy.assert_books_balance()


def test_the_bills_of_two_friends_at_once_pay_a_referrer_no_more_than_the_cap(pharmacy: Pharmacy) -> None:
    _rule(pharmacy, "REFERRAL", 40, maxPerCard=1)
    _rule(pharmacy, "REFERRED", 5)
    for _ in range(ROUNDS):
        referrer = pharmacy.card()
        friends = [pharmacy.card(referrerCardId=referrer) for _ in range(2)]

        answers = together([insisting(pharmacy.earn, friend, pharmacy.new_bill()) for friend in friends])

        assert codes(answers) == ["200"] * 2
        kinds = sorted(sorted(bonus["kind"] for bonus in answer.json["bonuses"]) for answer in answers)
        assert kinds == [["REFERRAL", "REFERRED"], ["REFERRED"]]
        # Twice the percentage of the bill, once the bonus.
        assert (pharmacy.balance(referrer), [pharmacy.balance(friend) for friend in friends]) == (60, [30, 30])
    pharmacy.assert_books_balance()
