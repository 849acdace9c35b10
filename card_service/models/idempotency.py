"""Stored answers: one row for each name under which a request is known again."""

from sqlalchemy import BigInteger, Column, Integer, Table

from card_service.kit.db.types import LongText, ascii_text
from card_service.models.base import SERVER_OPTIONS, instant, metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("operation", ascii_text(40), primary_key=True),
    Column("idempotency_key", ascii_text(260), primary_key=True),
    Column("fingerprint", ascii_text(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LongText, nullable=False),
    instant("created_at"),
    **SERVER_OPTIONS,
)
