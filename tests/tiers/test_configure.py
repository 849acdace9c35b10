"""Making tiers and changing them: presets, what no two may share, and what cannot be taken out of use."""

from decimal import Decimal

import pytest

from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered

PRESETS = {
    "": ("minSpend", [None, 10_000, 25_000, 50_000], ["1.00", "1.25", "1.50", "2.00"]),
    "-gentle": ("minSpend", [None, 10_000, 25_000, 50_000], ["1.00", "1.20", "1.50", "2.00"]),
    "-points": ("minPoints", [None, 500, 1_500, 5_000], ["1.00", "1.25", "1.50", "2.00"]),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_makes_four_tiers_once(service: Service, name: str) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset(f"bronze-silver-gold-platinum{name}")

    tiers = pharmacy.tenant.admin.get("/tiers").json["items"]

    field, wanted, multipliers = PRESETS[name]
    assert [tier["name"] for tier in tiers] == ["BRONZE", "SILVER", "GOLD", "PLATINUM"]
    assert [tier[field] for tier in tiers] == wanted
    assert [tier["pointsMultiplier"] for tier in tiers] == [Decimal(one) for one in multipliers]
    again = pharmacy.tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"})
    assert (again.status, again.json["code"]) == (409, "TIERS_EXIST")


def test_no_two_tiers_share_a_level_or_a_name_and_one_asks_for_nothing(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    body = {"level": 5, "name": "DIAMOND", "minSpend": 90_000}
    for wrong, field in (({"level": 2}, "level"), ({"name": "gold"}, "name"), ({"minSpend": None}, "minSpend")):
        answer = pharmacy.tenant.admin.post("/tiers", body | wrong)
        assert (answer.status, list(answer.json["errors"])) == (422, [field])
    assert list(pharmacy.change("GOLD", level=4).json["errors"]) == ["level"]


def test_the_tier_that_asks_for_nothing_is_the_lowest_of_those_in_use(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.tier(2, "SILVER", minSpend=100, qualificationPeriodDays=30)
    pharmacy.tier(3, "GOLD", minSpend=1000, qualificationPeriodDays=30)
    card = pharmacy.card()
    pharmacy.earn(card, 2000)
    vip = {"level": 4, "name": "VIP"}

    refused = pharmacy.tenant.admin.post("/tiers", vip)

    # Else every card would be a VIP at once.
    assert (refused.status, list(refused.json["errors"])) == (422, ["minSpend"])
    assert (pharmacy.name(card), pharmacy.quote(card, 10)["progress"]) == ("GOLD", None)
    assert pharmacy.tenant.admin.post("/tiers", vip | {"isActive": False}).status == 201
    pharmacy.tiers["VIP"] = pharmacy.tenant.admin.get("/tiers").json["items"][-1]["id"]
    assert list(pharmacy.change("VIP", isActive=True).json["errors"]) == ["minSpend"]
    assert list(pharmacy.change("GOLD", minSpend=None).json["errors"]) == ["minSpend"]
    # One that no card reaches by itself is set by hand.
    assert pharmacy.change("VIP", isActive=True, minSpend="9999999999.99").status == 200
    assert pharmacy.name(pharmacy.card()) is None

    pharmacy.tier(1, "BRONZE")

    assert pharmacy.name(pharmacy.card()) == "BRONZE"
    assert list(pharmacy.change("BRONZE", level=5).json["errors"]) == ["minSpend"]
    assert pharmacy.change("BRONZE", level=2).status == 422
    assert pharmacy.change("SILVER", level=5).status == 200
    assert pharmacy.change("BRONZE", level=2).status == 200
    assert list(pharmacy.tenant.admin.post("/tiers", {"level": 1, "name": "LOW", "minOrders": 1}).json["errors"]) == ["level"]
    assert pharmacy.tenant.admin.post("/tiers", {"level": 1, "name": "LOW", "minOrders": 1, "isActive": False}).status == 201


def test_a_tier_with_cards_in_it_stays_and_another_goes(service: Service) -> None:
    pharmacy = Tiered(service)
    pharmacy.preset()
    pharmacy.earn(pharmacy.card(), 25_000)
    admin = pharmacy.tenant.admin

    assert admin.delete(f"/tiers/{pharmacy.tiers['GOLD']}").json["code"] == "TIER_IN_USE"
    assert pharmacy.change("GOLD", isActive=False).json["code"] == "TIER_IN_USE"
    assert admin.delete(f"/tiers/{pharmacy.tiers['SILVER']}").status == 204
    assert [tier["isActive"] for tier in admin.get("/tiers").json["items"]] == [True, False, True, True]


def test_a_dry_run_tells_what_a_review_then_does_and_writes_nothing(service: Service) -> None:
    pharmacy = Tiered(service)
    card = pharmacy.card()
    pharmacy.earn(card, 25_000)
    pharmacy.preset()

    shown = pharmacy.review(dry_run=True)

    assert (shown["upgraded"], pharmacy.name(card), pharmacy.history(card)) == (1, "BRONZE", [])
    assert shown["cardsLeft"] == 1
    assert pharmacy.review() == shown | {"dryRun": False, "cardsLeft": 0}
    assert (pharmacy.name(card), pharmacy.history(card)) == ("GOLD", [("UPGRADE", "BRONZE", "GOLD")])
