"""The audit log: who changed which setting or card, when, and what it was before; kept with the change itself."""

from collections.abc import Mapping
from typing import Any

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.kit.wire import encode, plain
from card_service.models.tenants import audit_log

_insert: Statement[None] = Statement(insert_into(audit_log, "id"))


def record_change(
    session: Session,
    context: Context,
    *,
    entity: str,
    entity_id: int,
    action: str,
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the transaction of the change.

    `before` and `after` hold the fields that changed, amounts and instants as text. A person's phone, e-mail and
    name are no values to keep here: the caller names the fields and leaves their contents out.
    """
    session.write(
        _insert,
        entity=entity,
        entity_id=entity_id,
        action=action,
        reason=reason,
        before=_document(before),
        after=_document(after),
        performed_by=context.performed_by,
        request_id=context.request_id,
        created_at=context.now,
    )


def _document(fields: Mapping[str, Any] | None) -> str | None:
    return None if fields is None else encode({name: plain(value) for name, value in fields.items()})
