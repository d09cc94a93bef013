"""What is made of results: a table for people, build/bench.json for programs, and a file for docs.py."""

import json

from lines import Result

NOT_MEASURED = "-"


def table(results):
    """The results as text: groups one below the other, each with its peers as columns."""
    parts = []
    for group in dict.fromkeys(result.line.group for result in results):
        parts.append(layout(rows([result for result in results if result.line.group == group], group)))
    return "\n\n".join(parts)


def rows(results, group):
    """A heading, and a row for each result."""
    names = list(dict.fromkeys(name for result in results for name in result.peers))
    yield [group, "unit", "baresock", *names, "goal", "met"]
    for result in results:
        yield [
            result.line.name,
            result.line.unit,
            figure(result.us),
            *(against(result, name) for name in names),
            str(result.line.goal or ""),
            {True: "yes", False: "NO", None: ""}[result.met],
        ]


def against(result, name):
    """A peer's figure, and how many times as good as that we are."""
    if name not in result.peers:
        return NOT_MEASURED
    return f"{figure(result.peers[name])} ({times(result.ratios[name])})"


def times(ratio):
    """A ratio, with three digits or all that stand before the point."""
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.1f}x" if ratio < 100 else f"{ratio:,.0f}x"


def figure(value):
    """Three digits, or all that stand before the point."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def layout(lines):
    """Columns; the first two and the last two begin at the left, figures end at the right."""
    lines = list(lines)
    widths = [max(len(cell) for cell in column) for column in zip(*lines)]
    left = {0, 1, len(widths) - 2, len(widths) - 1}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def as_json(results):
    """The results for programs."""
    return json.dumps(
        [
            {
                "line": f"{result.line.group}: {result.line.name}",
                "unit": result.line.unit,
                "us": rounded(result.us),
                "peers": {name: rounded(value) for name, value in result.peers.items()},
                "goal": str(result.line.goal) if result.line.goal else None,
                "met": result.met,
            }
            for result in results
        ],
        indent=2,
    )


def rounded(value):
    """Digits that mean something."""
    return float(f"{value:.6g}")


# --- for docs.py ---


def dump(results, about):
    """All of the results, and where they were made."""
    kept = [
        {"key": key(result.line), "us": result.us, "peers": result.peers, "ratios": result.ratios} for result in results
    ]
    return json.dumps({"about": about, "results": kept}, indent=2)


def load(text, lines):
    """(about, results) of dump(), for those lines that there are."""
    content = json.loads(text)
    known = {tuple(key(line)): line for line in lines}
    results = [
        Result(known[tuple(kept["key"])], kept["us"], kept["peers"], kept["ratios"])
        for kept in content["results"]
        if tuple(kept["key"]) in known
    ]
    return content["about"], results


def key(line):
    return [line.group, line.name, line.unit]
