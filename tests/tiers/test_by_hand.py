"""Tiers set by hand: where there are any to set, and whose hold counts when two cards become one."""

from datetime import timedelta

import pytest

from tests.jobs.steps import events
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered


@pytest.fixture
def pharmacy(service: Service) -> Tiered:
    """Open a pharmacy with the four tiers by spend."""
    made = Tiered(service)
    made.preset()
    return made


@pytest.mark.parametrize("of_target", [True, False])
def test_a_merge_keeps_the_hold_that_is_in_force_though_a_higher_one_has_run_out(pharmacy: Tiered, *, of_target: bool) -> None:
    target, source = pharmacy.card(customerId=1), pharmacy.card(customerId=2)
    lasting, ending = (1, 2) if of_target else (2, 1)
    assert pharmacy.set_by_hand(lasting, tierLevel=2).status == 200
    assert pharmacy.set_by_hand(ending, tierLevel=3, until=pharmacy.now.date().isoformat()).status == 200
    pharmacy.days(2)

    assert pharmacy.tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200

    standing = pharmacy.standing(target)
    assert (standing["tier"]["name"], standing["heldTier"]["name"], standing["heldUntil"]) == ("GOLD", "SILVER", None)
    pharmacy.review(target)
    standing = pharmacy.standing(target)
    assert (standing["tier"]["name"], standing["heldTier"]["name"], standing["heldUntil"]) == ("SILVER", "SILVER", None)
    assert pharmacy.history(target)[-1] == ("DOWNGRADE", "GOLD", "SILVER")


def test_of_two_holds_of_one_tier_a_merge_keeps_the_longer_one(pharmacy: Tiered) -> None:
    target, source = pharmacy.card(customerId=1), pharmacy.card(customerId=2)
    last_day = (pharmacy.now + timedelta(days=9)).date().isoformat()
    assert pharmacy.set_by_hand(1, tierLevel=2, until=last_day).status == 200
    assert pharmacy.set_by_hand(2, tierLevel=2).status == 200

    assert pharmacy.tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200

    assert pharmacy.standing(target)["heldUntil"] is None


def test_a_hold_that_has_run_out_goes_with_its_tier_into_a_merge_and_ends_there_without_grace(pharmacy: Tiered) -> None:
    pharmacy.change("GOLD", graceDays=30)
    target, source = pharmacy.card(), pharmacy.card(customerId=2)
    assert pharmacy.set_by_hand(2, tierLevel=3, until=pharmacy.now.date().isoformat()).status == 200
    pharmacy.days(2)
    assert pharmacy.tenant.admin.post(f"/cards/{target}/merge", {"sourceCardId": source}).status == 200
    assert pharmacy.name(target) == "GOLD"

    pharmacy.review(target)

    assert pharmacy.name(target) == "BRONZE"


def test_where_tiers_do_not_apply_there_is_none_to_set_by_hand(service: Service, pharmacy: Tiered) -> None:
    admin, card = pharmacy.tenant.admin, pharmacy.card(customerId=9)
    program = admin.post("/loyalty/programs", {"name": "Points", "type": "POINTS"}).json["id"]
    assert admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert admin.post("/loyalty/enroll", {"cardId": card, "programId": program}).status == 200

    refused = pharmacy.set_by_hand(9, tierLevel=3)

    assert (refused.status, refused.json["code"]) == (404, "NOT_FOUND")
    assert "programme" in refused.json["detail"]
    assert (pharmacy.history(card), events(service.database, pharmacy.tenant)) == ([], [])
    assert admin.post("/loyalty/enroll", {"cardId": card, "programId": None}).status == 200
    assert pharmacy.name(card) == "BRONZE"
    assert pharmacy.set_by_hand(9, tierLevel=3).json["tier"]["name"] == "GOLD"
