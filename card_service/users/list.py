"""Listing the people of a tenant."""

from sqlalchemy import select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.users import users
from card_service.users.person import Person, people_columns, person

_all = Statement(select(*people_columns).where(users.c.tenant_id == TENANT).order_by(users.c.id), person)


def list_people(session: Session, context: Context) -> list[Person]:  # noqa: ARG001 - a use case
    """List everybody of the session's tenant, disabled people too."""
    return session.all(_all)
