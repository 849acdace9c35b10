"""Changing a tier, and taking it out of use; tiers are never removed, for the history of cards names them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CLOSED
from card_service.models.campaigns import campaigns
from card_service.models.cards import loyalty_cards as card
from card_service.models.tiers import tiers
from card_service.tiers.tier import FIELDS, TierAnswer, TierInUse, all_tiers, columns_of, get_tier, refuse_twins


@dataclass(frozen=True, slots=True)
class ChangeTier:
    """The fields to change, by the names of their columns."""

    tier_id: int
    fields: dict[str, Any]


_row: Statement[tuple[Any, ...]] = Statement(
    select(*(tiers.c[name] for name in FIELDS)).where(tiers.c.tenant_id == TENANT, tiers.c.id == bindparam("tier_id"))
)
_write: Statement[None] = Statement(
    tiers.update()
    .where(tiers.c.tenant_id == TENANT, tiers.c.id == bindparam("this_tier"))
    .values({name: bindparam(name) for name in (*FIELDS, "updated_at")})
)
_anyone_in: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.tier_id == bindparam("tier_id"), card.c.status != CLOSED).limit(1)
)
_anyone_below: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.tier_id.is_(None), card.c.status != CLOSED).limit(1)
)
# Whoever makes, activates or changes a campaign locks the configuration first, as whoever changes a tier does.
_rewarded_by: Statement[tuple[Any, ...]] = Statement(
    select(campaigns.c.id, campaigns.c.name)
    .where(
        campaigns.c.tenant_id == TENANT,
        campaigns.c.reward_tier_id == bindparam("tier_id"),
        campaigns.c.status != "ENDED",
        campaigns.c.ends_at > bindparam("now", type_=campaigns.c.ends_at.type),
    )
    .order_by(campaigns.c.id)
    .limit(1)
)


def change_tier(session: Session, context: Context, request: ChangeTier) -> TierAnswer:
    """Change the fields that were sent; raises TierNotFound, TierInUse, ValidationFailed for what another tier has."""
    lock_config(session)
    before = get_tier(session, context, request.tier_id)
    (row,) = session.all(_row, tier_id=request.tier_id)
    old = dict(zip(FIELDS, row, strict=True))
    new = old | columns_of(request.fields)
    changed = [name for name in FIELDS if old[name] != new[name]]
    if not changed:
        return before
    refuse_twins(new, [tier for tier in all_tiers(session) if tier.id != request.tier_id])
    if before.is_active and not new["is_active"]:
        _refuse_used(session, context, before)
    session.write(_write, this_tier=request.tier_id, updated_at=context.now, **new)
    new_version(session, context)
    record_change(
        session,
        context,
        entity="tier",
        entity_id=request.tier_id,
        action="change",
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
    return get_tier(session, context, request.tier_id)


def delete_tier(session: Session, context: Context, tier_id: int) -> None:
    """Take a tier out of use; raises TierNotFound, TierInUse."""
    change_tier(session, context, ChangeTier(tier_id, {"is_active": False}))


def _refuse_used(session: Session, context: Context, tier: TierAnswer) -> None:
    """Refuse a tier with cards in it, or that a campaign may yet give.

    A card that a till is just lifting into it counts as in the base tier, and is lifted again.
    """
    used = session.one(_anyone_below) if tier.is_base else session.one(_anyone_in, tier_id=tier.id)
    if used is not None:
        raise TierInUse("Cards are in this tier; change it, or wait until they have left it")
    campaign = session.one(_rewarded_by, tier_id=tier.id, now=context.now)
    if campaign is not None:
        campaign_id, name = campaign
        raise TierInUse(f"Campaign {campaign_id} ({name}) gives this tier; end it, or change what a draft gives")
