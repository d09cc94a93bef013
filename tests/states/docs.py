"""Write docs/socket-states.md, made from table.txt, to standard output."""

import table

HEAD = """\
# Every call in every state

What each call on a socket says in each state, and what `poll()` says of it. This is what Linux says, and what baresock
says: where the two differ, the cell has Linux's result first and then ours, with a note. Errors are by name, `ok` stands
for None; an address is `any` where none is set, with `:port` where a port is. All sockets are non-blocking, options are
set to 1 and read back.

Made from `tests/states/table.txt` by `make docs-states`. `tests/host/test_states.py` walks every cell, on the kernel's
sockets with CPython and on ours with `mp`, over IPv4 and over IPv6.
"""

TAIL = """
After some sequences of calls Linux shows more, which we do not follow (`tests/unit/test_random_calls.c` compares the
others):

- A socket whose port was given back (the connection failed or was dissolved, the listener was shut, and `bind()` had not
  named the port) goes on telling that port in `getsockname()`, though anybody may have it by then. Ours tells 0.
- `bind()` that fails makes it forget the address that it was bound to before. Ours keeps it.
- `shutdown()` that fails with ENOTCONN changes what the socket does later. Ours changes nothing.
"""

TITLES = {"tcp": "Stream sockets (TCP)", "udp": "Datagram sockets (UDP)"}


def cell(result):
    """A result, which may hold what Markdown takes for a border of the table."""
    return result.replace("|", "\\|")


def write(section, numbers):
    """The lines of one section's table."""
    yield "| | " + " | ".join(state.replace("_", " ") for state in section.states) + " |"
    yield "| --- |" + " --- |" * len(section.states)
    for call in section.calls:
        line = f"| {call} |"
        for state in section.states:
            linux, ours, note = section.cells[state, call]
            line += f" {cell(linux)} |" if note is None else f" {cell(linux)}; here {cell(ours)} [{numbers[note]}] |"
        yield line


def main():
    sections, notes = table.read()
    numbers = {name: number for number, name in enumerate(notes, 1)}
    print(HEAD)
    title = None
    for section in sections:
        if section.type != title:
            title = section.type
            print(f"## {TITLES[title]}\n")
        print(*write(section, numbers), "", sep="\n")
    print("## Where we differ, and why\n")
    for name, text in notes.items():
        print(f"{numbers[name]}. {text[0].upper()}{text[1:]}")
    print(TAIL, end="")


main()
