"""The page on which an admin prints cards: which, how often, by whom; and who is kept from it."""

import re
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from card_service.cards.rules import in_fours
from card_service.web.security import HEADERS
from tests.servers.service import Service
from tests.web.till import Form, Page, Till, new_card, open_till

PATH = "/print-cards"


def at_the_printer(service: Service, **more: Any) -> Till:
    """Sign an admin in whose browser sends forms itself, as this page does."""
    return open_till(service, role="admin", scripts=False, **more)


def send(admin: Till, form: Form) -> Page:
    """Click the button of a form."""
    return admin.post(form.action, form.fields)


def ids(sheet: Page) -> list[int]:
    """Give the ids of the cards on a sheet."""
    assert sheet.status == 200, sheet.said
    return [int(one) for one in re.findall(r'data-card-id="(\d+)"', sheet.html)]


def marked(service: Service, till: Till) -> int:
    """Count the printed numbers of a tenant, as the database has them."""
    sql = "SELECT COUNT(*) FROM card_numbers WHERE tenant_id = :id AND printed_at IS NOT NULL"
    return int(service.database.rows(sql, id=till.tenant.id)[0][0])


def test_an_admin_prints_what_waits(service: Service) -> None:
    admin = at_the_printer(service)
    cards = [new_card(admin.tenant), new_card(admin.tenant, customerName='<b>"Ravi" & co</b>')]
    page = admin.get(PATH)
    assert page.text("waiting-count") == "2 cards wait to be printed."
    assert "Print 2 cards" in page.text("print-next")
    assert marked(service, admin) == 0, "looking prints nothing"
    sheet = send(admin, page.forms["print-next"])
    assert ids(sheet) == [card["id"] for card in cards]
    assert in_fours(cards[0]["cardNumber"]) in sheet.html
    assert "&lt;b&gt;&#34;Ravi&#34; &amp; co&lt;/b&gt;" in sheet.html
    assert "<b>&#34;" not in sheet.html
    rows = service.database.rows(
        "SELECT performed_by FROM audit_log WHERE tenant_id = :id AND action = 'print'", id=admin.tenant.id
    )
    assert [by for (by,) in rows] == [admin.user, admin.user]
    after = admin.get(PATH)
    assert after.text("waiting-count").startswith("No card waits to be printed.")
    assert "print-next" not in after.forms


def test_a_second_click_prints_the_same_cards_and_never_the_next(service: Service) -> None:
    admin = at_the_printer(service)
    made = [new_card(admin.tenant)["id"] for _ in range(102)]
    form = admin.get(PATH).forms["print-next"]
    assert [ids(send(admin, form)), ids(send(admin, form))] == [made[:100], made[:100]]
    assert marked(service, admin) == 100
    page = admin.get(PATH)
    assert page.text("waiting-count") == "2 cards wait to be printed."
    assert ids(send(admin, page.forms["print-next"])) == made[100:]


def test_at_most_a_hundred_and_the_rest_is_told(service: Service) -> None:
    admin = at_the_printer(service)
    for _ in range(101):
        new_card(admin.tenant)
    page = admin.get(PATH)
    assert page.text("waiting-count") == "101 cards wait to be printed."
    assert "Print 100 cards" in page.text("print-next")
    assert page.text("waiting-remaining") == "1 more waits after these. Load this page again to print it."
    too_many = admin.post(PATH, {"numbers": "\n".join(str(number) for number in range(101))})
    assert (too_many.status, marked(service, admin)) == (422, 0)
    assert too_many.said.startswith("Not done: At most 100 cards are printed at once")


def test_the_last_times_can_be_printed_again(service: Service) -> None:
    admin = at_the_printer(service)
    first = [new_card(admin.tenant)["id"] for _ in range(3)]
    send(admin, admin.get(PATH).forms["print-next"])
    service.clock.advance(minutes=5)
    second = new_card(admin.tenant)["id"]
    send(admin, admin.get(PATH).forms["print-next"])
    admin.tenant.admin.delete(f"/cards/{first[1]}")
    page = admin.get(PATH)
    assert page.text("time-1").endswith(": 1 card")
    assert page.text("time-2").endswith(": 2 cards"), "one was closed since"
    assert ids(send(admin, page.forms["again-1"])) == [second]
    assert ids(send(admin, page.forms["again-2"])) == [first[0], first[2]]


def test_cards_are_printed_again_by_their_numbers(service: Service) -> None:
    admin = at_the_printer(service)
    first, second, waiting = (new_card(admin.tenant) for _ in range(3))
    own = new_card(admin.tenant, cardNumber="GOLD-7")
    admin.tenant.admin.post(f"/cards/{second['id']}/block", {"reason": "lost"})
    typed = f"  {second['cardNumber']}\r\n\r\n{in_fours(first['cardNumber'])}\r\n{second['cardNumber']}\nGOLD-7\r\n"
    for _ in range(2):
        assert ids(admin.post(PATH, {"numbers": typed})) == [second["id"], first["id"], own["id"]]
    assert admin.get(PATH).forms["print-next"].fields["card_ids"] == str(waiting["id"])


def test_a_sheet_stands_under_its_own_policy(service: Service) -> None:
    admin = at_the_printer(service)
    new_card(admin.tenant)
    page = admin.get(PATH)
    assert page.headers.getlist("Content-Security-Policy") == [HEADERS["Content-Security-Policy"]]
    sheet = send(admin, page.forms["print-next"])
    (policy,) = sheet.headers.getlist("Content-Security-Policy")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'", policy
    )
    assert sheet.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in sheet.headers["Cache-Control"]
    for name in ("X-Frame-Options", "X-Content-Type-Options", "Cross-Origin-Opener-Policy", "Permissions-Policy"):
        assert sheet.headers.getlist(name) == [HEADERS[name]]


def test_what_cannot_be_printed_is_a_sentence_and_marks_nothing(service: Service) -> None:
    admin = at_the_printer(service)
    good, closed, replaced = (new_card(admin.tenant) for _ in range(3))
    admin.tenant.admin.delete(f"/cards/{closed['id']}")
    admin.tenant.admin.post(f"/cards/{replaced['id']}/replace", {"reason": "lost"})
    theirs = new_card(at_the_printer(service).tenant)
    for wrong, status, said in (
        ("999999", 404, "There is no card with the number “999999”; nothing was printed."),
        (theirs["cardNumber"], 404, f"There is no card with the number “{theirs['cardNumber']}”;"),
        ("<img src=x>", 404, "There is no card with the number “<imgsrc=x>”;"),
        (closed["cardNumber"], 409, f"The card with the number “{closed['cardNumber']}” is closed; nothing was printed."),
        (replaced["cardNumber"], 409, f"The number “{replaced['cardNumber']}” was replaced by a new one;"),
    ):
        typed = f"{good['cardNumber']}\n{wrong}"
        refused = admin.post(PATH, {"numbers": typed})
        assert refused.status == status
        assert refused.said.startswith(f"Not done: {said}")
        assert "<img" not in refused.html
        assert good["cardNumber"] in refused.html, "what was typed is still there"
        assert refused.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    for card_ids, status in (
        (f"{good['id']} {closed['id']}", 409),
        (f"{good['id']} {theirs['id']}", 404),
        (f"{good['id']} x", 422),
        (f"{good['id']} {2**63}", 422),
    ):
        refused = admin.post(PATH, {"card_ids": card_ids})
        assert refused.status == status
        assert refused.said.startswith("Not done: One of these cards is closed now, or there is no such card;")
    empty = admin.post(PATH, {"numbers": " \n"})
    assert (empty.status, "Type or scan at least one card number." in empty.said) == (422, True)
    assert marked(service, admin) == 0


def test_a_code_that_does_not_read_back_is_a_sentence(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = at_the_printer(service)
    new_card(admin.tenant)
    form = admin.get(PATH).forms["print-next"]
    monkeypatch.setattr("card_service.cards.barcode.Code128.build", lambda _: ["1101"])
    refused = send(admin, form)
    assert refused.said.startswith("Not done: The card's number cannot be drawn so that a reader reads it.")
    assert (refused.status, marked(service, admin)) == (500, 0)


def test_another_pharmacys_cards_do_not_wait_here(service: Service) -> None:
    ours, theirs = at_the_printer(service), at_the_printer(service)
    new_card(theirs.tenant)
    assert ours.get(PATH).text("waiting-count").startswith("No card waits to be printed.")
    send(theirs, theirs.get(PATH).forms["print-next"])
    assert "again-1" not in ours.get(PATH).forms


def test_a_cashier_prints_nothing_and_sees_no_link(service: Service) -> None:
    admin = at_the_printer(service)
    card = new_card(admin.tenant)
    cashier = open_till(service, admin.tenant, scripts=False)
    for refused in (cashier.get(PATH), cashier.post(PATH, {"card_ids": str(card["id"])})):
        assert refused.status == 403
        assert "This page is for people with another role. Ask an admin of your pharmacy." in refused.html
    assert marked(service, admin) == 0
    for path in ("/counter", "/account", f"/counter/cards/{card['id']}"):
        assert PATH in admin.get(path).html
        assert PATH not in cashier.get(path).html


def test_a_forged_form_prints_nothing(service: Service) -> None:
    admin = at_the_printer(service)
    fields = MultiDict({"card_ids": str(new_card(admin.tenant)["id"])})
    for token, headers in (("0" * 64, {}), ("", {}), (None, {"Sec-Fetch-Site": "cross-site"})):
        assert admin.post(PATH, fields, headers, token=token).status == 403
    assert marked(service, admin) == 0


def test_a_card_is_printed_from_its_panel(service: Service) -> None:
    admin = at_the_printer(service)
    card = new_card(admin.tenant)
    admin.scripts = True
    found = admin.find(card["cardNumber"])
    admin.scripts = False
    assert ids(send(admin, found.forms["print-card"])) == [card["id"]]
    admin.tenant.admin.delete(f"/cards/{card['id']}")
    assert "print-card" not in admin.get(f"/counter/cards/{card['id']}").forms


def test_a_body_too_large_is_a_sentence(service: Service) -> None:
    refused = at_the_printer(service).post(PATH, {"numbers": "1" * 70_000})
    assert refused.status == 413
    assert "The page sent more than the service takes at once." in refused.html


def test_the_page_speaks_hindi(service: Service) -> None:
    admin = at_the_printer(service, language="hi")
    new_card(admin.tenant)
    page = admin.get(PATH)
    assert page.text("waiting-count") == "1 कार्ड छपने के लिए बाकी है।"
    assert "1 कार्ड छापें" in page.text("print-next")
    assert f'href="/language/en?next={PATH}"' in page.html
