"""Making tiers: one, or the four of a preset."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.kit.errors import Conflict
from card_service.kit.pagination import Page
from card_service.models.tiers import tiers
from card_service.tiers.tier import FIELDS, TierAnswer, all_tiers, columns_of, get_tier, list_tiers, refuse_twins

CREATE, PRESETS = "create-tier", "create-preset-tiers"
_DEFAULTS: dict[str, Any] = {
    "min_spend": None,
    "min_points": None,
    "min_orders": None,
    "qualify_mode": "ANY",
    "qualification_period_days": 365,
    "points_multiplier": Decimal("1.00"),
    "category_percentages": [],
    "tier_discount_percent": Decimal("0.00"),
    "benefits": {},
    "birthday_points": None,
    "grace_days": 0,
    "downgrade": "TO_QUALIFIED",
    "is_active": True,
}
_NAMES = ("BRONZE", "SILVER", "GOLD", "PLATINUM")
_SPEND, _POINTS = (None, 10_000, 25_000, 50_000), (None, 500, 1_500, 5_000)
_PRESETS = {
    "bronze-silver-gold-platinum": ("min_spend", _SPEND, ("1.00", "1.25", "1.50", "2.00")),
    "bronze-silver-gold-platinum-gentle": ("min_spend", _SPEND, ("1.00", "1.20", "1.50", "2.00")),
    "bronze-silver-gold-platinum-points": ("min_points", _POINTS, ("1.00", "1.25", "1.50", "2.00")),
}
PRESET_NAMES = tuple(_PRESETS)


class TiersExist(Conflict):
    """The tenant has tiers."""

    code = "TIERS_EXIST"
    title = "There are tiers already; a preset is for those who have none"


@dataclass(frozen=True, slots=True)
class CreateTier:
    """The fields that were sent; the others are as docs/programme.md section 2 says."""

    fields: dict[str, Any]


_insert: Statement[None] = Statement(insert_into(tiers, "id"))


def create_tier(session: Session, context: Context, request: CreateTier) -> TierAnswer:
    """Make a tier; raises ValidationFailed for what another has."""
    lock_config(session)
    refuse_twins(_DEFAULTS | request.fields, all_tiers(session))
    tier_id = _make(session, context, request.fields)
    new_version(session, context)
    return get_tier(session, context, tier_id)


def create_preset(session: Session, context: Context, name: str) -> Page[TierAnswer]:
    """Make the four tiers of a preset; raises TiersExist."""
    lock_config(session)
    if all_tiers(session):
        raise TiersExist
    asks_for, wanted, multipliers = _PRESETS[name]
    for level, (tier, least, multiplier) in enumerate(zip(_NAMES, wanted, multipliers, strict=True), start=1):
        fields: dict[str, Any] = {"level": level, "name": tier, "points_multiplier": Decimal(multiplier)}
        _make(session, context, fields | {asks_for: None if least is None else Decimal(least).quantize(Decimal("0.01"))})
    new_version(session, context)
    return list_tiers(session, context)


def _make(session: Session, context: Context, fields: Mapping[str, Any]) -> int:
    row = columns_of(_DEFAULTS | dict(fields))
    tier_id = session.insert(_insert, created_at=context.now, updated_at=context.now, **{name: row[name] for name in FIELDS})
    record_change(session, context, entity="tier", entity_id=tier_id, action="add", after=row)
    return tier_id
