"""An index to find the cards that were merged into another."""

from alembic import op

from migrations.steps import create_index, drop_index

revision = "0022"
down_revision = "0021"

_INDEX = "ix_loyalty_cards_tenant_id_merged_into_card_id"
_OF_THE_KEY = "fk_loyalty_cards_tenant_id_merged_into_card_id"


def upgrade() -> None:
    """Create it. MariaDB and MySQL have had one for the foreign key, and drop that for this one; SQLite makes none."""
    create_index(_INDEX, "loyalty_cards", ["tenant_id", "merged_into_card_id"])


def downgrade() -> None:
    """Drop it again; the foreign key needs one where it is checked by it."""
    if op.get_bind().dialect.name != "sqlite":
        create_index(_OF_THE_KEY, "loyalty_cards", ["tenant_id", "merged_into_card_id"])
    drop_index(_INDEX, "loyalty_cards")
