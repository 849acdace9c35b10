"""Writing a campaign down: every change is a new version of the tenant's configuration and stands in the audit log."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import bindparam, select

from card_service.campaigns.campaign import ACTIVE, DRAFT, Campaign, Conditions
from card_service.campaigns.check import check
from card_service.campaigns.counters import begin_total
from card_service.campaigns.load import COLUMNS, campaign_of, write_conditions
from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import Conflict, NotFound, ValidationFailed
from card_service.models.campaigns import campaigns as table
from card_service.models.tiers import tiers

CONDITIONS = tuple(field.name for field in fields(Conditions))
_WRITTEN = [column.name for column in COLUMNS if column.name != "id"]


class CampaignNotFound(NotFound):
    """The tenant has no campaign of this id."""

    title = "There is no such campaign"


class CampaignState(Conflict):
    """The status of the campaign does not allow this."""

    code = "CAMPAIGN_STATE"
    title = "The status of this campaign does not allow that"


_by_id = Statement(select(*COLUMNS).where(table.c.tenant_id == TENANT, table.c.id == bindparam("campaign_id")), campaign_of)
_tier = Statement(select(tiers.c.id).where(tiers.c.tenant_id == TENANT, tiers.c.id == bindparam("tier_id"), tiers.c.is_active))
_insert: Statement[None] = Statement(insert_into(table, "id"))
_update: Statement[None] = Statement(
    table.update()
    .where(table.c.tenant_id == TENANT, table.c.id == bindparam("campaign_id"))
    .values({name: bindparam(name) for name in (*_WRITTEN, "updated_at")})
)


def find_campaign(session: Session, campaign_id: int) -> Campaign:
    """Find a campaign by its id; raises CampaignNotFound."""
    found = session.one(_by_id, campaign_id=campaign_id)
    if found is None:
        raise CampaignNotFound
    return found


def lock_campaign(session: Session, campaign_id: int) -> Campaign:
    """Find a campaign and keep others from changing it: whoever changes one locks the tenant's configuration first."""
    lock_config(session)
    return find_campaign(session, campaign_id)


def with_fields(campaign: Campaign, changed: Mapping[str, Any]) -> Campaign:
    """Give a campaign with these fields changed, those of its conditions among them."""
    conditions = replace(campaign.conditions, **{name: value for name, value in changed.items() if name in CONDITIONS})
    others = {name: value for name, value in changed.items() if name not in CONDITIONS}
    return replace(campaign, conditions=conditions, **others)


def _check(session: Session, before: Campaign | None, after: Campaign) -> None:
    """Check a campaign, and its reward where that is new or begins to be promised: pausing and ending must always be possible."""
    check(after)
    tier_id = after.reward_tier_id
    begins = before is None or before.reward_tier_id != tier_id or (after.status == ACTIVE and before.status != ACTIVE)
    if tier_id is not None and begins and session.one(_tier, tier_id=tier_id) is None:
        raise ValidationFailed({"rewardTierId": ["There is no such active tier."]})


def insert_campaign(session: Session, context: Context, campaign: Campaign) -> Campaign:
    """Write a new campaign; raises ValidationFailed."""
    lock_config(session)
    _check(session, None, campaign)
    new_id = session.insert(_insert, **_row(campaign), created_at=context.now, updated_at=context.now)
    saved = replace(campaign, id=new_id)
    _log(session, context, "add", None, saved)
    return saved


def save_campaign(session: Session, context: Context, action: str, before: Campaign, after: Campaign) -> Campaign:
    """Write what a locked campaign has become, and begin to count its whole where that is new; raises ValidationFailed."""
    _check(session, before, after)
    if after.is_capped and not after.has_total and after.status != DRAFT:
        begin_total(session, after.id)
        after = replace(after, has_total=True)
    after = replace(after, version=before.version + 1)
    session.write(_update, campaign_id=after.id, updated_at=context.now, **_row(after))
    _log(session, context, action, before, after)
    return after


def _row(campaign: Campaign) -> dict[str, Any]:
    row = {name: getattr(campaign, name) for name in _WRITTEN}
    return row | {"conditions": write_conditions(campaign.conditions)}


def _log(session: Session, context: Context, action: str, before: Campaign | None, after: Campaign) -> None:
    """Count the change as a new version of the configuration, and keep what it was before."""
    new_version(session, context)
    was = plain_fields(before) if before else None
    now = plain_fields(after)
    record_change(
        session,
        context,
        entity="campaign",
        entity_id=after.id,
        action=action,
        before=None if was is None else {name: value for name, value in was.items() if now[name] != value},
        after=now if was is None else {name: value for name, value in now.items() if was[name] != value},
    )


def plain_fields(campaign: Campaign) -> dict[str, Any]:
    """Give the fields of a campaign as answers and the audit log name them: conditions beside the others, lists in order."""
    found: dict[str, Any] = asdict(campaign)
    conditions: dict[str, Any] = found.pop("conditions")
    for name in ("from_time", "to_time"):
        conditions[name] = conditions[name].strftime("%H:%M") if conditions[name] is not None else None
    for name in ("tier_ids", "segments", "category_ids"):
        conditions[name] = sorted(conditions[name])
    return found | conditions | {"weekdays": list(conditions["weekdays"])}
