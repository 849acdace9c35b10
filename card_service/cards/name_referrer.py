"""Which card a request names as the referrer, and keeping it as it is until the request is done."""

from dataclasses import dataclass

from card_service.cards.find import id_of_number
from card_service.kit.db.session import Session
from card_service.ledger.lock import lock_card


@dataclass(frozen=True, slots=True)
class ReferrerRef:
    """The referrer's card by its id or by its number: exactly one of them."""

    card_id: int | None = None
    card_number: str | None = None


def id_of_referrer(session: Session, referrer: ReferrerRef) -> int:
    """Look the referrer's card up, without a lock; raises CardNotFound, CardReplaced."""
    if referrer.card_number is not None:
        return id_of_number(session, referrer.card_number)
    if referrer.card_id is None:
        msg = "a referrer is named by its id or its number"
        raise ValueError(msg)
    return referrer.card_id


def check_still_named(session: Session, referrer: ReferrerRef) -> None:
    """Look again once the card is locked: its number may have been replaced before. Raises CardReplaced."""
    if referrer.card_number is not None:
        id_of_number(session, referrer.card_number)


def lock_referrer(session: Session, referrer: ReferrerRef) -> int:
    """Lock the referrer's card and give its id; raises CardNotFound, CardReplaced."""
    book = lock_card(session, id_of_referrer(session, referrer))
    check_still_named(session, referrer)
    return book.card_id
