"""What every source gives, whatever it is made of: one card number, read once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class ScanEvent:
    """A card that was shown: its number, the kind of code it stood in, when, and by which source it was read.

    `symbology` is a name such as CODE128, QR or EAN13, or UNKNOWN for a reader that does not say. `time` is aware and
    UTC. `id` is unique, so that whoever gets an event twice can tell.
    """

    number: str
    symbology: str
    time: datetime
    source: str
    id: str

    @classmethod
    def now(cls, number: str, symbology: str, source: str) -> "ScanEvent":
        """Make the event of a code that was read at this moment."""
        return cls(number, symbology, datetime.now(UTC), source, uuid4().hex)

    def as_json(self) -> str:
        """Write the event as one line of JSON."""
        time = self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps(
            {"number": self.number, "symbology": self.symbology, "time": time, "source": self.source, "id": self.id}
        )
