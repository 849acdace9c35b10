"""The whole pharmacy in memory: one method for every call of the API, each answering as the service should."""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from functools import wraps
from typing import Concatenate, ParamSpec

from .answers import Answer, Body, RefusedError
from .arithmetic import ZERO, exact, shown
from .bills import Bill
from .cards import ACTIVE, CLOSED, SUSPENDED, shown_balance, shown_card
from .idempotency import Key, StoredAnswers
from .ledger import Lot
from .money import Books, calculate, earn, redeem, reverse

P = ParamSpec("P")


def _answered(method: Callable[Concatenate["Pharmacy", P], Answer]) -> Callable[Concatenate["Pharmacy", P], Answer]:
    """Turn a refusal into the answer it stands for."""

    @wraps(method)
    def answering(self: "Pharmacy", /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return method(self, *args, **kwargs)
        except RefusedError as refused:
            return refused.answer

    return answering


class Pharmacy:
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

    @_answered
    def issue_card(self, body: Body, card_id: int | None = None, number: str | None = None) -> Answer:
        """POST /cards; `card_id` and `number` are what the service gave, when it plays along."""
        return self.books.cards.issue(body, card_id, number)

    @_answered
    def get_card(self, card_id: int) -> Answer:
        """GET /cards/{id}."""
        return Answer(200, shown_card(self.books.cards.get(card_id), self.now))

    @_answered
    def balance(self, card_id: int) -> Answer:
        """GET /cards/{id}/balance."""
        return Answer(200, shown_balance(self.books.cards.get(card_id), self.books.configuration, self.now))

    @_answered
    def audit(self, card_id: int) -> Answer:
        """GET /cards/{id}/audit."""
        self.books.cards.get(card_id)
        return Answer(200, {"balanced": True, "differences": []})

    @_answered
    def link_referrer(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/link-referrer."""
        return self.books.cards.link_referrer(card_id, body)

    @_answered
    def block(self, card_id: int, _body: Body) -> Answer:
        """POST /cards/{id}/block."""
        return self.books.cards.set_status(card_id, SUSPENDED)

    @_answered
    def unblock(self, card_id: int) -> Answer:
        """POST /cards/{id}/unblock."""
        return self.books.cards.set_status(card_id, ACTIVE)

    @_answered
    def close_card(self, card_id: int) -> Answer:
        """DELETE /cards/{id}."""
        return self.books.cards.close(card_id)

    @_answered
    def replace(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/replace, with a number of the caller's choice."""
        return self.books.cards.replace(card_id, body)

    @_answered
    def merge(self, card_id: int, body: Body) -> Answer:
        """POST /cards/{id}/merge."""
        return self.books.cards.merge(card_id, body["sourceCardId"], self.now)

    @_answered
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
        expires_at = None
        if points > 0:
            if body.get("expiresAt"):
                expires_at = self.books.configuration.end_of(date.fromisoformat(body["expiresAt"]))
            card.account.credit("ADJUSTED", points, self.now, Lot(ZERO, expires_at))
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

    @_answered
    def calculate(self, body: Body) -> Answer:
        """POST /internal/cards/calculate."""
        return Answer(200, calculate(self.books, self.books.cards.named(body), body))

    @_answered
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

    @_answered
    def redeem_points(self, body: Body) -> Answer:
        """POST /internal/cards/redeem-points, mode COMMIT."""
        card = self.books.cards.named(body)
        if card is None or ("points" in body) == ("redeemAmount" in body):
            raise RefusedError(422, "VALIDATION_FAILED")
        return self._once(("redeem", body["billId"]), body, lambda: redeem(self.books, card, body))

    @_answered
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
