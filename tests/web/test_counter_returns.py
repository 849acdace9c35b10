"""Returns at the counter: a bill comes back whole or in part, once, and the receipt says what that did."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.servers.service import Service
from tests.web.till import COSMETICS, MEDICINES, Form, Page, Till, balance_of, new_card, open_till

FIGURES = ("returned", "money-back", "restored", "amount-restored", "reversed", "after")


def sold(till: Till, card: dict[str, Any], lines: Any, **fields: str) -> str:
    """Sell something and give the number of the bill."""
    sent, _ = till.previewed(till.bill(card["cardNumber"]), lines, **fields)
    assert till.post("/counter/apply", sent).status == 200
    return sent["bill_id"]


def looked_up(till: Till, bill: str) -> Form:
    assert till.get("/counter/return").forms["return-find"].action == "/counter/return/find"
    return till.post("/counter/return/find", {"bill_id": bill}).forms["return"]


def with_amounts(form: Form, *amounts: str) -> MultiDict[str, str]:
    sent = form.filled()
    sent.setlist("amount", list(amounts))
    return sent


def figures_of(receipt: Page) -> dict[str, str]:
    assert receipt.status == 200, receipt.said
    return {name: receipt.value(name) for name in FIGURES}


def test_a_bill_comes_back_in_parts(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 200)
    bill = sold(till, card, [(MEDICINES, "1000"), (COSMETICS, "100")], use="all")
    found = till.post("/counter/return/find", {"bill_id": bill})
    assert found.said == "Bill found: ₹1,090.00 is left of it."

    sent = with_amounts(looked_up(till, bill), "500", "")
    receipt = till.post("/counter/return", sent)
    # 500 of 1090: 91.74 points worth 9.17 come back; of 29.44 earned on the medicines 14.72 stay.
    expected = {"returned": "₹500.00", "money-back": "₹490.83", "restored": "91.74", "amount-restored": "₹9.17"}
    assert figures_of(receipt) == expected | {"reversed": "14.72", "after": "108.22"}
    assert "The rest of this bill can still be returned." in receipt.html
    assert figures_of(till.post("/counter/return", sent)) == figures_of(receipt), "a repeated click returns nothing twice"

    rest = looked_up(till, bill).filled(all="1")
    whole = till.post("/counter/return", rest)
    assert figures_of(whole)["returned"] == "₹590.00"
    assert figures_of(whole)["after"] == "200"
    assert "Nothing is left of this bill." in whole.html
    assert figures_of(till.post("/counter/return", rest)) == figures_of(whole)
    assert balance_of(till.tenant, card) == 200

    over = till.post("/counter/return/find", {"bill_id": bill})
    assert (over.status, over.code) == (409, "BILL_CANCELLED")


def test_a_bill_that_only_used_points_comes_back_whole(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 200)
    bill = {"cardId": card["id"], "billId": 77_001}
    body = {**bill, "points": 100, "billAmount": 500}
    assert till.tenant.billing.post("/internal/cards/redeem-points", body).status == 200
    found = till.post("/counter/return/find", {"bill_id": "77001"})
    assert "This bill has used 100 points and earned none." in found.html
    receipt = till.post("/counter/return", found.forms["return"].filled(all="1"))
    assert (receipt.status, receipt.value("restored"), receipt.value("after")) == (200, "100", "200")


def test_a_bill_that_has_earned_since_it_was_shown_is_not_taken_back_unseen(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 200)
    bill = {"cardId": card["id"], "billId": 77_002, "billAmount": 500}
    assert till.tenant.billing.post("/internal/cards/redeem-points", {**bill, "points": 100}).status == 200
    sent = looked_up(till, "77002").filled(all="1")
    items = [{"categoryId": MEDICINES, "amount": 500}]
    assert till.tenant.billing.post("/internal/cards/earn-points", {**bill, "items": items}).status == 200
    before = balance_of(till.tenant, card)
    refused = till.post("/counter/return", sent)
    assert (refused.status, refused.code) == (409, "VERSION_CONFLICT")
    assert balance_of(till.tenant, card) == before
    whole = till.post("/counter/return", looked_up(till, "77002").filled(all="1"))
    assert (whole.value("returned"), whole.value("money-back")) == ("₹500.00", "₹490.00")


def test_points_that_are_gone_are_owed(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    bill = sold(till, card, [(MEDICINES, "5000")])
    sold(till, card, [(MEDICINES, "1000")], use="all")
    receipt = till.post("/counter/return", looked_up(till, bill).filled(all="1"))
    assert (receipt.value("reversed"), receipt.value("after")) == ("150", "-120.45")


@pytest.mark.parametrize(
    ("amounts", "code", "begins"),
    [
        (("", ""), "VALIDATION_FAILED", "Not done: Type the amount that comes back"),
        (("0", ""), "VALIDATION_FAILED", "Not done: Type the amount that comes back"),
        (("ten", ""), "VALIDATION_FAILED", "Not done: “ten” is not an amount."),
        (("1000.01", ""), "RETURN_EXCEEDS_BILL", "Not done: More is returned than is left of the bill."),
    ],
)
def test_what_cannot_come_back_is_said(service: Service, amounts: Any, code: str, begins: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    bill = sold(till, card, [(MEDICINES, "1000"), (COSMETICS, "100")])
    refused = till.post("/counter/return", with_amounts(looked_up(till, bill), *amounts))
    assert (refused.status, refused.code) == (422, code)
    assert refused.said.startswith(begins)


def test_what_another_till_took_back_meanwhile_is_not_taken_twice(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    bill = sold(till, card, [(MEDICINES, "1000")])
    shown = looked_up(till, bill).filled(all="1")
    assert till.post("/counter/return", with_amounts(looked_up(till, bill), "1")).status == 200
    refused = till.post("/counter/return", shown)
    assert (refused.status, refused.code) == (422, "RETURN_EXCEEDS_BILL")


def test_one_return_number_is_one_return(service: Service) -> None:
    till = open_till(service)
    bill = sold(till, new_card(till.tenant), [(MEDICINES, "1000")])
    form = looked_up(till, bill)
    assert till.post("/counter/return", with_amounts(form, "10")).status == 200
    refused = till.post("/counter/return", with_amounts(form, "11"))
    assert (refused.status, refused.code) == (409, "RETURN_ALREADY_MADE")


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [("12", 404, "BILL_NOT_FOUND"), ("B-12", 422, "VALIDATION_FAILED"), ("", 422, "VALIDATION_FAILED")],
)
def test_an_unknown_bill_is_said(service: Service, number: str, status: int, code: str) -> None:
    refused = open_till(service).post("/counter/return/find", {"bill_id": number})
    assert (refused.status, refused.code) == (status, code)
