"""The very same request, sent by many at once: one effect, and one answer for all."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.concurrency.together import insist, insisting, together
from tests.servers.clients import Answer

STORM = 16
KEY = {"Idempotency-Key": "storm-1"}

Prepared = tuple[Callable[[], Answer], Callable[[], int]]
"""The request of the storm, and how many effects it has had."""


def _earn(pharmacy: Pharmacy) -> Prepared:
    referrer = pharmacy.card()
    card = pharmacy.card(referrerCardId=referrer)
    bill = pharmacy.new_bill()
    return lambda: pharmacy.earn(
        card, bill
    ), lambda: len(pharmacy.entries(card, "EARNED")) // 2 + len(pharmacy.entries(referrer, "REFERRAL_EARNED")) - 1


def _redeem_all_there_is(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card(100)
    bill = pharmacy.new_bill()
    return lambda: pharmacy.redeem(card, bill, 100), lambda: len(pharmacy.entries(card, "REDEEMED"))


def _reverse(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card()
    bill = pharmacy.new_bill()
    assert pharmacy.earn(card, bill).status == 200
    return lambda: pharmacy.reverse(bill), lambda: len(pharmacy.entries(card, "REVERSED")) // 2


def _return_of_a_part(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card()
    bill = pharmacy.new_bill()
    assert pharmacy.earn(card, bill).status == 200
    items = [{"categoryId": 1, "amount": "500.00"}]
    return lambda: pharmacy.reverse(bill, returnId=9, items=items), lambda: len(pharmacy.entries(card, "REVERSED"))


def _cancel_before_it_was_ever_seen(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card()
    bill = pharmacy.new_bill()

    def effects() -> int:
        assert pharmacy.earn(card, bill).json["code"] == "BILL_CANCELLED"
        return 1

    return lambda: pharmacy.reverse(bill, cardId=card), effects


def _adjust_up(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card()
    return lambda: pharmacy.adjust(card, 5, KEY), lambda: len(pharmacy.entries(card, "ADJUSTED"))


def _adjust_down_to_nothing(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card(5)
    return lambda: pharmacy.adjust(card, -5, KEY), lambda: len(pharmacy.entries(card, "ADJUSTED")) - 1


def _issue(pharmacy: Pharmacy) -> Prepared:
    body = {"customerId": 7, "customerName": "Asha"}
    return lambda: pharmacy.tenant.admin.post("/cards", body, KEY), lambda: len(pharmacy.tenant.admin.get("/cards").json["items"])


def _replace(pharmacy: Pharmacy) -> Prepared:
    card = pharmacy.card()
    body = {"newCardNumber": "NEW-1", "reason": "lost"}
    return lambda: pharmacy.change(card, "replace", body, KEY), lambda: pharmacy.show(card)["version"] - 1


def _merge(pharmacy: Pharmacy) -> Prepared:
    target, source = pharmacy.card(3), pharmacy.card(4)
    return lambda: pharmacy.change(target, "merge", {"sourceCardId": source}, KEY), lambda: len(
        pharmacy.entries(target, "TRANSFERRED")
    )


def _earn_in_a_batch(pharmacy: Pharmacy) -> Prepared:
    card, bill = pharmacy.card(), pharmacy.new_bill()
    items = [{"categoryId": 1, "amount": "100.00"}]
    body = {"items": [{"cardId": card, "billId": bill, "billAmount": "100.00", "items": items}]}
    return lambda: pharmacy.tenant.billing.post(f"{INTERNAL}/earn-points/batch", body, KEY), lambda: len(pharmacy.entries(card))


def _link_referrer(pharmacy: Pharmacy) -> Prepared:
    referrer, card = pharmacy.card(), pharmacy.card()
    body = {"referrerCardId": referrer}
    return lambda: pharmacy.change(card, "link-referrer", body, KEY), lambda: pharmacy.show(card)["version"] - 1


@pytest.mark.parametrize(
    "prepare",
    [
        _earn,
        _redeem_all_there_is,
        _reverse,
        _return_of_a_part,
        _cancel_before_it_was_ever_seen,
        _adjust_up,
        _adjust_down_to_nothing,
        _issue,
        _replace,
        _merge,
        _link_referrer,
        _earn_in_a_batch,
    ],
    ids=lambda prepare: prepare.__name__.strip("_"),
)
def test_one_request_sent_sixteen_times_at_once_has_one_effect_and_one_answer(
    pharmacy: Pharmacy, prepare: Callable[[Pharmacy], Prepared]
) -> None:
    request, effects = prepare(pharmacy)

    answers = together([lambda: insist(request)] * STORM)

    assert {answer.status for answer in answers} <= {200, 201}, Counter(answer.text for answer in answers)
    assert len({(answer.status, answer.text) for answer in answers}) == 1, {answer.text for answer in answers}
    assert Counter(_replayed(answer) for answer in answers) == {None: 1, "true": STORM - 1}
    assert effects() == 1
    pharmacy.assert_books_balance()


def test_a_batch_sent_many_times_at_once_earns_each_of_its_bills_once(pharmacy: Pharmacy) -> None:
    cards = [pharmacy.card() for _ in range(3)]
    items = [{"categoryId": 1, "amount": "100.00"}]
    bills = [{"cardId": card, "billId": pharmacy.new_bill(), "billAmount": "100.00", "items": items} for card in cards]

    answers = together([insisting(_batch, pharmacy, bills)] * 8)

    assert {answer.status for answer in answers} == {200}
    firsts = [item for answer in answers for item in answer.json["items"] if not item["replayed"]]
    assert sorted(item["billId"] for item in firsts) == [bill["billId"] for bill in bills]
    said = {tuple(str(item["answer"]) for item in answer.json["items"]) for answer in answers}
    assert len(said) == 1
    assert [len(pharmacy.entries(card)) for card in cards] == [1, 1, 1]
    pharmacy.assert_books_balance()


def test_a_bill_raced_with_two_bodies_is_earned_by_one_of_them(pharmacy: Pharmacy) -> None:
    card = pharmacy.card()
    bill = pharmacy.new_bill()

    answers = together([insisting(pharmacy.earn, card, bill, f"{n % 2 + 1}000.00") for n in range(STORM)])

    done = [answer for answer in answers if answer.status == 200]
    assert len({answer.text for answer in done}) == 1
    assert {answer.json["code"] for answer in answers if answer.status != 200} == {"BILL_ALREADY_EARNED"}
    assert len(done) == STORM // 2
    assert len(pharmacy.entries(card, "EARNED")) == 2
    pharmacy.assert_books_balance()


def test_one_key_used_for_two_cards_at_once_works_for_one_of_them(pharmacy: Pharmacy) -> None:
    cards = [pharmacy.card(), pharmacy.card()]

    answers = together([insisting(pharmacy.adjust, card, 5, KEY) for card in cards * 4])

    refused = [answer.json["code"] for answer in answers if answer.status != 200]
    assert refused == ["IDEMPOTENCY_KEY_REUSED"] * 4
    assert sorted(pharmacy.balance(card) for card in cards) == [0, 5]
    pharmacy.assert_books_balance()


def _batch(pharmacy: Pharmacy, bills: list[dict[str, Any]]) -> Answer:
    return pharmacy.tenant.billing.post(f"{INTERNAL}/earn-points/batch", {"items": bills})


def _replayed(answer: Answer) -> str | None:
    return answer.headers.get("Idempotent-Replayed")
