"""Loyalty programmes, and the one that a card is in."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, drop_column

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table and the column; what a crashed run made before is left as it is."""
    op.create_table(
        "loyalty_programs",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", types.ascii_text(10), nullable=False),
        sa.Column("status", types.ascii_text(10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("currency", types.ascii_text(3), nullable=False),
        sa.Column("rules", types.LongText, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("type IN ('POINTS', 'TIERED', 'HYBRID', 'CASH_BACK')", name=op.f("ck_loyalty_programs_type")),
        sa.CheckConstraint("status IN ('DRAFT', 'ACTIVE', 'SUSPENDED', 'ARCHIVED')", name=op.f("ck_loyalty_programs_status")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_loyalty_programs_version")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_loyalty_programs_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_programs")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_loyalty_programs_tenant_id_id")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    add_column("loyalty_cards", sa.Column("program_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop them again; which card was in which programme is then forgotten."""
    drop_column("loyalty_cards", "program_id")
    op.drop_table("loyalty_programs", if_exists=True)
