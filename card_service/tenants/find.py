"""Finding whose key a prefix is, before anyone's tenant is known."""

from sqlalchemy import bindparam, select

from card_service.kit.auth.authenticate import StoredKey
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.tenants import api_keys, tenants

_key = Statement(
    select(api_keys.c.id, api_keys.c.tenant_id, api_keys.c.role, api_keys.c.key_hash).where(
        api_keys.c.prefix == bindparam("prefix"), api_keys.c.revoked_at.is_(None)
    ),
    StoredKey,
    across_tenants="the key says which tenant it is",
)
_name = Statement(select(tenants.c.name).where(tenants.c.id == TENANT), str)
_tenant = Statement(select(tenants.c.id).where(tenants.c.id == TENANT))


def key_by_prefix(session: Session, context: Context, prefix: str) -> StoredKey | None:  # noqa: ARG001 - a use case
    """Find a key that is in force."""
    return session.one(_key, prefix=prefix)


def tenant_exists(session: Session, context: Context) -> bool:  # noqa: ARG001 - a use case
    """Tell whether the session's tenant is one."""
    return session.one(_tenant) is not None


def tenant_name(session: Session, context: Context) -> str | None:  # noqa: ARG001 - a use case
    """Give the name of the session's tenant, None if there is no such tenant."""
    return session.one(_name)
