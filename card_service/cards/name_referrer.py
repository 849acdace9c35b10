"""Which card a request names as the referrer, and keeping it as it is until the request is done."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select

from card_service.cards.find import id_of_number
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import CAME_LATER
from card_service.ledger.lock import lock_card
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.rules import ReferrerInvalid


@dataclass(frozen=True, slots=True)
class ReferrerRef:
    """The referrer's card by its id, its number or its referral code: exactly one of them."""

    card_id: int | None = None
    card_number: str | None = None
    referral_code: str | None = field(default=None, metadata=CAME_LATER)


_by_code: Statement[tuple[Any, ...]] = Statement(
    select(func.coalesce(card.c.merged_into_card_id, card.c.id)).where(
        card.c.tenant_id == TENANT, card.c.referral_code == bindparam("code")
    )
)


def id_of_referrer(session: Session, referrer: ReferrerRef) -> int:
    """Look the referrer's card up, without a lock; raises CardNotFound, CardReplaced, ReferrerInvalid for a code that is none."""
    if referrer.referral_code is not None:
        return _id_of_code(session, referrer.referral_code)
    if referrer.card_number is not None:
        return id_of_number(session, referrer.card_number)
    if referrer.card_id is None:
        msg = "a referrer is named by its id or its number"
        raise ValueError(msg)
    return referrer.card_id


def check_still_named(session: Session, referrer: ReferrerRef, locked_id: int) -> None:
    """Look again once the card is locked: its number may have been replaced before, or it was merged away.

    Raises CardReplaced; the code of a card that was merged meanwhile runs the use case again.
    """
    if referrer.referral_code is not None and _id_of_code(session, referrer.referral_code) != locked_id:
        raise ConcurrentChangeError
    if referrer.card_number is not None:
        id_of_number(session, referrer.card_number)


def lock_referrer(session: Session, referrer: ReferrerRef) -> int:
    """Lock the referrer's card and give its id; raises CardNotFound, CardReplaced."""
    book = lock_card(session, id_of_referrer(session, referrer))
    check_still_named(session, referrer, book.card_id)
    return book.card_id


def _id_of_code(session: Session, code: str) -> int:
    """Find the card of a code; that of a card which was merged leads to the one that stayed."""
    row = session.one(_by_code, code=code)
    if row is None:
        raise ReferrerInvalid("No card has this referral code")
    return int(row[0])
