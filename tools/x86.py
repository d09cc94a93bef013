#!/usr/bin/env python3
"""mp on a bare x86 machine, in QEMU: tools/x86.py [--image FILE] [--nic CARD] [--memory MB] [mp's words...]

It takes the words that mp takes on Linux, and gives the same result: the machine's console is standard input and
output, its program's status is the exit status, Ctrl-C reaches the program. Ctrl-A X ends the machine.

CARD is e1000 (the default), ne2k_pci or ne2k_isa. Of --link, what Linux has and the machine has not becomes QEMU's:

    slirp:fwd=tcp:8080-80   QEMU's user networking, which is libslirp as well; this machine is 10.0.2.2 and fec0::2
    wire:LOCAL,PEER         a cable, to another such machine or to mp on Linux
    ...+capture:FILE        written by QEMU (pcap)

Everything else is the machine's own: e1000, ne2000:0x300,9, loop, ...+impair:loss=1%. A file that is named is brought
along, and so are the other files of a script's folder that end with .py. Variables BARESOCK_... go along, too.
"""

import argparse
import contextlib
import ctypes
import hashlib
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import termios
import threading
import tty

IMAGE = pathlib.Path(__file__).resolve().parents[1] / "build" / "x86" / "mp.elf"

# The network cards that QEMU has and we drive: how QEMU is told, and what our link string is.
CARDS = {
    "e1000": ("e1000", "e1000"),
    "ne2k_pci": ("ne2k_pci", "ne2000"),
    "ne2k_isa": ("ne2k_isa,iobase=0x300,irq=9", "ne2000"),
}

# What goes along; BARESOCK_LINK is read here.
VARIABLES = [f"BARESOCK_{name}" for name in ("IP4", "IP6", "DNS", "HOSTNAME")]

# Writing to it makes QEMU end with 2 * value + 1.
EXIT_DEVICE = "isa-debug-exit,iobase=0xf4,iosize=4"

# How many files the machine takes (X86_MODULES).
MODULES = 16

CTRL_A, CTRL_C = b"\x01", b"\x03"

PR_SET_PDEATHSIG = 1


def die(text):
    """End, and say why."""
    print(f"x86: {text}", file=sys.stderr)
    sys.exit(2)


def quoted(word):
    """A word for the boot command line, where blanks, quotes and backslashes are as in a shell."""
    if word and not set(word) & set(" '\"\\\n\t"):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def qemu(image, words=(), files=(), netdevs=(), memory=32, options=()):
    """The command that boots a machine, with its serial line on standard input and output. netdevs are pairs of a
    card's name and QEMU's -netdev without its id. Each card has another address."""
    command = ["qemu-system-i386", "-M", "pc", "-accel", "tcg", "-m", str(memory), "-display", "none", "-no-reboot"]
    command += ["-serial", "stdio", "-device", EXIT_DEVICE, "-kernel", str(image)]
    if words:
        # In QEMU's options a comma is written twice.
        command += ["-append", " ".join(quoted(str(word)) for word in words)]
    if files:
        command += ["-initrd", ",".join(str(file).replace(",", ",,") for file in files)]
    if not netdevs:
        command += ["-nic", "none"]
    for number, (card, netdev) in enumerate(netdevs):
        kind, _, rest = netdev.partition(",")
        command += ["-netdev", f"{kind},id=n{number}" + (f",{rest}" if rest else "")]
        command += ["-device", f"{CARDS[card][0]},netdev=n{number},mac={mac_of(netdev, number)}"]
    return [*command, *options]


def mac_of(netdev, number):
    """A card's address: another one for another wire or end of it, and the same one every time. Behind NAT nobody else
    is met, and it is QEMU's own, which our slirp has as well."""
    if netdev.startswith("user"):
        return f"52:54:00:12:34:{0x56 + number:02x}"
    return ":".join(["52:54:00", *(f"{byte:02x}" for byte in hashlib.sha256(f"{netdev} {number}".encode()).digest()[:3])])


def status_of(code):
    """The program's status, from QEMU's."""
    return code >> 1 if code > 0 and code & 1 else code


def forwards(parameters):
    """slirp's parameters, as QEMU's user networking has them."""
    netdev = "user"
    for parameter in filter(None, parameters.split(",")):
        key, _, value = parameter.partition("=")
        protocol, _, ports = value.partition(":")
        outside, _, inside = ports.partition("-")
        if key != "fwd" or not (outside and inside):
            die(f"slirp:{parameter} has no counterpart in QEMU: write slirp:fwd=tcp:OUTSIDE-INSIDE")
        netdev += f",hostfwd={protocol}:127.0.0.1:{outside}-:{inside}"
    return netdev


def translate(link, card):
    """A link string of Linux: (QEMU's netdev, QEMU's further options, the machine's own link string or None)."""
    base, *filters = link.split("+")
    kind, _, parameters = base.partition(":")
    inside = CARDS[card][1]
    netdev = "user"
    options = []
    if kind == "slirp":
        netdev = forwards(parameters)
    elif kind == "wire":
        local, _, peer = parameters.partition(",")
        netdev = f"dgram,local.type=unix,local.path={local},remote.type=unix,remote.path={peer}"
    else:
        inside = base
    for name in filters:
        if name.startswith("capture:"):
            options += ["-object", f"filter-dump,id=dump,netdev=n0,file={name.partition(':')[2]}"]
        else:
            inside += "+" + name
    return netdev, options, inside


def split_words(words):
    """mp's words without --link and --capture: (words, link, capture, script or None)."""
    rest, link, capture = [], None, None
    words = list(words)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--link", "--capture"):
            value = value if equals else words.pop(0) if words else die(f"option '{name}' needs a value")
            link, capture = (value, capture) if name == "--link" else (link, value)
        elif word in ("-c", "-m", "-X") and words:
            rest += [word, words.pop(0)]
            if word != "-X":
                return rest + words, link, capture, None
        elif word.startswith("-"):
            rest.append(word)
        else:
            return [*rest, pathlib.Path(word).name, *words], link, capture, pathlib.Path(word)
    return rest, link, capture, None


def bring(script, words):
    """The files that go along: those that are named, and as many of the script's neighbours as there is room for."""
    files = [pathlib.Path(word) for word in words if os.path.isfile(word)]
    if script is not None and script.is_file():
        files.insert(0, script)
        files += [file for file in sorted(script.parent.glob("*.py")) if file not in files]
    if len(files) > MODULES:
        print(f"x86: not brought along, as {MODULES} files are the most: {', '.join(file.name for file in files[MODULES:])}", file=sys.stderr)
    return files[:MODULES]


@contextlib.contextmanager
def raw_terminal():
    """A terminal passes every key on, if there is one."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def end_with_parent():
    """Whoever kills this script means the machine."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def pass_errors_on(machine):
    """What QEMU says, but for libslirp's word for each frame for which a card had no room, which is sent again."""
    for line in machine.stderr:
        if b"Slirp: Failed to send packet" not in line:
            sys.stderr.buffer.write(line)
            sys.stderr.flush()


def connect(machine):
    """Carry bytes between the machine's serial line and here, until it ends."""
    line, console = machine.stdin, machine.stdout.fileno()
    is_terminal = sys.stdin.isatty()
    sources = [console, 0]
    escape = False
    while True:
        ready = select.select(sources, [], [])[0]
        if console in ready:
            data = os.read(console, 65536)
            if not data:
                return
            sys.stdout.buffer.write(data if is_terminal else data.replace(b"\r", b""))
            sys.stdout.buffer.flush()
        if 0 in ready:
            data = os.read(0, 1024)
            if not data:
                sources.remove(0)
                continue
            if is_terminal and escape and data[:1] in b"xX":
                machine.kill()
                return
            escape = data == CTRL_A
            with contextlib.suppress(BrokenPipeError):
                line.write(b"" if is_terminal and escape else data if is_terminal else data.replace(b"\n", b"\r"))
                line.flush()


def main():
    """Boot a machine, and be its console."""
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--image", default=IMAGE)
    parser.add_argument("--nic", default=os.environ.get("X86_NIC", "e1000"))
    parser.add_argument("--memory", default=os.environ.get("X86_MEMORY", "32"))
    # What is mp's begins with the first word that is not ours.
    ours = 1
    while len(sys.argv) > ours and sys.argv[ours].partition("=")[0] in ("--image", "--nic", "--memory"):
        ours += 1 if "=" in sys.argv[ours] else 2
    args = parser.parse_args(sys.argv[1:ours])
    if shutil.which("qemu-system-i386") is None:
        die("qemu-system-i386 is missing: install qemu-system-x86")
    if args.nic not in CARDS:
        die(f"there is no network card '{args.nic}': name one of {', '.join(CARDS)}")

    words, link, capture, script = split_words(sys.argv[ours:])
    link = link or os.environ.get("BARESOCK_LINK") or "slirp"
    netdev, options, inside = translate(link + (f"+capture:{capture}" if capture else ""), args.nic)
    variables = [f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)]
    words = [*variables, "--link", inside, *words]
    files = bring(script, words)
    if sys.stdin.isatty():
        print("Here is 10.0.2.2 and fec0::2 there. Ctrl-A X ends the machine.", flush=True)
    machine = subprocess.Popen(  # pylint: disable=consider-using-with
        qemu(args.image, words, files, [(args.nic, netdev)], args.memory, ["-monitor", "none", *options]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=end_with_parent,
        start_new_session=True,
    )

    threading.Thread(target=pass_errors_on, args=(machine,), daemon=True).start()

    def pass_on(*_):
        with contextlib.suppress(BrokenPipeError):
            machine.stdin.write(CTRL_C)
            machine.stdin.flush()

    signal.signal(signal.SIGINT, pass_on)
    signal.signal(signal.SIGTERM, lambda *_: machine.kill())
    with raw_terminal():
        connect(machine)
    return status_of(machine.wait())


if __name__ == "__main__":
    sys.exit(main())
