"""What a challenge lifted a card from, also when cards were merged since: asked when its reward is taken back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.person import cards_of_person
from card_service.models.cards import loyalty_cards as cards
from card_service.models.tiers import tier_history as history
from card_service.tiers.member import STANDING_COLUMNS, Member
from card_service.tiers.record import Lift
from card_service.tiers.rules import CHALLENGE, MERGED_WITH, UPGRADE, Standing, merged

_as_standing = msgspec.json.Decoder(Standing)
# The cards that were merged into a card are the same person's.
_own = cards_of_person()
_kept = _own.join(history, (history.c.tenant_id == TENANT) & (history.c.card_id == _own.c.card_id))
_lifted: Statement[tuple[Any, ...]] = Statement(
    select(history.c.id, history.c.card_id, history.c.until, history.c.created_at, history.c.standing_before)
    .select_from(_kept)
    .where(
        history.c.bill_id == bindparam("bill_id"),
        history.c.type == CHALLENGE,
        history.c.to_tier_id == bindparam("tier_id"),
    )
    .order_by(history.c.id.desc())
    .limit(1)
)
_merges: Statement[tuple[Any, ...]] = Statement(
    select(history.c.card_id, history.c.standing_before)
    .select_from(_kept)
    .where(
        history.c.id > bindparam("after"),
        history.c.type == UPGRADE,
        history.c.to_tier_id == bindparam("tier_id"),
        history.c.reason.startswith(MERGED_WITH),
    )
    .order_by(history.c.id.desc())
)
_merged_cards: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.id, *STANDING_COLUMNS.values()).where(
        cards.c.tenant_id == TENANT, cards.c.merged_into_card_id == bindparam("card_id")
    )
)


def find_lift_by_challenge(session: Session, member: Member, now: datetime, bill_id: int, tier_id: int) -> Lift | None:
    """Tell when a challenge lifted the card into a tier with a bill, and where it would be without; None if it did not.

    A card that was merged takes the tier along: then each of the cards counts as it was before the challenge, or before a
    merge gave it that tier, and the card that stays is where merging them would have put it.
    """
    row = session.one(_lifted, card_id=member.card_id, bill_id=bill_id, tier_id=tier_id)
    if row is None:
        return None
    lifted_id, lifted_card, until, lifted_at, before = row
    standings = {member.card_id: member.standing}
    standings |= {card_id: Standing(*values) for card_id, *values in session.all(_merged_cards, card_id=member.card_id)}
    for card_id, standing in standings.items():
        if (standing.held_id, standing.held_until) == (tier_id, until):
            standings[card_id] = replace(standing, held_id=None, held_until=None)
    # The newest first, so that of several merges into one card the first has the last word.
    merges = session.all(_merges, card_id=member.card_id, after=lifted_id, tier_id=tier_id)
    standings |= {card_id: _as_standing.decode(document) for card_id, document in merges}
    standings[lifted_card] = _as_standing.decode(before)
    found = standings.pop(member.card_id)
    for card_id, standing in standings.items():
        found = merged(member.ladder, found, standing, card_id, now).standing
    return Lift(lifted_at, found)
