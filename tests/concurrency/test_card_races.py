"""Changes of a card that race what Billing does with it: each order is fine, a mixture of two never is."""

from functools import partial

from tests.concurrency.pharmacy import INTERNAL, Pharmacy
from tests.concurrency.together import codes, insisting, together

ROUNDS = 6


def test_an_earn_races_a_block(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        card, bill = pharmacy.card(), pharmacy.new_bill()

        earned, blocked = together(
            [insisting(pharmacy.earn, card, bill), insisting(pharmacy.change, card, "block", {"reason": "lost"})]
        )

        assert (blocked.status, pharmacy.show(card)["status"]) == (200, "SUSPENDED")
        assert earned.status == 200 or earned.json["code"] == "CARD_NOT_ACTIVE"
        assert pharmacy.balance(card) == (25 if earned.status == 200 else 0)
        assert blocked.json["pointsBalance"] == pharmacy.balance(card)
    pharmacy.assert_books_balance()


def test_a_referrer_is_linked_before_the_first_earn_or_not_at_all(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        referrer, card = pharmacy.card(), pharmacy.card()

        linked, earned = together(
            [
                insisting(pharmacy.change, card, "link-referrer", {"referrerCardId": referrer}),
                insisting(pharmacy.earn, card, pharmacy.new_bill()),
            ]
        )

        assert earned.status == 200
        assert linked.status == 200 or linked.json["code"] == "REFERRER_INVALID"
        brought = 10 if linked.status == 200 else 0
        assert earned.json["referrerPointsEarned"] == brought
        assert pharmacy.balance(referrer) == brought
    pharmacy.assert_books_balance()


def test_an_earn_by_number_races_the_replacing_of_the_card(pharmacy: Pharmacy) -> None:
    for turn in range(ROUNDS):
        card, bill = pharmacy.card(cardNumber=f"OLD-{turn}"), pharmacy.new_bill()
        items = [{"categoryId": 1, "amount": "100.00"}]
        body = {"cardNumber": f"OLD-{turn}", "billId": bill, "billAmount": "100.00", "items": items}
        replacement = {"newCardNumber": f"NEW-{turn}", "reason": "lost"}

        earned, replaced = together(
            [
                insisting(pharmacy.tenant.billing.post, f"{INTERNAL}/earn-points", body),
                insisting(pharmacy.change, card, "replace", replacement),
            ]
        )

        assert replaced.json["cardNumber"] == f"NEW-{turn}"
        assert earned.status == 200 or earned.json["code"] == "CARD_REPLACED"
        assert pharmacy.balance(card) == (2 if earned.status == 200 else 0)
        assert pharmacy.tenant.billing.post(f"{INTERNAL}/earn-points", body | {"billId": pharmacy.new_bill()}).json["code"] == (
            "CARD_REPLACED"
        )
    pharmacy.assert_books_balance()


def test_a_merge_races_earns_and_redemptions_of_both_cards(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        target, source = pharmacy.card(30), pharmacy.card(40)

        merged, *moves = together(
            [
                insisting(pharmacy.change, target, "merge", {"sourceCardId": source}),
                insisting(pharmacy.earn, source, pharmacy.new_bill()),
                insisting(pharmacy.redeem, source, pharmacy.new_bill(), 15),
                insisting(pharmacy.earn, target, pharmacy.new_bill()),
                insisting(pharmacy.redeem, target, pharmacy.new_bill(), 15),
            ]
        )

        assert merged.status == 200
        assert {answer.json["code"] for answer in moves[:2] if answer.status != 200} <= {"CARD_NOT_ACTIVE"}
        assert codes(moves[2:]) == ["200", "200"]
        done = [delta for answer, delta in zip(moves, (25, -15, 25, -15), strict=True) if answer.status == 200]
        assert pharmacy.balance(target) == 70 + sum(done)
        assert (pharmacy.balance(source), pharmacy.show(source)["status"]) == (0, "CLOSED")
    pharmacy.assert_books_balance()


def test_a_merge_of_a_referrer_races_earns_of_the_referred(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        target, source = pharmacy.card(), pharmacy.card()
        referred = [pharmacy.card(referrerCardId=source) for _ in range(4)]

        merged, *earned = together(
            [
                insisting(pharmacy.change, target, "merge", {"sourceCardId": source}),
                *(insisting(pharmacy.earn, card, pharmacy.new_bill()) for card in referred),
            ]
        )

        assert codes([merged, *earned]) == ["200"] * 5
        assert [answer.json["referrerPointsEarned"] for answer in earned] == [10] * 4
        assert (pharmacy.balance(target), pharmacy.balance(source)) == (40, 0)
    pharmacy.assert_books_balance()


def test_two_cards_merged_into_each_other_at_once_leave_one(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        one, other = pharmacy.card(3), pharmacy.card(4)

        answers = together(
            [
                insisting(pharmacy.change, one, "merge", {"sourceCardId": other}),
                insisting(pharmacy.change, other, "merge", {"sourceCardId": one}),
            ]
        )

        assert codes(answers) == ["200", "CARD_NOT_ACTIVE"]
        assert sorted([pharmacy.balance(one), pharmacy.balance(other)]) == [0, 7]
    pharmacy.assert_books_balance()


def test_a_customer_gets_one_card_however_many_ask_at_once(pharmacy: Pharmacy) -> None:
    answers = together([insisting(pharmacy.tenant.admin.post, "/cards", {"customerId": 5})] * 8)

    assert codes(answers) == ["201", *["CARD_EXISTS"] * 7]
    assert len(pharmacy.tenant.admin.get("/cards").json["items"]) == 1


def test_a_number_is_given_once_however_many_ask_at_once(pharmacy: Pharmacy) -> None:
    replaced = pharmacy.card()

    answers = together(
        [
            *[insisting(pharmacy.tenant.admin.post, "/cards", {"cardNumber": "MINE-1"})] * 4,
            *[insisting(pharmacy.change, replaced, "replace", {"newCardNumber": "MINE-1", "reason": "worn"})] * 4,
        ]
    )

    assert len([answer for answer in answers if answer.status < 300]) == 1
    assert {answer.json["code"] for answer in answers if answer.status >= 300} == {"CARD_EXISTS"}


def test_numbers_made_at_once_differ(pharmacy: Pharmacy) -> None:
    answers = together([insisting(pharmacy.tenant.admin.post, "/cards", {})] * 16)

    assert codes(answers) == ["201"] * 16
    assert len({answer.json["cardNumber"] for answer in answers}) == 16


def test_two_that_refer_each_other_at_once_leave_one_referral(pharmacy: Pharmacy) -> None:
    for _ in range(ROUNDS):
        one, other = pharmacy.card(), pharmacy.card()
        link = partial(insisting, pharmacy.change)

        answers = together(
            [
                link(one, "link-referrer", {"referrerCardId": other}),
                link(other, "link-referrer", {"referrerCardId": one}),
            ]
        )

        assert codes(answers) == ["200", "REFERRER_INVALID"]


def test_a_change_of_configuration_by_two_who_read_the_same_version_succeeds_for_one(pharmacy: Pharmacy) -> None:
    version = pharmacy.tenant.admin.get("/card-config").json["version"]

    answers = together(
        [insisting(pharmacy.tenant.admin.put, "/card-config", {"minPointsToRedeem": n, "version": version}) for n in range(8)]
    )

    assert codes(answers) == ["200", *["VERSION_CONFLICT"] * 7]
    assert pharmacy.tenant.admin.get("/card-config").json["version"] == version + 1
