"""Listing the earning rules of a tenant, by id."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.earning_rules.rule import RULE_COLUMNS, RuleAnswer, rule_answer
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from card_service.models.earning import earning_rules

LIST = "earning-rules"


@dataclass(frozen=True, slots=True)
class ListRules:
    """A page of all rules."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


_rules = Statement(
    select(*RULE_COLUMNS)
    .where(earning_rules.c.tenant_id == TENANT, earning_rules.c.id > bindparam("after"))
    .order_by(earning_rules.c.id)
    .limit(bindparam("limit", type_=earning_rules.c.id.type)),
    rule_answer,
)


def list_rules(session: Session, context: Context, query: ListRules) -> Page[RuleAnswer]:  # noqa: ARG001 - a use case
    """List a page of rules, inactive ones too; raises ValidationFailed for a cursor of another list."""
    found = session.all(_rules, after=decode_cursor(LIST, query.cursor) or 0, limit=query.limit + 1)
    return page(LIST, found, query.limit, lambda rule: rule.id)
