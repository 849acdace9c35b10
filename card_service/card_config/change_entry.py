"""Adding, updating and removing what is configured per category, each change in the audit log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from card_service.card_config.audit_log import record_change
from card_service.card_config.entries import EntryNotFound, Kind, wire
from card_service.card_config.settings import lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session

UPDATED, ADDED = 200, 201


@dataclass(frozen=True, slots=True)
class PutEntry:
    """An entry for a category; it replaces the one the category has."""

    category_id: int
    fields: dict[str, Any]


class EntryPut(NamedTuple):
    """The entry as it is now, and the status that says whether it is new."""

    entry: dict[str, Any]
    status: int


def put_entry(kind: Kind) -> Callable[[Session, Context, PutEntry], EntryPut]:
    """Make the use case that adds or updates an entry of this kind by its category."""

    def put(session: Session, context: Context, command: PutEntry) -> EntryPut:
        lock_config(session)
        row = session.one(kind.by_category, category_id=command.category_id)
        before = kind.entry(row) if row else None
        if before is None:
            entry_id = session.insert(
                kind.insert,
                category_id=command.category_id,
                created_at=context.now,
                updated_at=context.now,
                **command.fields,
            )
        else:
            entry_id = before["id"]
            session.write(kind.update, entry_id=entry_id, updated_at=context.now, **command.fields)
        after = {"id": entry_id, "category_id": command.category_id, **command.fields}
        new_version(session, context)
        record_change(
            session,
            context,
            entity=kind.name,
            entity_id=entry_id,
            action="change" if before else "add",
            before=before,
            after=after,
        )
        return EntryPut(wire(after), UPDATED if before else ADDED)

    return put


def remove_entry(kind: Kind) -> Callable[[Session, Context, int], None]:
    """Make the use case that removes an entry of this kind; raises EntryNotFound."""

    def remove(session: Session, context: Context, entry_id: int) -> None:
        lock_config(session)
        row = session.one(kind.by_id, entry_id=entry_id)
        if row is None:
            raise EntryNotFound
        session.write(kind.delete, entry_id=entry_id)
        new_version(session, context)
        record_change(session, context, entity=kind.name, entity_id=entry_id, action="remove", before=kind.entry(row), after=None)

    return remove
