"""Printing cards over the API: which cards, how often, marked once; and their codes as pictures."""

import re
from base64 import b64decode
from functools import partial
from typing import Any

import pytest
from barcode.codex import Code128
from hypothesis import given
from hypothesis import strategies as st

from card_service.cards import barcode
from card_service.cards.rules import in_fours, ink_on
from tests.cards.steps import issue, open_pharmacy
from tests.cards.test_code_pictures import read
from tests.concurrency.together import insisting, together
from tests.servers.clients import Answer, Tenant
from tests.servers.processes import LiveServer
from tests.servers.service import Service

NOT_YET = {"notYetPrinted": True}


def sheets(tenant: Tenant, body: dict[str, Any], **headers: str) -> Answer:
    """Print, and expect a page."""
    answer = tenant.admin.post("/cards/print", body, {name.replace("_", "-"): value for name, value in headers.items()})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8"), answer.text
    return answer


def ids(answer: Answer) -> list[int]:
    """Give the ids of the cards on the sheets, in their order."""
    found = [int(number) for number in re.findall(r'data-card-id="(\d+)"', answer.text)]
    assert answer.headers["Cards-Printed"] == str(len(found))
    return found


def printed_at(service: Service, number: str) -> Any:
    """Read when a number was printed, as the database has it."""
    rows = service.database.rows("SELECT printed_at FROM card_numbers WHERE card_number = :number", number=number)
    assert len(rows) == 1
    return rows[0][0]


def test_the_cards_that_are_asked_for_in_their_order_once_each(service: Service) -> None:
    tenant = open_pharmacy(service)
    first, second, third = (issue(tenant, customerName=name) for name in ("Asha Rao", "Ravi Menon", "Third"))
    tenant.admin.post(f"/cards/{second['id']}/block", {"reason": "lost"})
    answer = sheets(tenant, {"cardIds": [second["id"], first["id"], second["id"]]})
    assert ids(answer) == [second["id"], first["id"]]
    assert answer.headers["Cards-Remaining"] == "0"
    assert "Asha Rao" in answer.text
    assert in_fours(first["cardNumber"]) in answer.text
    assert printed_at(service, first["cardNumber"])
    assert printed_at(service, second["cardNumber"])
    assert printed_at(service, third["cardNumber"]) is None
    rows = service.database.rows(
        "SELECT entity_id, performed_by FROM audit_log WHERE tenant_id = :id AND action = 'print' ORDER BY id", id=tenant.id
    )
    assert [row[0] for row in rows] == [second["id"], first["id"]]
    assert all(row[1] for row in rows)


def test_what_was_never_printed_is_printed_once(service: Service) -> None:
    tenant = open_pharmacy(service)
    cards = [issue(tenant) for _ in range(4)]
    tenant.admin.post(f"/cards/{cards[1]['id']}/block", {"reason": "lost"})
    tenant.admin.delete(f"/cards/{cards[2]['id']}")
    assert ids(sheets(tenant, NOT_YET)) == [cards[0]["id"], cards[3]["id"]]
    nothing = sheets(tenant, NOT_YET)
    assert ids(nothing) == []
    assert "No card waits to be printed" in nothing.text
    # A card with a new number has not been printed, and one that may go on waits for its turn.
    tenant.admin.post(f"/cards/{cards[0]['id']}/replace", {"reason": "worn"})
    tenant.admin.post(f"/cards/{cards[1]['id']}/unblock", {})
    assert ids(sheets(tenant, NOT_YET)) == [cards[0]["id"], cards[1]["id"]]
    assert ids(sheets(tenant, {"cardIds": [cards[3]["id"]]})) == [cards[3]["id"]], "by its id it is printed again"


def test_at_most_a_hundred_and_the_rest_is_told(service: Service) -> None:
    tenant = open_pharmacy(service)
    made = [issue(tenant)["id"] for _ in range(103)]
    first = sheets(tenant, NOT_YET)
    assert (ids(first), first.headers["Cards-Remaining"]) == (made[:100], "3")
    assert "3 more wait" in first.text
    assert first.text.count('<section class="sheet">') == 10
    second = sheets(tenant, NOT_YET)
    assert (ids(second), second.headers["Cards-Remaining"]) == (made[100:], "0")
    answer = tenant.admin.post("/cards/print", {"cardIds": made[:101]})
    assert (answer.status, answer.json["errors"]) == (422, {"cardIds": ["Must have 1 to 100 ids."]})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "notYetPrinted"),
        ({"notYetPrinted": False}, "notYetPrinted"),
        ({"cardIds": [1], "notYetPrinted": True}, "notYetPrinted"),
        ({"cardIds": []}, "cardIds"),
        ({"cardIds": ["1"]}, "cardIds"),
    ],
)
def test_a_body_that_does_not_say_which_cards_is_refused(service: Service, body: dict[str, Any], field: str) -> None:
    answer = service.tenant().admin.post("/cards/print", body)
    assert (answer.status, list(answer.json["errors"])) == (422, [field])


def test_one_card_that_cannot_be_printed_keeps_all_from_it(service: Service) -> None:
    tenant = open_pharmacy(service)
    good, closed = issue(tenant), issue(tenant)
    tenant.admin.delete(f"/cards/{closed['id']}")
    for other, code in ((closed["id"], "CARD_NOT_ACTIVE"), (4_611_686_018_427_000_009, "CARD_NOT_FOUND")):
        answer = tenant.admin.post("/cards/print", {"cardIds": [good["id"], other]})
        assert answer.json["code"] == code
        assert str(other) in answer.json["detail"]
    assert printed_at(service, good["cardNumber"]) is None


def test_the_same_key_gives_the_same_sheets(service: Service) -> None:
    tenant = open_pharmacy(service)
    issue(tenant, customerName="Asha Rao")
    first = sheets(tenant, NOT_YET, Idempotency_Key="monday")
    again = sheets(tenant, NOT_YET, Idempotency_Key="monday")
    assert again.content == first.content
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    for name in ("Cards-Printed", "Cards-Remaining", "Content-Security-Policy"):
        assert again.headers[name] == first.headers[name]
    other = tenant.admin.post("/cards/print", {"cardIds": [1]}, {"Idempotency-Key": "monday"})
    assert (other.status, other.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_two_calls_at_once_share_no_card(live_server: LiveServer) -> None:
    tenant = live_server.tenant("Two printers")
    made = [issue(tenant)["id"] for _ in range(12)]
    answers = together([insisting(partial(tenant.admin.post, "/cards/print", NOT_YET)) for _ in range(4)])
    printed = [card_id for answer in answers for card_id in ids(answer)]
    assert sorted(printed) == made


@pytest.mark.parametrize("kind", ["png", "svg", "print"])
def test_a_code_that_does_not_read_back_is_our_error_and_marks_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    tenant = open_pharmacy(service)
    number = f"99{tenant.id:08}12"
    card = issue(tenant, cardNumber=number)
    good = issue(tenant)

    def ask() -> Answer:
        if kind == "print":
            return tenant.admin.post("/cards/print", {"cardIds": [good["id"], card["id"]]})
        return tenant.admin.get(f"/cards/{card['id']}/barcode.{kind}")

    capfd.readouterr()
    # The library as it comes drops the leading 99.
    with monkeypatch.context() as defective:
        defective.setattr(barcode, "_Code128", Code128)
        answer = ask()
    assert (answer.status, answer.json["code"]) == (500, "CODE_UNREADABLE")
    assert "replace" in answer.json["detail"]
    logged = "".join(capfd.readouterr())
    assert "CodeUnreadable" in logged
    assert number not in logged
    assert printed_at(service, good["cardNumber"]) is None
    assert ask().status == 200


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("symbology", ["code128", "qr"])
def test_a_picture_is_kept_until_the_number_changes(service: Service, kind: str, symbology: str) -> None:
    tenant = open_pharmacy(service)
    card = issue(tenant)
    path = f"/cards/{card['id']}/barcode.{kind}"
    first = tenant.cashier.get(path, symbology=symbology)
    assert first.headers["Content-Type"] == {"png": "image/png", "svg": "image/svg+xml"}[kind].split(";")[0]
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Security-Policy"] == "default-src 'none'"
    if kind == "png":
        assert read(first.content)[0][0] == card["cardNumber"]
    kept = {"If-None-Match": first.headers["ETag"]}
    again = tenant.cashier.get(path, kept, symbology=symbology)
    assert (again.status, again.content) == (304, b"")
    other = tenant.cashier.get(path, kept, symbology={"qr": "code128", "code128": "qr"}[symbology])
    assert other.status == 200
    tenant.admin.post(f"/cards/{card['id']}/replace", {"reason": "lost"})
    assert tenant.cashier.get(path, kept, symbology=symbology).status == 200


def test_without_a_symbology_it_is_bars_and_another_is_refused(service: Service) -> None:
    tenant = open_pharmacy(service)
    path = f"/cards/{issue(tenant)['id']}/barcode.svg"
    assert tenant.billing.get(path).content == tenant.billing.get(path, symbology="code128").content
    refused = tenant.billing.get(path, symbology="ean13")
    assert (refused.status, refused.json["errors"]) == (422, {"symbology": ["Must be one of: code128, qr."]})


def test_a_name_is_text_and_never_markup(service: Service) -> None:
    tenant = service.tenant('<script>alert("1")</script> & Sons')
    card = issue(tenant, customerName="<img src=x onerror=alert(1)>", cardNumber="<b>&\"'")
    answer = sheets(tenant, {"cardIds": [card["id"]]})
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text
    assert "<script" not in answer.text
    assert "<b>&\"'" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "private, no-store"
    for svg in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', answer.text):
        assert b"style" not in b64decode(svg)


def test_the_tenant_chooses_its_colour(service: Service) -> None:
    tenant = open_pharmacy(service)
    card = issue(tenant)
    assert tenant.admin.get("/card-config").json["cardColour"] is None
    assert "--colour: #0b5d51; --ink: #ffffff" in sheets(tenant, {"cardIds": [card["id"]]}).text
    assert tenant.admin.put("/card-config", {"cardColour": "#FFD500"}).json["cardColour"] == "#FFD500"
    assert "--colour: #FFD500; --ink: #000000" in sheets(tenant, {"cardIds": [card["id"]]}).text
    for wrong in ("red", "#12345", "#1234567", "#12345g", "#12345;"):
        assert tenant.admin.put("/card-config", {"cardColour": wrong}).status == 422
    assert tenant.admin.put("/card-config", {"cardColour": None}).json["cardColour"] is None


def _contrast(one: str, other: str) -> float:
    """Work out the contrast ratio of WCAG 2.2."""
    lights = []
    for colour in (one, other):
        shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@given(st.integers(0, 0xFFFFFF))
def test_text_stands_out_on_every_colour(colour: int) -> None:
    written = f"#{colour:06x}"
    assert _contrast(written, ink_on(written)) >= 4.5


def test_digits_are_written_in_fours() -> None:
    assert in_fours("2100013950018774") == "2100 0139 5001 8774"
    assert (in_fours("12345"), in_fours("CARD001"), in_fours("7")) == ("1234 5", "CARD001", "7")
