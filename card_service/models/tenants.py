"""Tenants, the keys that speak for them, the service's own secrets, and the log of who changed what."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint

from card_service.kit.db.types import LongText, ascii_text
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

tenants = Table(
    "tenants",
    metadata,
    key(),
    Column("name", String(200), nullable=False),
    instant("created_at"),
    **SERVER_OPTIONS,
)

api_keys = Table(
    "api_keys",
    metadata,
    key(),
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), nullable=False),
    Column("role", ascii_text(20), nullable=False),
    Column("label", String(100), nullable=False),
    Column("prefix", ascii_text(20), nullable=False),
    Column("key_hash", ascii_text(64), nullable=False),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    UniqueConstraint("prefix"),
    Index(None, "tenant_id"),
    **SERVER_OPTIONS,
)

service_secrets = Table(
    "service_secrets",
    metadata,
    Column("name", ascii_text(50), primary_key=True),
    Column("secret", ascii_text(100), nullable=False),
    instant("created_at"),
    **SERVER_OPTIONS,
)

audit_log = Table(
    "audit_log",
    metadata,
    key(),
    tenant_key(),
    Column("entity", ascii_text(40), nullable=False),
    Column("entity_id", BigInteger, nullable=False),
    Column("action", ascii_text(40), nullable=False),
    Column("reason", String(500), nullable=True),
    Column("before", LongText, nullable=True),
    Column("after", LongText, nullable=True),
    Column("performed_by", String(120), nullable=False),
    Column("request_id", ascii_text(64), nullable=False),
    instant("created_at"),
    Index(None, "tenant_id", "entity", "entity_id"),
    **SERVER_OPTIONS,
)
