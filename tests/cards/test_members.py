"""What a card knows of its member beside the name: the birthday, segments, and the code that friends are given."""

import re
from typing import Any

import pytest

from card_service import migrate
from card_service.kit.db.engine import build_engine
from tests.cards.steps import card, issue, merge, open_pharmacy
from tests.servers.clients import Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

CODE = re.compile("[23456789ABCDEFGHJKLMNPQRSTUVWXYZ]{10}")


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def put(tenant: Tenant, card_id: int, **fields: Any) -> Any:
    return tenant.admin.put(f"/cards/{card_id}", fields)


def test_a_birthday_and_segments_are_kept_changed_and_emptied(service: Service, tenant: Tenant) -> None:
    made = issue(tenant, birthDate="1984-02-29", segments=["staff", "diabetes-care"])
    assert (made["birthDate"], made["segments"]) == ("1984-02-29", ["staff", "diabetes-care"])
    changed = put(tenant, made["id"], birthDate="1985-03-01", segments=["vip"]).json
    assert (changed["birthDate"], changed["segments"], changed["version"]) == ("1985-03-01", ["vip"], 2)
    assert put(tenant, made["id"], customerName="Asha").json["segments"] == ["vip"]
    emptied = put(tenant, made["id"], birthDate=None, segments=None).json
    assert (emptied["birthDate"], emptied["segments"]) == (None, [])
    log = service.database.rows("SELECT `before`, `after` FROM audit_log WHERE tenant_id = :id", id=tenant.id)
    assert not any("1984" in str(row) or "1985" in str(row) for row in log)


@pytest.mark.parametrize(
    "fields",
    [
        {"birthDate": "1985-02-29"}, {"birthDate": "29.2.1984"}, {"segments": []}, {"segments": ["VIP"]},
        {"segments": ["a,b"]}, {"segments": ["a", "a"]}, {"segments": [str(number) for number in range(11)]},
        {"segments": ["x" * 31]}, {"segments": "vip"},
    ],
)  # fmt: skip
def test_what_is_no_birthday_and_no_segment_is_refused(tenant: Tenant, fields: dict[str, Any]) -> None:
    (name,) = fields
    made = issue(tenant)["id"]
    for answer in (tenant.admin.post("/cards", fields), put(tenant, made, **fields)):
        assert (answer.status, list(answer.json["errors"])) == (422, [name])


def test_every_card_has_a_code_of_its_own_and_with_a_base_a_link(tenant: Tenant) -> None:
    codes = {issue(tenant)["referralCode"] for _ in range(20)}
    assert len(codes) == 20
    assert all(CODE.fullmatch(code) for code in codes)
    base = "https://sunrise.example/join?c="
    assert tenant.admin.put("/card-config", {"referralLinkBase": base}).json["referralLinkBase"] == base
    made = issue(tenant)
    assert made["referralLink"] == base + made["referralCode"]
    assert card(tenant, made["id"]) == made
    assert tenant.admin.put("/card-config", {"referralLinkBase": "sunrise.example"}).status == 422


def test_a_code_names_the_referrer_also_after_a_merge(service: Service, tenant: Tenant) -> None:
    referrer, stays = issue(tenant), issue(tenant)
    code = referrer["referralCode"]
    assert issue(tenant, referralCode=code)["referrerCardId"] == referrer["id"]
    assert issue(tenant, referralCode=code.lower())["referrerCardId"] == referrer["id"]
    assert merge(tenant, stays["id"], referrer["id"]).status == 200
    assert issue(tenant, referralCode=code)["referrerCardId"] == stays["id"]
    foreign = issue(open_pharmacy(service))["referralCode"]
    for unknown in ("2222222222", foreign, "?"):
        answer = tenant.admin.post("/cards", {"referralCode": unknown})
        assert (answer.status, answer.json["code"]) == (422, "REFERRER_INVALID")
    both = tenant.admin.post("/cards", {"referralCode": code, "referrerCardId": stays["id"]})
    assert (both.status, both.json["code"]) == (422, "VALIDATION_FAILED")


def test_the_migration_gives_a_code_to_every_card_there_is(own_sqlite: PrivateDatabase) -> None:
    tenant = open_pharmacy(start_service(own_sqlite))
    made = [issue(tenant)["id"] for _ in range(3)]
    engine = build_engine(own_sqlite.migration_url)
    migrate.downgrade(engine, "0012")
    migrate.upgrade(engine)
    engine.dispose()
    codes = [code for (code,) in own_sqlite.rows("SELECT referral_code FROM loyalty_cards ORDER BY id")]
    assert (len(codes), len(set(codes))) == (len(made), len(made))
    assert all(CODE.fullmatch(code) for code in codes)
