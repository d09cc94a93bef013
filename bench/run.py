#!/usr/bin/env python3
"""run.py [--build DIR] [WORD...]: measure baresock beside its peers. WORDs choose lines in whose name one of them is.

Prints a table, and writes DIR/bench.json and DIR/bench.svg. `make bench` builds what is needed, and runs this.
"""

import argparse
import pathlib
import sys

import chart
import lines
import measure
import report
import tools


def take(bench, chosen):
    """Measure lines. Returns (results, complaints)."""
    results, complaints = [], []
    for line in chosen:
        print(f"{line.group}: {line.name}, {line.unit}", file=sys.stderr, flush=True)
        try:
            results.append(line.take(bench))
        except measure.Failure as failure:
            complaints.append(f"{line.group}: {line.name}, {line.unit}: {failure}")
    return results, complaints


def write(results, build):
    """Leave the results where programs and people find them."""
    (build / "bench.json").write_text(report.as_json(results) + "\n", encoding="utf-8")
    (build / "bench.svg").write_text(chart.draw(results), encoding="utf-8")
    (build / "bench/results.json").write_text(report.dump(results, tools.about()) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    chosen = lines.choose(args.words)
    if not chosen:
        sys.exit("No line is called that.")
    without = measure.enter_network() if any(line.network for line in chosen) else None
    complaints = []
    if without:
        complaints.append(f"{without} Without it, only what needs no network is measured.")
        chosen = [line for line in chosen if not line.network]
    measure.pin()
    with measure.Bench(args.build, network=any(line.network for line in chosen)) as bench:
        results, failures = take(bench, chosen)
    complaints += failures
    if results:
        print(report.table(results))
        write(results, args.build)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
