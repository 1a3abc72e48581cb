"""Draws what a bench measured as plain SVG.

Pictures go to the folder that BENCH_CHARTS names, or stay in VAR_DIR: those that are checked in change on purpose only.
"""

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from django.conf import settings

WIDTH, ROW, LABEL, MARGIN = 720, 34, 200, 16
HEIGHT, LEFT, BOTTOM = 300, 70, 50  # of a line chart
PAPER, INK, FIRST, OTHER = "#ffffff", "#1f2937", "#0f766e", "#94a3b8"
_FONT = 'font-family="sans-serif" font-size="14"'
_TEXT = '<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{ink}">{text}</text>'


def draw_bars(name: str, title: str, values: Mapping[str, float]) -> Path:
    """Draw a bar for each value; the first one is ours."""
    longest = max(values.values())
    parts = [_text(MARGIN, 28, title, "start")]
    for number, (label, value) in enumerate(values.items()):
        top = 46 + number * ROW
        width = (WIDTH - LABEL - 2 * MARGIN - 60) * value / longest
        colour = OTHER if number else FIRST
        parts.append(_text(LABEL, top + 17, label, "end"))
        parts.append(f'<rect x="{LABEL + 10}" y="{top}" width="{width:.1f}" height="24" rx="3" fill="{colour}"/>')
        parts.append(_text(LABEL + 18 + width, top + 17, f"{value:,.0f}", "start"))
    return _write(name, 46 + len(values) * ROW + MARGIN, parts)


def draw_line(name: str, title: str, points: Sequence[tuple[int, float]], bound: float) -> Path:
    """Draw values over sizes that grow evenly to the right, with a dashed line at the bound."""
    highest = 1.15 * max(bound, *(value for _, value in points))
    plot = HEIGHT - 46 - BOTTOM

    def place(number: int, value: float) -> tuple[float, float]:
        step = (WIDTH - LEFT - 2 * MARGIN - 60) / max(1, len(points) - 1)
        return LEFT + 30 + step * number, 46 + plot * (1 - value / highest)

    _, at_bound = place(0, bound)
    line = f'y1="{at_bound:.1f}" x2="{WIDTH - MARGIN}" y2="{at_bound:.1f}" stroke="{INK}" stroke-dasharray="5 5"'
    placed = [place(number, value) for number, (_, value) in enumerate(points)]
    parts = [
        _text(MARGIN, 28, title, "start"),
        f'<line x1="{LEFT}" {line}/>',
        _text(LEFT - 8, at_bound + 5, f"{bound:.0f}", "end"),
        f'<line x1="{LEFT}" y1="{46 + plot}" x2="{WIDTH - MARGIN}" y2="{46 + plot}" stroke="{INK}"/>',
        f'<polyline fill="none" stroke="{FIRST}" stroke-width="2.5" points="'
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        + '"/>',
    ]
    for (size, value), (x, y) in zip(points, placed, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{FIRST}"/>')
        parts.append(_text(x, y - 10, f"{value:.0f}", "middle"))
        parts.append(_text(x, HEIGHT - BOTTOM + 22, f"{size:,}", "middle"))
    return _write(name, HEIGHT, parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return _TEXT.format(x=x, y=y, anchor=anchor, ink=INK, text=escape(text))


def _write(name: str, height: int, parts: Sequence[str]) -> Path:
    folder = Path(os.environ.get("BENCH_CHARTS") or Path(settings.VAR_DIR) / "charts")
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"{name}.svg"
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {_FONT}>'
    paper = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
    picture.write_text("\n".join([frame, paper, *parts, "</svg>", ""]), encoding="utf-8")
    return picture
