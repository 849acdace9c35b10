"""The files of an export: rows as CSV or JSON Lines, counted and hashed while they are written."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Self

from card_service.kit.wire import encode, instant

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a text begins that a spreadsheet would calculate; in CSV it gets an apostrophe before it, and so does an apostrophe."""
PRIVATE_FILE = 0o600


@dataclass
class TableFile:
    """One file that is being written."""

    path: Path
    columns: Sequence[str]
    line: Callable[[Sequence[str], Sequence[Any]], str]
    rows: int = 0
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)
    _file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Make the file, for its owner only."""
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb")
        if self.line is csv_line:
            self._put(csv_line(self.columns, self.columns))
        return self

    def __exit__(self, *_: object) -> None:
        """Bring it to the disk."""
        assert self._file is not None  # noqa: S101 - set on entering
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        self._put("".join(self.line(self.columns, row) for row in rows))
        self.rows += len(rows)

    def described(self) -> dict[str, Any]:
        """Say in the manifest what the file holds."""
        return {
            "table": self.path.stem,
            "file": self.path.name,
            "rows": self.rows,
            "bytes": self.size,
            "sha256": self._hash.hexdigest(),
            "columns": list(self.columns),
        }

    def _put(self, text: str) -> None:
        assert self._file is not None  # noqa: S101 - set on entering
        data = text.encode()
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)


def csv_line(_columns: Sequence[str], row: Sequence[Any]) -> str:
    """Write a row as RFC 4180 has it: texts in quotes, numbers without, nothing at all for NULL."""
    return ",".join(_cell(value) for value in row) + "\r\n"


def json_line(columns: Sequence[str], row: Sequence[Any]) -> str:
    """Write a row as one line of JSON, amounts as numbers with all their decimals."""
    return encode(dict(zip(columns, row, strict=True))) + "\n"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"{value}"
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
    text = str(value)
    if text.startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'
