"""Read table.txt: what each call on a socket says in each state, on Linux and here."""

import pathlib
import re
from typing import NamedTuple

FILE = pathlib.Path(__file__).with_name("table.txt")
COLUMNS = re.compile(r"\s{2,}")
CELL = re.compile(r"(?P<linux>[^/]+)(?:/(?P<ours>[^(]+)\((?P<note>[a-z-]+)\))?")
NOTE = re.compile(r"(?P<name>[a-z-]+): (?P<text>.+)")


class Cell(NamedTuple):
    linux: str
    ours: str
    note: str


class Section(NamedTuple):
    """A part of the table for one type of socket; cells are by (state, call), in order."""

    type: str
    states: list
    calls: list
    cells: dict


def read(text=None):
    """Return (sections, {note: text})."""
    sections, notes = [], {}
    for line in (text or FILE.read_text()).splitlines():
        if not line or line.startswith("#"):
            continue
        words = COLUMNS.split(line.strip())
        if len(words) == 1:
            found = NOTE.fullmatch(line)
            notes[found["name"]] = found["text"]
        elif words[0] in ("tcp", "udp"):
            sections.append(Section(words[0], words[1:], [], {}))
        else:
            section = sections[-1]
            call, cells = words[0], words[1:]
            if len(cells) != len(section.states):
                raise ValueError(f"{len(cells)} cells for {len(section.states)} states: {line}")
            section.calls.append(call)
            for state, cell in zip(section.states, cells):
                found = CELL.fullmatch(cell)
                section.cells[state, call] = Cell(found["linux"], found["ours"] or found["linux"], found["note"])
    return sections, notes


def results(sections, side):
    """What a run must print: {"tcp4 new bind": "ok"}; side is "linux" or "ours"."""
    return {
        f"{section.type}{version} {state} {call}": getattr(cell, side)
        for section in sections
        for version in (4, 6)
        for (state, call), cell in section.cells.items()
    }
