"""The job tiers: every card is looked at a chunk at a time, and one whose standing is to change is reviewed under its lock.

A review is always of today's figures, also when it is made up for: nobody is judged by a day of which half is gone.
"""

from collections.abc import Iterator

from card_service.jobs.job import Step, Tally, Work, one_by_one
from card_service.kit.days import start_of
from card_service.tiers.review import review_batch, review_card

_COUNTED = {"UPGRADE": "upgraded", "DOWNGRADE": "downgraded", "GRACE": "graceBegun"}


def review(work: Work, card_id: int) -> Tally:
    """Review a card, which takes it down once a day at most; says what became of it."""
    finding = work.write(review_card, card_id, moved_before=start_of(work.today, work.timezone))
    if not finding.is_moved:
        return {}
    return {_COUNTED.get(finding.change.type, "changed") if finding.change else "changed": 1}


def tiers(work: Work, after: int) -> Iterator[Step]:
    """Look at all cards that are not closed, and review those on which something would change."""
    while not work.stop.is_set():
        chunk = work.read(review_batch, after)
        if chunk.findings:
            step = one_by_one(work, [one.card_id for one in chunk.findings if one.is_moved], review, after)
            after = step.after if work.stop.is_set() else max(one.card_id for one in chunk.findings)
            yield step._replace(after=after, seen=len(chunk.findings))
        if chunk.last_card_id is None:
            return
        after = max(after, chunk.last_card_id)
