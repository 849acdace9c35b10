"""Checking rows of a file of members against what the tenant has, a few hundred at a time, without writing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.load import load_rulebook
from card_service.cards.rules import fits
from card_service.kit.context import Context
from card_service.kit.days import end_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.idempotency import fingerprint
from card_service.ledger.lock import ACTIVE
from card_service.loyalty.import_member import IMPORT, ImportedDifferently
from card_service.loyalty.member_row import MemberRow
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import card_numbers
from card_service.models.cards import loyalty_cards as card
from card_service.models.idempotency import idempotency_keys as keys


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a row: whether an earlier run imported it, and problems by column."""

    done: bool
    problems: Mapping[str, str]


_imported: Statement[tuple[Any, ...]] = Statement(
    select(keys.c.idempotency_key, keys.c.fingerprint).where(
        keys.c.tenant_id == TENANT,
        keys.c.operation == IMPORT,
        keys.c.idempotency_key.in_(bindparam("names", expanding=True)),
    )
)
_numbers: Statement[tuple[Any, ...]] = Statement(
    select(card_numbers.c.card_number).where(
        card_numbers.c.tenant_id == TENANT, card_numbers.c.card_number.in_(bindparam("numbers", expanding=True))
    )
)
_customers: Statement[tuple[Any, ...]] = Statement(
    select(card.c.live_customer_id).where(
        card.c.tenant_id == TENANT, card.c.live_customer_id.in_(bindparam("customers", expanding=True))
    )
)
_people: dict[str, Statement[tuple[Any, ...]]] = {
    name: Statement(
        select(card.c[f"customer_{name}"]).where(
            card.c.tenant_id == TENANT, card.c[f"customer_{name}"].in_(bindparam("values", expanding=True))
        )
    )
    for name in ("id", "phone", "email")
}
_mask: Statement[tuple[Any, ...]] = Statement(select(config.c.card_number_pattern).where(config.c.tenant_id == TENANT))
_referrers: Statement[tuple[Any, ...]] = Statement(
    select(card_numbers.c.card_number, card_numbers.c.replaced_at, card.c.status)
    .select_from(
        card_numbers.join(card, (card.c.tenant_id == TENANT) & (card.c.id == card_numbers.c.card_id)),
    )
    .where(card_numbers.c.tenant_id == TENANT, card_numbers.c.card_number.in_(bindparam("numbers", expanding=True)))
)


def check_members(session: Session, context: Context, rows: Sequence[MemberRow]) -> list[Checked]:
    """Say of each row whether it could be imported now; referrers are another question, they may be in the file.

    That a member with a referrer has another card already is told here.
    """
    known = dict(session.all(_imported, names=[row.key for row in rows]))
    numbers = {number for (number,) in session.all(_numbers, numbers=[row.card_number for row in rows if row.card_number])}
    holders = {one for (one,) in session.all(_customers, customers=[row.customer_id for row in rows if row.customer_id])}
    had_before = _had_before(session, [row for row in rows if row.referrer_number and row.key not in known])
    (mask,) = session.one(_mask) or (None,)
    timezone = load_rulebook(session).timezone
    checked = []
    for row in rows:
        if row.key in known:
            same = known[row.key] == fingerprint(row)
            checked.append(Checked(same, {} if same else {"": ImportedDifferently.title}))
            continue
        problems = {}
        if row.card_number in numbers:
            problems["card_number"] = "was given to a card before: leave this row out, or give the member another number"
        elif row.card_number and mask is not None and not fits(mask, row.card_number):
            problems["card_number"] = f"must be of the form {mask} (# a digit, @ a letter A-Z, * either)"
        if row.customer_id in holders:
            problems["customer_id"] = "has a card: leave this row out, or correct the number"
        if row.key in had_before and "customer_id" not in problems:
            problems["referrer_number"] = (
                "the member has, or had, a card here: only who is new can be referred, so empty this cell"
            )
        if row.points_last_day and end_of(row.points_last_day, timezone) <= context.now:
            problems["points_last_day"] = "is over: give a day from today on, or empty this cell and opening_points"
        checked.append(Checked(done=False, problems=problems))
    return checked


def _had_before(session: Session, rows: Sequence[MemberRow]) -> set[str]:
    """Tell the keys of the rows whose customer id, phone or e-mail is on a card, a closed one too."""
    found: set[str] = set()
    for name, statement in _people.items():
        sent = {row.key: getattr(row, "customer_id" if name == "id" else name) for row in rows}
        values = sorted({value for value in sent.values() if value is not None})
        on_cards = {value for (value,) in session.all(statement, values=values)} if values else set()
        found |= {key for key, value in sent.items() if value in on_cards}
    return found


def check_referrers(session: Session, context: Context, numbers: Sequence[str]) -> dict[str, str]:  # noqa: ARG001 - a use case
    """Say of the numbers of referrers that are not in the file what is wrong with them."""
    found = {number: (replaced_at, status) for number, replaced_at, status in session.all(_referrers, numbers=list(numbers))}
    wrong = {}
    for number in numbers:
        replaced_at, status = found.get(number, (None, None))
        if status is None:
            wrong[number] = f"{number} is no card, neither in this file nor before: correct the number, or empty this cell"
        elif replaced_at is not None:
            wrong[number] = f"{number} was replaced: give the card's present number"
        elif status != ACTIVE:
            wrong[number] = f"{number} is not active: empty this cell"
    return wrong
