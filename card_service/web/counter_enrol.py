"""Enrolling a customer at the counter: the same use case as the API's, with what a cashier can ask in a minute."""

import re
import secrets
from dataclasses import dataclass, fields

import msgspec
from flask import g
from werkzeug.datastructures import MultiDict

from card_service.cards.card import CardAnswer
from card_service.cards.issue import OPERATION, IssueCard, issue_card
from card_service.cards.schemas import IssueCardBody
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import AlreadyAnswered, ValidationFailed
from card_service.kit.http import blueprint as http
from card_service.ledger.idempotency import once
from card_service.web.counter_find import Found, cards_with_phone

_ONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class EnrolForm:
    """The form as it was typed; `once` names this form, so that a second click enrols nobody twice."""

    name: str = ""
    phone: str = ""
    card_number: str = ""
    customer_id: str = ""
    referrer: str = ""
    referral_code: str = ""
    birth_date: str = ""
    once: str = ""
    anyway: str = ""


class AlreadyEnrolled(Exception):
    """Somebody with this phone has a card; whether that is the same person the cashier has to ask."""

    def __init__(self, found: Found) -> None:
        """Keep the cards."""
        super().__init__("this phone has a card")
        self.found = found


def blank_form(text: str = "") -> EnrolForm:
    """Make an empty form, with what was searched for already in its place."""
    text = text.strip()
    is_number = bool(text) and not any(character.isalpha() for character in text)
    return EnrolForm(name="" if is_number else text, phone=text if is_number else "", once=secrets.token_urlsafe(16))


def read_enrol_form(form: MultiDict[str, str]) -> EnrolForm:
    """Read the form as it was typed."""
    return EnrolForm(**{field.name: form.get(field.name, "").strip() for field in fields(EnrolForm)})


def enrol(form: EnrolForm) -> int:
    """Issue a card and give its id.

    Raises AlreadyEnrolled unless the form says `anyway`, ValidationFailed, and what `issue_card` raises.
    """
    command = _command(form)
    if not _ONCE.fullmatch(form.once):
        raise ValidationFailed({"once": ["Must be the name of a form."]})
    g.idempotency_key = f"enrol:{form.once}"
    try:
        card: CardAnswer = http.transact(once(OPERATION, issue_card if form.anyway else issue_to_new_phone, status=201), command)
    except AlreadyAnswered as first:
        card = msgspec.json.decode(first.body, type=CardAnswer)
    finally:
        g.idempotency_key = None
    return card.id


def issue_to_new_phone(session: Session, context: Context, command: IssueCard) -> CardAnswer:
    """Issue a card, unless somebody with this phone has one; raises AlreadyEnrolled, and what `issue_card` raises."""
    if command.customer_phone is not None:
        found = cards_with_phone(session, context, command.customer_phone)
        if found.cards:
            raise AlreadyEnrolled(found)
    return issue_card(session, context, command)


def _command(form: EnrolForm) -> IssueCard:
    customer_id = form.customer_id
    if customer_id and not (customer_id.isascii() and customer_id.isdigit() and len(customer_id) < 20):  # noqa: PLR2004 - 64 bits
        raise ValidationFailed({"customerId": ["Must be a whole number."]})
    body = {
        "customerName": form.name,
        "customerPhone": form.phone,
        # A card's number is printed in groups of four, and so it may be typed.
        "cardNumber": form.card_number.replace(" ", "") or None,
        "customerId": int(customer_id) if customer_id else None,
        "referrerCardNumber": form.referrer.replace(" ", "") or None,
        "referralCode": form.referral_code.replace(" ", "") or None,
        "birthDate": form.birth_date or None,
    }
    command: IssueCard = http.load(IssueCardBody(), body)
    if command.birth_date is not None and command.birth_date > http.context().now.date():
        raise ValidationFailed({"birthDate": ["Must not lie in the future."]})
    return command
