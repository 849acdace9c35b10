"""Campaigns over HTTP: made, changed, activated, paused, ended, listed, joined."""

from datetime import timedelta
from typing import Any

import pytest

from tests.campaigns.steps import BASE, card, draft, open_pharmacy, run, window
from tests.servers.service import Service


def test_a_campaign_is_made_changed_and_shown(service: Service) -> None:
    tenant = open_pharmacy(service)
    fields = {
        "description": "Mornings",
        "weekdays": ["SUN", "MON"],
        "fromTime": "22:00",
        "toTime": "02:30",
        "tierIds": [9, 3],
        "segments": ["over-60"],
        "categoryIds": [2, 1],
        "minSpend": "100.00",
        "maxUses": 5,
        "budget": 1000,
        "priority": 3,
    }
    made = draft(service, tenant, **fields)
    assert made["status"] == "DRAFT"
    assert (made["weekdays"], made["fromTime"], made["toTime"]) == (["MON", "SUN"], "22:00", "02:30")
    assert (made["tierIds"], made["categoryIds"], made["multiplier"], made["version"]) == ([3, 9], [1, 2], 2, 1)
    path = f"{BASE}/{made['id']}"
    assert tenant.admin.get(path).json == made
    changed = tenant.admin.put(path, {"weekdays": [], "fromTime": None, "toTime": None, "multiplier": "1.50", "version": 1})
    assert (changed.json["weekdays"], changed.json["fromTime"], changed.json["multiplier"]) == ([], None, 1.5)
    assert changed.json["version"] == 2
    stale = tenant.admin.put(path, {"name": "Other", "version": 1})
    assert (stale.status, stale.json["code"]) == (409, "VERSION_CONFLICT")
    assert tenant.admin.get(BASE).json["items"] == [changed.json]
    assert tenant.admin.get(f"{BASE}/{2**60}").status == 404
    log = service.database.rows(
        "SELECT action FROM audit_log WHERE tenant_id = :id AND entity = 'campaign' ORDER BY id", id=tenant.id
    )
    assert [action for (action,) in log] == ["add", "change"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"multiplier": None}, "multiplier"),
    ({"multiplier": 1}, "multiplier"),
    ({"multiplier": 101}, "multiplier"),
    ({"bonusPoints": 5}, "bonusPoints"),
    ({"type": "CATEGORY_BONUS"}, "categoryIds"),
    ({"type": "FIXED_BONUS", "multiplier": None}, "bonusPoints"),
    ({"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 5, "days": 3}, "bonusPoints"),
    ({"type": "TIER_CHALLENGE", "multiplier": None, "bonusPoints": 5, "days": 3}, "targetSpend"),
    ({"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 5, "bonusPoints": 5}, "days"),
    ({"type": "REFERRAL", "multiplier": None}, "bonusPoints"),
    ({"type": "REFERRAL", "bonusPoints": 5}, "multiplier"),
    (
        {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 5, "days": 1, "bonusPoints": 5, "exclusive": True},
        "exclusive",
    ),
    ({"fromTime": "09:00"}, "toTime"),
    ({"fromTime": "09:00", "toTime": "09:00"}, "toTime"),
    ({"fromTime": "24:00", "toTime": "09:00"}, "fromTime"),
    ({"weekdays": ["Monday"]}, "weekdays"),
    ({"segments": ["Over 60"]}, "segments"),
    ({"endsAt": "2020-01-01T00:00:00Z"}, "endsAt"),
    ({"maxUses": 0}, "maxUses"),
    ({"budget": 0}, "budget"),
]


@pytest.mark.parametrize(("fields", "named"), WRONG)
def test_what_a_type_does_not_have_or_lacks_is_refused(service: Service, fields: dict[str, Any], named: str) -> None:
    tenant = service.tenant()
    body = {"name": "Wrong", **window(service), "type": "POINTS_MULTIPLIER", "multiplier": 2, **fields}
    answer = tenant.admin.post(BASE, {name: value for name, value in body.items() if value is not None})
    assert (answer.status, list(answer.json["errors"])) == (422, [named])


def test_the_status_follows_the_window_and_what_was_asked(service: Service) -> None:
    tenant = open_pharmacy(service)
    begin = service.clock.now + timedelta(hours=1)
    made = draft(service, tenant, startsAt=begin.isoformat(), endsAt=(begin + timedelta(hours=1)).isoformat())
    path = f"{BASE}/{made['id']}"

    def step(word: str) -> tuple[int, str]:
        answer = tenant.admin.post(f"{path}/{word}")
        return answer.status, answer.json.get("status") if answer.status == 200 else answer.json["code"]

    def shown() -> str:
        return str(tenant.admin.get(path).json["status"])

    assert step("pause") == step("end") == (409, "CAMPAIGN_STATE")
    assert step("activate") == step("activate") == (200, "SCHEDULED")
    assert tenant.cashier.get(f"{BASE}/active").json == {"items": []}
    service.clock.advance(hours=1)
    assert shown() == "ACTIVE"
    assert [one["id"] for one in tenant.cashier.get(f"{BASE}/active").json["items"]] == [made["id"]]
    assert step("pause") == (200, "PAUSED")
    assert tenant.billing.get(f"{BASE}/active").json == {"items": []}
    assert step("activate") == (200, "ACTIVE")
    service.clock.advance(hours=1)
    assert shown() == "ENDED"
    later = (service.clock.now + timedelta(days=1)).isoformat()
    assert tenant.admin.put(path, {"endsAt": later}).json["status"] == "ACTIVE"
    refused = tenant.admin.put(path, {"multiplier": 3})
    assert (refused.status, refused.json["code"]) == (409, "CAMPAIGN_STATE")
    assert tenant.admin.put(path, {"multiplier": 2, "maxUses": 7, "name": "Other"}).status == 200
    assert step("end") == step("end") == (200, "ENDED")
    assert step("activate") == step("pause") == (409, "CAMPAIGN_STATE")
    assert tenant.admin.put(path, {"name": "Late"}).status == 409


def test_who_could_have_a_campaign_is_told_by_tier_and_segments(service: Service) -> None:
    tenant = open_pharmacy(service)
    preset = {"preset": "bronze-silver-gold-platinum"}
    bronze, silver, *_ = tenant.admin.post("/tiers/presets", preset).json["items"]
    card(tenant, customerId=7, segments=["diabetes"])
    run(service, tenant, tierIds=[bronze["id"]], segments=["diabetes", "asthma"])
    run(service, tenant, tierIds=[silver["id"]])
    run(service, tenant, segments=["asthma"])
    eligible = tenant.cashier.get(f"{BASE}/customer/7/eligible").json
    assert [one["reason"] for one in eligible["items"]] == [None, "TIER", "SEGMENT"]


def test_a_card_whose_programme_does_not_run_could_have_no_campaign(service: Service) -> None:
    tenant = open_pharmacy(service)
    buyer = card(tenant, customerId=7)
    run(service, tenant)
    run(service, tenant, optIn=True, segments=["asthma"])
    last_day = (service.clock.now + timedelta(days=1)).date().isoformat()
    program = tenant.admin.post("/loyalty/programs", {"name": "Plus", "type": "POINTS", "endsOn": last_day}).json["id"]
    assert tenant.admin.post(f"/loyalty/programs/{program}/activate").status == 200
    assert tenant.admin.post("/loyalty/enroll", {"cardId": buyer, "programId": program}).status == 200

    def told() -> list[tuple[bool, str | None]]:
        items = tenant.cashier.get(f"{BASE}/customer/7/eligible").json["items"]
        return [(one["eligible"], one["reason"]) for one in items]

    assert told() == [(True, None), (False, "SEGMENT")]
    assert tenant.admin.post(f"/loyalty/programs/{program}/suspend").status == 200
    assert told() == [(False, "PROGRAM_NOT_ACTIVE")] * 2
    assert tenant.admin.post(f"/loyalty/programs/{program}/activate").status == 200
    service.clock.advance(days=2)
    assert told() == [(False, "PROGRAM_NOT_ACTIVE")] * 2
    assert tenant.admin.post("/loyalty/enroll", {"cardId": buyer, "programId": None}).status == 200
    assert told() == [(True, None), (False, "SEGMENT")]


def test_joining_and_progress(service: Service) -> None:
    tenant = open_pharmacy(service)
    card(tenant, customerId=7)
    everybody = run(service, tenant)
    challenge = run(service, tenant, type="TIER_CHALLENGE", multiplier=None, optIn=True, targetSpend=500, days=3, bonusPoints=50)
    eligible = tenant.cashier.get(f"{BASE}/customer/7/eligible").json
    assert [(one["campaign"]["id"], one["eligible"], one["reason"]) for one in eligible["items"]] == [
        (everybody["id"], True, None),
        (challenge["id"], False, "NOT_JOINED"),
    ]
    body = {"campaignId": challenge["id"], "customerId": 7}
    first = tenant.cashier.post(f"{BASE}/participate", body)
    assert first.status == 200
    assert first.json["joinedAt"] == "2026-03-02T06:30:00Z"
    assert first.json["until"] == "2026-03-04T18:30:00Z"  # midnight in India after three days
    assert (first.json["spent"], first.json["remaining"]) == (0, 500)
    service.clock.advance(hours=1)
    assert tenant.cashier.post(f"{BASE}/participate", body).json == first.json
    assert tenant.billing.get(f"{BASE}/{challenge['id']}/progress/7").json == first.json
    assert tenant.cashier.post(f"{BASE}/participate", {**body, "campaignId": everybody["id"]}).status == 422
    assert tenant.cashier.post(f"{BASE}/participate", {**body, "cardId": 1}).status == 422
    assert tenant.cashier.post(f"{BASE}/participate", {**body, "customerId": 8}).status == 404
    assert tenant.admin.post(f"{BASE}/{challenge['id']}/pause").status == 200
    refused = tenant.cashier.post(f"{BASE}/participate", body)
    assert (refused.status, refused.json["code"]) == (409, "CAMPAIGN_STATE")


def test_a_tier_stays_while_a_campaign_may_give_it_and_a_campaign_ends_without_it(service: Service) -> None:
    tenant = open_pharmacy(service)
    *_, gold, platinum = tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"}).json["items"]
    reward = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 500, "days": 10, "rewardTierId": gold["id"]}
    spare, running = draft(service, tenant, **reward, name="Spare"), run(service, tenant, **reward, name="To gold")

    for answer in (tenant.admin.delete(f"/tiers/{gold['id']}"), tenant.admin.put(f"/tiers/{gold['id']}", {"isActive": False})):
        assert (answer.status, answer.json["code"]) == (409, "TIER_IN_USE")
        assert all(str(word) in answer.json["detail"] for word in (spare["id"], "Spare"))
    assert tenant.admin.put(f"{BASE}/{spare['id']}", {"rewardTierId": platinum["id"]}).status == 200
    assert "To gold" in tenant.admin.delete(f"/tiers/{gold['id']}").json["detail"]
    assert tenant.admin.post(f"{BASE}/{running['id']}/end").status == 200
    assert tenant.admin.delete(f"/tiers/{gold['id']}").status == 204
    assert tenant.admin.delete(f"/tiers/{platinum['id']}").status == 409


def test_a_challenge_whose_reward_is_gone_can_still_be_paused_changed_and_ended(service: Service) -> None:
    tenant = open_pharmacy(service)
    *_, gold, platinum = tenant.admin.post("/tiers/presets", {"preset": "bronze-silver-gold-platinum"}).json["items"]
    reward = {"type": "TIER_CHALLENGE", "multiplier": None, "targetSpend": 500, "days": 10, "rewardTierId": gold["id"]}
    running, spare = (make(service, tenant, **reward) for make in (run, draft))
    service.clock.advance(days=30)
    assert tenant.admin.delete(f"/tiers/{gold['id']}").status == 204, "both are over"
    later = {"endsAt": (service.clock.now + timedelta(days=30)).isoformat()}

    def step(campaign: dict[str, Any], word: str) -> Any:
        answer = tenant.admin.post(f"{BASE}/{campaign['id']}/{word}")
        return answer.json["status"] if answer.status == 200 else list(answer.json["errors"])

    for campaign in (running, spare):
        assert tenant.admin.put(f"{BASE}/{campaign['id']}", later).status == 200
    assert step(running, "pause") == "PAUSED"
    assert step(running, "activate") == step(spare, "activate") == ["rewardTierId"]
    assert tenant.admin.put(f"{BASE}/{spare['id']}", {"rewardTierId": platinum["id"]}).status == 200
    assert list(tenant.admin.put(f"{BASE}/{spare['id']}", {"rewardTierId": gold["id"]}).json["errors"]) == ["rewardTierId"]
    assert (step(spare, "activate"), step(running, "end")) == ("ACTIVE", "ENDED")
