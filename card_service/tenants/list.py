"""Listing the tenants, for the command line."""

from datetime import datetime

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement
from card_service.kit.wire import Answer
from card_service.models.tenants import tenants


class Tenant(Answer, frozen=True):
    """A pharmacy."""

    id: int
    name: str
    created_at: datetime


_after = Statement(
    select(tenants.c.id, tenants.c.name, tenants.c.created_at)
    .where(tenants.c.id > bindparam("after"))
    .order_by(tenants.c.id)
    .limit(500),
    lambda id_, name, created_at: Tenant(id=id_, name=name, created_at=created_at),
    across_tenants="the operator's list of all tenants",
)


def tenants_after(session: Session, context: Context, after: int) -> list[Tenant]:  # noqa: ARG001 - a use case
    """List up to 500 tenants whose ids come after this one."""
    return session.all(_after, after=after)
