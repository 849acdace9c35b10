"""Whether two codes stand in the same place."""

from collections.abc import Sequence

Polygon = Sequence[tuple[int, int]]

SLACK = 4
"""Pixels that two places may be apart and still be one: engines report the line that they read, not the whole code."""


def overlap(one: Polygon, other: Polygon) -> bool:
    """Tell whether the rectangles around two polygons touch; a code without a position is everywhere."""
    if not one or not other:
        return True
    return all(
        min(point[axis] for point in one) - SLACK <= max(point[axis] for point in other)
        and min(point[axis] for point in other) - SLACK <= max(point[axis] for point in one)
        for axis in (0, 1)
    )
