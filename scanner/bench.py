"""Measures the reader on a folder of photographs: `manifest.csv` says what is on each (path, symbology, expected).

A picture counts as read when its code is among the answers, and as wrong when there are only other answers; on a NEGATIVE
picture, which holds no code, every answer is wrong. Wrong answers go on to the rules of the counter (`acceptance.py`):
what passes them is the one figure that has to be 0.
"""

import csv
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scanner.acceptance import Acceptance, Accepted
from scanner.decode.code import EAN13, UPCA, Code
from scanner.decode.frames import read_frame
from scanner.decode.reader import Reader
from scanner.errors import BadManifest, NotRead

NEGATIVE = "NEGATIVE"
COLUMNS = ("path", "symbology", "expected")

JUDGED_UP_TO = 1280
"""Pixels of the longer side; the CPU time of larger pictures is not counted, no camera of a counter gives them."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A row of the manifest."""

    path: Path
    symbology: str
    expected: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reader answered to one photograph, and the CPU time it took."""

    photograph: Photograph
    answers: tuple[str, ...]
    read: bool
    wrong: bool
    accepted: bool
    cpu_ms: float
    counts_for_cpu: bool

    @property
    def negative(self) -> bool:
        """Tell whether there was nothing to read."""
        return self.photograph.symbology == NEGATIVE


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the table; the times are in milliseconds, of pictures up to `JUDGED_UP_TO` pixels."""

    symbology: str
    pictures: int
    read: int
    read_percent: float
    wrong: int
    wrong_accepted: int
    cpu_ms_p50: float
    cpu_ms_p95: float


def load(folder: Path) -> list[Photograph]:
    """Return the rows of the manifest in `folder`; raises `BadManifest`."""
    path = folder / "manifest.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadManifest(f"{path}: {error}; give a folder with a manifest.csv of {', '.join(COLUMNS)}") from error
    if not rows or any(row.get(column) is None for row in rows for column in COLUMNS):
        raise BadManifest(f"{path}: rows of {', '.join(COLUMNS)} are missing; write one for each picture")
    return [Photograph(folder / row["path"], row["symbology"], row["expected"]) for row in rows]


def measure(photograph: Photograph, acceptance: Callable[[], Acceptance], repeat: int) -> Outcome:
    """Read one photograph `repeat` times; the fastest counts, because other programs only ever make it slower."""
    try:
        frame = read_frame(photograph.path)
    except NotRead:
        return Outcome(photograph, (), read=False, wrong=False, accepted=False, cpu_ms=0.0, counts_for_cpu=False)
    codes: tuple[Code, ...] = ()
    fastest = math.inf
    for _ in range(repeat):
        reader = Reader()
        start = time.process_time()
        codes = reader.still(frame)
        fastest = min(fastest, time.process_time() - start)
    read = photograph.symbology != NEGATIVE and any(_same(code, photograph.expected) for code in codes)
    wrong = bool(codes) and not read
    return Outcome(
        photograph,
        tuple(code.number for code in codes),
        read=read,
        wrong=wrong,
        accepted=wrong and _accepted(codes, acceptance()),
        cpu_ms=fastest * 1000,
        counts_for_cpu=max(frame.grey.shape) <= JUDGED_UP_TO,
    )


def summarise(outcomes: Sequence[Outcome]) -> list[Figures]:
    """Return a line for each symbology in the order of the manifest, and one for all."""
    names = dict.fromkeys(outcome.photograph.symbology for outcome in outcomes)
    groups = [(name, [outcome for outcome in outcomes if outcome.photograph.symbology == name]) for name in names]
    return [_figures(name, group) for name, group in (*groups, ("ALL", outcomes))]


def as_json(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures, and every wrong answer, as JSON can hold them."""
    return {
        "figures": [asdict(figures) for figures in summarise(outcomes)],
        "wrong": [
            {
                "path": str(outcome.photograph.path),
                "expected": outcome.photograph.expected,
                "answers": list(outcome.answers),
                "accepted": outcome.accepted,
            }
            for outcome in outcomes
            if outcome.wrong
        ],
    }


def _figures(name: str, outcomes: Sequence[Outcome]) -> Figures:
    times = sorted(outcome.cpu_ms for outcome in outcomes if outcome.counts_for_cpu)
    read = sum(outcome.read for outcome in outcomes)
    codes = sum(not outcome.negative for outcome in outcomes)
    return Figures(
        name,
        len(outcomes),
        read,
        round(100 * read / codes, 1) if codes else 0.0,
        sum(outcome.wrong for outcome in outcomes),
        sum(outcome.accepted for outcome in outcomes),
        round(_percentile(times, 50), 1),
        round(_percentile(times, 95), 1),
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the nearest-rank percentile."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def _same(code: Code, expected: str) -> bool:
    """Compare as what is printed: line ends do not matter, and a UPC-A is an EAN-13 whose leading 0 is not printed."""
    if code.symbology in {EAN13, UPCA} and expected.isdecimal():
        return code.number.zfill(13) == expected.zfill(13)
    return _lines(code.number) == _lines(expected)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _accepted(codes: Iterable[Code], acceptance: Acceptance) -> bool:
    """Tell whether the counter would take any of these if the picture were held before the camera."""
    held = list(codes)
    return any(isinstance(acceptance.see(held, at), Accepted) for at in (0.0, 0.1))
