"""The chart of the page: a bar for each row. Its length is the ratio, on a logarithmic scale.

Rules: plain SVG, in light or dark colors as the reader prefers. A line across a bar is the minimum, a dot is
the goal. Both are drawn only where they are ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import log2

from .limits import Limit, Times
from .report import Outcome

WIDTH, LEFT, RIGHT = 960, 440, 60
TOP, LINE, BAR = 44, 30, 16
TICKS = (1, 2, 4, 8, 16, 32, 64, 128, 256)

STYLE = """\
.page { fill: #ffffff }
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.scale { fill: #59636e; font-size: 11px }
.grid { stroke: #d1d9e0 }
.bar { fill: #3b7dd8 }
.minimum { stroke: #1f2328; stroke-width: 2 }
.goal { fill: #d9730d }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 }
  text { fill: #f0f6fc }
  .scale { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .bar { fill: #4f8fe6 }
  .minimum { stroke: #f0f6fc }
  .goal { fill: #f0a050 }
}"""


def chart(outcomes: Sequence[Outcome]) -> str:
    """Return the chart as an SVG document."""
    height = TOP + LINE * len(outcomes) + 34
    best = max(outcome.result.ratio for outcome in outcomes)
    reach = next(tick for tick in TICKS if tick >= best or tick == TICKS[-1])
    ticks = [tick for tick in TICKS if tick <= reach]

    def across(ratio: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * log2(min(max(ratio, 1), reach)) / max(log2(reach), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img">',
        "<title>How many times as fast as the released client this client is</title>",
        f"<style>{STYLE}</style>",
        f'<path class="page" d="M0 0H{WIDTH}V{height}H0z"/>',
        f'<text x="{LEFT}" y="16">times as fast as the released client</text>',
    ]
    for tick in ticks:
        x = across(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 30}"/>')
        parts.append(f'<text class="scale" x="{x:.1f}" y="{TOP - 12}" text-anchor="middle">{tick}</text>')
    for place, outcome in enumerate(outcomes):
        parts += _bar(outcome, TOP + LINE * place, across)
    parts.append(
        f'<text class="scale" x="{LEFT}" y="{height - 8}">'
        "line: minimum; dot: goal, where it is a ratio</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _bar(outcome: Outcome, y: int, across: Callable[[float], float]) -> list[str]:
    """Label, bar, marks and ratio of a row."""
    middle = y + BAR - 4
    title = escape(outcome.row.title.replace("`", ""))
    parts = [f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{title}</text>']
    end = across(outcome.result.ratio)
    parts.append(f'<rect class="bar" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" rx="2"/>')
    for factor in _factors(outcome.row.minimum):
        x = across(factor)
        end = max(end, x)
        parts.append(f'<line class="minimum" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 2}" y2="{y + BAR + 2}"/>')
    for factor in _factors(outcome.row.goal):
        x = across(factor)
        end = max(end, x + 4)
        parts.append(f'<circle class="goal" cx="{x:.1f}" cy="{y + BAR / 2}" r="4"/>')
    parts.append(f'<text x="{end + 8:.1f}" y="{middle}">{outcome.result.ratio:.3g}</text>')
    return parts


def _factors(limits: Sequence[Limit]) -> list[float]:
    return [limit.factor for limit in limits if isinstance(limit, Times)]
