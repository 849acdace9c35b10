"""Finding and enrolling customers at the counter: one field for everything, nobody enrolled twice, nothing told to the log."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.service import Service
from tests.web.till import Page, Till, new_card, open_till, ready_tenant

HOSTILE = "<script>alert('x')</script> \"onfocus=\"boom"


def enrol(till: Till, **fields: str) -> Page:
    """Open the form and send it filled in."""
    form = till.get("/counter/enrol").forms["enrol"]
    return till.post("/counter/enrol", form.filled(**fields))


@pytest.mark.parametrize(
    "by", ["number", "number in fours", "phone", "phone with spaces", "customer id", "name", "name in small letters"]
)
def test_one_field_finds_a_customer(service: Service, by: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant, customerName="Kavita Iyer", customerId=81_042)
    number, phone = card["cardNumber"], card["customerPhone"]
    typed = {
        "number": f" {number} ",
        "number in fours": " ".join(re.findall("....", number)),
        "phone": phone,
        "phone with spaces": f"{phone[:3]} {phone[3:8]}-{phone[8:]}",
        "customer id": "81042",
        "name": "Kavita",
        "name in small letters": "kavita i",
    }[by]
    found = till.find(typed)
    assert (found.status, found.text("card-name")) == (200, "Kavita Iyer")


def test_several_customers_are_listed_and_one_is_chosen(service: Service) -> None:
    till = open_till(service)
    cards = [new_card(till.tenant, customerName=f"Ravi {letter}") for letter in "ABC"]
    listed = till.find("Ravi")
    assert listed.said == "3 customers found. Choose one."
    links = re.findall(r'href="(/counter/cards/\d+)"', listed.html)
    assert links == [f"/counter/cards/{card['id']}" for card in cards]
    assert cards[0]["customerPhone"] not in listed.html, "a list shows the end of a phone only"
    assert till.get(links[1]).text("card-name") == "Ravi B"


def test_a_list_says_that_there_is_more(service: Service) -> None:
    till = open_till(service)
    for _ in range(21):
        new_card(till.tenant, customerName="Many Many")
    listed = till.find("Many")
    assert "There are more." in listed.html
    assert len(re.findall(r"/counter/cards/", listed.html)) == 2 * 20


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("   ", 422, "Not done: Scan a card, or type a phone, a name or a customer number."),
        ("x" * 201, 422, "Not done: Something in the form is missing or wrong. Check what you typed."),
        ("\u202ename", 422, "Not done: Something in the form is missing or wrong. Check what you typed."),
        ("9" * 40, 200, "Not done: Nobody found. Check what you typed, or enrol the customer below."),
    ],
)
def test_what_finds_nobody_is_said(service: Service, typed: str, status: int, said: str) -> None:
    found = open_till(service).find(typed)
    assert (found.status, found.said) == (status, said)


def test_nobody_found_leads_to_the_form_with_what_was_typed(service: Service) -> None:
    till = open_till(service)
    assert till.find("Nobody Known").forms["enrol"].fields["name"] == "Nobody Known"
    assert till.find("+91 55555 00000").forms["enrol"].fields["phone"] == "+91 55555 00000"


def test_a_replaced_number_asks_for_the_new_card(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    assert till.tenant.admin.post(f"/cards/{card['id']}/replace", {"reason": "lost"}).status == 200
    found = till.find(card["cardNumber"])
    assert (found.status, found.code) == (409, "CARD_REPLACED")
    assert found.said.startswith("Not done: This card was replaced")


def test_a_customer_is_enrolled_and_served_in_one_flow(service: Service) -> None:
    till = open_till(service)
    referrer = new_card(till.tenant)
    enrolled = enrol(till, name="Meena Das", phone="+91 98000 11111", customer_id="77", referrer=referrer["cardNumber"])
    assert (enrolled.status, enrolled.said, enrolled.text("card-name")) == (200, "The customer is enrolled.", "Meena Das")
    assert "bill" in enrolled.forms
    (made,) = till.tenant.admin.post("/cards/search", {"customerId": 77}).json["items"]
    assert (made["customerPhone"], made["referrerCardId"]) == ("+919800011111", referrer["id"])


def test_a_second_click_enrols_nobody_twice(service: Service) -> None:
    till = open_till(service)
    form = till.get("/counter/enrol").forms["enrol"].filled(name="Once Only", phone="+919811100001")
    first, second = till.post("/counter/enrol", form), till.post("/counter/enrol", form)
    assert (first.status, second.status) == (200, 200)
    assert len(till.tenant.admin.post("/cards/search", {"name": "Once Only"}).json["items"]) == 1


def test_a_known_phone_is_asked_about(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, customerName="Father")
    known = enrol(till, name="Daughter", phone=card["customerPhone"])
    assert (known.status, f"/counter/cards/{card['id']}" in known.html) == (409, True)
    anyway = till.post("/counter/enrol", known.forms["enrol"].fields)
    assert (anyway.status, anyway.text("card-name")) == (200, "Daughter")


@pytest.mark.parametrize(
    ("fields", "code", "begins"),
    [
        ({"name": ""}, "VALIDATION_FAILED", "Not done: Write the customer's name"),
        ({"phone": "call me"}, "VALIDATION_FAILED", "Not done: Write the phone number with 3 to 20 digits"),
        ({"customer_id": "12a"}, "VALIDATION_FAILED", "Not done: A customer number is a whole number"),
        ({"card_number": "नंबर"}, "VALIDATION_FAILED", "Not done: This is not a card number of your pharmacy"),
        ({"referrer": "NO-SUCH-CARD"}, "CARD_NOT_FOUND", "Not done: No such card."),
        ({"once": ""}, "VALIDATION_FAILED", "Not done: Something in the form is missing or wrong."),
    ],
)
def test_what_cannot_be_enrolled_is_said(service: Service, fields: dict[str, str], code: str, begins: str) -> None:
    refused = enrol(open_till(service), **{"name": "Some One", "phone": "+919822200002", **fields})
    assert refused.code == code
    assert refused.said.startswith(begins)


def test_a_customer_has_one_card(service: Service) -> None:
    till = open_till(service)
    new_card(till.tenant, customerId=5)
    refused = enrol(till, name="Some One", phone="+919822200003", customer_id="5")
    assert (refused.status, refused.code) == (409, "CARD_EXISTS")


def test_names_are_text_and_nothing_else(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 100, customerName=HOSTILE)
    twin = new_card(till.tenant, customerName=HOSTILE)
    category = {"categoryId": 66, "categoryName": HOSTILE, "pointPercentage": 1}
    assert till.tenant.admin.post("/card-config/categories", category).status in {200, 201}
    pages = [till.find(card["cardNumber"]), till.find("<script>"), till.find(HOSTILE + "?"), till.get("/counter")]
    sent, preview = till.previewed(pages[0].forms["bill"], [(66, "100")])
    pages += [preview, till.post("/counter/apply", sent), till.post("/counter/return/find", {"bill_id": sent["bill_id"]})]
    pages.append(till.post("/counter/apply", {**sent.to_dict(), "amount": "<script>alert(1)</script>"}))
    till.scripts = False
    pages += [till.find(card["cardNumber"]), till.find(twin["cardNumber"])]
    for page in pages:
        for script in re.findall(r"<script[^>]*>", page.html):
            assert 'src="/static/' in script
        assert "<script>alert" not in page.html
        assert '"onfocus=' not in page.html
    assert pages[0].text("card-name") == HOSTILE


def test_no_name_and_no_phone_in_an_address_or_the_log(service: Service, log: Callable[[], str]) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 100, customerName="Secretive Person")
    phone = card["customerPhone"]
    log()
    pages: list[Any] = [till.find(wanted) for wanted in ("Secretive", phone, card["cardNumber"])]
    sent, _ = till.previewed(pages[0].forms["bill"], [(11, "100")])
    pages.append(till.post("/counter/apply", sent))
    pages.append(enrol(till, name="Secretive Person", phone=phone))
    logged = log()
    assert '"operation":"counter.apply"' in logged
    for text in (
        logged,
        *(address for page in pages for address in re.findall(r'(?:href|hx-get|action)="([^"]*)"', page.html)),
    ):
        assert "Secretive" not in text
        assert phone.removeprefix("+") not in text


def test_the_page_gives_the_browser_nothing_inline(service: Service) -> None:
    till = open_till(service, ready_tenant(service), scripts=False)
    card = new_card(till.tenant, 100)
    for page in (till.get("/counter"), till.find(card["cardNumber"]), till.get("/counter/return"), till.get("/counter/enrol")):
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", page.html)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.html), "something from elsewhere"
