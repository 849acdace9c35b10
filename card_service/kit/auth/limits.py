"""Rate limits, by the engine of Flask-Limiter: failed authentications always, valid callers where it is configured."""

import time
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from card_service.kit.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Limiter:
    """Counts attempts; with `memory://` each worker counts for itself (docs/operations.md)."""

    counter: FixedWindowRateLimiter
    failed: list[RateLimitItem]
    valid: list[RateLimitItem]

    @classmethod
    def of(cls, storage: str, failed: str, valid: str | None) -> "Limiter":
        """Build from settings such as '600 per minute'."""
        counter = FixedWindowRateLimiter(storage_from_string(storage))
        return cls(counter, parse_many(failed), parse_many(valid) if valid else [])

    def count_failure(self, address: str) -> None:
        """Count a failed authentication; raises TooManyRequests when an address has had too many.

        Only failures are ever refused here, so a till with a wrong key cannot lock out its neighbours behind the
        same address.
        """
        self._count(self.failed, "failed", address, "Too many failed authentications from this address")

    def count_request(self, caller: str) -> None:
        """Count a valid caller's request, where a limit is configured."""
        if self.valid:
            self._count(self.valid, "valid", caller, "Too many requests with these credentials")

    def _count(self, items: list[RateLimitItem], kind: str, who: str, detail: str) -> None:
        for item in items:
            if not self.counter.hit(item, kind, who):
                reset = self.counter.get_window_stats(item, kind, who).reset_time
                raise TooManyRequests(detail, retry_after=int(reset - time.time()) + 1)
