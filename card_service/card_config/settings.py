"""A tenant's card configuration: read, changed field by field, switched on and off."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.card_config.entries import CATEGORIES, DISCOUNTS, RESTRICTIONS, list_entries
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict, ValidationFailed
from card_service.kit.wire import Answer
from card_service.models.card_config import card_configurations as config


class VersionConflict(Conflict):
    """Somebody else has changed it since the caller read it."""

    code = "VERSION_CONFLICT"
    title = "This was changed by someone else since you read it; read it again and repeat your change"


class CardConfig(Answer, frozen=True):
    """Everything a tenant can configure; rates and percentages as it set them."""

    tenant_id: int
    is_enabled: bool
    points_to_amount_rate: Decimal
    max_redemption_percent: Decimal
    referral_points_percent: Decimal
    min_points_to_redeem: int
    flat_discount_type: str
    flat_discount_value: Decimal
    flat_discount_min_bill: Decimal
    points_precision: int
    return_policy: str
    restore_grace_days: int
    redemption_treatment: str
    pending_days: int
    expiry_policy: str
    expiry_months: int
    hold_ttl_seconds: int
    currency: str
    timezone: str
    card_number_pattern: str | None
    card_colour: str | None
    referral_link_base: str | None
    referral_min_bill: Decimal
    campaign_stacking: str
    max_total_multiplier: Decimal
    version: int
    updated_at: datetime
    category_point_configs: list[dict[str, Any]]
    category_discounts: list[dict[str, Any]]
    category_restrictions: list[dict[str, Any]]


_LISTS = {"category_point_configs", "category_discounts", "category_restrictions"}
_FIELDS = [name for name in CardConfig.__struct_fields__ if name not in _LISTS]
SETTABLE = [name for name in _FIELDS if name not in {"tenant_id", "version", "updated_at"}]
_read = Statement(select(*(config.c[name] for name in _FIELDS)).where(config.c.tenant_id == TENANT))
_lock = Statement(select(*(config.c[name] for name in _FIELDS)).where(config.c.tenant_id == TENANT).with_for_update())
_write: Statement[None] = Statement(
    config.update()
    .where(config.c.tenant_id == TENANT)
    .values({name: bindparam(name) for name in (*SETTABLE, "version", "updated_at")})
)
_bump: Statement[None] = Statement(
    config.update()
    .where(config.c.tenant_id == TENANT)
    .values(version=config.c.version + 1, updated_at=bindparam("now", type_=config.c.updated_at.type))
)


@dataclass(frozen=True, slots=True)
class ChangeConfig:
    """The fields to change, and the version last read if the caller wants it checked."""

    fields: dict[str, Any]
    version: int | None = None


def get_config(session: Session, context: Context, _query: None = None) -> CardConfig:
    """Read the configuration with its percentages, discounts and restrictions."""
    return _answer(session, context, _row(session, _read))


def change_config(session: Session, context: Context, change: ChangeConfig) -> CardConfig:
    """Change the fields that were sent; raises VersionConflict, ValidationFailed for what cannot go together."""
    before = lock_config(session)
    if change.version is not None and change.version != before["version"]:
        raise VersionConflict
    after = before | change.fields | {"version": before["version"] + 1, "updated_at": context.now}
    _check_together(after)
    session.write(_write, **{name: after[name] for name in (*SETTABLE, "version", "updated_at")})
    changed = [name for name in change.fields if before[name] != after[name]]
    record_change(
        session,
        context,
        entity="card_config",
        entity_id=session.tenant_id,
        action="change",
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return _answer(session, context, after)


def enable(session: Session, context: Context, _command: None = None) -> CardConfig:
    """Switch the card system on."""
    return change_config(session, context, ChangeConfig({"is_enabled": True}))


def disable(session: Session, context: Context, _command: None = None) -> CardConfig:
    """Switch the card system off: nothing earns or redeems, returns go on."""
    return change_config(session, context, ChangeConfig({"is_enabled": False}))


def lock_config(session: Session) -> dict[str, Any]:
    """Read the configuration and keep others from changing it until the transaction ends."""
    return _row(session, _lock)


def new_version(session: Session, context: Context) -> None:
    """Count a change of a percentage, discount or restriction as a new version of the whole."""
    session.write(_bump, now=context.now)


def _row(session: Session, statement: Statement[Any]) -> dict[str, Any]:
    row = session.one(statement)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    found = dict(zip(_FIELDS, row, strict=True))
    found["is_enabled"] = bool(found["is_enabled"])
    return found


def _check_together(after: dict[str, Any]) -> None:
    if after["flat_discount_type"] == "PERCENT" and after["flat_discount_value"] > Decimal(100):
        raise ValidationFailed({"flatDiscountValue": ["A percentage is at most 100."]})


def _answer(session: Session, context: Context, row: dict[str, Any]) -> CardConfig:
    return CardConfig(
        **row,
        category_point_configs=list_entries(session, context, CATEGORIES),
        category_discounts=list_entries(session, context, DISCOUNTS),
        category_restrictions=list_entries(session, context, RESTRICTIONS),
    )
