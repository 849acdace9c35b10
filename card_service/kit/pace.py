"""How long a request may go on with many cards, one transaction each; a command has all the time it wants."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from card_service.kit.errors import ValidationFailed

LOOK_SECONDS, CHANGE_SECONDS = 3.0, 4.0
"""What a request may take: none takes longer than 8 s. Changes that do not fit are left for the next one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """For how many seconds cards are looked at, and changed; `stopped` ends that between two cards.

    `tell` hears how many cards more were looked at, how many were changed, and up to which id.
    """

    looking: float
    changing: float
    stopped: Callable[[], bool] = lambda: False
    tell: Callable[[int, int, int], None] = lambda _seen, _done, _card_id: None

    def while_time(self, card_ids: Sequence[int]) -> Iterator[int]:
        """Give the cards to change one by one until the time is over; the first always, so that asking again comes to an end."""
        began = monotonic()
        for number, card_id in enumerate(card_ids):
            if self.stopped() or (number and monotonic() - began > self.changing):
                return
            yield card_id
            self.tell(0, 1, card_id)


def pace_of_requests() -> Pace:
    """Give the pace at which a request goes."""
    return Pace(LOOK_SECONDS, CHANGE_SECONDS)


def too_many_cards(command: str) -> ValidationFailed:
    """Refuse a request that cannot look at all cards in its time; `command` does the same without a limit."""
    return ValidationFailed(detail=f"There are more cards than a request can look at; the operator can run: {command}")
