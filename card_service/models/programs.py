"""The loyalty programmes of a tenant; a card names the one that it is in."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, String, Table, UniqueConstraint

from card_service.kit.db.types import LongText, ascii_text
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata

loyalty_programs = Table(
    "loyalty_programs",
    metadata,
    key(),
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("type", ascii_text(10), nullable=False),
    Column("status", ascii_text(10), nullable=False),
    # Days of the tenant, both included.
    Column("starts_on", Date, nullable=True),
    Column("ends_on", Date, nullable=True),
    Column("currency", ascii_text(3), nullable=False),
    # What the tenant writes about it for people, a JSON object; nothing is worked out of it.
    Column("rules", LongText, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "id"),
    CheckConstraint("type IN ('POINTS', 'TIERED', 'HYBRID', 'CASH_BACK')", name="type"),
    CheckConstraint("status IN ('DRAFT', 'ACTIVE', 'SUSPENDED', 'ARCHIVED')", name="status"),
    CheckConstraint("version >= 1", name="version"),
    **SERVER_OPTIONS,
)
