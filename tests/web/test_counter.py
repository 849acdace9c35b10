"""The counter over HTTP: find, preview, apply once, receipt; and everything that may come between."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.servers.service import Service
from tests.web.till import BABY_FOOD, COSMETICS, MEDICINES, Page, Till, balance_of, new_card, open_till, ready_tenant

FIGURES = ("before", "used", "paid-by-points", "earned", "after", "payable", "due")


def figures_of(receipt: Page) -> dict[str, str]:
    assert receipt.status == 200, receipt.said
    return {name: receipt.value(name) for name in FIGURES}


def test_the_whole_journey(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 200)

    found = till.find(card["cardNumber"])
    assert (found.status, found.text("card-name"), found.text("card-points")) == (200, "Asha Rao", "200")
    assert found.text("card-worth") == "₹20.00"
    assert 'data-sound="accept"' in found.html

    sent, preview = till.previewed(found.forms["bill"], [(MEDICINES, "1,000"), (COSMETICS, "100.00")], use="all")
    assert (preview.value("discount"), preview.value("payable"), preview.value("due")) == ("₹10.00", "₹1,090.00", "₹1,070.00")
    assert preview.value("points") == "200 points"
    assert preview.text("preview-reason") == "All the points of the card may be used on this bill."
    assert balance_of(till.tenant, card) == 200, "a preview writes nothing"

    receipt = till.post("/counter/apply", sent)
    # 1000 and 90 net, less the shares of 20.00 (18.35 and 1.65): 981.65 * 3 % and 88.35 * 2 %, each rounded down.
    expected = {"before": "200", "used": "200", "paid-by-points": "₹20.00", "earned": "31.20", "after": "31.20"}
    assert figures_of(receipt) == expected | {"payable": "₹1,090.00", "due": "₹1,070.00"}
    assert balance_of(till.tenant, card) == Decimal("31.20")

    assert figures_of(till.post("/counter/apply", sent)) == figures_of(receipt), "a repeated click answers what the first did"
    assert balance_of(till.tenant, card) == Decimal("31.20")
    history = till.tenant.admin.get(f"/cards/{card['id']}/transactions").json["items"]
    assert [row["type"] for row in history] == ["EARNED", "EARNED", "REDEEMED", "ADJUSTED"]
    assert {row["performedBy"] for row in history[:3]} == {till.user}


def test_clicks_at_the_same_moment_do_it_once(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 200)
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")], use="all")

    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda _: till.post("/counter/apply", sent), range(4)))

    assert [figures_of(receipt) for receipt in receipts] == [figures_of(receipts[0])] * 4
    assert figures_of(receipts[0])["earned"] == "29.40"
    assert balance_of(till.tenant, card) == Decimal("29.40")


def test_points_pay_the_exact_rest(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 500)
    sent, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "212.35")], use="rest", money="200")
    assert (preview.value("deducted"), preview.value("points"), preview.value("due")) == ("₹12.35", "123.50 points", "₹200.00")
    assert figures_of(till.post("/counter/apply", sent))["due"] == "₹200.00"


@pytest.mark.parametrize(
    ("points", "amount", "typed", "reason"),
    [
        (0, "100", {}, "The card has no points to use."),
        (49, "100", {}, "At least 50 points must be used at once, and the card has 49."),
        (500, "9", {}, "This bill is too small: at least 50 points must be used at once, and that is more than may pay for it."),
        (2000, "100", {}, "Points may pay at most 50% of the goods that can be paid in points: 500 points here."),
        (200, "100", {"use": "rest", "money": "100"}, "The money pays the whole bill, so no points are used."),
    ],
)
def test_the_preview_says_why_not_more(service: Service, points: int, amount: str, typed: dict[str, str], reason: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant, points)
    _, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, amount)], **typed)
    assert preview.text("preview-reason") == reason


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("40", "At least 50 points must be used at once. Use more, or none."),
        ("700", "At most 500 points, worth ₹50.00, may pay for this bill. Use fewer, or choose “All that can be used”."),
        ("2001", "The card has only 2,000 points. Use fewer, or choose “All that can be used”."),
    ],
)
def test_points_that_cannot_be_used_are_refused_and_nothing_is_done(service: Service, typed: str, reason: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 2000)
    sent, preview = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "100")], use="points", points=typed)
    assert preview.text("preview-refused") == reason
    refused = till.post("/counter/apply", sent)
    assert (refused.status, refused.headers["HX-Retarget"], refused.text("preview-refused")) == (422, "#preview", reason)
    assert balance_of(till.tenant, card) == 2000


def test_what_the_law_forbids_earns_nothing_and_is_not_paid_in_points(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 2000)
    _, preview = till.previewed(till.bill(card["cardNumber"]), [(BABY_FOOD, "500"), (MEDICINES, "100")], use="all")
    assert (preview.value("payable"), preview.value("deducted"), preview.value("earned")) == ("₹600.00", "₹50.00", "1.50 points")
    assert "Baby food: earns no points, because the law or your pharmacy forbids it." in preview.html
    _, preview = till.previewed(till.bill(card["cardNumber"]), [(BABY_FOOD, "500")], use="all")
    assert preview.text("preview-reason") == "Nothing on this bill may be paid in points."


def _raise_discount(till: Till, _card: dict[str, Any]) -> None:
    body = {"categoryId": MEDICINES, "categoryName": "Medicines", "discountPercentage": 5}
    assert till.tenant.admin.post("/card-config/discounts", body).status in {200, 201}


def _spend_elsewhere(till: Till, card: dict[str, Any]) -> None:
    body = {"points": -100, "reason": "spent at another till"}
    assert till.tenant.admin.post(f"/cards/{card['id']}/adjust-points", body).status == 200


@pytest.mark.parametrize("meanwhile", [_raise_discount, _spend_elsewhere])
def test_what_is_not_what_was_shown_is_shown_and_not_done(service: Service, meanwhile: Any) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 300)
    sent, before = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")], use="all")
    meanwhile(till, card)
    held = balance_of(till.tenant, card)

    changed = till.post("/counter/apply", sent)
    assert (changed.status, changed.headers["HX-Retarget"]) == (409, "#preview")
    assert changed.said == "Not done: These are the figures now; nothing was done yet. Look at them, then apply again."
    assert changed.value("due") != before.value("due")
    assert balance_of(till.tenant, card) == held

    receipt = till.post("/counter/apply", till.shown(sent, changed))
    assert figures_of(receipt)["due"] == changed.value("due")


def test_a_bill_that_nobody_has_seen_is_shown_before_it_is_applied(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    sent = till.typed(till.bill(card["cardNumber"]), [(MEDICINES, "100")])
    assert till.post("/counter/apply", sent).status == 409
    assert balance_of(till.tenant, card) == 0


def test_points_taken_and_not_earned_are_told_and_the_bill_goes_on(service: Service) -> None:
    till = open_till(service)
    card, tenant = new_card(till.tenant, 200), till.tenant
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")], use="all")
    # As if the service had stopped between the two steps.
    bill = {"cardId": card["id"], "billId": int(sent["bill_id"])}
    items = [{"categoryId": MEDICINES, "amount": 1000}]
    assert tenant.billing.post("/internal/cards/calculate", {**bill, "items": items}).status == 200
    assert tenant.billing.post("/internal/cards/redeem-points", {**bill, "points": 200}).status == 200
    tenant.admin.post("/card-config/disable")

    half = till.post("/counter/apply", sent)
    assert (half.status, half.code) == (409, "CARD_SYSTEM_DISABLED")
    assert half.said.startswith("Not done: 200 points worth ₹20.00 were taken for this bill, but it has not earned its points:")
    assert f"return bill {sent['bill_id']} to give the points back" in half.said
    assert balance_of(tenant, card) == 0

    tenant.admin.post("/card-config/enable")
    changed = till.typed(till.bill(card["cardNumber"]), [(MEDICINES, "900")], bill_id=sent["bill_id"])
    for name in (name for name in sent if name.startswith("shown_")):
        changed[name] = sent[name]
    changed["shown_payable"] = "900.00"
    assert till.post("/counter/apply", changed).code == "BILL_ALREADY_REDEEMED"
    assert figures_of(till.post("/counter/apply", sent))["after"] == "29.40"


def test_an_earned_bill_cannot_be_changed(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "100")])
    assert till.post("/counter/apply", sent).status == 200
    more, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "150")], bill_id=sent["bill_id"])
    refused = till.post("/counter/apply", more)
    assert (refused.status, refused.code) == (409, "BILL_ALREADY_EARNED")
    assert refused.headers["HX-Retarget"] == "#messages"
    assert balance_of(till.tenant, card) == 3


@pytest.mark.parametrize(
    ("lines", "fields", "said"),
    [
        ([], {}, "Not done: Type the amount of at least one line."),
        ([(MEDICINES, "")], {}, "Not done: Type the amount of at least one line."),
        ([(MEDICINES, "12,5")], {}, "Not done: “12,5” is not an amount. Type it like 1234.50, with at most two decimals."),
        ([(MEDICINES, "1.005")], {}, "Not done: “1.005” is not an amount. Type it like 1234.50, with at most two decimals."),
        ([(MEDICINES, "5")], {"use": "points"}, "Not done: Type how many points to use, more than 0."),
        ([(MEDICINES, "5")], {"use": "points", "points": "0"}, "Not done: Type how many points to use, more than 0."),
        ([(MEDICINES, "5")], {"use": "rest"}, "Not done: Type how much the customer pays in money."),
        ([(MEDICINES, "5")], {"bill_id": "x"}, "Not done: A bill number is a whole number, as printed on the receipt. Check it."),
        ([(MEDICINES, "5")], {"use": "magic"}, "Not done: Something in the form is missing or wrong. Check what you typed."),
    ],
)
def test_what_cannot_be_read_is_said(service: Service, lines: Any, fields: dict[str, str], said: str) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    refused = till.post("/counter/apply", till.typed(till.bill(card["cardNumber"]), lines, **fields))
    assert (refused.status, refused.said) == (422, said)


def test_a_card_without_the_right_to_pay_has_no_bill(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant, 100)
    till.tenant.admin.post(f"/cards/{card['id']}/block", {"reason": "lost"})
    blocked = till.find(card["cardNumber"])
    assert blocked.status == 200
    assert blocked.text("card-status").startswith("This card is blocked")
    assert "bill" not in blocked.forms
    till.tenant.admin.delete(f"/cards/{card['id']}")
    assert till.get(f"/counter/cards/{card['id']}").text("card-status").startswith("This card is closed")


def test_what_is_lost_soonest_is_shown_by_day(service: Service) -> None:
    till = open_till(service)
    card, tenant = new_card(till.tenant), till.tenant
    for day, points in (("2031-03-31", 30), ("2031-01-31", 20), ("2031-01-31", 5)):
        body = {"points": points, "reason": "gift", "expiresAt": day}
        assert tenant.admin.post(f"/cards/{card['id']}/adjust-points", body).status == 200
    expiring = till.find(card["cardNumber"]).text("card-expiring")
    assert expiring == "25 points until 31 Jan 203130 points until 31 Mar 2031"


def test_a_debt_is_shown(service: Service) -> None:
    till = open_till(service)
    card = new_card(till.tenant)
    first, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "5000")])
    assert till.post("/counter/apply", first).status == 200
    second, _ = till.previewed(till.bill(card["cardNumber"]), [(BABY_FOOD, "1"), (MEDICINES, "1000")], use="all")
    assert figures_of(till.post("/counter/apply", second))["used"] == "150"
    assert till.tenant.billing.post("/internal/cards/reverse-points", {"billId": int(first["bill_id"])}).status == 200

    page = till.find(card["cardNumber"])
    # The second bill earned 29.55 on 985.00, of the 150 that the first one had given.
    assert (page.text("card-points"), page.text("card-worth")) == ("-120.45", "₹0.00")
    assert page.text("card-debt") == "120.45 points; what the customer earns pays this first"
    _, preview = till.previewed(page.forms["bill"], [(MEDICINES, "100")])
    assert preview.text("preview-reason") == "The card has no points to use."


def test_points_that_wait_are_in_no_balance_of_the_receipt(service: Service) -> None:
    till = open_till(service)
    assert till.tenant.admin.put("/card-config", {"pendingDays": 3}).status == 200
    card = new_card(till.tenant, 200)
    sent, _ = till.previewed(till.bill(card["cardNumber"]), [(MEDICINES, "1000")])

    receipt = figures_of(till.post("/counter/apply", sent))

    assert (receipt["before"], receipt["earned"], receipt["after"]) == ("200", "30", "200")
    page = till.find(card["cardNumber"])
    assert (page.text("card-points"), page.text("card-pending")) == ("200", "30 points")


def test_everything_works_without_scripts(service: Service) -> None:
    till = open_till(service, scripts=False)
    card = new_card(till.tenant, 200)
    assert 'id="counter"' in till.get("/counter").html
    page = till.find(card["cardNumber"])
    assert "<html" in page.html
    shown = till.post("/counter/apply", till.typed(page.forms["bill"], [(MEDICINES, "1000")], use="all"))
    assert shown.status == 409
    assert "<html" in shown.html
    assert shown.value("due") == "₹980.00"
    receipt = till.post("/counter/apply", shown.forms["bill"].fields)
    assert figures_of(receipt)["due"] == "₹980.00"


def test_money_is_the_tenants(service: Service) -> None:
    tenant = ready_tenant(service, currency="USD", timezone="America/New_York")
    card = new_card(tenant, 1000)
    page = open_till(service, tenant).find(card["cardNumber"])
    assert page.text("card-worth") == "US$100.00"
