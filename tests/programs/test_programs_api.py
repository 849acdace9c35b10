"""Making, changing, activating, suspending and archiving programmes."""

import json
from typing import Any

from tests.cards.steps import open_pharmacy
from tests.servers.clients import Tenant
from tests.servers.service import Service

PATH = "/loyalty/programs"


def make(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    answer = tenant.admin.post(PATH, {"name": "Plus", "type": "HYBRID", **fields})
    assert answer.status == 201, answer.text
    program: dict[str, Any] = answer.json
    return program


def test_a_programme_is_a_draft_first_and_shows_what_it_was_given(service: Service) -> None:
    tenant = open_pharmacy(service, currency="EUR")
    rules = {"gift": "a towel", "freeShippingFrom": 499.5, "forStaff": False, "visits": 3}
    made = make(tenant, startsOn="2026-03-01", endsOn="2026-12-31", rules=rules)
    assert (made["status"], made["version"], made["currency"]) == ("DRAFT", 1, "EUR")
    assert json.dumps(made["rules"], default=float) == json.dumps(rules)
    for client in (tenant.admin, tenant.cashier, tenant.billing):
        assert client.get(f"{PATH}/{made['id']}").json == made
        assert client.get(PATH).json == {"items": [made], "nextCursor": None}


def test_programmes_are_listed_in_pages(service: Service) -> None:
    tenant = open_pharmacy(service)
    made = [make(tenant, name=f"Number {number}")["id"] for number in range(5)]
    first = tenant.cashier.get(PATH, limit=3).json
    second = tenant.cashier.get(PATH, limit=3, cursor=first["nextCursor"]).json
    assert [one["id"] for one in first["items"] + second["items"]] == made
    assert second["nextCursor"] is None


def test_a_change_takes_a_subset_and_refuses_a_stale_version(service: Service) -> None:
    tenant = open_pharmacy(service)
    made = make(tenant, startsOn="2026-03-01")
    url = f"{PATH}/{made['id']}"
    changed = tenant.admin.put(url, {"name": "Plus Plus", "endsOn": "2026-03-31", "version": 1}).json
    assert (changed["name"], changed["startsOn"], changed["endsOn"], changed["version"]) == (
        "Plus Plus",
        "2026-03-01",
        "2026-03-31",
        2,
    )
    assert tenant.admin.put(url, {"name": "Late", "version": 1}).json["code"] == "VERSION_CONFLICT"
    assert tenant.admin.put(url, {"endsOn": "2026-02-28"}).json["errors"] == {"endsOn": ["Must not be before startsOn."]}
    assert tenant.admin.put(url, {"endsOn": None}).json["endsOn"] is None
    assert tenant.admin.put(url, {}).json["version"] == 3
    refused = tenant.admin.post(PATH, {"name": "x", "type": "POINTS", "startsOn": "2026-03-02", "endsOn": "2026-03-01"})
    assert refused.json["errors"] == {"endsOn": ["Must not be before startsOn."]}


def test_only_a_draft_changes_its_type(service: Service) -> None:
    tenant = open_pharmacy(service)
    url = f"{PATH}/{make(tenant)['id']}"
    assert tenant.admin.put(url, {"type": "POINTS"}).json["type"] == "POINTS"
    assert tenant.admin.post(f"{url}/activate").status == 200
    assert list(tenant.admin.put(url, {"type": "TIERED"}).json["errors"]) == ["type"]
    assert tenant.admin.put(url, {"type": "POINTS", "name": "Same"}).status == 200


def test_an_archived_programme_stays_as_it_is(service: Service) -> None:
    tenant = open_pharmacy(service)
    url = f"{PATH}/{make(tenant)['id']}"
    said = []
    for verb in ("suspend", "activate", "activate", "suspend", "activate", "archive", "archive", "activate", "suspend"):
        answer = tenant.admin.post(f"{url}/{verb}")
        said.append(answer.json.get("status") if answer.status == 200 else answer.json["code"])
    assert said == [
        *("PROGRAM_STATE", "ACTIVE", "ACTIVE", "SUSPENDED", "ACTIVE", "ARCHIVED", "ARCHIVED"),
        *("PROGRAM_STATE", "PROGRAM_STATE"),
    ]
    assert tenant.admin.put(url, {"name": "Phoenix"}).json["code"] == "PROGRAM_STATE"


def test_every_change_is_in_the_audit_log_and_a_new_version_of_the_configuration(service: Service) -> None:
    tenant = open_pharmacy(service)
    before = tenant.admin.get("/card-config").json["version"]
    made = make(tenant)
    tenant.admin.put(f"{PATH}/{made['id']}", {"name": "Other"})
    tenant.admin.post(f"{PATH}/{made['id']}/activate")
    tenant.admin.post(f"{PATH}/{made['id']}/activate")
    assert tenant.admin.get("/card-config").json["version"] == before + 3
    logged = service.database.rows(
        "SELECT action, after FROM audit_log WHERE tenant_id = :id AND entity = 'program' ORDER BY id", id=tenant.id
    )
    assert [action for action, _ in logged] == ["add", "change", "set-status"]
    assert [json.loads(after) for _, after in logged[1:]] == [{"name": "Other"}, {"status": "ACTIVE"}]


def test_a_repeated_key_makes_one_programme(service: Service) -> None:
    tenant = open_pharmacy(service)
    answers = [tenant.admin.post(PATH, {"name": "Once", "type": "POINTS"}, {"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert len(tenant.admin.get(PATH).json["items"]) == 1
