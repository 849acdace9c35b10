"""A row of a file of members, and what is wrong with it: the words are for whoever made the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

COLUMNS = (
    "card_number", "customer_id", "name", "phone", "email", "birth_date",
    "opening_points", "points_last_day", "referrer_number", "segments",
)  # fmt: skip
KEYS = ("card_number", "customer_id")
_SHORTENED = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+")
_NUMBERS = {"card_number", "customer_id", "phone", "referrer_number"}
_PEOPLE = {"name", "email"}
_CALCULATED = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the file has them. `points_last_day` is the last day of the tenant on which the opening points are valid."""

    card_number: str | None
    customer_id: int | None
    name: str | None
    phone: str | None
    email: str | None
    birth_date: date | None
    opening_points: Decimal
    points_last_day: date | None
    referrer_number: str | None
    segments: tuple[str, ...]

    @property
    def key(self) -> str:
        """Name the row so that it is known again in another run: by its card, else by its customer."""
        return f"member:number:{self.card_number}" if self.card_number else f"member:customer:{self.customer_id}"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one line of the file and what to do; `column` is None where it is the whole line."""

    line: int
    column: str | None
    says: str

    def __str__(self) -> str:
        """Write it as one line."""
        return f"line {self.line}{', ' + self.column if self.column else ''}: {self.says}"


def clean_cell(text: str) -> str:
    """Take spaces off, and the apostrophe by which `tenant export` keeps a text from being calculated."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:2] in {*_CALCULATED, "'"} else text


def spoilt(cells: Mapping[str, str]) -> dict[str, str]:
    """Find what a spreadsheet or a wrong encoding has spoilt, by column: such a value says nothing any more."""
    found = {}
    for column, text in cells.items():
        if any("\udc80" <= character <= "\udcff" for character in text):
            found[column] = "is not UTF-8: save the file as 'CSV UTF-8' and run it again"
        elif column in _NUMBERS and _SHORTENED.fullmatch(text):
            found[column] = (
                f"{text} was shortened by a spreadsheet: give the column the format 'Text', and put the whole number in again"
            )
        elif text.startswith("=") or (column in _PEOPLE and text.startswith(_CALCULATED)):
            found[column] = "begins like a formula (= + - @): put in the value itself"
    return found
