"""A rule as its administrator sees it, and finding one."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import NotFound
from card_service.kit.wire import Answer
from card_service.models.earning import earning_rules


class RuleNotFound(NotFound):
    """No such rule of this tenant."""

    title = "No such earning rule"


class RuleAnswer(Answer, frozen=True):
    """A rule as configured; docs/programme.md section 4 tells what each field does."""

    id: int
    activity: str
    code: str | None
    name: str
    points: Decimal
    use_tier_multiplier: bool
    min_bill: Decimal
    max_per_card: int | None
    period: str
    pending_days: int
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    is_active: bool


FIELDS = RuleAnswer.__struct_fields__
RULE_COLUMNS = tuple(earning_rules.c[name] for name in FIELDS)
_FLAGS = ("use_tier_multiplier", "is_active")


def rule_answer(*values: Any) -> RuleAnswer:
    """Make the answer of a row of RULE_COLUMNS."""
    found = dict(zip(FIELDS, values, strict=True))
    return RuleAnswer(**found | {name: bool(found[name]) for name in _FLAGS})


_by_id = Statement(
    select(*RULE_COLUMNS).where(earning_rules.c.tenant_id == TENANT, earning_rules.c.id == bindparam("rule_id")), rule_answer
)


def show_rule(session: Session, rule_id: int) -> RuleAnswer:
    """Show a rule by its id; raises RuleNotFound."""
    found = session.one(_by_id, rule_id=rule_id)
    if found is None:
        raise RuleNotFound
    return found
