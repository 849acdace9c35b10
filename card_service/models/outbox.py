"""Events that wait to be sent."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from card_service.kit.db.types import LongText, ascii_text
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

outbox = Table(
    "outbox",
    metadata,
    key(),
    tenant_key(),
    Column("event", ascii_text(40), nullable=False),
    # The event's name and what tells it from all others of that name: it is there once, whoever else finds the cause.
    Column("dedupe_key", ascii_text(161), nullable=False),
    Column("card_id", BigInteger, nullable=False),
    Column("payload", LongText, nullable=False),
    instant("created_at"),
    instant("dispatched_at", nullable=True),
    UniqueConstraint("tenant_id", "dedupe_key"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "card_id"),
    Index(None, "tenant_id", "dispatched_at", "id"),
    **SERVER_OPTIONS,
)
