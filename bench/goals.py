"""What the measurement must reach, judged from the figures of one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report import Figure

SHARE_OF_LIMIT = 0.30
EARN_CPU_MS = 2.2
EARN_STATEMENTS = 9
CALCULATE_STATEMENTS = 5
HOT_CARD_PER_SECOND = 300
OPEN_LOOP_P95_MS = {5000: 50.0, 15000: 100.0}
GROWTH_RATIO = 1.3
PROGRAMME_RATIO = 1.3
PROGRAMME_STATEMENTS = 2


@dataclass(frozen=True)
class Verdict:
    """One goal: what was asked, what was seen, whether it was reached."""

    goal: str
    seen: str
    reached: bool


def judge(figures: Sequence[Figure]) -> list[Verdict]:
    """Judge every goal whose figures are there."""
    verdicts: list[Verdict] = []
    earn = _find(figures, "earn", 32)
    limits = [figure for figure in figures if figure.part == "limit" and figure.name.endswith("pymysql")]
    if earn and limits:
        best = max(figure.per_second for figure in limits)
        share = earn.per_second / best
        seen = f"{share:.0%} ({earn.per_second:.0f} of {best:.0f} a second)"
        verdicts.append(Verdict(f"earn at 32 clients >= {SHARE_OF_LIMIT:.0%} of the limit", seen, share >= SHARE_OF_LIMIT))
    if earn:
        verdicts += [
            Verdict(f"earn <= {EARN_CPU_MS} CPU-ms all in", f"{earn.total_ms:.2f}", earn.total_ms <= EARN_CPU_MS),
            _at_most(earn, "earn", EARN_STATEMENTS),
        ]
    verdicts += [_at_most(one, "calculate", CALCULATE_STATEMENTS) for one in figures if one.part == "calculate"]
    crowd = _find(figures, "earn", 1000)
    if crowd:
        verdicts.append(Verdict("no errors at 1,000 clients", str(crowd.errors), crowd.errors == 0))
    for figure in figures:
        if figure.part == "open":
            most = OPEN_LOOP_P95_MS[round(figure.rate * 60)]
            reached = figure.p95_ms < most and figure.errors == 0
            verdicts.append(Verdict(f"{figure.name}: p95 < {most:.0f} ms", f"{figure.p95_ms:.1f} ms", reached))
        if figure.part == "hot":
            seen = f"{figure.per_second:.0f}"
            reached = figure.per_second >= HOT_CARD_PER_SECOND and figure.errors == 0
            verdicts.append(Verdict(f"{figure.name} >= {HOT_CARD_PER_SECOND} a second", seen, reached))
    programme = [figure for figure in figures if figure.part == "programme"]
    if programme:
        verdicts += _judge_programme(*programme)
    return verdicts


def _judge_programme(plain: Figure, full: Figure) -> list[Verdict]:
    ratio = full.total_ms / plain.total_ms
    seen = f"{ratio:.2f}x ({plain.total_ms:.2f} -> {full.total_ms:.2f} CPU-ms)"
    more = full.statements - plain.statements
    return [
        Verdict(f"{full.name}: within {PROGRAMME_RATIO}x of the plain one", seen, ratio <= PROGRAMME_RATIO),
        Verdict(f"{full.name}: at most {PROGRAMME_STATEMENTS} more", f"{more:.2f}", more <= PROGRAMME_STATEMENTS + 0.1),
    ]


def judge_growth(figures: Sequence[Figure]) -> list[Verdict]:
    """Compare the CPU per request of each call at the largest size with that at the smallest."""
    verdicts = []
    for call in dict.fromkeys(figure.part for figure in figures):
        sizes = [figure for figure in figures if figure.part == call]
        ratio = sizes[-1].total_ms / sizes[0].total_ms if sizes[0].total_ms else 0.0
        seen = f"{ratio:.2f}x ({sizes[0].total_ms:.2f} -> {sizes[-1].total_ms:.2f} CPU-ms)"
        verdicts.append(Verdict(f"{call}: smallest to largest within {GROWTH_RATIO}x", seen, ratio <= GROWTH_RATIO))
    return verdicts


def _at_most(figure: Figure, call: str, most: int) -> Verdict:
    # Authentication included, and now and then a statement that a new connection is prepared with.
    return Verdict(
        f"{call}: at most {most} round trips ({figure.name})", f"{figure.statements:.2f}", figure.statements <= most + 0.1
    )


def _find(figures: Sequence[Figure], part: str, clients: int) -> Figure | None:
    return next((figure for figure in figures if figure.part == part and figure.clients == clients), None)
