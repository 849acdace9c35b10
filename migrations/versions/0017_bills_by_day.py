"""An index to read the bills of some days, whoever bought."""

from migrations.steps import create_index, drop_index

revision = "0017"
down_revision = "0016"

_INDEX = "ix_bills_tenant_id_occurred_at"


def upgrade() -> None:
    """Create it."""
    create_index(_INDEX, "bills", ["tenant_id", "occurred_at"])


def downgrade() -> None:
    """Drop it again."""
    drop_index(_INDEX, "bills")
