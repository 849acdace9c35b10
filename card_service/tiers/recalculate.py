"""Reviewing one card or all of them when the administrator asks for it, or only saying what it would do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import find_answer, fingerprint, keep_answer
from card_service.tiers.review import Finding, review_batch, review_card, review_one
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
    """What the review did, or would do; at most 200 changes are listed."""

    dry_run: bool
    reviewed: int
    upgraded: int
    downgraded: int
    in_grace: int
    changes: list[ChangeListed]


def recalculate(database: Database, context: Context, request: Recalculate) -> Recalculated:
    """Review, each card in a transaction of its own; raises CardNotFound."""
    print_ = fingerprint(request)
    database.read(find_answer, context, OPERATION, print_)
    reviewed = upgraded = downgraded = in_grace = 0
    changes: list[ChangeListed] = []
    for finding in _findings(database, replace(context, idempotency_key=None), request):
        reviewed += 1
        in_grace += finding.is_in_grace
        change = finding.change
        if change is None or change.type not in {UPGRADE, DOWNGRADE}:
            continue
        upgraded += change.type == UPGRADE
        downgraded += change.type == DOWNGRADE
        if len(changes) < MOST_LISTED:
            before, after = show_tier(change.before), show_tier(change.after)
            changes.append(ChangeListed(card_id=finding.card_id, from_=before, to=after, reason=change.reason))
    result = Recalculated(
        dry_run=request.dry_run,
        reviewed=reviewed,
        upgraded=upgraded,
        downgraded=downgraded,
        in_grace=in_grace,
        changes=changes,
    )
    if context.idempotency_key is not None:
        database.transact(keep_answer, context, OPERATION, print_, result)
    return result


def _findings(database: Database, context: Context, request: Recalculate) -> Iterator[Finding]:
    if request.card_id is not None:
        yield (
            database.read(review_one, context, request.card_id)
            if request.dry_run
            else (database.transact(review_card, context, request.card_id))
        )
        return
    after: int | None = 0
    while after is not None:
        chunk = database.read(review_batch, context, after)
        for finding in chunk.findings:
            wants = finding.is_moved and not request.dry_run
            yield database.transact(review_card, context, finding.card_id) if wants else finding
        after = chunk.last_card_id
