"""The program mp, for tests of what it does on its command line and its terminal."""

import os
import pathlib
import pty
import select
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MP = str(pathlib.Path(os.environ.get("BARESOCK_BUILD", ROOT / "build")).resolve() / "mp")
DEADLINE_S = 60


def environment(**changes):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("BARESOCK_", "MICROPY"))}
    return {**env, "HOME": tempfile.gettempdir(), "BARESOCK_HISTORY": "", **changes}


def run(*args, stdin="", **changes):
    """Run mp to its end."""
    return subprocess.run([MP, *args], input=stdin, capture_output=True, text=True, timeout=DEADLINE_S, check=False, env=environment(**changes))


def start(*args, **options):
    """Start mp, whose output can be read line by line."""
    return subprocess.Popen([MP, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), **options)


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it never came true")
        time.sleep(0.001)


class Terminal:
    """mp at a terminal."""

    def __init__(self, *args, **changes):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(MP, [MP, *args], environment(TERM="vt100", **changes))
        self.seen = ""
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def wait_for(self, text):
        """Read until text came; return what came up to its end."""
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], DEADLINE_S)
            if not ready:
                raise TimeoutError(f"{text!r} never came, but {self.seen!r}")
            try:
                self.seen += os.read(self.fd, 4096).decode()
            except OSError as error:
                raise EOFError(f"mp ended after {self.seen!r}") from error
        at = self.seen.index(text) + len(text)
        before, self.seen = self.seen[:at], self.seen[at:]
        return before

    def end(self):
        """Wait for the end; return the exit status."""
        while True:
            try:
                if not os.read(self.fd, 4096):
                    break
            except OSError:
                break
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status
