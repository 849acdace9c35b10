"""The campaigns of a tenant: read once for each version of its configuration, so that a bill costs no statement for them."""

from datetime import datetime, time
from typing import Any

import msgspec
from sqlalchemy import select

from card_service.campaigns.campaign import ACTIVE, Campaign, Conditions
from card_service.card_config.load import by_version
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.campaigns import campaigns as table

_UNSHOWN = {"tenant_id", "created_at", "updated_at"}
COLUMNS = tuple(column for column in table.columns if column.name not in _UNSHOWN)
"""What a statement selects to make a Campaign."""
_FLAGS = ("opt_in", "exclusive", "has_total")


class _Stored(msgspec.Struct):
    """The conditions as their document holds them."""

    weekdays: list[str] = []
    from_time: time | None = None
    to_time: time | None = None
    tier_ids: list[int] = []
    segments: list[str] = []
    category_ids: list[int] = []


_decoder = msgspec.json.Decoder(_Stored)


def campaign_of(*values: Any) -> Campaign:
    """Make a campaign of a row of COLUMNS."""
    found = dict(zip((column.name for column in COLUMNS), values, strict=True))
    for flag in _FLAGS:
        found[flag] = bool(found[flag])
    return Campaign(**found | {"conditions": read_conditions(found["conditions"])})


def read_conditions(document: str) -> Conditions:
    """Read the conditions of a campaign."""
    stored = _decoder.decode(document)
    return Conditions(
        tuple(stored.weekdays),
        stored.from_time,
        stored.to_time,
        frozenset(stored.tier_ids),
        frozenset(stored.segments),
        frozenset(stored.category_ids),
    )


def write_conditions(conditions: Conditions) -> str:
    """Write the conditions of a campaign, the same text for the same conditions."""
    stored = _Stored(
        list(conditions.weekdays),
        conditions.from_time,
        conditions.to_time,
        sorted(conditions.tier_ids),
        sorted(conditions.segments),
        sorted(conditions.category_ids),
    )
    return msgspec.json.encode(stored).decode()


_activated = Statement(
    select(*COLUMNS).where(table.c.tenant_id == TENANT, table.c.status == ACTIVE).order_by(table.c.id), campaign_of
)


def campaigns_of(session: Session, version: int, updated_at: datetime) -> tuple[Campaign, ...]:
    """Give the campaigns that were activated and not paused or ended since, of the version that this transaction has read."""
    return by_version(session, version, updated_at, load_campaigns)


def load_campaigns(session: Session) -> tuple[Campaign, ...]:
    """Read the activated campaigns."""
    return tuple(session.all(_activated))
