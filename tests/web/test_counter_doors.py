"""Who gets to the counter, and to what: tenants apart, roles, sessions, forged forms, kept bills as a batch."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.service import Service
from tests.web.till import MEDICINES, balance_of, new_card, open_till, ready_tenant

FORMS = ("find", "enrol", "preview", "apply", "return/find", "return")


def test_another_pharmacys_things_do_not_exist(service: Service) -> None:
    ours, theirs = open_till(service), open_till(service)
    card = new_card(theirs.tenant, 100, customerName="Other Customer")
    sent, _ = theirs.previewed(theirs.bill(card["cardNumber"]), [(MEDICINES, "100")])
    assert theirs.post("/counter/apply", sent).status == 200

    for wanted in (card["cardNumber"], card["customerPhone"], "Other Customer"):
        assert ours.find(wanted).said.startswith("Not done: Nobody found.")
    page = ours.get(f"/counter/cards/{card['id']}")
    assert (page.status, page.code) == (404, "CARD_NOT_FOUND")
    assert (ours.post("/counter/preview", sent).status, ours.post("/counter/apply", sent).status) == (404, 404)
    assert ours.post("/counter/return/find", {"bill_id": sent["bill_id"]}).code == "BILL_NOT_FOUND"
    assert ours.post("/counter/return", {"bill_id": sent["bill_id"], "return_id": "1", "all": "1"}).code == "BILL_NOT_FOUND"
    item = {"cardNumber": card["cardNumber"], "billId": 1, "billAmount": 1, "items": [{"categoryId": 1, "amount": 1}]}
    (answer,) = ours.json("/counter/earn-points/batch", {"items": [item]}).json["items"]
    assert answer["problem"]["code"] == "CARD_NOT_FOUND"
    assert balance_of(theirs.tenant, card) == 103


@pytest.mark.parametrize("role", ["cashier", "admin"])
def test_both_roles_work_at_the_counter(service: Service, role: str) -> None:
    till = open_till(service, role=role)
    assert till.find(new_card(till.tenant)["cardNumber"]).status == 200


@pytest.mark.parametrize("form", FORMS)
def test_a_forged_form_does_nothing(service: Service, form: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "100")])
    for token, headers in (("0" * 64, {}), ("", {}), (None, {"Sec-Fetch-Site": "cross-site"})):
        refused = till.post(f"/counter/{form}", {**sent.to_dict(), "q": card["cardNumber"]}, headers, token=token)
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
        assert refused.said.startswith("Not done: This page is out of date")
    assert balance_of(till.tenant, card) == 0


@pytest.mark.parametrize("form", FORMS)
def test_nobody_signed_in_is_sent_to_sign_in(service: Service, form: str) -> None:
    till = open_till(service)
    till.browser.set_cookie("0" * 43)
    answer = till.post(f"/counter/{form}", {"q": "x"})
    assert answer.status == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")
    till.scripts = False
    assert till.get("/counter").status == 303


def test_a_body_too_large_is_a_sentence(service: Service) -> None:
    till = open_till(service)
    refused = till.find("x" * 70_000)
    assert (refused.status, refused.code) == (413, "BODY_TOO_LARGE")


def test_a_fault_of_ours_is_a_sentence_and_a_log_line(
    service: Service, monkeypatch: pytest.MonkeyPatch, log: Callable[[], str]
) -> None:
    till = open_till(service)
    monkeypatch.setattr("card_service.web.counter_routes.find_customer", None)
    refused = till.find("x")
    assert (refused.status, refused.code) == (500, "INTERNAL_ERROR")
    till.scripts = False
    assert till.find("x").status == 500
    assert "unexpected_error" in log()


def test_bills_that_were_kept_are_earned_one_by_one(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)

    def bill(number: int, **fields: Any) -> dict[str, Any]:
        items = [{"categoryId": MEDICINES, "amount": "100.00"}]
        return {"cardNumber": card["cardNumber"], "billId": number, "billAmount": "100.00", "items": items, **fields}

    kept = {"items": [bill(501), bill(502, cardNumber="NO-SUCH"), bill(503, billAmount="x")]}
    first = till.json("/counter/earn-points/batch", kept)
    assert (first.status_code, first.content_type) == (200, "application/json")
    assert [(item["billId"], item["status"], item["replayed"]) for item in first.json["items"]] == [
        (501, 200, False), (502, 404, False), (503, 422, False),
    ]  # fmt: skip
    assert first.json["items"][1]["problem"]["detail"].startswith("No such card.")
    till.get("/language/hi?next=/counter")
    again = till.json("/counter/earn-points/batch", kept)
    assert [bool(re.match("[\u0900-\u097f]", item["problem"]["detail"])) for item in again.json["items"][1:]] == [True, True]
    assert [item["replayed"] for item in again.json["items"]] == [True, False, False]
    assert balance_of(till.tenant, card) == 3
    (row,) = till.tenant.admin.get(f"/cards/{card['id']}/transactions").json["items"]
    assert row["performedBy"] == till.user


def test_a_batch_wants_a_session_and_its_token(service: Service) -> None:
    till = open_till(service, ready_tenant(service))
    till.token = "0" * 64
    refused = till.json("/counter/earn-points/batch", {"items": []})
    assert (refused.status_code, refused.json["code"]) == (403, "FORBIDDEN")
    till.browser.set_cookie("0" * 43)
    refused = till.json("/counter/earn-points/batch", {"items": []})
    assert (refused.status_code, refused.json["code"]) == (401, "UNAUTHENTICATED")


def test_a_batch_that_is_none_is_refused(service: Service) -> None:
    till = open_till(service)
    refused = till.json("/counter/earn-points/batch", {"items": []})
    assert (refused.status_code, refused.json["code"]) == (422, "VALIDATION_FAILED")
