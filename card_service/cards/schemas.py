"""The bodies and answers of the cards."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from card_service.cards.barcode import Symbology
from card_service.cards.change import ChangeCard
from card_service.cards.fields import Email, Phone, own_number, why
from card_service.cards.issue import IssueCard
from card_service.cards.name_referrer import ReferrerRef
from card_service.cards.print_cards import MOST, PrintCards
from card_service.cards.rules import joined
from card_service.cards.search import SearchCards
from card_service.kit.http.fields import Choice, Day, Document, Flag, Instant, Text, Whole, cursor, money, signed_points
from card_service.kit.http.together import at_most_one, exactly_one
from card_service.kit.pagination import DEFAULT_LIMIT, MAX_LIMIT
from card_service.programs.schemas import CashBackAnswer
from card_service.tiers.answer_schemas import TierShownAnswer


def require_one(data: Mapping[str, Any], names: Mapping[str, str], *, at_least: int = 1) -> None:
    """Refuse a body with more than one of these fields, or fewer than `at_least`; `names` are those of the wire."""
    given = [name for name in names if data.get(name) is not None]
    if at_least <= len(given) <= 1:
        return
    wire = list(names.values())
    raise ValidationError(f"Send {'exactly' if at_least else 'at most'} one of {', '.join(wire)}.", wire[-1])


_REFERRER = {"referrer_card_id": "referrerCardId", "referrer_card_number": "referrerCardNumber"}


class ReferrerFields(Document):
    """A body that may name a referrer, by the id or the number of its card."""

    referrer_card_id = Whole(load_default=None)
    referrer_card_number = own_number(load_default=None)


def referrer_of(data: dict[str, Any]) -> ReferrerRef | None:
    """Take the referrer out of a loaded body."""
    card_id, number = (data.pop(name) for name in _REFERRER)
    return None if card_id is None and number is None else ReferrerRef(card_id, number)


def segments(**kwargs: Any) -> fields.List[str]:
    """Make a field of the labels of a card: 1 to 10, no two the same."""
    label = Text(longest=30, pattern="[a-z0-9-]{1,30}", says="Must be 1 to 30 small letters, digits and dashes.")
    rules: list[Any] = [validate.Length(1, 10, error="Must have 1 to 10 labels."), _differ]
    return fields.List(label, validate=rules, metadata={"uniqueItems": True}, **kwargs)


def _differ(labels: list[str]) -> None:
    if len(set(labels)) < len(labels):
        message = "Must be different labels."
        raise ValidationError(message)


class IssueCardBody(ReferrerFields):
    """A new card; without `cardNumber` the service makes one with check digits."""

    together = (at_most_one("referrerCardId", "referrerCardNumber", "referralCode"),)

    card_number = own_number(load_default=None)
    customer_id = Whole(load_default=None)
    customer_name = Text(longest=200, load_default=None)
    customer_phone = Phone(load_default=None)
    customer_email = Email(load_default=None)
    birth_date = Day(load_default=None)
    segments = segments(load_default=None, allow_none=True)
    referral_code = Text(longest=20, pattern="[!-~]{1,20}", says="Must be a referral code.", load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def check_referrer(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names for the referrer."""
        require_one(data, {"referral_code": "referralCode", **_REFERRER}, at_least=0)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> IssueCard:
        """Make the command."""
        data["segments"] = tuple(data["segments"] or ())
        code, referrer = data.pop("referral_code"), referrer_of(data)
        return IssueCard(referrer=referrer if code is None else ReferrerRef(referral_code=code.upper()), **data)


class LinkReferrerBody(ReferrerFields):
    """The card that referred this one, by its id or its number."""

    together = (exactly_one("referrerCardId", "referrerCardNumber"),)

    @validates_schema(skip_on_field_errors=True)
    def check_referrer(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names for the referrer, and none."""
        require_one(data, _REFERRER)

    @post_load
    def referrer(self, data: dict[str, Any], **_: Any) -> ReferrerRef | None:
        """Give the referrer; the card is in the path."""
        return referrer_of(data)


class ChangeCardBody(Document):
    """Any subset of the fields, null to empty one; `version`, if sent, must be the one last read."""

    customer_id = Whole(allow_none=True)
    customer_name = Text(longest=200, allow_none=True)
    customer_phone = Phone(allow_none=True)
    customer_email = Email(allow_none=True)
    birth_date = Day(allow_none=True)
    segments = segments(allow_none=True)
    version = Whole()


def change_of(card_id: int, body: dict[str, Any]) -> ChangeCard:
    """Make the command of a change."""
    if "segments" in body:
        body = {**body, "segments": joined(body["segments"])}
    return ChangeCard(card_id, {name: value for name, value in body.items() if name != "version"}, body.get("version"))


_SEARCHED = {"phone": "phone", "email": "email", "name": "name", "customer_id": "customerId"}


class SearchCardsBody(Document):
    """Exactly one of phone, e-mail, beginning of the name, and customer id; never in a URL."""

    together = (exactly_one("phone", "email", "name", "customerId"),)

    phone = Phone(load_default=None)
    email = Email(load_default=None)
    name = Text(longest=200, load_default=None)
    customer_id = Whole(load_default=None)
    limit = Whole(low=1, high=MAX_LIMIT, load_default=DEFAULT_LIMIT)
    cursor = cursor()

    @validates_schema(skip_on_field_errors=True)
    def check_searched(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a search for several things, and for none."""
        require_one(data, _SEARCHED)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> SearchCards:
        """Make the command."""
        return SearchCards(**data)


class BlockCardBody(Document):
    """Why the card is suspended."""

    reason = why(required=True)


class UnblockCardBody(Document):
    """Why the card may go on."""

    reason = why(load_default=None)


class ReplaceCardBody(Document):
    """Why the card has a new number, and that number if it is one of the tenant's own."""

    reason = why(required=True)
    new_card_number = own_number(load_default=None)


class MergeCardsBody(Document):
    """The card that is closed into this one."""

    source_card_id = Whole(required=True)


class BarcodeQuery(Document):
    """How the number is drawn: as bars for the readers of tills, or as a QR code for telephones."""

    symbology = Choice(*Symbology, load_default=Symbology.CODE128.value)


class PrintCardsBody(Document):
    """The cards by their ids, or all that were never printed: the oldest 100, and the next ones with the next call."""

    together = (exactly_one("cardIds", "notYetPrinted"),)

    card_ids = fields.List(
        Whole(), load_default=None, allow_none=True, validate=validate.Length(1, MOST, error=f"Must have 1 to {MOST} ids.")
    )
    not_yet_printed = Flag(load_default=None, metadata={"enum": [True, None]})

    @validates_schema(skip_on_field_errors=True)
    def check_which(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse both ways to name the cards, and none."""
        require_one(data, {"card_ids": "cardIds", "not_yet_printed": "notYetPrinted"})
        if data["not_yet_printed"] is False:
            raise ValidationError("Must be true, or left out with cardIds instead.", "notYetPrinted")

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> PrintCards:
        """Make the command."""
        return PrintCards(tuple(data["card_ids"] or ()))


class Card(Document):
    """A card, its holder and its points."""

    id = Whole(required=True)
    card_number = Text(longest=50, required=True)
    customer_id = Whole(required=True, allow_none=True)
    customer_name = Text(longest=200, required=True, allow_none=True)
    customer_phone = Text(longest=30, required=True, allow_none=True)
    customer_email = Text(longest=254, required=True, allow_none=True)
    referrer_card_id = Whole(required=True, allow_none=True)
    points_balance = signed_points(required=True)
    points_pending = money(required=True)
    points_debt = money(required=True)
    total_points_earned = money(required=True)
    total_points_redeemed = money(required=True)
    total_referral_points_earned = money(required=True)
    status = Choice("ACTIVE", "SUSPENDED", "CLOSED", required=True)
    is_active = Flag(required=True)
    issued_at = Instant(required=True)
    last_transaction_at = Instant(required=True, allow_none=True)
    program_id = Whole(required=True, allow_none=True)
    version = Whole(required=True)
    birth_date = Day(required=True, allow_none=True)
    segments = fields.List(Text(longest=30), required=True)
    referral_code = Text(longest=10, required=True, allow_none=True)
    referral_link = Text(longest=210, required=True, allow_none=True)
    tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)


class CardPage(Document):
    """A page of cards."""

    items = fields.List(fields.Nested(Card), required=True)
    next_cursor = Text(longest=200, required=True, allow_none=True)


class Balance(Document):
    """The points of a card, and what they are worth."""

    card_id = Whole(required=True)
    card_number = Text(longest=50, required=True)
    points_balance = signed_points(required=True)
    points_pending = money(required=True)
    points_debt = money(required=True)
    amount = money(required=True)
    as_of = Instant(required=True)
    cash_back = fields.Nested(CashBackAnswer, required=True, allow_none=True)
    tier = fields.Nested(TierShownAnswer, required=True, allow_none=True)


class ExpiringPointsAnswer(Document):
    """Points whose last valid day is `on`; `expiresAt` is the first instant after it."""

    on = Day(required=True)
    expires_at = Instant(required=True)
    points = money(required=True)


class ExpiringAnswer(Document):
    """The points of a card by their dates; with `undated`, less `debt`, they add up to balance and pending points."""

    card_id = Whole(required=True)
    as_of = Instant(required=True)
    items = fields.List(fields.Nested(ExpiringPointsAnswer), required=True)
    undated = money(required=True)
    debt = money(required=True)
    points_balance = signed_points(required=True)
    points_pending = money(required=True)
