"""The results as a drawing: for each line how many times as good as the peer that is to be beaten everybody is."""

import math
from xml.sax.saxutils import escape

import report

# The axis: from so many times worse to so many times better; what is beyond is cut, and its figure tells.
LEAST, MOST = 1 / 2, 32

# Places, in pixels.
WIDTH, LEFT, RIGHT, UNIT = 970, 360, 130, 76
BAR, ROW_GAP, GROUP_GAP, HEAD = 11, 8, 34, 78

OURS, BESIDE = "ours", "beside"

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-size: 13px; font-weight: 600; }
  .small { font-size: 10px; }
  .quiet { fill: #59636e; }
  .ours { fill: #1a7f64; }
  .beside { fill: #8c959f; }
  .axis { stroke: #d1d9e0; stroke-width: 1; }
  .one { stroke: #59636e; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .ours { fill: #3fb68f; }
    .beside { fill: #656c76; }
    .axis { stroke: #3d444d; }
    .one { stroke: #9198a1; }
  }
"""


def place(times):
    """Where a ratio stands on the axis: an octave is as long as any other."""
    share = math.log(min(max(times, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def bars(result):
    """[(name, ratio to the rival, class)]: ours first. The rival itself is the line at 1."""
    ours = result.ratios[result.line.rival]
    found = [("baresock", ours, OURS)]
    for name, ratio in result.ratios.items():
        if name != result.line.rival and ratio > 0:
            found.append((name, ours / ratio, BESIDE))
    return found


def draw(results):
    """The drawing, as SVG."""
    results = [result for result in results if result.line.goal and result.line.rival in result.ratios]
    parts, y = [], HEAD
    for group in dict.fromkeys(result.line.group for result in results):
        chosen = [result for result in results if result.line.group == group]
        parts.append(text(12, y, f"{group}: 1 is {chosen[0].line.rival}", "group"))
        y += 12
        for result in chosen:
            drawn, y = row(result, y)
            parts += drawn
        y += GROUP_GAP
    bottom = y - GROUP_GAP
    return "\n".join([*opening(bottom + 16), *axis(bottom), *parts, "</svg>", ""])


def opening(height):
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title">'
    )
    yield '<title id="title">How many times as good as its peers baresock is, line by line</title>'
    yield f"<style>{STYLE}</style>"
    yield text(12, 26, "How many times as good as the peer, longer is better", "title")
    yield square(LEFT, 36, OURS) + text(LEFT + 16, 46, "baresock")
    yield square(LEFT + 90, 36, BESIDE) + text(LEFT + 106, 46, "others that stand beside")


def axis(bottom):
    """A line for each power of two, and the peer's."""
    times = LEAST
    while times <= MOST:
        x, kind = place(times), "one" if times == 1 else "axis"
        yield f'<line class="{kind}" x1="{x:.1f}" y1="{HEAD - 12}" x2="{x:.1f}" y2="{bottom}"/>'
        label = f"{times:g}" if times >= 1 else f"1/{1 / times:g}"
        yield text(x, HEAD - 16, label, "small quiet", "middle")
        times *= 2


def row(result, y):
    """The bars of a line of the table. Returns (parts, where the next begins)."""
    drawn = bars(result)
    middle = y + len(drawn) * BAR / 2 + 4
    parts = [
        text(LEFT - UNIT - 8, middle, result.line.name, "", "end"),
        text(LEFT - UNIT, middle, result.line.unit, "small quiet"),
    ]
    for name, ratio, kind in drawn:
        left, right = sorted((place(1), place(ratio)))
        label = report.times(ratio) + ("" if kind == OURS else f" {name}")
        words = escape(f"{result.line.name}, {result.line.unit}: {name} {report.times(ratio)}")
        parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 1):.1f}" height="{BAR - 2}"'
            f' rx="1"><title>{words}</title></rect>'
        )
        parts.append(text(right + 4, y + BAR - 3, label, "small" if kind == OURS else "small quiet"))
        y += BAR
    return parts, y + ROW_GAP


def square(x, y, kind):
    return f'<rect class="{kind}" x="{x}" y="{y}" width="11" height="11" rx="1"/>'


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'
