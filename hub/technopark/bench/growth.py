"""Draws how a bench's figures grow with the number of clients: a small SVG, one panel a figure.

Called by `technopark bench` for benches that measure several numbers of clients.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from technopark.bench.report import Figures

WIDTH, HEIGHT = 260, 150
"""Of a panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 26, 26
COLUMNS = 3
PANELS = {
    "p95_ms": "a page of the hub, p95, ms",
    "sign_in_p95_ms": "sign-in, p95, ms",
    "start_p95_ms": "start, p95, ms",
    "loop_lag_ms": "the hub's loop at its latest, ms",
    "cpu_cores": "hub, cores",
    "rss_mb": "hub, MB",
}
"""The figures that are drawn, and what stands above each."""


def draw_growth(written: Mapping[str, object], beside: Path) -> Path | None:
    """Draws the growth in a bench's report into an SVG beside its JSON; None: there is none."""
    growth = written.get("growth")
    if not isinstance(growth, list) or len(growth) < 2:
        return None
    path = beside.with_suffix(".svg")
    path.write_text(picture(growth), encoding="utf-8")
    return path


def picture(growth: Sequence[Figures]) -> str:
    """The SVG of `growth`: one set of figures a number of clients."""
    panels = [
        _panel(title, [(each["clients"], each[key]) for each in growth if key in each])
        for key, title in PANELS.items()
    ]
    rows = -(-len(panels) // COLUMNS)
    placed = [
        f'<g transform="translate({number % COLUMNS * WIDTH} {number // COLUMNS * HEIGHT})">'
        f"{panel}</g>"
        for number, panel in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * WIDTH}" '
        f'height="{rows * HEIGHT}" font-family="sans-serif" font-size="11">\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(placed) + "\n</svg>\n"
    )


def _panel(title: str, points: Sequence[tuple[float, float]]) -> str:
    widest = max((x for x, _ in points), default=1) or 1
    highest = max((y for _, y in points), default=1) or 1
    dots = [
        (
            LEFT + x / widest * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / highest * (HEIGHT - TOP - BOTTOM),
        )
        for x, y in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    floor = HEIGHT - BOTTOM
    parts = [
        f'<text x="{LEFT}" y="{TOP - 10}" font-weight="bold">{title}</text>',
        f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="#999"/>',
        f'<text x="{LEFT - 5}" y="{TOP + 4}" text-anchor="end">{highest:g}</text>',
        f'<text x="{LEFT - 5}" y="{floor}" text-anchor="end">0</text>',
        f'<polyline points="{line}" fill="none" stroke="#0a63b0" stroke-width="2"/>',
    ]
    for (x, y), (clients, _) in zip(dots, points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#0a63b0"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{clients:g}</text>')
    return "".join(parts)
