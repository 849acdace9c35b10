"""How the numbers a random history draws become cards, bills and points that exist in it."""

from decimal import Decimal
from typing import Any

from .answers import Body
from .draws import BY_FIRST_NUMBER, BY_NUMBER
from .history import History


class Choices:
    """Choices among what one history has so far; the same draws always choose the same."""

    def __init__(self, history: History) -> None:
        """Choose from this history."""
        self.history = history

    def card(self, pick: int) -> Any:
        """One of the cards, as the model has it."""
        return self.history.model.books.cards.by_id[self.history.cards[pick % len(self.history.cards)]]

    def named(self, pick: int) -> Body:
        """Name a card by its id or, for a high pick, by its number; for the highest by the first it ever had."""
        card, numbers = self.card(pick), self.history.model.books.cards.by_number
        if pick < BY_NUMBER:
            return {"cardId": card.id}
        first = next(number for number, card_id in numbers.items() if card_id == card.id)
        return {"cardNumber": first if pick == BY_FIRST_NUMBER else card.number}

    def bill(self, pick: int) -> int:
        """A bill number: the next unused one for a pick of 0, else the pick itself."""
        return pick or 1 + max([5, *self.history.model.books.bills])

    def seen_bill(self, pick: int) -> Any:
        """A bill that was redeemed, earned or cancelled before; None while there is none."""
        bills = list(self.history.model.books.bills.values())
        return bills[pick % len(bills)] if bills else None

    def bill_of(self, bill_id: int) -> Any:
        """The bill of this number as the model has it; None when it was never seen."""
        return self.history.model.books.bills.get(bill_id)

    def part_of(self, bill: Any, return_id: int, parts: list[tuple[int, Decimal]]) -> Body:
        """The body of a return of parts of what is left of lines of this bill (of a bill unknown, when it is None)."""
        returned = []
        for pick, part in parts:
            line = bill.lines[pick % len(bill.lines)] if bill and bill.lines else None
            left = Decimal(int((line.amount - line.returned) * 100)) / 100 if line else Decimal(10)
            amount = max((left * part).quantize(Decimal("0.01"), rounding="ROUND_FLOOR"), Decimal("0.01"))
            returned.append({"categoryId": line.category_id if line else 1, "amount": amount})
        return {"billId": bill.bill_id if bill else 1, "returnId": return_id, "items": returned}

    def asked(self, pick: int, how: str, unit: str, payable: Decimal) -> Body:
        """Points to redeem, or their worth, chosen around what the card holds and the bill allows."""
        configuration = self.history.model.books.configuration
        self.history.model.now = self.history.clock.now
        balance = Decimal(self.history.model.balance(self.card(pick).id).body["pointsBalance"])
        rate = Decimal(str(configuration.settings["pointsToAmountRate"]))
        parts = {"all": balance, "half": balance / 2, "third": balance / 3, "over": balance + Decimal("0.01")}
        parts["fits"] = min(balance, payable / rate / 4)
        wanted = max(parts[how], Decimal(0)) if how in parts else Decimal(how)
        if unit == "redeemAmount":
            wanted *= rate
        return {unit: wanted.quantize(Decimal("0.01"), rounding="ROUND_FLOOR")}
