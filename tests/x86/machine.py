"""A bare x86 machine in QEMU: its console is the serial line, its keys and wires are QEMU's monitor.

Nothing here is timed: a wait ends when its condition holds, and fails after DEADLINE_S, with the console's last lines.
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "host"), str(ROOT / "tools")]

import x86
from peers import BUILD, DEADLINE_S

MP = BUILD / "x86" / "mp.elf"

SCREEN = 0xB8000, 80, 25


class Machine:
    """A machine that runs an image.

    words    the boot command line
    files    files to bring along, by path; or (name, text) to write one
    nics     network cards out of x86.CARDS, each with what is behind it: ("e1000", "user")
    """

    def __init__(self, *words, image=MP, files=(), nics=(), memory=32, cpu="qemu32", options=()):
        self.folder = tempfile.TemporaryDirectory()
        self.output = b""
        self.ended = False
        self.status = None
        monitor = f"unix:{self.folder.name}/monitor,server=on,wait=off"
        command = x86.qemu(image, words, [self._file(file) for file in files], nics, memory, ["-cpu", cpu, "-monitor", monitor])
        with open(f"{self.folder.name}/qemu.log", "wb") as log:
            self.process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        # Always: a serial line whose other end stands still would hold the machine up.
        self.came = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _file(self, file):
        if not isinstance(file, tuple):
            return file
        name, text = file
        path = pathlib.Path(self.folder.name, name)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.folder.cleanup()

    @property
    def text(self):
        """What the console showed, with plain line ends."""
        return re.sub("\r+\n", "\n", self.output.decode(errors="replace"))

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            with self.came:
                self.output += data
                self.came.notify_all()
        with self.came:
            self.ended = True
            self.came.notify_all()

    def _hangs(self, what):
        log = pathlib.Path(self.folder.name, "qemu.log").read_text(errors="replace")
        return AssertionError(f"{what}. The console:\n{self.text[-2000:]}\nQEMU:\n{log[-1000:]}")

    def wait_for(self, words, start=0):
        """Read the console until the words came. Returns where they end, counted in self.text."""
        deadline = time.monotonic() + DEADLINE_S
        with self.came:
            while True:
                text = self.text
                at = text.find(words, start)
                if at >= 0:
                    return at + len(words)
                if self.ended or time.monotonic() > deadline:
                    raise self._hangs(f"{words!r} never came")
                self.came.wait(1)

    def type(self, text):
        """Type on the serial line."""
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def ask(self, line, prompt=">>> "):
        """Type a line at the prompt. Returns what it printed."""
        start = len(self.text)
        self.type(line + "\r")
        echo = self.wait_for(line + "\n", start)
        end = self.wait_for(prompt, echo)
        return self.text[echo : end - len(prompt)]

    def finish(self):
        """Wait until the machine ends. Returns its program's status, and what the console showed."""
        self.reader.join(DEADLINE_S)
        if not self.ended:
            raise self._hangs("the machine hangs")
        self.status = x86.status_of(self.process.wait(DEADLINE_S))
        return self.status, self.text

    def monitor(self, command):
        """Give QEMU's monitor a command. Returns what it answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(DEADLINE_S)
            line.connect(f"{self.folder.name}/monitor")
            answer = self._until_prompt(line, b"")
            line.sendall(command.encode() + b"\n")
            answer = self._until_prompt(line, b"")
        return answer.decode(errors="replace")

    @staticmethod
    def _until_prompt(line, answer):
        while not answer.rstrip().endswith(b"(qemu)"):
            data = line.recv(65536)
            if not data:
                return answer
            answer += data
        return answer

    def screen(self):
        """What the screen shows, as 25 lines."""
        address, columns, rows = SCREEN
        path = f"{self.folder.name}/screen"
        self.monitor(f'pmemsave {address} {columns * rows * 2} "{path}"')
        cells = pathlib.Path(path).read_bytes()[::2].decode("cp437")
        return [cells[row * columns : (row + 1) * columns].rstrip() for row in range(rows)]


def run(*words, **kwargs):
    """Run a machine to its end. Returns its program's status, and what the console showed."""
    with Machine(*words, **kwargs) as machine:
        return machine.finish()
