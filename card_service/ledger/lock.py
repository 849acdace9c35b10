"""Locking one card for a change, or saying why that cannot be."""

from card_service.kit.db.session import Session
from card_service.kit.errors import Conflict, NotFound
from card_service.ledger.books import Book, lock_cards

ACTIVE, SUSPENDED, CLOSED = "ACTIVE", "SUSPENDED", "CLOSED"
"""A card's status: it may earn and redeem; it may not for now; it never will again."""


class CardNotFound(NotFound):
    """No such card of this tenant."""

    code = "CARD_NOT_FOUND"
    title = "No such card"


class CardNotActive(Conflict):
    """The card is suspended or closed."""

    code = "CARD_NOT_ACTIVE"
    title = "This card is not active"


def lock_card(session: Session, card_id: int) -> Book:
    """Lock a card and read its books; raises CardNotFound."""
    book = lock_cards(session, (card_id,)).get(card_id)
    if book is None:
        raise CardNotFound
    return book


def lock_open_card(session: Session, card_id: int) -> Book:
    """Lock a card that is not closed; raises CardNotFound, CardNotActive."""
    book = lock_card(session, card_id)
    refuse_closed(book)
    return book


def lock_pair(session: Session, card_id: int, other_id: int) -> tuple[Book, Book]:
    """Lock two cards, or one if they are the same, in ascending id order; raises CardNotFound."""
    books = lock_cards(session, (card_id, other_id))
    if card_id not in books or other_id not in books:
        raise CardNotFound
    return books[card_id], books[other_id]


def refuse_closed(book: Book) -> None:
    """Closing is for ever: raises CardNotActive for a closed card."""
    if book.status == CLOSED:
        raise CardNotActive("This card is closed")
