"""The cards of the tenant: issue, find, block, close, replace, merge and link to a referrer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from .answers import Answer, Body, RefusedError
from .arithmetic import round_down, shown
from .configuration import Configuration
from .ledger import Account
from .tiers import Standing

ACTIVE, SUSPENDED, CLOSED = "ACTIVE", "SUSPENDED", "CLOSED"


@dataclass
class Card:
    """One card with its points."""

    id: int
    number: str
    customer: dict[str, object]
    referrer_id: int | None = None
    status: str = ACTIVE
    has_earned: bool = False
    merged_into: int | None = None
    was_merged: bool = False
    segments: tuple[str, ...] = ()
    friend_bill: int | None = None
    """The bill that settled its referral and still does."""
    joined: dict[int, datetime] = field(default_factory=dict)
    """When it joined which campaign."""
    standing: Standing = field(default_factory=Standing)
    account: Account = field(default_factory=Account)


class Cards:
    """All cards by id and by every number they ever had."""

    def __init__(self) -> None:
        """Start without cards."""
        self.by_id: dict[int, Card] = {}
        self.by_number: dict[str, int] = {}

    def __iter__(self) -> Iterator[Card]:
        """All cards, oldest first."""
        return iter(self.by_id.values())

    def get(self, card_id: int) -> Card:
        """A card of this tenant, or 404."""
        if card_id not in self.by_id:
            raise RefusedError(404, "CARD_NOT_FOUND")
        return self.by_id[card_id]

    def named(self, body: Body, prefix: str = "card") -> Card | None:
        """The card a body names by id or by any number it ever had; None when it names none."""
        number = body.get(f"{prefix}Number")
        card_id = self.by_number.get(number, 0) if number is not None else body.get(f"{prefix}Id")
        return None if card_id is None else self.get(card_id)

    def refuse_old_number(self, body: Body) -> None:
        """Refuse a number that a replacement has taken out of use."""
        card = self.named(body)
        if card and body.get("cardNumber", card.number) != card.number:
            raise RefusedError(409, "CARD_REPLACED")

    def final(self, card_id: int) -> Card:
        """The card that now stands for this one: itself, or what it was merged into."""
        card = self.by_id[card_id]
        return card if card.merged_into is None else self.final(card.merged_into)

    def issue(self, body: Body, card_id: int | None, number: str | None) -> Answer:
        """Issue a card; the id and a made number are the service's when it plays along."""
        referrer = self.named(body, "referrerCard")
        number = body.get("cardNumber") or number or f"MODEL-{len(self.by_id) + 1}"
        customer_id = body.get("customerId")
        if number in self.by_number or any(
            other.status != CLOSED and customer_id is not None and other.customer["customerId"] == customer_id for other in self
        ):
            raise RefusedError(409, "CARD_EXISTS")
        customer = {name: body.get(name) for name in ("customerId", "customerPhone", "customerEmail")}
        card = Card(card_id or len(self.by_id) + 1, number, customer, segments=tuple(body.get("segments") or ()))
        if referrer:
            self._check_referrer(card, referrer)
            card.referrer_id = referrer.id
        self.by_id[card.id] = card
        self.by_number[number] = card.id
        return Answer(201, {"id": card.id, "cardNumber": number, "status": ACTIVE})

    def link_referrer(self, card_id: int, body: Body) -> Answer:
        """Set the referrer of a card, once and before its first earn."""
        card = self.get(card_id)
        referrer = self.named(body, "referrerCard")
        if referrer is None:
            raise RefusedError(422, "VALIDATION_FAILED")
        _refuse_closed(card)
        self._check_referrer(card, referrer)
        card.referrer_id = referrer.id
        return Answer(200, {"id": card.id, "referrerCardId": referrer.id})

    def set_status(self, card_id: int, status: str) -> Answer:
        """Block or unblock a card that is not closed."""
        card = self.get(card_id)
        _refuse_closed(card)
        card.status = status
        return Answer(200, {"id": card.id, "status": status})

    def change(self, card_id: int, body: Body) -> Answer:
        """Change the segments that a card is in."""
        card = self.get(card_id)
        _refuse_closed(card)
        card.segments = tuple(body["segments"] or ())
        return Answer(200, {"id": card.id, "segments": list(card.segments)})

    def close(self, card_id: int) -> Answer:
        """Close a card for ever; closing it again changes nothing."""
        self.get(card_id).status = CLOSED
        return Answer(204, {})

    def replace(self, card_id: int, body: Body) -> Answer:
        """Give the card a new number; the old one stays taken."""
        card = self.get(card_id)
        _refuse_closed(card)
        number = body["newCardNumber"]
        if number in self.by_number:
            raise RefusedError(409, "CARD_EXISTS")
        card.number = number
        self.by_number[number] = card.id
        return Answer(200, {"id": card.id, "cardNumber": number})

    def merge(self, target_id: int, source_id: int, now: datetime) -> Answer:
        """Move points, debt and referrals of the source to the target and close the source."""
        target, source = self.get(target_id), self.get(source_id)
        if target is source:
            raise RefusedError(422, "VALIDATION_FAILED")
        for card in (target, source):
            _refuse_closed(card)
        target.account.absorb(source.account, now)
        above = self._above(target, lambda card: card.id)
        for card in self:
            if card.referrer_id == source.id:
                card.referrer_id = None if card is target or card.id in above else target.id
        source.status, source.merged_into = CLOSED, target.id
        source.was_merged = target.was_merged = True
        target.has_earned |= source.has_earned
        target.friend_bill = target.friend_bill or source.friend_bill
        for campaign_id, joined in source.joined.items():
            target.joined[campaign_id] = min(joined, target.joined.get(campaign_id, joined))
        return Answer(200, {"id": target.id, "status": target.status})

    def _above(self, card: Card, stands_for: Callable[[Card], int]) -> set[int]:
        """All who stand above a card, each link read as one of the card that its owner stands for."""
        above: set[int] = set()
        while True:
            found = {
                one.referrer_id for one in self if one.referrer_id is not None and stands_for(one) in above | {card.id}
            } - above
            if not found:
                return above
            above |= found

    def _check_referrer(self, card: Card, referrer: Card) -> None:
        """Once, before the first earn, by another customer's active card, in no ring, and only for who is new."""
        others = [other for other in self if other is not card and self.final(other.id) is not card]
        known = any(
            value is not None and other.customer[name] == value for other in others for name, value in card.customer.items()
        )
        ring = card.id in self._above(referrer, lambda one: self.final(one.id).id)
        taken = card.referrer_id is not None or card.has_earned
        if referrer.status != ACTIVE or referrer is card or known or ring or taken:
            raise RefusedError(422, "REFERRER_INVALID")


def shown_card(card: Card, now: datetime) -> Body:
    """The card as GET answers it; totals are left out where a merge makes them a matter of taste."""
    posted = card.account.at(now).posted
    totals = {
        "totalPointsEarned": shown(posted["EARNED"] + posted["BONUS"] + posted["REVERSED"]),
        "totalPointsRedeemed": shown(-posted["REDEEMED"] - posted["REDEEM_REVERSED"]),
        "totalReferralPointsEarned": shown(posted["REFERRAL_EARNED"] + posted["REFERRAL_REVERSED"]),
    }
    return {
        "id": card.id,
        "cardNumber": card.number,
        "status": card.status,
        "isActive": card.status == ACTIVE,
        "referrerCardId": card.referrer_id,
        "segments": list(card.segments),
        **_points(card, now),
        **({} if card.was_merged else totals),
    }


def shown_balance(card: Card, configuration: Configuration, now: datetime) -> Body:
    """The balance as GET answers it; what a negative balance is worth is left out."""
    answer = {"cardId": card.id, "cardNumber": card.number, **_points(card, now)}
    balance = card.account.balance(now)
    if balance >= 0:
        answer["amount"] = shown(round_down(balance * configuration.rate))
    return answer


def _points(card: Card, now: datetime) -> Body:
    account = card.account
    return {
        "pointsBalance": shown(account.balance(now)),
        "pointsPending": shown(account.pending(now)),
        "pointsDebt": shown(account.at(now).debt),
    }


def _refuse_closed(card: Card) -> None:
    if card.status == CLOSED:
        raise RefusedError(409, "CARD_NOT_ACTIVE")
