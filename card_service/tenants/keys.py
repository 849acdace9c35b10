"""A tenant's API keys: made, revoked, listed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from card_service.kit.auth.keys import NewKey
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import NotFound
from card_service.kit.wire import Answer
from card_service.models.tenants import api_keys, tenants

_insert: Statement[None] = Statement(insert_into(api_keys, "id"))
_revoke: Statement[None] = Statement(
    api_keys.update()
    .where(api_keys.c.tenant_id == TENANT, api_keys.c.id == bindparam("key_id"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)
_tenant = Statement(select(tenants.c.id).where(tenants.c.id == TENANT))


class TenantNotFound(NotFound):
    """There is no tenant of this id."""

    title = "There is no such tenant; `card-service tenant list` shows those there are"


class KeyNotFound(NotFound):
    """The tenant has no key of this id that is in force."""

    title = "The tenant has no such key in force; `card-service key list` shows those there are"


class ApiKey(Answer, frozen=True):
    """What can be shown of a key."""

    id: int
    role: str
    label: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


_list = Statement(
    select(*(api_keys.c[name] for name in ("id", "role", "label", "prefix", "created_at", "revoked_at")))
    .where(api_keys.c.tenant_id == TENANT)
    .order_by(api_keys.c.id),
    lambda *row: ApiKey(**dict(zip(ApiKey.__struct_fields__, row, strict=True))),
)


@dataclass(frozen=True, slots=True)
class CreateKey:
    """A new key for a role, with a label to know it by."""

    role: str
    label: str
    key: NewKey


def insert_key(session: Session, context: Context, role: str, label: str, key: NewKey) -> int:
    """Write what is stored of a key."""
    return session.insert(
        _insert,
        role=role,
        label=label,
        prefix=key.prefix,
        key_hash=key.key_hash,
        created_at=context.now,
        revoked_at=None,
    )


def create_key(session: Session, context: Context, request: CreateKey) -> int:
    """Make a key for the session's tenant and give its id; raises TenantNotFound."""
    if session.one(_tenant) is None:
        raise TenantNotFound
    return insert_key(session, context, request.role, request.label, request.key)


def revoke_key(session: Session, context: Context, key_id: int) -> None:
    """Revoke a key, at once and for good; raises KeyNotFound."""
    if not session.write(_revoke, key_id=key_id, revoked_at=context.now):
        raise KeyNotFound


def list_keys(session: Session, context: Context) -> list[ApiKey]:  # noqa: ARG001 - a use case
    """List all keys of the session's tenant, revoked ones too."""
    return session.all(_list)
