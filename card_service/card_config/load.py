"""Reading a tenant's rulebook: the version in every transaction, its contents once for each version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import select

from card_service.card_config.rulebook import CategoryPercentage, Restriction, Rulebook
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.card_config import (
    card_configurations as config,
)
from card_service.models.card_config import (
    category_discounts as discounts,
)
from card_service.models.card_config import (
    category_point_configs as percentages,
)
from card_service.models.card_config import (
    category_restrictions as restrictions,
)

Loaded = TypeVar("Loaded")

RULE_COLUMNS = (
    config.c.version,
    config.c.updated_at,
    config.c.is_enabled,
    config.c.points_to_amount_rate,
    config.c.max_redemption_percent,
    config.c.referral_points_percent,
    config.c.min_points_to_redeem,
    config.c.flat_discount_type,
    config.c.flat_discount_value,
    config.c.flat_discount_min_bill,
    config.c.points_precision,
    config.c.return_policy,
    config.c.restore_grace_days,
    config.c.redemption_treatment,
    config.c.pending_days,
    config.c.expiry_policy,
    config.c.expiry_months,
    config.c.hold_ttl_seconds,
    config.c.timezone,
    config.c.referral_min_bill,
    config.c.campaign_stacking,
    config.c.max_total_multiplier,
)
_config = Statement(select(*RULE_COLUMNS).where(config.c.tenant_id == TENANT))
_version = Statement(select(config.c.version, config.c.updated_at).where(config.c.tenant_id == TENANT))
_percentages = Statement(
    select(percentages.c.category_id, percentages.c.category_name, percentages.c.point_percentage).where(
        percentages.c.tenant_id == TENANT, percentages.c.is_active
    )
)
_discounts = Statement(
    select(discounts.c.category_id, discounts.c.category_name, discounts.c.discount_percentage).where(
        discounts.c.tenant_id == TENANT, discounts.c.is_active
    )
)
_restrictions = Statement(
    select(
        restrictions.c.category_id,
        restrictions.c.earn_blocked,
        restrictions.c.redeem_blocked,
        restrictions.c.discount_blocked,
        restrictions.c.campaign_blocked,
    ).where(restrictions.c.tenant_id == TENANT)
)


def by_version(session: Session, version: int, updated_at: datetime, load: Callable[[Session], Loaded]) -> Loaded:
    """Give what `load` reads of the tenant's configuration, at the version that this transaction has read.

    The contents of a version never change, so they may be kept; which version is in force is read from the
    database every time. `updated_at` tells a version from one of the same number in a restored backup.
    """
    key = (load.__qualname__, session.tenant_id, version, updated_at)
    found = session.memory.get(key)
    if found is None:
        found = load(session)
        # Read last, so that what was read before belongs together.
        if session.one(_version) != (version, updated_at):
            raise ConcurrentChangeError
        session.memory[key] = found
    return cast("Loaded", found)


def rulebook(session: Session, version: int, updated_at: datetime) -> Rulebook:
    """Give the rules of the version that this transaction has read."""
    return by_version(session, version, updated_at, load_rulebook)


def rulebook_in_force(session: Session) -> Rulebook:
    """Give the rules in force, from memory if this version was read before."""
    row = session.one(_version)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    return rulebook(session, *row)


def load_rulebook(session: Session) -> Rulebook:
    """Read the rules in force."""
    row = session.one(_config)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    loaded: dict[str, Any] = {
        "percentages": {key: CategoryPercentage(name, value) for key, name, value in session.all(_percentages)},
        "discounts": {key: CategoryPercentage(name, value) for key, name, value in session.all(_discounts)},
        "restrictions": {key: Restriction(*map(bool, flags)) for key, *flags in session.all(_restrictions)},
    }
    fields = {column.name: value for column, value in zip(RULE_COLUMNS, row, strict=True)}
    fields["is_enabled"] = bool(fields["is_enabled"])
    return Rulebook(**fields, **loaded)
