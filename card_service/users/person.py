"""What can be shown of a person, and the refusals about people."""

from datetime import datetime

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict, NotFound, Refused
from card_service.kit.wire import Answer
from card_service.models.users import users

_COLUMNS = ("id", "login", "name", "role", "is_active", "created_at")


class Person(Answer, frozen=True):
    """A person who may sign in, if `is_active`."""

    id: int
    login: str
    name: str
    role: str
    is_active: bool
    created_at: datetime


class PersonNotFound(NotFound):
    """The tenant has nobody of this login or id."""

    title = "The pharmacy has nobody of this login; `card-service user list` shows who there is"


class LoginTaken(Conflict):
    """The login belongs to someone, of this pharmacy or of another."""

    title = "This login is taken, here or at another pharmacy: choose another, such as one with the pharmacy's name in it"


class PasswordRefused(Refused):
    """The password is too short or too easy to guess; the detail says which."""

    title = "The password is too easy to guess"


def person(*row: object) -> Person:
    """Make a person of a row of `people_columns`."""
    return Person(**dict(zip(_COLUMNS, row, strict=True)))  # type: ignore[arg-type]  # the columns' types


people_columns = tuple(users.c[name] for name in _COLUMNS)
_by_login = Statement(select(*people_columns).where(users.c.tenant_id == TENANT, users.c.login == bindparam("login")), person)
_by_id = Statement(select(*people_columns).where(users.c.tenant_id == TENANT, users.c.id == bindparam("user_id")), person)


def find_person(session: Session, context: Context, which: str) -> Person:  # noqa: ARG001 - a use case
    """Find a person of the session's tenant by login or id; raises PersonNotFound."""
    found = session.one(_by_login, login=which.strip().lower()) if which.isascii() else None
    if found is None and which.isascii() and which.isdigit() and len(which) < 19:  # noqa: PLR2004 - fits 64 bits
        found = session.one(_by_id, user_id=int(which))
    if found is None:
        raise PersonNotFound
    return found
