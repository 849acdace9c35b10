"""Reads the report descriptor of a HID device: which bits of which report mean what.

The grammar is in section 6.2.2 of the "Device Class Definition for HID 1.11"; the usages of a barcode scanner are in the
"HID Point of Sale Usage Tables 1.02".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

SCANNER_PAGE = 0x8C
SYMBOLOGY_IDENTIFIERS = [SCANNER_PAGE << 16 | usage for usage in (0xFB, 0xFC, 0xFD)]
DECODED_DATA, DATA_CONTINUED = SCANNER_PAGE << 16 | 0xFE, SCANNER_PAGE << 16 | 0xFF
BYTE_COUNT = 0x01 << 16 | 0x3B

_LONG_ITEM = 0xFE
_SIZES = (0, 1, 2, 4)
# The tag and type of an item, without the size that is in its two lowest bits.
_INPUT, _PUSH, _POP = 0x80, 0xA4, 0xB4
_GLOBAL_NAMES = {0x04: "page", 0x74: "size", 0x84: "report", 0x94: "count"}
_USAGES = (0x08, 0x18, 0x28)
_USAGE_MAXIMUM = 0x28
_TYPE, _MAIN_TYPE = 0x0C, 0x00
_CONSTANT = 1
_WITH_PAGE = 4
_MOST_USAGES = 1024
_LARGEST_NUMBER, _LARGEST_REPORT = 32, 4096


@dataclass(frozen=True, slots=True)
class Field:
    """Part of an input report: the usage (page in the upper 16 bits), where it begins, and how many of how many bits."""

    report: int
    usage: int
    offset: int
    size: int
    count: int

    def values(self, body: bytes) -> list[int]:
        """Return the numbers in the report, whose bits count from the lowest of the first byte."""
        bits = int.from_bytes(body, "little") >> self.offset
        return [bits >> self.size * index & (1 << self.size) - 1 for index in range(self.count)]


@dataclass(frozen=True, slots=True)
class ScannedData:
    """The report in which a scanner sends what it read, and where in it that is."""

    report: int
    data: Field
    count: Field | None
    symbology: tuple[Field, ...]
    continued: Field | None

    def body(self, report: bytes) -> bytes | None:
        """Return the report without its number; None when it is another report."""
        if not self.report:
            return report
        return report[1:] if report[:1] == bytes([self.report]) else None


@dataclass(frozen=True, slots=True)
class _Globals:
    page: int = 0
    size: int = 0
    count: int = 0
    report: int = 0


def parse(descriptor: bytes) -> list[Field]:
    """Return the input fields; what makes no sense is left out, for a descriptor is what some device says."""
    fields: list[Field] = []
    now, stack = _Globals(), list[_Globals]()
    usages = list[int]()
    offsets: defaultdict[int, int] = defaultdict(int)
    for tag, value, size in _items(descriptor):
        if tag in _GLOBAL_NAMES:
            now = replace(now, **{_GLOBAL_NAMES[tag]: value})
        elif tag == _PUSH:
            stack.append(now)
        elif tag == _POP and stack:
            now = stack.pop()
        elif tag in _USAGES:
            usages.extend(_further(tag, value if size == _WITH_PAGE else now.page << 16 | value, usages))
        elif tag == _INPUT:
            # A field of more than a report can hold is an error of the device, or an attack.
            if not value & _CONSTANT and now.size <= _LARGEST_NUMBER and now.count <= _LARGEST_REPORT:
                fields.extend(_fields(now, offsets[now.report], usages))
            offsets[now.report] += now.size * now.count
        if tag & _TYPE == _MAIN_TYPE:
            usages.clear()
    return fields


def scanned_data(fields: Sequence[Field]) -> ScannedData | None:
    """Return where a scanner puts what it read; None for a device that is no HID-POS scanner."""
    for data in fields:
        if data.usage == DECODED_DATA and data.size == 8:  # noqa: PLR2004 - bytes
            beside = {field.usage: field for field in fields if field.report == data.report}
            symbology = tuple(beside[usage] for usage in SYMBOLOGY_IDENTIFIERS if usage in beside)
            return ScannedData(data.report, data, beside.get(BYTE_COUNT), symbology, beside.get(DATA_CONTINUED))
    return None


def _items(descriptor: bytes) -> Iterator[tuple[int, int, int]]:
    """Give tag, value and size of each item."""
    at = 0
    while at < len(descriptor):
        prefix = descriptor[at]
        if prefix == _LONG_ITEM:  # none is defined, so all are skipped; their length is the next byte
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        size = _SIZES[prefix & 3]
        yield prefix & ~3, int.from_bytes(descriptor[at + 1 : at + 1 + size], "little"), size
        at += 1 + size


def _further(tag: int, usage: int, before: Sequence[int]) -> Iterable[int]:
    """Return the usages that an item adds; a maximum adds all after the minimum, which came before it."""
    if tag == _USAGE_MAXIMUM and before:
        return range(before[-1] + 1, min(usage, before[-1] + _MOST_USAGES) + 1)
    return (usage,)


def _fields(now: _Globals, offset: int, usages: Sequence[int]) -> Iterator[Field]:
    """Give the fields of one input item: a usage each, and the last usage for all that are left."""
    for index, usage in enumerate(usages[: now.count]):
        is_last = index == min(len(usages), now.count) - 1
        yield Field(now.report, usage, offset + index * now.size, now.size, now.count - index if is_last else 1)
