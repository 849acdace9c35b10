"""Writing where a card is, for those who post nothing to it: set by hand, reviewed."""

from functools import cache
from typing import Any

from sqlalchemy import bindparam

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.cards import loyalty_cards as card
from card_service.tiers.member import STANDING_COLUMNS, Member

_STANDING = tuple(column.name for column in STANDING_COLUMNS.values())


@cache
def _update(columns: tuple[str, ...]) -> Statement[None]:
    now = bindparam("now", type_=card.c.updated_at.type)
    values: dict[str, Any] = {name: bindparam(name, type_=card.c[name].type) for name in columns}
    values |= {"version": card.c.version + 1, "updated_at": now}
    return Statement(card.update().where(card.c.tenant_id == TENANT, card.c.id == bindparam("this_card")).values(values))


for _columns in (_STANDING, ("tier_figures",), (*_STANDING, "tier_figures")):
    _update(_columns)


def write_member(session: Session, context: Context, member: Member) -> None:
    """Write the columns of a locked card that have changed, and count it as a new version; queues, or does nothing."""
    changed = member.changed_columns()
    if changed:
        row = {"this_card": member.card_id, "now": context.now, **changed}
        session.queue(_update(tuple(changed)), [row], matches=1)
