"""The people of a tenant, their sessions, and how often a sign-in was tried and failed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from card_service.kit.db.types import ascii_text
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

users = Table(
    "users",
    metadata,
    key(),
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), nullable=False),
    Column("login", ascii_text(100), nullable=False),
    Column("name", String(100), nullable=False),
    Column("role", ascii_text(20), nullable=False),
    Column("password_hash", ascii_text(200), nullable=False),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("login"),
    UniqueConstraint("tenant_id", "id"),
    CheckConstraint("role IN ('admin', 'cashier')", name="role"),
    **SERVER_OPTIONS,
)

user_sessions = Table(
    "user_sessions",
    metadata,
    key(),
    tenant_key(),
    Column("user_id", BigInteger, nullable=False),
    Column("token_hash", ascii_text(64), nullable=False),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    Index(None, "tenant_id", "user_id"),
    **SERVER_OPTIONS,
)

# Of no tenant: a login that nobody has is counted like one that somebody has, or the difference would tell them apart.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("login_hash", ascii_text(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    instant("locked_until", nullable=True),
    instant("updated_at"),
    Index(None, "updated_at"),
    **SERVER_OPTIONS,
)
