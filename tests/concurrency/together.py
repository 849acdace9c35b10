"""Threads that start at the same moment, and a caller who does what a 503 asks for."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import Answer

Result = TypeVar("Result")

MOST_TRIES = 8


def together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run all calls at once, each in a thread of its own; their results in their order, or the first exception."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        start.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [running.result() for running in [threads.submit(run, call) for call in calls]]


def insist(call: Callable[[], Answer]) -> Answer:
    """Send a request until it is answered by anything but TRY_AGAIN, as a careful caller does.

    Any other 5xx fails the test here, as does a 503 that does not say when to come again.
    """
    for _ in range(MOST_TRIES):
        answer = call()
        if answer.status < 500:
            return answer
        assert_try_again(answer)
    raise AssertionError(f"still TRY_AGAIN after {MOST_TRIES} tries")


def assert_try_again(answer: Answer) -> None:
    """Prove that an answer is the one 5xx that is documented."""
    assert (answer.status, answer.json["code"]) == (503, "TRY_AGAIN"), answer
    assert int(answer.headers["Retry-After"]) >= 1


def insisting(call: Callable[..., Answer], *args: object, **kwargs: object) -> Callable[[], Answer]:
    """Bind a request to its arguments, to be sent until it is answered."""
    return lambda: insist(lambda: call(*args, **kwargs))


def codes(answers: Iterable[Answer]) -> list[str]:
    """Tell the outcomes, sorted: `200` and the like for what was done, the code for what was refused."""
    return sorted(str(answer.status) if answer.status < 400 else str(answer.json["code"]) for answer in answers)
