"""What a tenant configures per category: percentages of points, discounts, restrictions. One shape serves the three."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import NotFound
from card_service.kit.wire import camel
from card_service.models.card_config import category_discounts, category_point_configs, category_restrictions

_UNSHOWN = {"tenant_id", "created_at", "updated_at"}
_FLAGS = {"is_active", "earn_blocked", "redeem_blocked", "discount_blocked", "campaign_blocked"}


class EntryNotFound(NotFound):
    """The tenant has no entry of this id."""

    title = "There is no such entry in the configuration"


class Kind:
    """One of the three tables, and its statements."""

    def __init__(self, name: str, table: Table) -> None:
        """Take what the audit log calls an entry, and its table."""
        self.name = name
        self.fields = [c.name for c in table.columns if c.name not in _UNSHOWN]
        own = table.c.tenant_id == TENANT
        columns = [table.c[field] for field in self.fields]
        changed: dict[str, Any] = {
            field: bindparam(field) for field in (*self.fields, "updated_at") if field not in {"id", "category_id"}
        }
        self.by_category = Statement(
            select(*columns).where(own, table.c.category_id == bindparam("category_id")).with_for_update()
        )
        self.by_id = Statement(select(*columns).where(own, table.c.id == bindparam("entry_id")).with_for_update())
        self.page = Statement(
            select(*columns)
            .where(own, table.c.id > bindparam("after"))
            .order_by(table.c.id)
            .limit(bindparam("limit", type_=table.c.id.type))
        )
        self.insert: Statement[None] = Statement(insert_into(table, "id"))
        self.update: Statement[None] = Statement(table.update().where(own, table.c.id == bindparam("entry_id")).values(changed))
        self.delete: Statement[None] = Statement(table.delete().where(own, table.c.id == bindparam("entry_id")))

    def entry(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Name the values of a row."""
        found = dict(zip(self.fields, row, strict=True))
        return {name: bool(value) if name in _FLAGS else value for name, value in found.items()}


CATEGORIES = Kind("category", category_point_configs)
DISCOUNTS = Kind("discount", category_discounts)
RESTRICTIONS = Kind("restriction", category_restrictions)
ALL_OF_THEM = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries: those after an id, at most `limit`."""

    after: int = 0
    limit: int = ALL_OF_THEM


def list_entries(session: Session, context: Context, kind: Kind, page: Page = Page()) -> list[dict[str, Any]]:  # noqa: ARG001
    """List entries by id, named as on the wire."""
    rows = session.all(kind.page, after=page.after, limit=page.limit)
    return [wire(kind.entry(row)) for row in rows]


def wire(entry: dict[str, Any]) -> dict[str, Any]:
    """Name the fields as the wire does."""
    return {camel(name): value for name, value in entry.items()}
