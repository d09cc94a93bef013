#!/usr/bin/env python3
"""docs.py [--build DIR]: write docs/performance.md and docs/performance.svg from what `make bench` measured last."""

import argparse
import pathlib
import sys

import chart
import lines
import report
import tools

TEMPLATE = pathlib.Path(__file__).resolve().parent / "performance.md.in"
DOCS = tools.ROOT / "docs"


def table(results, group):
    """The results of a group in Markdown."""
    heading, *rows = report.rows([result for result in results if result.line.group == group], group)
    rule = ["---" if column in (0, 1, len(heading) - 2, len(heading) - 1) else "---:" for column in range(len(heading))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heading, rule, *rows))


def page(results, about, template):
    """The page: the template with its {places} filled."""
    groups = dict.fromkeys(result.line.group for result in results)
    tables = "\n\n".join(table(results, group) for group in groups)
    missed = [", ".join(report.key(result.line)) for result in results if result.met is False]
    verdict = "All goals are met." if not missed else f"Not met: {'; '.join(missed)}."
    places = {"tables": tables, "verdict": verdict, **about}
    for name, value in places.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    args = parser.parse_args()
    file = args.build / "bench/results.json"
    if not file.exists():
        sys.exit("There is nothing to write about: run `make bench` first.")
    about, results = report.load(file.read_text(encoding="utf-8"), lines.LINES)
    if len(results) < len(lines.LINES):
        sys.exit(f"The last `make bench` measured {len(results)} of {len(lines.LINES)} lines: run it without LINES.")
    DOCS.mkdir(exist_ok=True)
    (DOCS / "performance.md").write_text(page(results, about, TEMPLATE.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "performance.svg").write_text(chart.draw(results), encoding="utf-8")
    print("docs/performance.md and docs/performance.svg are written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
