"""Figures that are not those of the bills are told; tills that lift a card at the same moment lift it once."""

from decimal import Decimal

from tests.concurrency.together import codes, insisting, together
from tests.servers.service import Service
from tests.tiers.pharmacy import INTERNAL, Tiered

ROUNDS = 4


def test_the_audit_tells_of_figures_that_are_not_those_of_the_bills(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    card = pharmacy.card()
    bill = pharmacy.earn(card, 100)["billId"]
    pharmacy.assert_balanced(card)
    wrong = "UPDATE bills SET amount_returned = 50 * (SELECT bill_amount FROM (SELECT * FROM bills) b WHERE b.bill_id = :bill"
    wrong += " AND b.tenant_id = :tenant) / 100 WHERE bill_id = :bill AND tenant_id = :tenant"
    service.database.execute(wrong, bill=bill, tenant=pharmacy.tenant.id)

    audit = pharmacy.tenant.admin.get(f"/cards/{card}/audit").json

    assert audit["differences"] == [
        {"check": "the spend of 365 days are those of its bills", "expected": Decimal(50), "found": Decimal(100)}
    ]
    service.database.execute("UPDATE bills SET amount_returned = 0 WHERE tenant_id = :tenant", tenant=pharmacy.tenant.id)


def test_two_earns_at_once_that_both_lift_the_card_make_one_change(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    for _ in range(ROUNDS):
        card = pharmacy.card()
        bodies = [pharmacy.bill(card, 12_000) for _ in range(2)]

        answers = together([insisting(pharmacy.tenant.billing.post, f"{INTERNAL}/earn-points", body) for body in bodies])

        assert codes(answers) == ["200", "200"]
        assert sorted(bool(answer.json["tierChanged"]) for answer in answers) == [False, True]
        # The second is paid at the multiplier of the first one's tier.
        assert sorted(answer.json["pointsEarned"] for answer in answers) == [1200, 1500]
        assert pharmacy.history(card) == [("UPGRADE", "BRONZE", "SILVER")]
        assert pharmacy.figures(card) == (24_000, 2_700, 2)
        pharmacy.assert_balanced(card)


def test_a_review_beside_the_return_that_takes_the_tier_away_moves_the_card_once(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    for _ in range(ROUNDS):
        card = pharmacy.card()
        bill = pharmacy.earn(card, 30_000)["billId"]
        body = {"cardId": card, "dryRun": False}

        back, reviewed = together(
            [
                insisting(pharmacy.tenant.billing.post, f"{INTERNAL}/reverse-points", {"billId": bill}),
                insisting(pharmacy.tenant.admin.post, "/tiers/recalculate", body),
            ]
        )

        assert codes([back, reviewed]) == ["200", "200"]
        assert reviewed.json["downgraded"] == 0
        assert pharmacy.history(card) == [("UPGRADE", "BRONZE", "GOLD"), ("REVERSAL", "GOLD", "BRONZE")]


def test_two_reviews_at_once_take_a_card_down_once(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    for name in ("SILVER", "GOLD"):
        pharmacy.change(name, downgrade="ONE_DOWN")
    cards = [pharmacy.card() for _ in range(3)]
    for card in cards:
        pharmacy.earn(card, 30_000)
    pharmacy.days(365)

    answers = together(
        [insisting(pharmacy.tenant.admin.post, "/tiers/recalculate", {"cardId": card, "dryRun": False}) for card in cards * 2]
    )

    assert codes(answers) == ["200"] * 6
    for card in cards:
        assert pharmacy.history(card) == [("UPGRADE", "BRONZE", "GOLD"), ("DOWNGRADE", "GOLD", "SILVER")]
