"""What every source is: something that is opened, gives readings or frames, and is closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from scanner.decode.frames import Frame  # brings OpenCV, which a keyboard wedge does without


@dataclass(frozen=True, slots=True)
class Reading:
    """A complete code as a reader gave it, not cleaned and not judged.

    `aim` is the AIM symbology identifier, such as `]C0`, when the device gives it apart from the text. A reader that is set to
    send it in front of the text has it in `text`; acceptance strips it there. `at` is a monotonic time in seconds.
    """

    text: str
    at: float
    aim: str | None = None


class Source(Protocol):
    """Where codes come from. One that decodes by itself gives a `Reading` for each code, a camera or a file gives frames."""

    @property
    def name(self) -> str:
        """What the source is called in events and messages, such as `serial:/dev/ttyACM0`."""
        ...

    def open(self) -> None:
        """Take hold of the device or file.

        Raises a `SourceError`, whose text is one line that says what to do.
        """
        ...

    def read(self) -> "Iterator[Reading | Frame]":
        """Give what is read, one after the other, until the source ends or `close` is called.

        A source that is not open is opened first.
        """
        ...

    def close(self) -> None:
        """Let go of the device, and end `read` soon, also from another thread."""
        ...
