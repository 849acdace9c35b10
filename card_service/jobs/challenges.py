"""The job challenges: who has not reached a target in time is told so, and three days before that it ends; each once."""

from collections.abc import Iterator

from card_service.campaigns.challenge_ends import Night, cards_to_tell, tell_of_ends
from card_service.jobs.job import Step, Tally, Work, one_by_one


def tell(work: Work, card_id: int) -> Tally:
    """Do what is due for one card."""
    told = work.write(tell_of_ends, _night(work), card_id)
    said = {"challengesMissed": told.missed, "challengesEnding": told.ending}
    return {name: count for name, count in said.items() if count}


def challenges(work: Work, after: int) -> Iterator[Step]:
    """Look at all cards that take part in something, and do one by one those that have reached an end."""
    while not work.stop.is_set():
        looked_at, cards = work.read(cards_to_tell, _night(work), after)
        if not looked_at:
            return
        step = one_by_one(work, cards, tell, after)
        after = step.after if work.stop.is_set() else looked_at[-1]
        yield step._replace(after=after, seen=len(looked_at))


def _night(work: Work) -> Night:
    return Night(work.day, work.until, work.timezone)
