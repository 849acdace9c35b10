"""Weighs what the engines say about one picture: a linear code is believed only when two witnesses agree.

A check digit lets one misread EAN in ten through, and real photographs give such misreads: one engine can repeat the same
wrong number at every size of the same picture. Two engines never did.
"""

from collections import defaultdict
from collections.abc import Iterable

from scanner.decode.code import CODE39, CODE128, EAN13, QR, UPCA, Code, proves_itself
from scanner.decode.place import overlap

ZXING, ZBAR, MATCHER = "zxing", "zbar", "matcher"

ENOUGH_ALONE = {(ZXING, CODE128): 2, (ZXING, CODE39): 2, (ZBAR, CODE39): 2, (MATCHER, EAN13): 2, (MATCHER, UPCA): 2}
"""How often one engine has to read the same value on different renderings when no other engine does.

zxing and zbar not for EAN and UPC, nor zbar for Code 128, where it takes Latin-1 letters for ASCII ones.
"""


class Votes:
    """The readings of one picture so far."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Code] = {}
        self._witnesses: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, engine: str, codes: Iterable[Code]) -> None:
        """Count what `engine` read on one rendering of the picture; the same value twice there is one vote."""
        for key, code in {(code.number, code.symbology): code for code in codes}.items():
            self._seen.setdefault(key, code)
            self._witnesses[key].append(engine)

    def believed(self) -> list[Code]:
        """Return the codes that enough witnesses agree on; of two equals for one place neither."""
        strong = [code for key, code in self._seen.items() if self._strength(key) > 1]
        fair = [code for key, code in self._seen.items() if self._strength(key) == 1]
        return [code for code in strong if not _has_rival(code, strong)] + [
            code for code in fair if not _has_rival(code, strong + fair)
        ]

    def doubtful(self) -> list[Code]:
        """Return the linear codes that were seen and are not believed."""
        believed = self.believed()
        return [code for code in self._seen.values() if code not in believed and code.symbology != QR and code.position]

    def settled(self) -> bool:
        """Tell whether something is believed, and nothing was seen that still waits for a second witness."""
        believed = self.believed()
        return bool(believed) and all(
            any(overlap(code.position, other.position) for other in believed) for code in self._seen.values()
        )

    def _strength(self, key: tuple[str, str]) -> int:
        """Return 0 for not believed, 1 for believed unless there is a rival, 2 for believed all the same."""
        witnesses = self._witnesses[key]
        symbology = key[1]
        if len(set(witnesses)) > 1 or proves_itself(self._seen[key]):
            return 2
        return int(any(len(witnesses) >= ENOUGH_ALONE.get((engine, symbology), 99) for engine in set(witnesses)))


def _has_rival(code: Code, others: Iterable[Code]) -> bool:
    return any(
        (other.number, other.symbology) != (code.number, code.symbology) and overlap(code.position, other.position)
        for other in others
    )
