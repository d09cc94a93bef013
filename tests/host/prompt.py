"""mp's prompt on a terminal of its own, or any program."""

import contextlib
import os
import pathlib
import pty
import re
import select
import signal
import time

from peers import DEADLINE_S, MP, environment


class Prompt:
    """A program on a terminal. What it prints has plain line ends here."""

    def __init__(self, *words, cwd=None, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd or ".")
            words = [str(word) for word in words or [MP]]
            os.execve(words[0], words, environment({"TERM": "dumb", "HOME": "/nonexistent", **(env or {})}))
        self.text = ""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.ended:
            for pid in self._session():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _session(self):
        """The program, and what it started: all that have its terminal."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # The name may hold anything, so count from its end: state, parent, group, session.
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(fields[3]) == self.pid:
                    yield int(stat.parent.name)

    def type(self, text):
        """Type something."""
        os.write(self.fd, text.encode())

    def _read(self):
        """Read what has come. Returns False at the end."""
        if not select.select([self.fd], [], [], DEADLINE_S)[0]:
            raise TimeoutError(f"the program printed nothing more after {self.text!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            # That is how Linux tells that the terminal has no program any more.
            return False
        self.text = re.sub("\r+\n", "\n", self.text + data.decode(errors="replace"))
        return bool(data)

    def read_until(self, mark):
        """Read up to a mark. Returns what came before it."""
        end = time.monotonic() + DEADLINE_S
        while mark not in self.text:
            if not self._read() or time.monotonic() > end:
                raise AssertionError(f"no {mark!r} in {self.text!r}")
        before, _, self.text = self.text.partition(mark)
        return before

    def finish(self):
        """Wait for its end. Returns all that it printed, and its exit status."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        self.ended = True
        return self.text, os.waitstatus_to_exitcode(status)
