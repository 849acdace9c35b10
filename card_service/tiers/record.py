"""Keeping a change of a tier: a row of the history, and an event for whoever wants to tell the customer."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.money import ZERO
from card_service.ledger.figures import Figures
from card_service.models.tiers import tier_history as history
from card_service.outbox.emit import emit
from card_service.tiers.member import Member
from card_service.tiers.rules import GRACE, UPGRADE, Change, Outcome, Standing, level_of

_insert: Statement[None] = Statement(insert_into(history, "id"))
_as_standing = msgspec.json.Decoder(Standing)


class Lift(NamedTuple):
    """When something lifted a card, and where it was before that."""

    created_at: datetime
    before: Standing


_lift = Statement(
    select(history.c.created_at, history.c.standing_before)
    .where(
        history.c.tenant_id == TENANT,
        history.c.card_id == bindparam("card_id"),
        history.c.bill_id == bindparam("bill_id"),
        history.c.type == UPGRADE,
    )
    .order_by(history.c.id.desc())
    .limit(1),
    lambda created_at, before: Lift(created_at, _as_standing.decode(before)),
)


def settle(
    session: Session, context: Context, member: Member, outcome: Outcome, version: int, bill_id: int | None = None
) -> None:
    """Take over where the member is now, and queue what is kept of the change; `version` is the card's, as locked.

    The columns of the card are written by the caller (`Member.changed_columns`).
    """
    before, member.standing = member.standing, outcome.standing
    change = outcome.change
    if change is None:
        return
    figures = _figures_of(member, change)
    row = {
        "card_id": member.card_id,
        "type": change.type,
        "from_tier_id": change.before.id if change.before else None,
        "to_tier_id": change.after.id if change.after else None,
        "reason": change.reason,
        "spend": figures.spend,
        "points": figures.points,
        "orders": figures.orders,
        "until": change.until,
        "bill_id": bill_id,
        "standing_before": msgspec.json.encode(before).decode(),
        "performed_by": context.performed_by,
        "created_at": context.now,
    }
    session.queue(_insert, [row])
    if change.type != GRACE:
        payload = {"cardId": member.card_id, "type": change.type, "from": row["from_tier_id"], "to": row["to_tier_id"]}
        # One bill may win several challenges, each with a tier of its own.
        once = f"{member.card_id}:{version}:{change.type}:{row['to_tier_id']}"
        emit(session, context, "tier.changed", once=once, card_id=member.card_id, payload=payload)


def _figures_of(member: Member, change: Change) -> Figures:
    """Give the figures of the window of the higher of the two tiers, which is what was judged."""
    judged = change.after if level_of(change.after) > level_of(change.before) else change.before
    found = member.windows.get(judged.period_days) if judged else None
    return found or Figures(ZERO, Decimal(ZERO), 0)


def find_lift(session: Session, card_id: int, bill_id: int) -> Lift | None:
    """Read when a bill last lifted a card by what it counts; None if it did not."""
    return session.one(_lift, card_id=card_id, bill_id=bill_id)
