"""What a return does not take from a referrer, because it had expired."""

from typing import Any

import sqlalchemy as sa

from card_service.kit.db import types
from migrations.steps import add_column, drop_column

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add it; until now nothing was forgiven."""
    column: sa.Column[Any] = sa.Column("referrer_points_forgiven", types.money(), server_default=sa.text("0"), nullable=False)
    add_column("bills", column)


def downgrade() -> None:
    """Drop it again."""
    drop_column("bills", "referrer_points_forgiven")
