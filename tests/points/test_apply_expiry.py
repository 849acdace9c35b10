"""Giving the points that customers have the dates of the present policy: told first, then done, card by card."""

import json
from typing import Any

import pytest

from card_service.kit import pace
from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import codes
from tests.points.over_time import first_instant_of, hold, points_of
from tests.servers.clients import Answer
from tests.servers.commands import card_service
from tests.servers.service import Service

APPLY = "/card-config/expiry/apply"


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    """Open a pharmacy of the test's own, without an expiry policy yet."""
    return Pharmacy(service.tenant())


def apply(pharmacy: Pharmacy, **body: Any) -> Answer:
    """POST it."""
    return pharmacy.tenant.admin.post(APPLY, body)


def days_of(pharmacy: Pharmacy, card: int) -> list[tuple[Any, Any]]:
    """Read the days on which points end."""
    return [(item["on"], item["points"]) for item in pharmacy.tenant.admin.get(f"/cards/{card}/expiring").json["items"]]


def test_what_is_told_is_what_is_done_and_dates_given_by_hand_stay(service: Service, pharmacy: Pharmacy) -> None:
    old, new = pharmacy.card(5), pharmacy.card()
    gift = {"points": 7, "reason": "gift", "expiresAt": "2027-12-31"}
    assert pharmacy.change(old, "adjust-points", gift).status == 200
    service.clock.advance(days=40)
    assert pharmacy.earn(new, pharmacy.new_bill()).status == 200
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    before = {card: points_of(pharmacy, card) for card in (old, new)}

    told = apply(pharmacy, dryRun=True).json

    assert {card: points_of(pharmacy, card) for card in (old, new)} == before
    figures = {"cards": 2, "lots": 3, "points": 30, "pointsExpiringAtOnce": 5, "earliest": "2026-04-02"}
    assert told == {"dryRun": True, **figures, "cardsLeft": 2}
    assert apply(pharmacy).json == told
    assert codes([apply(pharmacy, dryRun=False, confirmCards=number) for number in (1, 3)]) == ["VERSION_CONFLICT"] * 2
    assert codes([apply(pharmacy, dryRun=False)]) == ["VALIDATION_FAILED"]
    assert {card: points_of(pharmacy, card) for card in (old, new)} == before

    done = apply(pharmacy, dryRun=False, confirmCards=2).json

    assert done == {"dryRun": False, **figures, "cardsLeft": 0}
    sql = "SELECT action FROM audit_log WHERE tenant_id = :tenant AND action LIKE '%expiry' ORDER BY id"
    logged = service.database.rows(sql, tenant=pharmacy.tenant.id)
    assert [action for (action,) in logged] == ["begin to apply expiry", "apply expiry"]
    assert (points_of(pharmacy, old), points_of(pharmacy, new)) == ((7, 0, 0), (25, 0, 0))
    assert days_of(pharmacy, old) == [("2027-12-31", 7)]
    assert days_of(pharmacy, new) == [("2026-05-11", 25)]
    assert [row["points"] for row in pharmacy.entries(old, "EXPIRED")] == [-5]
    pharmacy.assert_books_balance()
    again = apply(pharmacy, dryRun=False, confirmCards=0).json
    assert (again["cards"], again["lots"], again["cardsLeft"], again["earliest"]) == (0, 0, 0, None)
    service.clock.now = first_instant_of("2026-05-12")
    assert points_of(pharmacy, new) == (0, 0, 0)
    pharmacy.assert_books_balance()


def test_a_policy_of_inactivity_counts_from_the_last_earn_or_redemption_of_a_card_and_those_merged_into_it(
    service: Service, pharmacy: Pharmacy
) -> None:
    card, merged, idle = pharmacy.card(10), pharmacy.card(20), pharmacy.card(30)
    service.clock.advance(days=3)
    assert pharmacy.redeem(merged, pharmacy.new_bill(), 5).status == 200
    service.clock.advance(days=3)
    assert pharmacy.change(card, "merge", {"sourceCardId": merged}).status == 200
    service.clock.advance(days=3)
    pharmacy.configure(expiryPolicy="INACTIVITY", expiryMonths=1)

    assert apply(pharmacy, dryRun=True).json["cards"] == 2
    assert apply(pharmacy, dryRun=False, confirmCards=2).json["points"] == 55

    assert days_of(pharmacy, card) == [("2026-04-05", 25)]
    assert days_of(pharmacy, idle) == [("2026-04-02", 30)]
    assert apply(pharmacy).json["cards"] == 0
    assert pharmacy.earn(card, pharmacy.new_bill(), "0.10").status == 200
    assert days_of(pharmacy, card) == [("2026-04-11", 25)]
    assert apply(pharmacy).json["cards"] == 0
    pharmacy.configure(expiryPolicy="NONE")
    assert apply(pharmacy, dryRun=False, confirmCards=2).json["earliest"] is None
    assert days_of(pharmacy, card) == []
    pharmacy.assert_books_balance()


def test_what_waits_and_what_is_held_keeps_its_place(service: Service, pharmacy: Pharmacy) -> None:
    pharmacy.configure(pendingDays=3)
    card = pharmacy.card(50)
    assert pharmacy.earn(card, pharmacy.new_bill()).status == 200
    assert hold(pharmacy, card, pharmacy.new_bill(), 20).status == 200
    pharmacy.configure(expiryPolicy="END_OF_PERIOD", expiryMonths=1)

    assert apply(pharmacy, dryRun=False, confirmCards=1).json["points"] == 55

    assert points_of(pharmacy, card) == (30, 25, 0)
    service.clock.advance(hours=1)
    assert points_of(pharmacy, card) == (50, 25, 0)
    service.clock.now = first_instant_of("2026-03-31")
    assert points_of(pharmacy, card) == (75, 0, 0)
    service.clock.now = first_instant_of("2026-04-01")
    assert points_of(pharmacy, card) == (0, 0, 0)
    pharmacy.assert_books_balance()


def test_where_a_request_is_too_short_to_look_at_all_cards_the_command_does_it(
    service: Service, pharmacy: Pharmacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = pharmacy.card(50)
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    command = ("tenant", "apply-expiry", "--tenant", str(pharmacy.tenant.id))
    # Only more cards than a test can make would take so long.
    monkeypatch.setattr(pace, "LOOK_SECONDS", -1)

    refused = [apply(pharmacy), apply(pharmacy, dryRun=False, confirmCards=1)]

    assert [(answer.status, answer.json["code"]) for answer in refused] == [(422, "VALIDATION_FAILED")] * 2
    assert all(f"card-service {' '.join(command)}" in answer.json["detail"] for answer in refused)
    assert days_of(pharmacy, card) == []
    told = card_service(service.database, *command)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == (
        "1 cards: 50.00 points in 1 lots would get other dates, the first 2026-04-02; 50.00 would expire at once."
        f" To do it: card-service {' '.join(command)} --confirm-cards 1\n"
    )
    wrong = card_service(service.database, *command, "--confirm-cards", "2")
    assert (wrong.returncode, wrong.stdout, "This would now touch 1 cards" in wrong.stderr) == (1, "", True)
    assert points_of(pharmacy, card) == (50, 0, 0)
    done = card_service(service.database, *command, "--confirm-cards", "1", "--json")
    figures = {"cards": 1, "lots": 1, "points": 50, "pointsExpiringAtOnce": 50, "earliest": "2026-04-02"}
    assert json.loads(done.stdout) == {"dryRun": False, **figures, "cardsLeft": 0}
    assert points_of(pharmacy, card) == (0, 0, 0)
    pharmacy.assert_books_balance()
    nobody = card_service(service.database, "tenant", "apply-expiry", "--tenant", str(2**62))
    assert (nobody.returncode, "There is no tenant" in nobody.stderr) == (1, True)


def test_the_same_key_answers_the_same_and_does_it_once(pharmacy: Pharmacy) -> None:
    card, key = pharmacy.card(50), {"Idempotency-Key": "apply-1"}
    pharmacy.configure(expiryPolicy="ROLLING", expiryMonths=1)
    body = {"dryRun": False, "confirmCards": 1}
    first, again = (pharmacy.tenant.admin.post(APPLY, body, key) for _ in range(2))
    assert (first.json["points"], first.text) == (50, again.text)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert days_of(pharmacy, card) == [("2026-04-02", 50)]
