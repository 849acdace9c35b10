"""An independent model of the service, written from docs/contract.md and docs/programme.md alone: slow, exact and plain.

It shares no code with `card_service`, so that a mistake in one is not repeated by the other. `Pharmacy` is one tenant
held in memory, with a method for every call of the API; `OverHttp` offers the same methods over the running service.
"""

from .answers import Answer
from .model import Pharmacy
from .over_http import OverHttp

__all__ = ["Answer", "OverHttp", "Pharmacy"]
