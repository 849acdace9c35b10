"""Linking a card to its referrer, both named by the caller."""

from dataclasses import dataclass

from card_service.cards.card import CardAnswer, show_card
from card_service.cards.name_referrer import ReferrerRef, check_still_named, id_of_referrer
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.lock import lock_pair, refuse_closed
from card_service.referrals.chain import lock_links
from card_service.referrals.link import link

OPERATION = "link-referrer"


@dataclass(frozen=True, slots=True)
class LinkReferrer:
    """The card that was referred, and the one that referred it."""

    card_id: int
    referrer: ReferrerRef


def link_referrer(session: Session, context: Context, request: LinkReferrer) -> CardAnswer:
    """Set the referrer of a card, once and before its first earn.

    Raises CardNotFound for either card, CardReplaced, CardNotActive for a closed card, ReferrerInvalid.
    """
    show_card(session, context, request.card_id)
    lock_links(session)
    book, referrer = lock_pair(session, request.card_id, id_of_referrer(session, request.referrer))
    check_still_named(session, request.referrer, referrer.card_id)
    refuse_closed(book)
    link(session, context, book.card_id, referrer.card_id)
    return show_card(session, context, book.card_id)
