"""What was measured: one line a figure, a table for people, a JSON file and a picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.database import Cost
from bench.load import FIRST_REFUSAL, Outcome


@dataclass(frozen=True)
class Label:
    """What was measured: the part it belongs to, its name, how many clients; `rate` a second in an open loop, else 0."""

    part: str
    name: str
    clients: int
    rate: float = 0.0


@dataclass(frozen=True)
class Figure:
    """One measurement; milliseconds throughout, CPU and statements per request answered.

    `service_ms` is the CPU of the service's processes (for the limit: of the program that posts), `database_ms` that of
    the database. `generator_ms` is the CPU of the load generator, which is in neither. `python_loop_ms` says how fast a core
    was just before (bench/cpu.py): on a shared machine CPU milliseconds stretch with it.
    """

    part: str
    name: str
    clients: int
    rate: float
    requests: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int
    statements: float
    service_ms: float
    database_ms: float
    generator_ms: float = 0.0
    python_loop_ms: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)

    @property
    def total_ms(self) -> float:
        """CPU of the service and the database per request."""
        return self.service_ms + self.database_ms

    @classmethod
    def of(cls, label: Label, outcome: Outcome, cost: Cost) -> "Figure":
        """Make the figure of one run and what it cost."""
        count = max(1, outcome.answered)
        refused = {str(status): number for status, number in outcome.statuses.items() if status >= FIRST_REFUSAL}
        return cls(
            **asdict(label),
            requests=outcome.answered,
            per_second=outcome.per_second,
            p50_ms=outcome.percentile(50),
            p95_ms=outcome.percentile(95),
            p99_ms=outcome.percentile(99),
            errors=outcome.errors,
            statements=cost.statements["Questions"] / count,
            service_ms=cost.service_seconds * 1000 / count,
            database_ms=cost.database_seconds * 1000 / count,
            generator_ms=outcome.cpu_seconds * 1000 / count,
            python_loop_ms=cost.python_loop_ms,
            failures={**refused, **outcome.failures},
        )


HEADER = (
    f"{'what':<44}{'clients':>8}{'per s':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'errors':>7}{'stmts':>7}{'CPU-ms':>8}"
    "  service + database"
)


def line(figure: Figure) -> str:
    """Print one figure as a line of the table."""
    return (
        f"{figure.name:<44}{figure.clients:>8}{figure.per_second:>8.0f}{figure.p50_ms:>8.1f}{figure.p95_ms:>8.1f}"
        f"{figure.p99_ms:>8.1f}{figure.errors:>7}{figure.statements:>7.1f}{figure.total_ms:>8.2f}"
        f"  {figure.service_ms:.2f} + {figure.database_ms:.2f}"
    )


def write_json(path: Path, figures: Sequence[Figure], facts: Mapping[str, Any]) -> None:
    """Write everything measured, and on what it was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"facts": dict(facts), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(document, indent=1) + "\n")
