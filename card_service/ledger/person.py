"""The cards of one person: a card, and those that were merged into it."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Subquery, bindparam, select, union

from card_service.kit.db.statement import TENANT
from card_service.models.cards import loyalty_cards as cards

_one: BindParameter[Any] = bindparam("card_id")
_many: BindParameter[Any] = bindparam("card_ids", expanding=True)


def cards_of_person(*, many: bool = False) -> Subquery:
    """Select the card `card_id`, or each of `card_ids`, and what was merged into it, as `card_id` beside its `owner_id`.

    Each of the two is found by an index of its own. One SELECT with an OR is no help to who joins bills to it: MariaDB then
    reads all cards of the tenant, and SQLite all its bills.
    """

    def by(column: ColumnElement[Any]) -> Select[Any]:
        wanted = column.in_(_many) if many else column == _one
        return select(column.label("owner_id"), cards.c.id.label("card_id")).where(cards.c.tenant_id == TENANT, wanted)

    return union(by(cards.c.id), by(cards.c.merged_into_card_id)).subquery("own")
