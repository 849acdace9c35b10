"""Which cards were told that a challenge ends soon, and which that it is over."""

import sqlalchemy as sa

from card_service.kit.db import types
from migrations.steps import add_column, drop_column

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the columns; a version that knows nothing of them goes on writing beside this one."""
    add_column("campaign_counters", sa.Column("warned_at", types.UtcDateTime(), nullable=True))
    add_column("campaign_counters", sa.Column("closed_at", types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop them again."""
    drop_column("campaign_counters", "closed_at")
    drop_column("campaign_counters", "warned_at")
