"""Reading a file of members row by row, whatever its size: never more of it in memory than one line."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from card_service.loyalty.member_row import COLUMNS, KEYS, RowProblem, clean_cell, spoilt

LONGEST_LINE = 65_536
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class BadFile(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row: the line it begins at, its cells by column (empty ones left out), and what is wrong with it already."""

    line: int
    cells: dict[str, str]
    problems: list[RowProblem]


def read_rows(path: Path, advance: Callable[[int], None] = lambda _bytes: None) -> Iterator[ReadRow]:
    """Read the rows of a CSV file with a header; `advance` is told how many bytes each step took.

    UTF-8 with or without a byte order mark; comma, semicolon or tab, whichever the header has. Raises BadFile.
    """
    with path.open("rb") as raw:
        if raw.read(2) in _OTHER_ENCODINGS:
            raise BadFile("The file is UTF-16: save it as 'CSV UTF-8'.")
        raw.seek(0)
        text = io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")
        lines = _lines(text)
        header = next(lines, "")
        delimiter = max(",;\t", key=header.count)
        columns = _columns(next(csv.reader([header], delimiter=delimiter, strict=True), []))
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        told = 0
        while True:
            line = reader.line_num + 2
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise BadFile(f"Line {line} is no CSV ({error}): look for a quote that is not closed, or not doubled.") from error
            if cells is None:
                return
            advance(raw.tell() - told)
            told = raw.tell()
            if any(cell.strip() for cell in cells):
                yield _row(line, columns, cells)


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise BadFile(f"Line {number} has more than {LONGEST_LINE} characters: this is no file of members.")
        yield line


def _columns(header: list[str]) -> list[str]:
    names = [name.strip().lower() for name in header]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names) or not set(names) & set(KEYS):
        listed = ", ".join(COLUMNS)
        said = f"It has {', '.join(repr(name) for name in names) or 'nothing'}"
        raise BadFile(
            f"The first line must name the columns, each once, card_number or customer_id among them: {listed}. {said}."
        )
    return names


def _row(line: int, columns: list[str], cells: list[str]) -> ReadRow:
    if len(cells) != len(columns):
        says = f"has {len(cells)} cells, the first line has {len(columns)}: put a cell with a comma in it into quotes"
        return ReadRow(line, {}, [RowProblem(line, None, says)])
    named = {column: text for column, cell in zip(columns, cells, strict=True) if (text := clean_cell(cell))}
    return ReadRow(line, named, [RowProblem(line, column, says) for column, says in spoilt(named).items()])
