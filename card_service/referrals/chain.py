"""The referrers above a card, and the lock under which none of them changes."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from card_service.card_config.settings import lock_config
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.rules import ReferrerInvalid

MOST_GENERATIONS = 1000
"""How far up a chain is followed, a statement for each step: no pharmacy has as many, and a request must end."""

_is_one = card.c.id.in_(bindparam("card_ids", expanding=True))
_was_merged = card.c.merged_into_card_id.in_(bindparam("card_ids", expanding=True))


def _step(is_one: ColumnElement[bool]) -> Statement[tuple[Any, ...]]:
    of_tenant = (card.c.tenant_id == TENANT, is_one, card.c.referrer_card_id.is_not(None))
    return Statement(select(card.c.referrer_card_id).where(*of_tenant).distinct())


_of_cards, _of_people = _step(_is_one), _step(or_(_is_one, _was_merged))


def lock_links(session: Session) -> None:
    """Let the changes of who referred whom in a tenant wait for each other; called before any card is locked.

    The locks of the two cards do not do: two links of four different cards can close a ring together, neither of them
    seeing the other's. Links and merges are made by people, now and then, so the tenant's configuration is lock enough: a
    bill never locks it.
    """
    lock_config(session)


def cards_above(session: Session, card_id: int, *, with_merged: bool) -> set[int]:
    """Give all cards that a card was referred by, through however many others; the links are locked.

    `with_merged`: a card stands for those that were merged into it as well, whose own links bring nobody anything any
    more; whoever referred one of them is above it, too. Raises ReferrerInvalid where the chain is longer than
    MOST_GENERATIONS.
    """
    step = _of_people if with_merged else _of_cards
    above: set[int] = set()
    newest = {card_id}
    for _ in range(MOST_GENERATIONS):
        newest = {found for (found,) in session.all(step, card_ids=sorted(newest))} - above
        if not newest:
            return above
        above |= newest
    raise ReferrerInvalid(f"The chain of those who referred each other is longer than {MOST_GENERATIONS} cards")
