"""A picture of one run: the CPU of each call as a bar, the service's part and the database's part apart."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.report import Figure

ROW, TOP, LEFT, BARS, RIGHT = 24, 60, 300, 460, 260
SERVICE, DATABASE = "#2f6f9f", "#d98b2b"


def write_picture(path: Path, figures: Sequence[Figure], title: str) -> None:
    """Write the figures as an SVG, one row each, in the order they were measured."""
    longest = max((figure.total_ms for figure in figures), default=1.0) or 1.0
    width, height = LEFT + BARS + RIGHT, TOP + ROW * len(figures) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="10" y="22" font-size="15" font-weight="bold">{escape(title)}</text>',
        _text(10, 44, "CPU milliseconds a request, of the service (left) and of the database (right)"),
    ]
    for place, figure in enumerate(figures):
        top = TOP + ROW * place
        first, second = (figure.service_ms / longest * BARS, figure.database_ms / longest * BARS)
        said = f"{figure.total_ms:.2f} ms, {figure.per_second:.0f}/s, p95 {figure.p95_ms:.0f} ms"
        parts += [
            f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{escape(_label(figure))}</text>',
            f'<rect x="{LEFT}" y="{top + 3}" width="{first:.1f}" height="{ROW - 7}" fill="{SERVICE}"/>',
            f'<rect x="{LEFT + first:.1f}" y="{top + 3}" width="{second:.1f}" height="{ROW - 7}" fill="{DATABASE}"/>',
            _text(LEFT + first + second + 6, top + 15, said),
        ]
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")


def _label(figure: Figure) -> str:
    return f"{figure.name} ({figure.clients})" if figure.part in {"limit", "hot"} else figure.name


def _text(left: float, top: float, text: str) -> str:
    return f'<text x="{left:.1f}" y="{top}">{escape(text)}</text>'
