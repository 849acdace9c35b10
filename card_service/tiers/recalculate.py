"""Reviewing one card or all of them when the administrator asks for it, or only saying what it would do.

First all cards are looked at, then those that change are reviewed, each in a transaction of its own, as many as there is time
for. A card that was reviewed is not changed again, so that what a crash or the time left undone is done by asking again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

import msgspec

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.pace import Pace, too_many_cards
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import find_answer, fingerprint, keep_answer
from card_service.tiers.review import BATCH, Finding, review_batch, review_card, review_one
from card_service.tiers.rules import DOWNGRADE, UPGRADE
from card_service.tiers.shown import TierShown, show_tier

OPERATION = "recalculate-tiers"
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Recalculate:
    """One card, or all that are not closed; a dry run writes nothing."""

    card_id: int | None
    dry_run: bool


class ChangeListed(Answer, frozen=True):
    """A card that goes up or down."""

    card_id: int
    from_: TierShown | None = msgspec.field(name="from")
    to: TierShown | None
    reason: str


class Recalculated(Answer, frozen=True):
    """What the review did, or would do; at most 200 changes are listed. `cards_left` are still to be changed: ask again."""

    dry_run: bool
    reviewed: int
    upgraded: int
    downgraded: int
    in_grace: int
    cards_left: int
    changes: list[ChangeListed]


@dataclass(slots=True)
class _Tally:
    """What the reviews until now came to."""

    reviewed: int = 0
    upgraded: int = 0
    downgraded: int = 0
    in_grace: int = 0
    changes: list[ChangeListed] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.reviewed += 1
        self.in_grace += finding.is_in_grace
        change = finding.change
        if change is None or change.type not in {UPGRADE, DOWNGRADE}:
            return
        self.upgraded += change.type == UPGRADE
        self.downgraded += change.type == DOWNGRADE
        if len(self.changes) < MOST_LISTED:
            before, after = show_tier(change.before), show_tier(change.after)
            self.changes.append(ChangeListed(card_id=finding.card_id, from_=before, to=after, reason=change.reason))


def recalculate(
    database: Database, context: Context, request: Recalculate, pace: Pace, clock: Callable[[], datetime]
) -> Recalculated:
    """Review, each card in a transaction of its own; `cards_left` are those for which there was no time.

    Raises CardNotFound, and ValidationFailed, which names the command that takes its time, where looking at all cards takes
    longer than it may.
    """
    print_ = fingerprint(request)
    database.read(find_answer, context, OPERATION, print_)
    tally, to_do, own = _Tally(), [], replace(context, idempotency_key=None)
    for finding in _findings(database, own, request.card_id, pace):
        if finding.is_moved:
            to_do.append(finding.card_id)
        if request.dry_run or not finding.is_moved:
            tally.add(finding)
    done = 0 if request.dry_run else _review_all(database, own, to_do, pace, clock, tally)
    result = Recalculated(
        dry_run=request.dry_run,
        reviewed=tally.reviewed,
        upgraded=tally.upgraded,
        downgraded=tally.downgraded,
        in_grace=tally.in_grace,
        cards_left=len(to_do) - done,
        changes=tally.changes,
    )
    if context.idempotency_key is not None:
        database.transact(keep_answer, context, OPERATION, print_, result)
    return result


def _findings(database: Database, context: Context, card_id: int | None, pace: Pace) -> Iterator[Finding]:
    """Look at one card, or at all, without a lock."""
    if card_id is not None:
        yield database.read(review_one, context, card_id)
        return
    after, began = 0, monotonic()
    while not pace.stopped():
        chunk = database.read(review_batch, context, after, BATCH)
        yield from chunk.findings
        if chunk.last_card_id is None:
            return
        after = chunk.last_card_id
        pace.tell(len(chunk.findings), 0, after)
        if monotonic() - began > pace.looking:
            raise too_many_cards(f"card-service tenant recalculate-tiers --tenant {context.tenant_id}")


def _review_all(
    database: Database, context: Context, card_ids: list[int], pace: Pace, clock: Callable[[], datetime], tally: _Tally
) -> int:
    """Review these cards under their locks while there is time; gives how many were done."""
    done = 0
    for card_id in pace.while_time(card_ids):
        tally.add(database.transact(review_card, replace(context, now=clock()), card_id))
        done += 1
    return done
