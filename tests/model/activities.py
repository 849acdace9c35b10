"""What is paid beside bills: signing up, and activities that are reported (docs/programme.md section 4)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .answers import Answer, Body, RefusedError
from .arithmetic import ZERO, shown
from .books import Books
from .cards import Card
from .rules import Rule


@dataclass
class Award:
    """What a rule paid a card for something, once for each reference, and the answer that said so."""

    card_id: int
    what: tuple[str, str | None, str]
    rule_id: int
    day: date
    answer: Body


def sign_up(books: Books, card: Card) -> None:
    """Pay what signing up brings, by the base tier."""
    rule = books.rules.paying("SIGNUP", books.now)
    if rule:
        _pay(books, card, rule, ("SIGNUP", rule.id, card.id))


def earn_activity(books: Books, body: Body) -> Answer:
    """Pay for an activity, once for each reference and as often as its rule allows."""
    card = books.cards.get(body["cardId"])
    what = body["activity"], body.get("code"), body["reference"]
    mine = [award for award in books.awards if books.cards.final(award.card_id) is books.cards.final(card.id)]
    before = next((award for award in mine if award.what == what), None)
    if before:
        return Answer(200, before.answer, replayed=True)
    books.refuse_inactive(card)
    rule = books.rules.paying(body["activity"], books.now, body.get("code"))
    if rule is None:
        raise RefusedError(422, "NO_RULE")
    paid = [award for award in mine if award.rule_id == rule.id and rule.same_period(award.day, books.today)]
    if len(paid) >= rule.body.get("maxPerCard", len(paid) + 1):
        raise RefusedError(409, "ACTIVITY_CAPPED")
    points = _pay(books, card, rule, ("ACTIVITY", *what, card.id))
    pending = points if rule.body.get("pendingDays") else ZERO
    answer = {
        "cardId": card.id,
        "ruleId": rule.id,
        "points": shown(points),
        "newBalance": shown(books.balance(card)),
        "pendingPoints": shown(pending),
    }
    books.awards.append(Award(card.id, what, rule.id, books.today, answer))
    return Answer(201, answer)


def _pay(books: Books, card: Card, rule: Rule, origin: tuple[object, ...]) -> Fraction:
    tier = books.tier(card)
    points = rule.points(tier.multiplier if tier else Fraction(1), books.configuration.precision)
    books.credit(card, "BONUS", points, origin, rule.body.get("pendingDays", 0))
    return points
