"""What a call answers, in the model and over HTTP alike, and how the model refuses."""

from typing import Any, NamedTuple

Body = dict[str, Any]


class Answer(NamedTuple):
    """One answer: HTTP status, the JSON body under the contract's names, and whether it was a replay."""

    status: int
    body: Body
    replayed: bool = False


class RefusedError(Exception):
    """A refusal with its HTTP status and stable code; nothing has been changed when it is raised."""

    def __init__(self, status: int, code: str, **extra: object) -> None:
        """Keep the status, the code and any further fields of the problem document."""
        super().__init__(f"{status} {code}")
        self.answer = Answer(status, {"code": code, **extra})
