"""Reading the ladder of a tenant: once for each version of its configuration."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from card_service.card_config.load import by_version
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.card_config import card_configurations as config
from card_service.models.programs import loyalty_programs as programs
from card_service.models.tiers import tiers
from card_service.tiers.rules import Ladder, Tier

TIER_COLUMNS = tuple(c for c in tiers.c if c.name not in {"tenant_id", "is_active", "created_at", "updated_at"})
_active = Statement(select(*TIER_COLUMNS).where(tiers.c.tenant_id == TENANT, tiers.c.is_active))
# docs/programme.md section 6: in the two other types they do.
_without_tiers: Statement[tuple[Any, ...]] = Statement(
    select(programs.c.id).where(programs.c.tenant_id == TENANT, programs.c.type.in_(("POINTS", "CASH_BACK")))
)
_in_force: Statement[tuple[Any, ...]] = Statement(
    select(config.c.version, config.c.updated_at, config.c.timezone).where(config.c.tenant_id == TENANT)
)
_percentages = msgspec.json.Decoder(dict[int, Decimal])


class InForce(NamedTuple):
    """The ladder that applies now, and the zone in which its days are counted."""

    ladder: Ladder
    zone: str


def ladder_at(session: Session, version: int, updated_at: datetime) -> Ladder:
    """Give the ladder of the version that this transaction has read."""
    return by_version(session, version, updated_at, load_ladder)


def ladder_in_force(session: Session) -> InForce:
    """Read which version is in force, and give its ladder."""
    row = session.one(_in_force)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    version, updated_at, zone = row
    return InForce(ladder_at(session, version, updated_at), zone)


def load_ladder(session: Session) -> Ladder:
    """Read the active tiers, and the programmes to whose cards they do not apply."""
    return Ladder.of(map(tier_of, session.all(_active)), (program_id for (program_id,) in session.all(_without_tiers)))


def tier_of(row: tuple[Any, ...]) -> Tier:
    """Make a tier of a row of TIER_COLUMNS."""
    found = {column.name: value for column, value in zip(TIER_COLUMNS, row, strict=True)}
    return Tier(
        id=found["id"],
        level=found["level"],
        name=found["name"],
        min_spend=found["min_spend"],
        min_points=found["min_points"],
        min_orders=found["min_orders"],
        qualify_mode=found["qualify_mode"],
        period_days=found["qualification_period_days"],
        multiplier=found["points_multiplier"],
        percentages=_percentages.decode(found["category_percentages"]),
        discount_percent=found["tier_discount_percent"],
        benefits=json.loads(found["benefits"], parse_float=Decimal),
        birthday_points=found["birthday_points"],
        grace_days=found["grace_days"],
        downgrade=found["downgrade"],
    )
