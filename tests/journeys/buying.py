"""What random histories of the programme do at the till: bills, quotes, redemptions, holds and returns."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.model import draws
from tests.model.answers import Body
from tests.model.choices import Choices
from tests.model.history import History

MOST_CARDS = 5
LONGEST = timedelta(days=240)


class Buyers:
    """A referrer and friends at the till; who makes one sets what it works on."""

    clock: Any
    history: History
    choose: Choices

    def call(self, name: str, *args: Any) -> Any:
        """Make a call on both."""
        return self.history.call(name, *args)

    def wait(self, hours: int) -> None:
        """Let time pass, but not beyond the day on which the suite runs."""
        if self.clock.now + timedelta(hours=hours) < self.history.began + LONGEST:
            self.clock.advance(hours=hours)

    # Buying

    def buy(self, pick: int, lines: list[Body], days_back: int | None) -> None:
        """Buy, perhaps at a till that sends late."""
        self.call("earn_points", self._bill(pick, lines, days_back))

    def buy_and_bring_some_back(self, lines: list[Body], parts: list[tuple[int, Decimal]]) -> None:
        """Buy, and return parts of the very bill."""
        bill = self._bill(1, lines)
        self.call("earn_points", bill)
        for return_id, returned in enumerate(parts, 1):
            self.call("reverse_points", self.choose.part_of(self.choose.bill_of(bill["billId"]), return_id, [returned]))

    def quote_and_buy(self, pick: int, lines: list[Body]) -> None:
        """What was quoted is what is posted."""
        bill = self._bill(pick, lines)
        quote = self.call("calculate", {"cardId": bill["cardId"], "items": lines}).body
        flags = {(line["categoryId"], line.get("loyaltyEligible", True)): None for line in lines}
        net = [
            {"categoryId": category_id, "loyaltyEligible": eligible, "amount": line["netAmount"]}
            for (category_id, eligible), line in zip(flags, quote["items"], strict=True)
        ]
        earned = self.call("earn_points", {**bill, "billAmount": quote["payableAmount"], "items": net})
        if earned.status == 200:
            assert earned.body["pointsEarned"] == quote["pointsEarned"]

    def bring_a_friend(self, lines: list[Body], phone: str | None, blocked: bool) -> None:  # noqa: FBT001 - drawn
        """Another friend comes, who may be known already, and buys, perhaps while the referrer is blocked."""
        referrer = self.history.cards[0]
        if len(self.history.cards) < MOST_CARDS:
            customer = {"customerId": 10 + len(self.history.cards), "customerPhone": phone}
            self.history.issue({**customer, "referrerCardId": referrer})
        if blocked:
            self.call("block", referrer, {"reason": "lost"})
        self.call("earn_points", {**self._bill(1, lines), "cardId": self._final(self.history.cards[-1])})
        if blocked:
            self.call("unblock", referrer)

    def spend(self, lines: list[Body], how: str, earns: bool) -> None:  # noqa: FBT001 - drawn
        """Pay with points on a bill so large that it takes them all."""
        bill = {**self._bill(1, lines), "billAmount": Decimal(900_000)}
        self.call(
            "redeem_points", {**bill, **self.choose.asked(self.history.cards.index(self._card(1)), how, "points", Decimal(0))}
        )
        if earns:
            self.call("earn_points", bill)

    def hold(self, lines: list[Body], how: str, events: list[str]) -> None:
        """Set points aside for a bill, and see what becomes of them."""
        bill = {**self._bill(1, lines), "billAmount": Decimal(900_000)}
        held = {**bill, **self.choose.asked(self.history.cards.index(self._card(1)), how, "points", Decimal(0)), "mode": "HOLD"}
        made = int(self.call("redeem_points", held).status == 200)
        for event in events:
            if event in {"confirm", "cancel"}:
                self.call(f"{event}_redemption", bill["billId"], max(made - 1, 0))
            elif event == "earn":
                self.call("earn_points", bill)
            elif event == "reverse":
                self.call("reverse_points", {"billId": bill["billId"], "cardId": bill["cardId"]})
            elif event == "again":
                again = self.call("redeem_points", held)
                made += again.status == 200 and not again.replayed
            elif event == "return":
                self.bring_it_all_back(pick=0)
            else:
                self.wait(hours=2 if event == "2 hours" else 48)

    # Bringing back

    def return_a_part(self, pick: int, return_id: int, parts: list[tuple[int, Decimal]]) -> None:
        """Return parts of any bill."""
        bill = self.choose.seen_bill(pick)
        if bill:
            self.call("reverse_points", self.choose.part_of(bill, return_id, parts))

    def bring_it_all_back(self, pick: int) -> None:
        """Return all that is left of any bill."""
        bill = self.choose.seen_bill(pick)
        if bill:
            self.call("reverse_points", {"billId": bill.bill_id})

    def _card(self, pick: int) -> int:
        """A card, or what it was merged into."""
        return self._final(self.choose.card(pick).id)

    def _final(self, card_id: int) -> int:
        return int(self.history.model.books.cards.final(card_id).id)

    def _bill(self, pick: int, lines: list[Body], days_back: int | None = None) -> Body:
        bill = {"cardId": self._card(pick), "billId": self.choose.bill(0), "items": lines}
        if days_back:
            bill["occurredAt"] = (self.clock.now - timedelta(days=days_back)).isoformat()
        return {**bill, "billAmount": draws.payable(lines, Decimal(1))}
