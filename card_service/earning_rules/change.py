"""Making, changing and ending a rule; each counts as a new version of the configuration and is in the audit log."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import lock_config, new_version
from card_service.earning_rules.rule import RuleAnswer, show_rule
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import ValidationFailed
from card_service.models.earning import earning_rules

OPERATION = "create-earning-rule"
CUSTOM = "CUSTOM"
WITH_A_BILL = ("FIRST_PURCHASE", "REFERRAL", "REFERRED")
CHANGEABLE = (
    "name", "points", "use_tier_multiplier", "min_bill", "max_per_card", "period", "pending_days", "starts_at", "ends_at",
    "priority", "is_active",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreateRule:
    """All fields of a rule but its id."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """The fields of CHANGEABLE to change: what a rule is for stays, for its awards are known by that."""

    rule_id: int
    fields: dict[str, Any]


_insert: Statement[None] = Statement(insert_into(earning_rules, "id"))
_change: Statement[None] = Statement(
    earning_rules.update()
    .where(earning_rules.c.tenant_id == TENANT, earning_rules.c.id == bindparam("rule_id"))
    .values(**{name: bindparam(name) for name in CHANGEABLE}, updated_at=bindparam("now", type_=earning_rules.c.updated_at.type))
)


def create_rule(session: Session, context: Context, request: CreateRule) -> RuleAnswer:
    """Make a rule; raises ValidationFailed for fields that do not go together."""
    _check(request.fields)
    lock_config(session)
    rule_id = session.insert(_insert, **request.fields, created_at=context.now, updated_at=context.now)
    new_version(session, context)
    record_change(session, context, entity="earning_rule", entity_id=rule_id, action="add", after=request.fields)
    return show_rule(session, rule_id)


def change_rule(session: Session, context: Context, request: ChangeRule) -> RuleAnswer:
    """Change the fields that were sent; raises RuleNotFound, ValidationFailed for fields that do not go together."""
    lock_config(session)
    found = show_rule(session, request.rule_id)
    before = {name: getattr(found, name) for name in CHANGEABLE}
    after = before | request.fields
    _check({**after, "activity": found.activity, "code": found.code})
    changed = [name for name in CHANGEABLE if before[name] != after[name]]
    if changed:
        session.write(_change, rule_id=found.id, now=context.now, **after)
        new_version(session, context)
        record_change(
            session,
            context,
            entity="earning_rule",
            entity_id=found.id,
            action="change",
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return show_rule(session, found.id)


def end_rule(session: Session, context: Context, rule_id: int) -> None:
    """Make a rule inactive: what it has paid goes on naming it. Raises RuleNotFound."""
    change_rule(session, context, ChangeRule(rule_id, {"is_active": False}))


def _check(fields: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    if (fields["activity"] == CUSTOM) != (fields["code"] is not None):
        wrong["code"] = ["Is required for CUSTOM, and for no other activity."]
    if fields["min_bill"] and fields["activity"] not in WITH_A_BILL:
        wrong["minBill"] = ["Is for what a bill brings only: FIRST_PURCHASE, REFERRAL and REFERRED."]
    if fields["starts_at"] is not None and fields["ends_at"] is not None and fields["ends_at"] <= fields["starts_at"]:
        wrong["endsAt"] = ["Must be after startsAt."]
    if wrong:
        raise ValidationFailed(wrong)
