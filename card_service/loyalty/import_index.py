"""What an import remembers of its own file: a private database on the disk that is gone when it ends.

A set in memory would not do: a file may have millions of rows.
"""

import sqlite3
from collections.abc import Iterator

from card_service.loyalty.member_row import MemberRow, RowProblem

_TABLE = (
    "CREATE TABLE rows (line INTEGER PRIMARY KEY, number TEXT UNIQUE, customer INTEGER UNIQUE,"
    " phone TEXT, email TEXT, referrer TEXT, done INTEGER NOT NULL)"
)
LONGEST_CHAIN = 1000


class ImportIndex:
    """The rows of the file by line, number and customer."""

    def __init__(self) -> None:
        """Make it: an empty name is a private file that SQLite removes."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("BEGIN")
        self._database.execute(_TABLE)
        for column in ("phone", "email"):
            self._database.execute(f"CREATE INDEX by_{column} ON rows ({column})")

    def close(self) -> None:
        """Remove it."""
        self._database.close()

    def add(self, line: int, row: MemberRow, *, done: bool) -> None:
        """Remember a row."""
        values = (line, row.card_number, row.customer_id, row.phone, row.email, row.referrer_number, done)
        self._database.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def twin_of(self, line: int, row: MemberRow) -> RowProblem | None:
        """Tell that an earlier row is of the same card or customer."""
        for column, sql, value in (
            ("card_number", "SELECT line FROM rows WHERE number = ?", row.card_number),
            ("customer_id", "SELECT line FROM rows WHERE customer = ?", row.customer_id),
        ):
            found = self._one(sql, value)
            if found:
                return RowProblem(line, column, f"stands in line {found[0]} already: keep one of the two")
        return None

    def is_done(self, line: int) -> bool:
        """Whether the row of this line was imported in an earlier run."""
        found = self._one("SELECT done FROM rows WHERE line = ?", line)
        return bool(found and found[0])

    def referred(self) -> Iterator[tuple[int, str]]:
        """Give line and referrer of the rows that have one and are still to be imported."""
        yield from self._database.execute("SELECT line, referrer FROM rows WHERE referrer IS NOT NULL AND NOT done")

    def wrong_referrer(self, line: int, referrer: str) -> tuple[bool, str | None]:
        """Tell whether the referrer is in the file, and if so what is wrong with it."""
        friend = self._one("SELECT number, customer, phone, email FROM rows WHERE line = ?", line)
        named = self._one("SELECT number, customer, phone, email FROM rows WHERE number = ?", referrer)
        if named is None or friend is None:
            return False, None
        if any(mine is not None and mine == theirs for mine, theirs in zip(friend, named, strict=True)):
            return True, "is of the same customer, phone or e-mail: nobody refers themselves, so empty this cell"
        for says, sql, value in (
            ("phone", "SELECT line FROM rows WHERE phone = ? AND line <> ? LIMIT 1", friend[2]),
            ("e-mail", "SELECT line FROM rows WHERE email = ? AND line <> ? LIMIT 1", friend[3]),
        ):
            twin = self._one(sql, value, line)
            if twin is not None:
                return True, f"the {says} is that of line {twin[0]}, too: only who has one card was referred, so empty this cell"
        chain: object = referrer
        seen = 0
        while (above := self._one("SELECT referrer FROM rows WHERE number = ?", chain)) and above[0] and seen < LONGEST_CHAIN:
            chain, seen = above[0], seen + 1
            if chain == friend[0]:
                return True, "leads back to this card over those who referred it: empty the cell of one of them"
        return True, None

    def _one(self, sql: str, *values: object) -> tuple[object, ...] | None:
        found: tuple[object, ...] | None = self._database.execute(sql, values).fetchone()
        return found
