"""Programs under mp, and what they need on the host: scripts, links, ports, deadlines.

Nothing here is timed: a wait ends when its condition holds, and fails after DEADLINE_S, far beyond what anything takes.
"""

import contextlib
import itertools
import os
import pathlib
import queue
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BARESOCK_BUILD", ROOT / "build"))
# Another program in its place: tools/x86.py runs mp on a bare machine in QEMU.
MP = pathlib.Path(os.environ.get("BARESOCK_MP", BUILD / "mp"))
DEADLINE_S = 120

# What an interface of slirp calls this machine, and itself.
HOST4, HOST6 = "10.0.2.2", "fec0::2"

# Sanitized programs are slower; what only takes time is made smaller there.
SCALE = float(os.environ.get("BARESOCK_TEST_SCALE", "0.1" if BUILD.name == "san" else "1"))


def scaled(amount):
    return max(1, int(amount * SCALE))


# Where to record what the programs send and receive, each in a file of its own; see test_tshark.py.
CAPTURE = os.environ.get("BARESOCK_TEST_CAPTURE")
captures = itertools.count()


def captured(link):
    """The link string, with a capture if that is asked for."""
    if CAPTURE is None or link == "loop":
        return link
    script = pathlib.Path(sys.argv[0]).stem
    return f"{link}+capture:{CAPTURE}/{script}.{next(captures)}.pcapng"


def wait_until(condition, what):
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"never came true: {what}")
        time.sleep(0.01)


def is_free(port):
    """Whether slirp can forward from this port, of either protocol."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError:
                    return False
    return True


def free_port():
    """A port that nobody has now. Below those that the kernel gives out by itself, which could have it by the time
    that the program opens it."""
    while True:
        port = random.randrange(15000, 32000)
        if is_free(port):
            return port


class Mp:
    """A running mp. Its script comes from a file, so that tracebacks name lines."""

    def __init__(self, script, *args, link="slirp", env=None, options=(), program=MP):
        self.folder = tempfile.TemporaryDirectory(prefix="baresock-")
        self.script = pathlib.Path(self.folder.name, "script.py")
        self.script.write_text(textwrap.dedent(script), encoding="utf-8")
        words = [str(program), *(["--link", captured(link)] if link else []), *options, str(self.script), *map(str, args)]
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(env),
            text=True,
            errors="replace",
        )
        self.lines = queue.Queue()
        self.errors = []
        self.readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def _read_lines(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self):
        """The next line that it prints."""
        try:
            line = self.lines.get(timeout=DEADLINE_S)
        except queue.Empty:
            raise TimeoutError(f"mp printed nothing more; stderr: {self.stderr()}") from None
        if line is None:
            raise EOFError(f"mp ended with status {self.process.wait(DEADLINE_S)}; stderr: {self.stderr()}")
        return line

    def expect(self, wanted):
        """The next line must be this one."""
        line = self.line()
        if line != wanted:
            raise AssertionError(f"mp printed {line!r} instead of {wanted!r}")

    def type(self, line):
        """Give it a line on its standard input."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def wait(self):
        """Its exit status."""
        status = self.process.wait(DEADLINE_S)
        for reader in self.readers:
            reader.join(DEADLINE_S)
        return status

    def stderr(self):
        return "".join(self.errors)

    def finish(self):
        """It must end well."""
        status = self.wait()
        if status != 0:
            raise AssertionError(f"mp ended with status {status}; stderr: {self.stderr()}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.folder.cleanup()


def environment(changes=None):
    """The environment of a program: nothing of baresock's but what the test sets."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("BARESOCK_")}
    # Python's objects outlive it on purpose: only errors count, not what is left at the end.
    env["ASAN_OPTIONS"] = "detect_leaks=0:" + env.get("ASAN_OPTIONS", "")
    return {**env, **(changes or {})}


def run_mp(*words, env=None, stdin=""):
    """Run mp with these words to its end: (status, stdout, stderr)."""
    done = subprocess.run(
        [str(MP), *map(str, words)],
        input=stdin,
        capture_output=True,
        env=environment(env),
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class Wire:
    """The two ends of a cable, for two programs at 10.1.0.1 and 10.1.0.2, fd01::1 and fd01::2."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="baresock-")
        return self

    def __exit__(self, *error):
        self.folder.cleanup()

    def link(self, end):
        """The link string of end 0 or 1."""
        paths = [f"{self.folder.name}/a", f"{self.folder.name}/b"]
        return f"wire:{paths[end]},{paths[1 - end]}"

    @staticmethod
    def env(end):
        return {"BARESOCK_IP4": f"10.1.0.{end + 1}/24", "BARESOCK_IP6": f"fd01::{end + 1}/64"}

    # What runs at each end.
    programs = MP, MP

    def mp(self, end, script, *args, env=None):
        env = {**self.env(end), **(env or {})}
        return Mp(script, *args, link=self.link(end), env=env, program=self.programs[end])


@contextlib.contextmanager
def listener(family=socket.AF_INET, kind=socket.SOCK_STREAM, backlog=1024):
    """A socket of the kernel's on this machine's loopback, on a port that it picks."""
    with socket.socket(family, kind) as s:
        s.settimeout(DEADLINE_S)
        s.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            s.listen(backlog)
        yield s


def accept(server):
    connection, _ = server.accept()
    connection.settimeout(DEADLINE_S)
    return connection


def connect(port, family=socket.AF_INET):
    """A connection to a forwarded port."""
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    return socket.create_connection((host, port), timeout=DEADLINE_S)


def receive_all(connection):
    """Everything up to the end of the stream."""
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


class Task(threading.Thread):
    """A function that runs beside the test; result() waits for what it returns, or raises what it raised."""

    def __init__(self, function, *args):
        super().__init__(daemon=True)
        self.function, self.args = function, args
        self.value = self.error = None
        self.start()

    def run(self):
        try:
            self.value = self.function(*self.args)
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error

    def result(self):
        self.join(DEADLINE_S)
        if self.is_alive():
            raise TimeoutError("a task hangs")
        if self.error is not None:
            raise self.error
        return self.value


def build_c(name, folder):
    """Compile tests/host/NAME.c as the build that is tested was compiled. Returns the program."""
    program = pathlib.Path(folder, name)
    flags = shlex.split((BUILD / "flags").read_text(encoding="utf-8"))
    words = [*flags, "-o", program, ROOT / f"tests/host/{name}.c", BUILD / "libbaresock.a", "-lslirp"]
    subprocess.run(words, cwd=ROOT, check=True, timeout=DEADLINE_S)
    return program
