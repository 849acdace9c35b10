"""The main job of the service played once at the counter, and written down as a receipt."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from card_service.cards.barcode import Symbology
from card_service.cards.code_picture import code_png
from card_service.demo import shop
from card_service.demo.counter import DemoStopped, Till, scan
from card_service.demo.receipt import Receipt, points, rupees

BILL, RETURN = 2001, 1
ITEMS = ((shop.MEDICINES, Decimal("500.00")), (shop.VITAMINS, Decimal("400.00")), (shop.BABY_FOOD, Decimal("250.00")))
WELCOME, REDEEMED = Decimal("100.00"), Decimal("60.00")


def play(till: Till, picture: Path) -> Iterator[str]:
    """Play the job and give the receipt's lines; raises DemoStopped if a step fails or the books do not add up."""
    receipt = Receipt()
    receipt.title("A DAY AT THE COUNTER", "every step is a request to the running code")
    _configure(till)
    card, referrer = _issue(till, receipt, picture)
    quote = _calculate(till, receipt, card)
    _pay(till, receipt, card, quote)
    _return(till, receipt)
    _prove(till, receipt, card, referrer)
    yield from receipt.lines()


def _configure(till: Till) -> None:
    till.call("admin", "PUT", "/card-config", {"isEnabled": True, "minPointsToRedeem": 50})
    for category_id, (name, percentage) in shop.POINT_PERCENTAGES.items():
        body = {"categoryId": category_id, "categoryName": name, "pointPercentage": percentage}
        till.call("admin", "POST", "/card-config/categories", body)
    for category_id, percentage in shop.DISCOUNTS.items():
        name, _ = shop.POINT_PERCENTAGES[category_id]
        body = {"categoryId": category_id, "categoryName": name, "discountPercentage": percentage}
        till.call("admin", "POST", "/card-config/discounts", body)
    restriction = {
        "categoryId": shop.BABY_FOOD,
        "regulatoryClass": shop.RESTRICTION["regulatory_class"],
        "earnBlocked": True,
        "redeemBlocked": True,
        "discountBlocked": True,
        "basis": shop.RESTRICTION["basis"],
    }
    till.call("admin", "POST", "/card-config/restrictions", restriction)


def _issue(till: Till, receipt: Receipt, picture: Path) -> tuple[Any, Any]:
    """Issue a card and one for the friend who brought the customer; read the new one's barcode back."""
    friend = till.call("admin", "POST", "/cards", {"customerName": "Vikram Shetty"})
    card = till.call("admin", "POST", "/cards", {"customerName": "Asha Rao", "referrerCardId": friend["id"]})
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(code_png(card["cardNumber"], Symbology.CODE128))
    number = scan(picture)
    if number != card["cardNumber"]:
        raise DemoStopped(f"the scanner read {number} instead of {card['cardNumber']}")
    welcome = {"points": WELCOME, "reason": "Welcome"}
    given = till.call("admin", "POST", f"/cards/{card['id']}/adjust-points", welcome)
    receipt.heading("1. A card for Asha Rao, brought by Vikram Shetty")
    receipt.row("Card number", card["cardNumber"])
    receipt.row("Read back from its barcode by the scanner", number)
    receipt.row("Welcome points", points(given["newBalance"]))
    receipt.note(f"picture: {picture.name}, beside the database")
    return card, friend


def _calculate(till: Till, receipt: Receipt, card: Any) -> Any:
    items = [{"categoryId": category_id, "amount": amount} for category_id, amount in ITEMS]
    body = {"cardNumber": card["cardNumber"], "billId": BILL, "items": items, "points": REDEEMED}
    quote = till.bill("calculate", body)
    receipt.heading(f"2. Bill {BILL} is calculated")
    receipt.row("", "price", "discount", "points")
    for line in quote["items"]:
        name, _ = shop.POINT_PERCENTAGES[line["categoryId"]]
        earned = "not allowed" if line["excludedReason"] == "RESTRICTED" else f"{line['points']:,.2f}"
        receipt.row(name, rupees(line["amount"]), rupees(line["discountAmount"]), earned)
    receipt.rule()
    receipt.row("Payable", rupees(quote["payableAmount"]))
    receipt.row("Points that may pay, at most", points(quote["maxRedeemablePoints"]))
    return quote


def _pay(till: Till, receipt: Receipt, card: Any, quote: Any) -> None:
    redeemed = till.bill("redeem-points", {"cardId": card["id"], "billId": BILL, "points": REDEEMED})
    items = [{"categoryId": line["categoryId"], "amount": line["netAmount"]} for line in quote["items"]]
    body = {"cardNumber": card["cardNumber"], "billId": BILL, "billAmount": quote["payableAmount"], "items": items}
    earned = till.bill("earn-points", body)
    if earned["pointsEarned"] != quote["pointsEarned"]:
        raise DemoStopped(f"{earned['pointsEarned']} points were earned, {quote['pointsEarned']} were promised")
    receipt.heading("3. She pays with points, and earns on the rest")
    receipt.row(f"Paid with {points(redeemed['pointsRedeemed'])}", f"-{rupees(redeemed['amountDeducted'])}")
    receipt.row("Paid in money", rupees(quote["payableAmount"] - redeemed["amountDeducted"]))
    receipt.row("Earned, as calculated", points(earned["pointsEarned"]))
    receipt.row("Her friend Vikram gets", points(earned["referrerPointsEarned"]))
    receipt.row("On her card now", points(earned["newBalance"]))


def _return(till: Till, receipt: Receipt) -> None:
    half = [
        {"categoryId": shop.MEDICINES, "amount": Decimal("250.00")},
        {"categoryId": shop.VITAMINS, "amount": Decimal("180.00")},
    ]
    first = till.bill("reverse-points", {"billId": BILL, "returnId": RETURN, "items": half, "reason": "half unused"})
    rest = till.bill("reverse-points", {"billId": BILL, "reason": "the rest came back"})
    for heading, back in (("4. Half of it comes back", first), ("5. The rest comes back: the bill is cancelled", rest)):
        receipt.heading(heading)
        receipt.row("Taken back of what was earned", points(-back["pointsReversed"]))
        receipt.row("Given back of what she had paid with", points(back["pointsRestored"]))
        receipt.row("Taken back of her friend's", points(-back["referrerPointsReversed"]))
        receipt.row("On her card now", points(back["newBalance"]))
    if rest["billState"] != "CANCELLED":
        raise DemoStopped(f"the bill is {rest['billState']} after all of it came back")


def _prove(till: Till, receipt: Receipt, card: Any, friend: Any) -> None:
    receipt.heading("6. The books")
    for who, one, wanted in (("Asha Rao", card, WELCOME), ("Vikram Shetty", friend, Decimal(0))):
        balance = till.call("cashier", "GET", f"/cards/{one['id']}/balance")
        proof = till.call("admin", "GET", f"/cards/{one['id']}/audit")
        if not proof["balanced"] or balance["pointsBalance"] != wanted:
            raise DemoStopped(f"the books of {who} do not add up: {balance} {proof['differences']}")
        receipt.row(f"{who}: ledger, lots and balance agree", points(balance["pointsBalance"]))
    history = till.call("admin", "GET", f"/cards/{card['id']}/transactions")
    receipt.note(f"{len(history['items'])} entries in her ledger, none of them ever changed")
