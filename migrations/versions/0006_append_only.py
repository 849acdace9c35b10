"""The ledger refuses to be changed, where triggers can say so.

On MariaDB and MySQL the privileges of the application's user are what holds (docs/operations.md); a trigger is
added only where the server lets one be made, and its absence is a warning, never a failure.
"""

import warnings

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0006"
down_revision = "0005"

_REFUSAL = "the ledger is append-only: post a correction instead"


def upgrade() -> None:
    """Make UPDATE and DELETE of a ledger row fail."""
    connection = op.get_bind()
    for verb in ("UPDATE", "DELETE"):
        name = f"point_transactions_no_{verb.lower()}"
        if connection.dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON point_transactions "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
            continue
        try:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON point_transactions FOR EACH ROW "
                f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{_REFUSAL}'"
            )
        except DBAPIError as error:
            warnings.warn(f"no trigger guards the ledger, only privileges do: {error.orig}", stacklevel=1)
            return


def downgrade() -> None:
    """Let the tables be dropped."""
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER IF EXISTS point_transactions_no_{verb}")
