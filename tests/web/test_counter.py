"""The counter over HTTP: find, preview, apply once, receipt."""

from decimal import Decimal

from tests.servers.service import Service
from tests.web.till import COSMETICS, MEDICINES, balance_of, new_card, open_till


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
    assert receipt.status == 200, receipt.said
    # 1000 and 90 net, less the shares of 20.00 (18.35 and 1.65): 981.65 * 3 % and 88.35 * 2 %, each rounded down.
    figures = {name: receipt.value(name) for name in ("before", "used", "paid-by-points", "earned", "after", "payable", "due")}
    assert figures == {
        "before": "200", "used": "200", "paid-by-points": "₹20.00", "earned": "31.20", "after": "31.20",
        "payable": "₹1,090.00", "due": "₹1,070.00",
    }  # fmt: skip
    assert balance_of(till.tenant, card) == Decimal("31.20")

    again = till.post("/counter/apply", sent)
    assert again.status == 200
    assert {name: again.value(name) for name in figures} == figures
    assert balance_of(till.tenant, card) == Decimal("31.20")
