"""Finding a customer by whatever the cashier has: a scanned number, a phone, a name or a customer number, in one field."""

import re
from dataclasses import dataclass

from card_service.cards.card import CardAnswer
from card_service.cards.fields import PHONE
from card_service.cards.find import CardNotFound, find_by_number
from card_service.cards.rules import plain_phone
from card_service.cards.search import SearchCards, search_cards
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import ValidationFailed
from card_service.kit.http.fields import MAX_ID

MOST = 20
_LONGEST = 200
_PHONE = re.compile(PHONE)


@dataclass(frozen=True, slots=True)
class Found:
    """The cards that may be meant, and whether there are more than are shown."""

    cards: list[CardAnswer]
    more: bool = False


def find_customer(session: Session, context: Context, text: str) -> Found:
    """Find the card of a number, or the cards of a phone, a customer number or the beginning of a name.

    Raises CardReplaced for a number that a card had before, ValidationFailed for what can be none of these.
    """
    wanted = text.strip()
    if not wanted or len(wanted) > _LONGEST or not wanted.isprintable():
        raise ValidationFailed({"q": ["Must have 1 to 200 printable characters."]})
    # A card shows its number in groups of four, and so it is typed.
    for number in dict.fromkeys((wanted, wanted.replace(" ", ""))):
        try:
            return Found([find_by_number(session, context, number)])
        except CardNotFound:
            continue
    found: dict[int, CardAnswer] = {}
    more = False
    for query in _searches(wanted):
        page = search_cards(session, context, query)
        found |= {card.id: card for card in page.items}
        more = more or page.next_cursor is not None
    return Found(list(found.values())[:MOST], more or len(found) > MOST)


def cards_with_phone(session: Session, context: Context, phone: str) -> Found:
    """Find who has this phone already, before a second card is made for them; closed cards do not count."""
    page = search_cards(session, context, SearchCards(phone=plain_phone(phone), limit=MOST))
    return Found([card for card in page.items if card.status != "CLOSED"])


def _searches(wanted: str) -> list[SearchCards]:
    searches = []
    if _PHONE.fullmatch(wanted):
        searches.append(SearchCards(phone=plain_phone(wanted), limit=MOST))
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= MAX_ID:
        searches.append(SearchCards(customer_id=int(wanted), limit=MOST))
    return searches or [SearchCards(name=wanted, limit=MOST)]
