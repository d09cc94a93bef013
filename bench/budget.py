#!/usr/bin/env python3
"""budget.py [--build DIR] [--update | --spread N]: see that nothing is more than 3 % over bench/budget.json.

Counts instructions, and looks at sizes; both repeat, whatever else the machine does. --update writes what is measured
into the file, for the compiler and the libc of this machine; --spread measures N times, and tells how well each line
repeats.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import sys

import lines
import measure
import report
import tools
from programs import BARESOCK, MP, MP_COLLECTING

FILE = pathlib.Path(__file__).resolve().parent / "budget.json"

# More than this is worse, in a measurement with the tools that the file was made with. Each line repeats far better.
LIMIT = 0.03

# Other compilers and libraries make other instructions of the same source, so that only a blunder can be told.
LIMIT_OTHER_TOOLS = 0.25

# Each machine's libc has functions of its own for its processor's features; these are off, so that all take the same.
TUNABLES = "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,-ERMS,-FSRM,-SSSE3"

MB = lines.MB


@dataclasses.dataclass(frozen=True)
class Item:
    """A figure that has a budget: instructions per unit between runs of two lengths."""

    name: str
    unit: str
    peer: object
    words: tuple
    counts: tuple
    eager: bool = False

    def take(self, bench):
        with bench.host_is(self.eager):
            return bench.slope(self.peer, list(self.words), self.counts)


COUNTED = [
    Item("C recv(16384)", "instr/B", BARESOCK, ("tcp", "recv", 16384), (8 * MB, 40 * MB), True),
    Item("C send(16384)", "instr/B", BARESOCK, ("tcp", "send", 16384), (8 * MB, 40 * MB), True),
    Item("C round trip of 1 B", "instr", BARESOCK, ("tcp", "echo", 1), (1000, 5000), True),
    Item("C round trip of 1 B, asleep", "instr", BARESOCK, ("tcp", "echo", 1), (1000, 5000)),
    Item("C segment of 88 B", "instr", BARESOCK, ("tcp", "segments"), (5000, 25000), True),
    Item("C connect", "instr", BARESOCK, ("tcp", "connect"), (100, 400), True),
    Item("C accept", "instr", BARESOCK, ("tcp", "accept"), (200, 1000), True),
    Item("C UDP recv(64)", "instr", BARESOCK, ("udp", "recv", 64), (2000, 10000), True),
    Item("C UDP send(64)", "instr", BARESOCK, ("udp", "send", 64), (2000, 10000), True),
    Item("Python recv(16384), heap of 1 MB", "instr/B", MP_COLLECTING, ("tcp", "recv", 16384), (8 * MB, 40 * MB), True),
    Item("Python recv_into(16384)", "instr/B", MP, ("tcp", "recv_into", 16384), (8 * MB, 40 * MB), True),
    Item("Python send(16384)", "instr/B", MP, ("tcp", "send", 16384), (8 * MB, 40 * MB), True),
    Item("Python round trip of 1 B", "instr", MP, ("tcp", "echo", 1), (1000, 5000), True),
    Item("Python round trip of 1 B, asleep", "instr", MP, ("tcp", "echo", 1), (1000, 5000)),
]

UNITS = {item.name: item.unit for item in COUNTED}


# --- the figures ---


def sizes(bench):
    """{name: bytes} of what size.py found on an i386."""
    found = json.loads((bench.programs / "sizes-ours.json").read_text(encoding="utf-8"))
    return {
        f"{name}, {words}": float(size)
        for kind, words in (("ip4", "IPv4"), ("dual", "IPv4 and IPv6"))
        for name, size in sizes_of(found[kind]["groups"], found[kind]["structures"]["ours"]).items()
    }


def sizes_of(groups, structures):
    parts = ("sockets", "names", "resolver", "stack")
    data = sum(groups[f"our {part}"][section] for part in parts for section in ("data", "bss"))
    return {
        **{f"text of the {part}": groups[f"our {part}"]["text"] for part in parts},
        "data and bss": data,
        "idle connection": structures["sock"] + structures["tcp_pcb"],
    }


def counts(bench):
    """{name: instructions}"""
    return {item.name: item.take(bench) for item in COUNTED}


def rounded(figures):
    return {name: report.rounded(value) for name, value in figures.items()}


# --- the file: a list of {"tools", "figures"}, one for each set of tools ---


def load(path=FILE):
    return json.loads(path.read_text(encoding="utf-8"))


def update(budgets, used, figures):
    """The file's content with these figures for these tools; what was not measured stays."""
    mine, others = pick(budgets, used, exact=True), [entry for entry in budgets if entry["tools"] != used]
    kept = {} if not mine or counted_in(figures) else counted_in(mine["figures"])
    return [*others, {"tools": used, "figures": rounded(figures) | kept}]


def counted_in(figures):
    """Those of the figures that are instructions."""
    return {name: value for name, value in figures.items() if name in UNITS}


def pick(budgets, used, exact=False):
    """What was measured with these tools, else with others for the same machine."""
    for entry in budgets:
        if entry["tools"] == used:
            return entry
    for entry in budgets:
        if not exact and entry["tools"]["machine"] == used["machine"]:
            return entry
    return None


# --- comparing ---


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is to be said of a figure."""

    name: str
    allowed: float
    measured: float

    @property
    def change(self):
        """How much worse, as a share."""
        return self.measured / self.allowed - 1

    def __str__(self):
        unit, allowed = UNITS.get(self.name, "B"), f"{self.allowed:,.6g} of bench/budget.json"
        much = f"{abs(self.change):.1%} {'more' if self.change > 0 else 'less'}"
        return f"{self.name}: {self.measured:,.6g} {unit}, {much} than the {allowed}"


def compare(budget, measured, limit):
    """The figures that are worse by more than the limit, those better by more, and names without a budget."""
    verdicts = [Verdict(name, budget[name], value) for name, value in measured.items() if name in budget]
    worse = [verdict for verdict in verdicts if verdict.change > limit]
    better = [verdict for verdict in verdicts if verdict.change < -limit]
    return worse, better, [name for name in measured if name not in budget]


def judge(budgets, used, measured):
    """Compare with what the file says. Returns (whether all is well, sentences)."""
    entry = pick(budgets, used)
    if entry is None:
        return False, [f"bench/budget.json has nothing for {used['machine']}: add it with `make bench-budget-update`."]
    same = entry["tools"] == used
    limit = LIMIT if same else LIMIT_OTHER_TOOLS
    said = [f"{len(measured)} figures, made with {' '.join(used.values())}; {limit:.0%} over bench/budget.json is too much."]
    if not same:
        said.append(
            f"bench/budget.json has none for these tools, so those of {' '.join(entry['tools'].values())} are taken, and "
            "only a blunder would show. `make bench-budget-update` on a commit that is well adds these tools."
        )
    worse, better, unknown = compare(entry["figures"], measured, limit)
    said += [f"{verdict}." for verdict in worse]
    said += [f"{verdict}: keep it with `make bench-budget-update`." for verdict in better]
    said += [f"{name} has no budget: add it with `make bench-budget-update`." for name in unknown]
    if worse:
        said.append(
            "Find what takes more (bench/README.md says how). If it is worth it, run `make bench-budget-update`, and give"
            " the reason in the commit."
        )
    return not worse and not unknown, said


# --- the program ---


def spread(bench, times):
    """Measure again and again, and tell how far apart the figures of each line are."""
    found = [counts(bench) for _ in range(times)]
    for name in UNITS:
        values = sorted(figures[name] for figures in found if name in figures)
        if values:
            least, most = values[0], values[-1]
            print(f"{name:32} {least:12,.5g} to {most:12,.5g} {UNITS[name]:8} {most / least - 1:7.2%}")


def take(build, without, times):
    """Measure all that can be. Returns {name: figure}."""
    with measure.Bench(build, network=not without) as bench:
        if times:
            spread(bench, times)
            return {}
        return sizes(bench) | ({} if without else counts(bench))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--spread", type=int, metavar="N")
    args = parser.parse_args()
    without = measure.enter_network()
    measure.pin()
    os.environ["GLIBC_TUNABLES"] = TUNABLES
    if without:
        print(f"{without} Without it only sizes are looked at: NO INSTRUCTIONS WERE COUNTED.")
    try:
        figures = take(args.build, without, args.spread)
    except measure.Failure as failure:
        sys.exit(f"bench-budget: {failure}")
    if args.spread:
        return 0
    used = tools.build_tools()
    if args.update:
        content = update(load() if FILE.exists() else [], used, figures)
        FILE.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        print(f"bench/budget.json has {len(figures)} new figures: say in the commit why.")
        return 0
    well, said = judge(load(), used, figures)
    print("\n".join(said))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
