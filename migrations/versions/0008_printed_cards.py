"""When a card number was printed, and the colour of a tenant's cards."""

import sqlalchemy as sa

from card_service.kit.db import types
from migrations.steps import add_column, create_index, drop_column, drop_index

revision = "0008"
down_revision = "0007"

_INDEX = "ix_card_numbers_tenant_id_printed_at"


def upgrade() -> None:
    """Add the columns, empty: the version that knows nothing of them goes on writing beside this one."""
    add_column("card_numbers", sa.Column("printed_at", types.UtcDateTime(), nullable=True))
    add_column("card_configurations", sa.Column("card_colour", types.ascii_text(7), nullable=True))
    create_index(_INDEX, "card_numbers", ["tenant_id", "printed_at"])


def downgrade() -> None:
    """Drop them again; which cards were printed is then forgotten."""
    drop_index(_INDEX, "card_numbers")
    drop_column("card_configurations", "card_colour")
    drop_column("card_numbers", "printed_at")
