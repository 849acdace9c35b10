"""Points that wait, are held, and expire by policy."""

import sqlalchemy as sa
from alembic import op

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column, drop_index

revision = "0012"
down_revision = "0011"

_DUE = "ix_loyalty_cards_tenant_id_next_due_at"
_HELD = "ix_redemptions_tenant_id_status_card_id"


def upgrade() -> None:
    """Add the columns with what they were for all rows so far: the version that knows nothing of them goes on beside this one."""
    add_column("point_lots", sa.Column("is_pending", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    add_column("point_lots", sa.Column("dated_by", types.ascii_text(10), server_default=sa.text("'POLICY'"), nullable=False))
    # Until now only an administrator and a return gave dates, and those stay.
    op.execute("UPDATE point_lots SET dated_by = 'HAND' WHERE expires_at IS NOT NULL AND dated_by = 'POLICY'")
    add_column("loyalty_cards", sa.Column("active_until", types.UtcDateTime(), nullable=True))
    add_column("bills", sa.Column("redemption_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    add_column("redemptions", sa.Column("released_at", types.UtcDateTime(), nullable=True))
    create_index(_DUE, "loyalty_cards", ["tenant_id", "next_due_at"])
    create_index(_HELD, "redemptions", ["tenant_id", "status", "card_id"])


def downgrade() -> None:
    """Drop them again; what is pending or held then stays so for ever."""
    drop_index(_HELD, "redemptions")
    drop_index(_DUE, "loyalty_cards")
    drop_column("redemptions", "released_at")
    drop_column("bills", "redemption_count")
    drop_column("loyalty_cards", "active_until")
    drop_column("point_lots", "dated_by")
    drop_column("point_lots", "is_pending")
