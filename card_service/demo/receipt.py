"""A receipt of plain characters, 80 columns wide at most."""

from collections.abc import Iterable
from decimal import Decimal

WIDTH = 72
_MARGIN = "    "


class Receipt:
    """Collects the lines of a receipt."""

    def __init__(self) -> None:
        """Begin an empty one."""
        self._lines: list[str] = []

    def title(self, *lines: str) -> None:
        """Write the head, centred."""
        self._lines += ["=" * WIDTH, *(line.center(WIDTH).rstrip() for line in lines), "=" * WIDTH]

    def heading(self, text: str) -> None:
        """Begin a part."""
        self._lines += ["", text, "-" * WIDTH]

    def row(self, text: str, *values: str) -> None:
        """Write a text and values in columns at the right."""
        right = "".join(value.rjust(15) for value in values)
        self._lines.append(text.ljust(WIDTH - len(right))[: WIDTH - len(right)] + right)

    def note(self, text: str) -> None:
        """Write a remark."""
        self._lines.append(f"  {text}")

    def rule(self) -> None:
        """Draw the line before a sum."""
        self._lines.append(" " * (WIDTH - 15) + "-" * 15)

    def lines(self) -> Iterable[str]:
        """Give the lines with their margin."""
        return (f"{_MARGIN}{line}".rstrip() for line in self._lines)


def rupees(amount: Decimal) -> str:
    """Write an amount."""
    return f"Rs {amount:,.2f}"


def points(number: Decimal) -> str:
    """Write a number of points."""
    return f"{number:,.2f} pts"
