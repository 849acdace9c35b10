"""What the jobs keep of their own: how far each came on which day, and what each day ended with."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Table

from card_service.kit.db.types import Exact, ascii_text, rate
from card_service.models.base import SERVER_OPTIONS, instant, metadata


def total(name: str) -> Column[object]:
    """Make a column for a sum over all cards of a tenant."""
    return Column(name, Exact(18, 2), nullable=False)


job_runs = Table(
    "job_runs",
    metadata,
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), primary_key=True, autoincrement=False),
    Column("job", ascii_text(20), primary_key=True),
    # The tenant's day that it was done for.
    Column("day", Date, primary_key=True),
    instant("started_at"),
    instant("finished_at", nullable=True),
    # Cards looked at, those of them on which something was done, and those on which it could not be.
    Column("seen", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    # The id of the last card of the last whole chunk: a run that was killed goes on after it.
    Column("after_id", BigInteger, nullable=False),
    **SERVER_OPTIONS,
)

daily_snapshots = Table(
    "daily_snapshots",
    metadata,
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    # When the standing below was read: after the day, unless the day was not over yet.
    instant("taken_at"),
    Column("cards", BigInteger, nullable=False),
    total("points_available"),
    total("points_pending"),
    total("points_on_hold"),
    total("points_debt"),
    # What all points but the debt are worth in money, at the rate of that moment.
    total("liability"),
    Column("points_to_amount_rate", rate(), nullable=False),
    # What was posted on the day itself, exact whenever it is read. The standing above is that of `taken_at`: after a night's
    # other jobs, so that what was valid until the day's end is no longer in it.
    total("issued"),
    total("taken_back"),
    total("redeemed"),
    total("given_back"),
    total("expired"),
    **SERVER_OPTIONS,
)
