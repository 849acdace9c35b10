"""Events that wait to be sent."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import create_index

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table; what a crashed run created before is left as it is."""
    op.create_table(
        "outbox",
        sa.Column("id", types.BigId, autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("event", types.ascii_text(40), nullable=False),
        sa.Column("dedupe_key", types.ascii_text(161), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", types.LongText, nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("dispatched_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "card_id"],
            ["loyalty_cards.tenant_id", "loyalty_cards.id"],
            name=op.f("fk_outbox_tenant_id_card_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("tenant_id", "dedupe_key", name=op.f("uq_outbox_tenant_id_dedupe_key")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    create_index("ix_outbox_tenant_id_card_id", "outbox", ["tenant_id", "card_id"])
    create_index("ix_outbox_tenant_id_dispatched_at_id", "outbox", ["tenant_id", "dispatched_at", "id"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("outbox", if_exists=True)
