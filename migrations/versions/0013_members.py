"""Birthdays, segments and referral codes of cards, and what a tenant sets about referrals."""

import secrets

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column, drop_index, each_by_itself

revision = "0013"
down_revision = "0012"

_CODES = "uq_loyalty_cards_tenant_id_referral_code"
_BIRTHDAYS = "ix_loyalty_cards_tenant_id_birth_month_day"
_COLUMNS = ("birth_date", "birth_month_day", "segments", "referral_code")
_CHUNK = 500
# As in card_service/cards/rules.py, written down again: a migration must not change with the code.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def upgrade() -> None:
    """Add the columns, and give every card there is a code; codes given by a crashed run are kept."""
    add_column("loyalty_cards", sa.Column("birth_date", sa.Date(), nullable=True))
    add_column("loyalty_cards", sa.Column("birth_month_day", sa.Integer(), nullable=True))
    add_column("loyalty_cards", sa.Column("segments", types.ascii_text(320), nullable=True))
    add_column("loyalty_cards", sa.Column("referral_code", types.ascii_text(10), nullable=True))
    add_column("card_configurations", sa.Column("referral_link_base", types.ascii_text(200), nullable=True))
    add_column("card_configurations", sa.Column("referral_min_bill", types.money(), server_default="0", nullable=False))
    create_index(_CODES, "loyalty_cards", ["tenant_id", "referral_code"], unique=True)
    create_index(_BIRTHDAYS, "loyalty_cards", ["tenant_id", "birth_month_day"])
    with each_by_itself():
        _give_codes()


def downgrade() -> None:
    """Drop them again."""
    drop_index(_BIRTHDAYS, "loyalty_cards")
    drop_index(_CODES, "loyalty_cards")
    drop_column("card_configurations", "referral_min_bill")
    drop_column("card_configurations", "referral_link_base")
    for name in reversed(_COLUMNS):
        drop_column("loyalty_cards", name)


def _give_codes() -> None:
    """Fill the codes in the order of the ids, some hundred cards at a time: nothing holds many locks for long."""
    cards = sa.table("loyalty_cards", sa.column("id", sa.BigInteger), sa.column("referral_code", sa.String))
    connection, last = op.get_bind(), 0
    while True:
        chunk = connection.execute(
            sa.select(cards.c.id).where(cards.c.id > last, cards.c.referral_code.is_(None)).order_by(cards.c.id).limit(_CHUNK)
        ).scalars()
        ids = list(chunk)
        if not ids:
            return
        last = ids[-1]
        codes = {card_id: "".join(secrets.choice(_ALPHABET) for _ in range(10)) for card_id in ids}
        connection.execute(cards.update().where(cards.c.id.in_(ids)).values(referral_code=sa.case(codes, value=cards.c.id)))
