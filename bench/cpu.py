"""CPU time of a process and all its descendants, read from /proc, and how fast a core is right now."""

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_ROUNDS = 2_000_000


def tree_seconds(root: int) -> float:
    """User and system seconds spent so far by process ``root`` and its descendants, the ones already reaped included.

    The kernel counts in hundredths of a second, so differences mean something only over a second or more.
    """
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # The second field is the program's name in brackets and may hold anything, so count from the last bracket.
        fields = stat[stat.rindex(")") + 2 :].split()
        number = int(entry.name)
        parents[number] = int(fields[1])
        spent[number] = sum(int(value) for value in fields[11:15]) / _TICKS
    return sum(seconds for number, seconds in spent.items() if _descends(number, root, parents))


def _descends(number: int, root: int, parents: dict[int, int]) -> bool:
    while number and number != root:
        number = parents.get(number, 0)
    return number == root


def python_loop_ms() -> float:
    """CPU milliseconds of adding up two million numbers; about 90 on a core of 2024 that nobody else uses."""
    start = time.process_time()
    total = 0
    for number in range(_ROUNDS):
        total += number
    return (time.process_time() - start) * 1000
