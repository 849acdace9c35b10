"""Who is asking, for whom, and when: made once at the edge of a request or command."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Context:
    """What a use case may know of its caller.

    `now` is the one reading of the clock for the whole use case (aware, UTC); `idempotency_key` is the
    caller's header of that name, if any.
    """

    tenant_id: int
    performed_by: str
    now: datetime
    role: str = ""
    request_id: str = ""
    idempotency_key: str | None = None


def utc_now() -> datetime:
    """Read the system's clock, the only place that does."""
    return datetime.now(UTC)
