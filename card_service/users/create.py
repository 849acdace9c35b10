"""Adding a person to a tenant."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.models.tenants import tenants
from card_service.models.users import users
from card_service.tenants.keys import TenantNotFound
from card_service.users.person import LoginTaken, Person

_tenant = Statement(select(tenants.c.id).where(tenants.c.id == TENANT))
_taken = Statement(
    select(users.c.id).where(users.c.login == bindparam("login")),
    across_tenants="a login is unique over all tenants, for one page signs everybody in",
)
_insert: Statement[None] = Statement(insert_into(users, "id"))


@dataclass(frozen=True, slots=True)
class CreatePerson:
    """A new person; the login is in small letters and the password hashed already (`rules.py`, `kit/auth/passwords.py`)."""

    login: str
    name: str
    role: str
    password_hash: str


def create_person(session: Session, context: Context, request: CreatePerson) -> Person:
    """Add a person to the session's tenant; raises TenantNotFound, LoginTaken."""
    if session.one(_tenant) is None:
        raise TenantNotFound
    if session.one(_taken, login=request.login) is not None:
        raise LoginTaken
    user_id = session.insert(
        _insert,
        login=request.login,
        name=request.name,
        role=request.role,
        password_hash=request.password_hash,
        is_active=True,
        created_at=context.now,
        updated_at=context.now,
    )
    record_change(session, context, entity="user", entity_id=user_id, action="create", after={"role": request.role})
    return Person(id=user_id, login=request.login, name=request.name, role=request.role, is_active=True, created_at=context.now)
