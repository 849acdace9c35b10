"""How far each job came on which day, and what each day ended with."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types

revision = "0014"
down_revision = "0013"


def _total(name: str) -> sa.Column[object]:
    return sa.Column(name, types.Exact(18, 2), nullable=False)


def upgrade() -> None:
    """Create the tables; what a crashed run created before is left as it is."""
    op.create_table(
        "job_runs",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job", types.ascii_text(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_job_runs_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "job", "day", name=op.f("pk_job_runs")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )
    op.create_table(
        "daily_snapshots",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.Column("cards", sa.BigInteger(), nullable=False),
        _total("points_available"),
        _total("points_pending"),
        _total("points_on_hold"),
        _total("points_debt"),
        _total("liability"),
        sa.Column("points_to_amount_rate", types.rate(), nullable=False),
        _total("issued"),
        _total("taken_back"),
        _total("redeemed"),
        _total("given_back"),
        _total("expired"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_daily_snapshots_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_daily_snapshots")),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
        if_not_exists=True,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("daily_snapshots", if_exists=True)
    op.drop_table("job_runs", if_exists=True)
