"""A machine with DOS in DOSBox-X: batch lines run in a folder, whose files tell what came of it.

Nothing here is timed: a run ends by itself, or fails after DEADLINE_S, with the end of the emulator's log.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "host"), str(ROOT / "tools")]

import dos
from peers import BUILD, DEADLINE_S

PROGRAMS = BUILD / "dos"

PKTDRV = dos.DRIVERS["pktdrv"]

# What has protected mode, and whose memory it is: settings, and lines in front.
MODES = {
    "raw": ({}, []),
    "bios": ({"xms": "false"}, []),
    "vcpi": ({"ems": "emm386", "dos": "emm386 startup active=true"}, []),
    "dpmi": ({}, [r"D:\tests\dos\dpmihost.com"]),
}


# A host of one's own beside ours, by the path of its program.
if os.environ.get("DPMI_HOST"):
    MODES["host"] = ({}, ["C:\\HOME\\HOST.EXE"])


def plain(text):
    """With the line ends of this machine."""
    return text.replace("\r\n", "\n")


class Folder:
    """The folder that is drive C: of one run after the other."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="baresock-dos-")
        self.path = pathlib.Path(self.temporary.name)
        self.machine = None
        return self

    def __exit__(self, *_):
        if self.machine is not None:
            self.machine.end()
        self.temporary.cleanup()

    def put(self, name, content):
        """Write a file: text with DOS's line ends, or bytes as they are; or bring one along, by its path."""
        path = self.path / name
        if isinstance(content, pathlib.Path):
            shutil.copy(content, path)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8", newline="\r\n")

    def text(self, name):
        """What is in a file of text."""
        try:
            return plain((self.path / name).read_bytes().decode("utf-8", errors="replace"))
        except FileNotFoundError:
            return ""

    def start(self, *lines, mode="raw", **settings):
        """Start the machine with lines of a batch file."""
        of_mode, before = MODES[mode]
        if mode == "host":
            (self.path / "HOME").mkdir(exist_ok=True)
            shutil.copy(os.environ["DPMI_HOST"], self.path / "HOME" / "HOST.EXE")
        self.machine = dos.Dos(self.path, [*before, *lines], **{**of_mode, "programs": PROGRAMS, **settings})
        return self.machine

    def run(self, *lines, **settings):
        """Run lines of a batch file to their end."""
        machine = self.start(*lines, **settings)
        ended = machine.wait(DEADLINE_S)
        machine.end()
        if not ended:
            names = sorted(path.name for path in self.path.iterdir())
            raise AssertionError(f"the machine hangs. Its files: {names}. {self.text('OUT.TXT')[-2000:]}\n{self.log()}")

    def log(self):
        """The end of what the emulator says."""
        return self.machine.log.decode(errors="replace")[-2000:]

    def mp(self, script, *words, before=(), **settings):
        """Run a script with MP.EXE. Returns (status, what it printed, its errors)."""
        self.put("SCRIPT.PY", script)
        for name in ("OUT.TXT", "ERR.TXT", "STATUS.TXT"):
            with contextlib.suppress(FileNotFoundError):
                (self.path / name).unlink()
        line = " ".join(["D:\\MP.EXE", *words, "SCRIPT.PY > OUT.TXT"])
        self.run("SET BARESOCK_STDERR=ERR.TXT", *before, line, *dos.status_lines("STATUS.TXT"), **settings)
        return dos.read_status(self.path / "STATUS.TXT"), self.text("OUT.TXT"), self.text("ERR.TXT")

    def wait_for(self, name, words):
        """Wait until a file has these words."""
        deadline = time.monotonic() + DEADLINE_S
        while words not in self.text(name):
            if time.monotonic() > deadline or self.machine.process.poll() is not None:
                raise AssertionError(f"{words!r} never came to {name}: {self.text(name)[-2000:]!r}\n{self.log()}")
            time.sleep(0.02)


def run_mp(script, *words, **settings):
    """Run a script with MP.EXE in a folder of its own. Returns (status, what it printed, its errors)."""
    with Folder() as folder:
        return folder.mp(script, *words, **settings)


def assemble(source, to):
    """Assemble a test's program."""
    subprocess.run(["nasm", "-Werror", "-f", "bin", "-I", f"{source.parent}/", "-o", to, source], check=True)
