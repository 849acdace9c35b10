"""Which bonuses of bills a campaign gave: those of referrals come from campaigns and from rules, whose ids may be the same."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import add_column, drop_column

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the column; the version that knows nothing of it goes on beside this one, and only its rules pay for referrals."""
    add_column("bill_bonuses", sa.Column("of_campaign", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE bill_bonuses SET of_campaign = 1 WHERE kind IN ('CAMPAIGN', 'CHALLENGE')")


def downgrade() -> None:
    """Drop it again; what campaigns paid for referrals then counts towards the caps of the rules of the same ids."""
    drop_column("bill_bonuses", "of_campaign")
