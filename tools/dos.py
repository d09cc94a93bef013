#!/usr/bin/env python3
"""mp on DOS, in DOSBox-X: tools/dos.py [--card LINK] [--memory MB] [mp's words...]

It takes the words that mp takes on Linux, and gives the same result: what MP.EXE prints is printed, its exit status is the
exit status. Without a script there is the prompt: in a window where there is a display, else in the terminal.

LINK is pktdrv (the default: our packet driver is loaded first) or ne2000 (MP.EXE drives the card itself). Of --link, what
Linux has and DOS has not becomes DOSBox-X's:

    slirp:fwd=tcp:8080-80   DOSBox-X's user networking, which is libslirp as well; this machine is 10.0.2.2

Everything else is MP.EXE's own: pktdrv:0x60, ne2000:0x300,10, loop, ...+impair:loss=1%. A file that is named is brought along
as it is called here, and so are the other files of a script's folder that end with .py. Variables BARESOCK_... go along, too.
"""

import argparse
import contextlib
import ctypes
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import tty

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("BARESOCK_BUILD", ROOT / "build")).resolve() / "dos"

# What goes along; BARESOCK_LINK is read here.
VARIABLES = [f"BARESOCK_{name}" for name in ("IP4", "IP6", "DNS", "HOSTNAME", "HOSTS")]

# The card that DOSBox-X has, and what is loaded for each of our links.
IRQ, BASE = 10, 0x300
DRIVERS = {"pktdrv": [f"D:\\NE2000.COM 0x60 {IRQ} {BASE:#x}"], "ne2000": []}

# What is captured there, before it is where it was asked for here.
CAPTURE = "CAPTURE.PCA"

# Programs that nobody ends go on for so long; what they say of themselves is cut there.
LOG_MAX = 1 << 20

CTRL_RIGHT_BRACKET = b"\x1d"

PR_SET_PDEATHSIG = 1


def die(text):
    """End, and say why."""
    print(f"dos: {text}", file=sys.stderr)
    sys.exit(2)


def dosbox_x():
    """The emulator's program."""
    return subprocess.run([ROOT / "deps" / "dosbox-x"], check=True, capture_output=True, text=True).stdout.strip()


def end_with_parent():
    """Whoever kills this script means the machine."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def quoted(word):
    """A word for a file of words (MP @FILE), where quotes keep everything but quotes and the backslashes before them."""
    if word and not set(word) & set(' "\t\n\r'):
        return word
    parts = []
    for line in word.split('"'):
        body = line.rstrip("\\")
        parts.append(f'"{body}"' + line[len(body) :])
    return '\\"'.join(parts)


CONFIG = """\
[sdl]
output=surface
[dosbox]
memsize={memory}
quit warning=false
startbanner=false
{dosbox}
[cpu]
core={core}
cputype={cpu}
fpu={fpu}
cycles=fixed {cycles}
[dos]
ver={ver}
xms={xms}
ems={ems}
{dos}
[mixer]
nosound=true
[serial]
serial1={serial}
serial2=disabled
[ne2000]
ne2000={card}
nicbase=300
nicirq={irq}
macaddr={mac}
backend=slirp
[ethernet, slirp]
tcp_port_forwards={tcp}
udp_port_forwards={udp}
[autoexec]
@echo off
mount C "{folder}"
mount D "{programs}" -ro
C:
CALL HOME\RUN.BAT
exit
"""

# A PC with 16 MB, as fast as it may be here without its clock falling behind.
SETTINGS = {
    "memory": 16,
    "core": "dynamic",
    "cpu": "auto",
    "fpu": "true",
    "cycles": 200000,
    "ver": "7.1",
    "xms": "true",
    "ems": "false",
    "card": "true",
    "irq": IRQ,
    "mac": "52:54:00:12:34:56",
    "serial": "disabled",
    "tcp": "",
    "udp": "",
    "dosbox": "",
    "dos": "",
    "programs": BUILD,
}


class Dos:
    """A machine that runs lines of a batch file in a folder, and ends."""

    def __init__(self, folder, lines, display=None, **settings):
        self.folder = pathlib.Path(folder)
        home = self.folder / "HOME"
        home.mkdir(exist_ok=True)
        config = home / "dosbox-x.conf"
        # DOSBox-X has little room for [autoexec].
        (home / "RUN.BAT").write_text("\r\n".join(["@ECHO OFF", *lines, ""]), encoding="cp437", newline="")
        values = {**SETTINGS, **settings, "folder": self.folder}
        config.write_text(CONFIG.format(**values), encoding="cp437")
        environment = {**os.environ, "HOME": str(home), "SDL_AUDIODRIVER": "dummy"}
        if display is None:
            environment["SDL_VIDEODRIVER"] = "dummy"
        else:
            environment["DISPLAY"] = display
        command = [dosbox_x(), "-conf", str(config), "-fastlaunch", "-nomenu", "-nogui", "-exit"]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=end_with_parent
        )
        self.log = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        # All of it is read: a pipe that is full would hold the machine up.
        while data := os.read(self.process.stdout.fileno(), 65536):
            self.log = (self.log + data)[-LOG_MAX:]

    def end(self):
        """End it now, if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def wait(self, seconds):
        """Wait until it ends by itself. Returns whether it did."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.reader.join()
        return True


def status_lines(file):
    """What writes the last program's status to a file: a shell of DOS can only compare it."""
    return ["SET S=0", *(f"IF ERRORLEVEL {number} SET S={number}" for number in range(1, 256)), f"ECHO %S%> {file}"]


def read_status(path):
    """The status that was written, or None."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def forwards(parameters):
    """slirp's parameters, as DOSBox-X has them: {"tcp": ..., "udp": ...}."""
    ports = {"tcp": [], "udp": []}
    for parameter in filter(None, parameters.split(",")):
        key, _, value = parameter.partition("=")
        protocol, _, pair = value.partition(":")
        outside, _, inside = pair.partition("-")
        if key != "fwd" or protocol not in ports or not (outside and inside):
            die(f"slirp:{parameter} has no counterpart in DOSBox-X: write slirp:fwd=tcp:OUTSIDE-INSIDE")
        ports[protocol].append(f"{outside}:{inside}")
    return {protocol: " ".join(pairs) for protocol, pairs in ports.items()}


def translate(link, card):
    """A link string of Linux: (settings, MP.EXE's own link string)."""
    base, *filters = link.split("+")
    kind, _, parameters = base.partition(":")
    settings = {}
    if kind == "slirp":
        settings = forwards(parameters)
        base = card
    elif kind in ("wire", "tap"):
        die(f"DOSBox-X has no {kind}: use slirp")
    return settings, "+".join([base, *filters])


def split_words(words):
    """mp's words without --link: (words, link, file to capture into or None, script or None)."""
    rest, link, capture = [], None, None
    words = list(words)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name == "--link":
            link = value if equals else words.pop(0) if words else die(f"option '{name}' needs a value")
        elif name == "--capture":
            capture = pathlib.Path(value if equals else words.pop(0) if words else die(f"option '{name}' needs a value"))
            rest += ["--capture", CAPTURE]
        elif word in ("-c", "-m", "-X") and words:
            rest += [word, words.pop(0)]
            if word != "-X":
                return rest + words, link, capture, None
        elif word.startswith("-"):
            rest.append(word)
        else:
            return [*rest, pathlib.Path(word).name, *words], link, capture, pathlib.Path(word)
    return rest, link, capture, None


def has_program(words):
    """Whether they say what to run, or ask for something that is only printed."""
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("-c", "-m", "--help", "-h", "--version") or not word.startswith("-"):
            return True
        if word in ("-X", "--link", "--capture") and words:
            words.pop(0)
    return False


def bring(folder, script, words):
    """Copy the files that go along: those that are named, and the script's neighbours."""
    files = [pathlib.Path(word) for word in words if os.path.isfile(word)]
    if script is not None and script.is_file():
        files += [script, *script.parent.glob("*.py")]
    for file in files:
        shutil.copy(file, pathlib.Path(folder, file.name))


class Follower:
    """Passes on what is written to a file, as it is written, with plain line ends."""

    def __init__(self, path, out):
        self.path, self.out, self.at = path, out, 0

    def look(self):
        """Pass on what is new."""
        with contextlib.suppress(FileNotFoundError), open(self.path, "rb") as file:
            file.seek(self.at)
            if data := file.read():
                self.at += len(data)
                self.out.buffer.write(data.replace(b"\r", b""))
                self.out.flush()


def start_lines(folder, words, card):
    """What comes before MP.EXE, and its own line, whose words are in a file: they may be long, and have blanks."""
    (folder / "WORDS.TXT").write_text("\n".join(map(quoted, words)), encoding="utf-8", newline="")
    variables = [f"SET {name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name)]
    return [*variables, *DRIVERS[card]], "D:\\MP.EXE @WORDS.TXT"


def run_script(folder, words, card, settings):
    """Run MP.EXE to its end. Returns its status."""
    folder = pathlib.Path(folder)
    stdin = ""
    if not has_program(words) or words[-1] == "-":
        (folder / "STDIN.TXT").write_bytes(sys.stdin.buffer.read() if not sys.stdin.isatty() else b"")
        stdin = " < STDIN.TXT"
    before, line = start_lines(folder, words, card)
    lines = [*before, "SET BARESOCK_STDERR=STDERR.TXT", f"{line}{stdin} > STDOUT.TXT", *status_lines("STATUS.TXT")]
    machine = Dos(folder, lines, **settings)
    signal.signal(signal.SIGTERM, lambda *_: machine.process.kill())
    followers = [Follower(folder / "STDOUT.TXT", sys.stdout), Follower(folder / "STDERR.TXT", sys.stderr)]
    try:
        while machine.process.poll() is None:
            for follower in followers:
                follower.look()
            time.sleep(0.02)
    finally:
        machine.end()
    for follower in followers:
        follower.look()
    status = read_status(folder / "STATUS.TXT")
    if status is None:
        die(f"the machine ended before MP.EXE did:\n{machine.log[-2000:].decode(errors='replace')}")
    return status


# --- the prompt ---


def connect(listener, machine):
    """Be the terminal at the other end of the machine's serial line, until the machine ends or Ctrl-] is typed. Returns
    whether it ended."""
    listener.settimeout(1)
    while True:
        try:
            line, _ = listener.accept()
            break
        except socket.timeout:
            if machine.process.poll() is not None:
                return True
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        while True:
            ready, _, _ = select.select([line, 0], [], [])
            if 0 in ready:
                keys = os.read(0, 1024)
                if not keys or CTRL_RIGHT_BRACKET in keys:
                    return False
                line.sendall(keys)
            if line in ready:
                data = line.recv(65536)
                if not data:
                    return True
                os.write(1, data)
    except ConnectionResetError:
        return True
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        line.close()


def null_modem(listener):
    """A serial line to a listener of ours. What comes faster than it is read waits on this side."""
    return f"nullmodem server:127.0.0.1 port:{listener.getsockname()[1]} transparent:1 rxdelay:10000 txdelay:0"


def run_prompt(folder, words, card, settings):
    """MP.EXE's prompt, in a window or in this terminal."""
    folder = pathlib.Path(folder)
    display = os.environ.get("DISPLAY")
    if display:
        before, line = start_lines(folder, words, card)
        machine = Dos(folder, [*before, line, *status_lines("STATUS.TXT")], display=display, **settings)
        machine.process.wait()
        return read_status(folder / "STATUS.TXT") or 0
    if not sys.stdin.isatty():
        die("the prompt needs a display or a terminal")
    print("Here is 10.0.2.2 there. Ctrl-] ends the machine.", flush=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        before, line = start_lines(folder, ["repl=com1", *words], card)
        machine = Dos(folder, [*before, line, *status_lines("STATUS.TXT")], serial=null_modem(listener), **settings)
        try:
            if connect(listener, machine):
                machine.process.wait()
        finally:
            machine.end()
    # None where the machine was ended.
    return read_status(folder / "STATUS.TXT") or 0


def main():
    """Start a machine, and be its console."""
    parser = argparse.ArgumentParser(usage=__doc__, add_help=False)
    parser.add_argument("--card", default=os.environ.get("DOS_CARD", "pktdrv"))
    parser.add_argument("--memory", default=os.environ.get("DOS_MEMORY", "16"))
    # What is mp's begins with the first word that is not ours.
    ours = 1
    while len(sys.argv) > ours and sys.argv[ours].partition("=")[0] in ("--card", "--memory"):
        ours += 1 if "=" in sys.argv[ours] else 2
    args = parser.parse_args(sys.argv[1:ours])
    if args.card not in DRIVERS:
        die(f"there is no card '{args.card}': name one of {', '.join(DRIVERS)}")
    words, link, capture, script = split_words(sys.argv[ours:])
    settings, inside = translate(link or os.environ.get("BARESOCK_LINK") or "slirp", args.card)
    settings["memory"] = args.memory
    # Named only when somebody did: what comes up by itself is to be found by itself.
    if link or inside != args.card:
        words = ["--link", inside, *words]
    with tempfile.TemporaryDirectory(prefix="baresock-dos-") as folder:
        bring(folder, script, words)
        is_prompt = not has_program(words) and (os.environ.get("DISPLAY") or sys.stdin.isatty())
        try:
            return (run_prompt if is_prompt else run_script)(folder, words, args.card, settings)
        finally:
            if capture is not None and pathlib.Path(folder, CAPTURE).exists():
                shutil.copy(pathlib.Path(folder, CAPTURE), capture)


if __name__ == "__main__":
    sys.exit(main())
