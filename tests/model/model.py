"""The whole pharmacy in memory: one method for every call of the API, each answering as the service should."""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction

from . import activities
from .answers import Answer, Body, RefusedError
from .arithmetic import ZERO, exact, shown
from .bills import Bill, Redemption
from .books import Books
from .cards import ACTIVE, CLOSED, SUSPENDED, shown_balance, shown_card
from .holds import cancel, confirm, redeem
from .idempotency import Key, StoredAnswers
from .ledger import Lot
from .money import calculate, earn
from .programme import Programme, answered
from .returns import reverse


class Pharmacy(Programme):
    """One tenant. Set `now` before a call; bodies are those of the API, amounts as Decimal, int or str."""

    def __init__(self, now: datetime | None = None) -> None:
        """Open with the default configuration and no cards."""
        self.books = Books() if now is None else Books(now)
        self.stored = StoredAnswers()
        configuration = self.books.configuration
        self.put_config, self.enable, self.disable = configuration.put_config, configuration.enable, configuration.disable
        self.save_category, self.delete_category = configuration.save_category, configuration.delete_category
        self.save_discount, self.delete_discount = configuration.save_discount, configuration.delete_discount
        self.save_restriction, self.delete_restriction = configuration.save_restriction, configuration.delete_restriction

    @property
    def now(self) -> datetime:
        """The instant of the next call."""
        return self.books.now

    @now.setter
    def now(self, instant: datetime) -> None:
        self.books.now = instant

    # Cards

    @answered
    def issue_card(self, body: Body, card_id: int | None = None, number: str | None = None) -> Answer:
        """POST /cards; `card_id` and `number` are what the service gave, when it plays along."""
        issued = self.books.cards.issue(body, card_id, number)
        activities.sign_up(self.books, self.books.cards.get(issued.body["id"]))
        return issued

    @answered
    def get_card(self, card_id: int) -> Answer:
        """GET /cards/{id}."""
        card = self.books.cards.get(card_id)
        return Answer(200, shown_card(card, self.now) | self.books.shown_tier(card))

    @answered
    def balance(self, card_id: int) -> Answer:
        """GET /cards/{id}/balance."""
        card = self.books.cards.get(card_id)
        return Answer(200, shown_balance(card, self.books.configuration, self.now) | self.books.shown_tier(card))

    @answered
    def audit(self, card_id: int) -> Answer:
        """GET /cards/{id}/audit."""
        self.books.cards.get(card_id)
        return Answer(200, {"balanced": True, "differences": []})

    @answered
    def link_referrer(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/link-referrer."""
        return self.books.cards.link_referrer(card_id, body)

    @answered
    def change_card(self, card_id: int, body: Body) -> Answer:
        """PUT /cards/{id}."""
        return self.books.cards.change(card_id, body)

    @answered
    def block(self, card_id: int, _body: Body) -> Answer:
        """POST /cards/{id}/block."""
        return self.books.cards.set_status(card_id, SUSPENDED)

    @answered
    def unblock(self, card_id: int) -> Answer:
        """POST /cards/{id}/unblock."""
        return self.books.cards.set_status(card_id, ACTIVE)

    @answered
    def close_card(self, card_id: int) -> Answer:
        """DELETE /cards/{id}."""
        return self.books.cards.close(card_id)

    @answered
    def replace(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/replace, with a number of the caller's choice."""
        return self.books.cards.replace(card_id, body)

    @answered
    def merge(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/merge."""
        merged = self.books.cards.merge(card_id, body["sourceCardId"], self.now)
        target, source = (self.books.cards.get(number) for number in (card_id, body["sourceCardId"]))
        target.standing = self.books.tiers.merged(target.standing, source.standing, self.now)
        return merged

    @answered
    def adjust_points(self, card_id: int, body: Body, key: str | None = None) -> Answer:
        """POST /cards/{id}/adjust-points, `key` being the Idempotency-Key header."""
        self.books.cards.get(card_id)
        if key is None:
            return Answer(200, self._adjust(card_id, body))
        question = {"cardId": card_id, "body": body}
        if not self.stored.has(("adjust", key)):
            return self.stored.first(("adjust", key), question, lambda: self._adjust(card_id, body))
        again = self.stored.again(("adjust", key), question)
        if again is None:
            raise RefusedError(422, "IDEMPOTENCY_KEY_REUSED")
        return again

    def _adjust(self, card_id: int, body: Body) -> Body:
        card, points = self.books.cards.get(card_id), exact(body["points"])
        if card.status == CLOSED:
            raise RefusedError(409, "CARD_NOT_ACTIVE")
        if points == 0:
            raise RefusedError(422, "VALIDATION_FAILED")
        configuration, expires_at = self.books.configuration, None
        if points > 0:
            given = body.get("expiresAt")
            expires_at = configuration.end_of(date.fromisoformat(given)) if given else configuration.expiry(self.books.today)
            idle = configuration.idle and not given
            card.account.credit("ADJUSTED", points, self.now, Lot(ZERO, expires_at, idle=idle))
        elif -points > self.books.balance(card):
            raise RefusedError(422, "INSUFFICIENT_POINTS")
        else:
            card.account.spend("ADJUSTED", -points, self.now)
        return {
            "cardId": card_id,
            "pointsAdjusted": shown(points),
            "newBalance": shown(self.books.balance(card)),
            "expiresAt": expires_at,
        }

    # What Billing and the cashier call

    @answered
    def calculate(self, body: Body) -> Answer:
        """POST /internal/cards/calculate."""
        return Answer(200, calculate(self.books, self.books.cards.named(body), body))

    @answered
    def earn_points(self, body: Body) -> Answer:
        """POST /internal/cards/earn-points."""
        card = self.books.cards.named(body)
        if card is None:
            raise RefusedError(422, "VALIDATION_FAILED")
        return self._once(("earn", body["billId"]), body, lambda: earn(self.books, card, body))

    def earn_batch(self, body: Body) -> Answer:
        """POST /internal/cards/earn-points/batch: every item on its own."""
        answers = [self.earn_points(item) for item in body["items"]]
        items = []
        for asked, (status, answer, replayed) in zip(body["items"], answers, strict=True):
            told = {"answer" if status == 200 else "problem": answer}
            items.append({"billId": asked["billId"], "status": status, "replayed": replayed, **told})
        return Answer(200, {"items": items})

    @answered
    def redeem_points(self, body: Body) -> Answer:
        """POST /internal/cards/redeem-points."""
        card, bill = self.books.cards.named(body), self.books.bills.get(body["billId"])
        if card is None or ("points" in body) == ("redeemAmount" in body):
            raise RefusedError(422, "VALIDATION_FAILED")
        key = ("redeem", body["billId"])
        if bill and bill.redemptions and bill.redemptions[-1].over(self.now):
            self.stored.forget(key)
        return self._once(key, body, lambda: redeem(self.books, card, body))

    @answered
    def confirm_redemption(self, bill_id: int, which: int) -> Answer:
        """POST /internal/cards/redeem-points/{redemptionId}/confirm, of one of the redemptions of a bill, oldest first."""
        _, redemption = self._redemption(bill_id, which)
        return Answer(200, confirm(self.books, redemption))

    @answered
    def cancel_redemption(self, bill_id: int, which: int) -> Answer:
        """POST /internal/cards/redeem-points/{redemptionId}/cancel."""
        bill, redemption = self._redemption(bill_id, which)
        return Answer(200, cancel(self.books, bill, redemption))

    def _redemption(self, bill_id: int, which: int) -> tuple[Bill, Redemption]:
        bill = self.books.bills.get(bill_id)
        if bill is None or which >= len(bill.redemptions):
            raise RefusedError(404, "NOT_FOUND")
        return bill, bill.redemptions[which]

    @answered
    def reverse_points(self, body: Body) -> Answer:
        """POST /internal/cards/reverse-points."""
        if "items" in body and "returnId" not in body:
            raise RefusedError(422, "VALIDATION_FAILED")
        card, bill = self.books.cards.named(body), self.books.bills.get(body["billId"])
        if bill is None and (card is None or "items" in body):
            raise RefusedError(404, "BILL_NOT_FOUND")
        return_id = body.get("returnId")
        key = ("reverse", body["billId"], return_id)

        def returned() -> Body:
            self.books.cards.refuse_old_number(body)
            found = bill
            if found is None:
                assert card is not None
                found = self.books.bills[body["billId"]] = Bill(body["billId"], card.id)
            elif card and not self.books.belongs(found, card):
                raise RefusedError(409, "CARD_MISMATCH")
            if return_id is not None and self.stored.has(key):
                raise RefusedError(409, "RETURN_ALREADY_MADE")
            return reverse(self.books, found, body)

        return self._once(key, body, returned)

    def _once(self, key: Key, body: Body, use_case: Callable[[], Body]) -> Answer:
        return self.stored.again(key, body) or self.stored.first(key, body, use_case)

    # What only tests ask

    def ledger_sums(self, card_id: int) -> dict[str, Fraction]:
        """Sum of the points posted to a card, by ledger type, zero sums left out."""
        posted = self.books.cards.get(card_id).account.posted
        return {kind: points for kind, points in posted.items() if points}

    def books_balance(self) -> bool:
        """Whether every account adds up."""
        return all(card.account.adds_up() for card in self.books.cards)
