"""A tier as its administrator sees it: finding tiers, and what they must not have in common."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict, NotFound, ValidationFailed
from card_service.kit.pagination import Page
from card_service.kit.wire import Answer, Raw, encode
from card_service.models.tiers import tiers

_percentages = msgspec.json.Decoder(dict[int, Decimal])


class TierNotFound(NotFound):
    """No such tier of this tenant."""

    title = "No such tier"


class TierInUse(Conflict):
    """Cards are in this tier, or a campaign gives it."""

    code = "TIER_IN_USE"
    title = "This tier is in use"


class CategoryPercentage(Answer, frozen=True):
    """Points per hundred of a category, instead of the category's own."""

    category_id: int
    point_percentage: Decimal


class TierAnswer(Answer, frozen=True):
    """A tier with all that was set for it."""

    id: int
    level: int
    name: str
    min_spend: Decimal | None
    min_points: Decimal | None
    min_orders: int | None
    qualify_mode: str
    qualification_period_days: int
    points_multiplier: Decimal
    category_percentages: list[CategoryPercentage]
    tier_discount_percent: Decimal
    benefits: Raw
    birthday_points: Decimal | None
    grace_days: int
    downgrade: str
    is_active: bool

    @property
    def is_base(self) -> bool:
        """Whether it asks for nothing."""
        return self.min_spend is None and self.min_points is None and self.min_orders is None


FIELDS = tuple(name for name in TierAnswer.__struct_fields__ if name != "id")
"""What is set for a tier, by the names of its columns."""
_COLUMNS = (tiers.c.id, *(tiers.c[name] for name in FIELDS))


def tier_answer(*values: Any) -> TierAnswer:
    """Make the answer of a row."""
    found = dict(zip(TierAnswer.__struct_fields__, values, strict=True))
    own = _percentages.decode(found["category_percentages"])
    found["category_percentages"] = [
        CategoryPercentage(category_id=category_id, point_percentage=points) for category_id, points in own.items()
    ]
    found["benefits"] = Raw(found["benefits"].encode())
    found["is_active"] = bool(found["is_active"])
    return TierAnswer(**found)


_all = Statement(select(*_COLUMNS).where(tiers.c.tenant_id == TENANT).order_by(tiers.c.level), tier_answer)
_by_id = Statement(select(*_COLUMNS).where(tiers.c.tenant_id == TENANT, tiers.c.id == bindparam("tier_id")), tier_answer)


def all_tiers(session: Session) -> list[TierAnswer]:
    """Read every tier, the lowest first, inactive ones too: there are at most twenty."""
    return session.all(_all)


def list_tiers(session: Session, context: Context, _query: None = None) -> Page[TierAnswer]:  # noqa: ARG001 - a use case
    """List all tiers, the lowest first."""
    return Page(items=all_tiers(session), next_cursor=None)


def get_tier(session: Session, context: Context, tier_id: int) -> TierAnswer:  # noqa: ARG001 - a use case
    """Show a tier; raises TierNotFound."""
    found = session.one(_by_id, tier_id=tier_id)
    if found is None:
        raise TierNotFound
    return found


def columns_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what was sent into what is stored: the lists and the facts as documents."""
    stored = dict(fields)
    if "category_percentages" in stored:
        own = {row["category_id"]: row["point_percentage"] for row in stored["category_percentages"]}
        stored["category_percentages"] = msgspec.json.encode(own).decode()
    if "benefits" in stored:
        stored["benefits"] = encode(stored["benefits"])
    return stored


def asks_for_nothing(row: Mapping[str, Any]) -> bool:
    """Tell whether a row, by the names of its columns, is that of a base tier."""
    return all(row[name] is None for name in ("min_spend", "min_points", "min_orders"))


def refuse_twins(row: Mapping[str, Any], rest: list[TierAnswer]) -> None:
    """Refuse a level or a name that another tier has, and an active base tier that is not the only and the lowest one.

    `row` is what is to be written, by the names of its columns, `rest` are all other tiers; raises ValidationFailed.
    """
    if any(other.level == row["level"] for other in rest):
        raise ValidationFailed({"level": ["Another tier has this level."]})
    if any(other.name.casefold() == row["name"].casefold() for other in rest):
        raise ValidationFailed({"name": ["Another tier has this name."]})
    if row["is_active"]:
        _refuse_wrong_base(row, [other for other in rest if other.is_active])


def _refuse_wrong_base(row: Mapping[str, Any], rest: list[TierAnswer]) -> None:
    """Refuse a second base tier, and one above another tier: every card reaches it, and nobody would ever be in those below."""
    wanted = "one of minSpend, minPoints and minOrders is required"
    if not asks_for_nothing(row):
        if any(other.is_base and other.level > row["level"] for other in rest):
            raise ValidationFailed({"level": ["Must be above that of the tier that asks for nothing."]})
    elif any(other.is_base for other in rest):
        raise ValidationFailed({"minSpend": [f"Another tier asks for nothing: {wanted}."]})
    elif any(other.level < row["level"] for other in rest):
        message = f"Only the lowest tier may ask for nothing, for every card reaches it: {wanted}."
        raise ValidationFailed({"minSpend": [f"{message} What no bills reach is set by hand."]})
