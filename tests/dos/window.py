"""A machine with DOS in DOSBox-X's window: keys by xdotool, as a person types them; the text screen by SCREEN.COM.

Nothing here is timed: a wait ends when the screen shows what it is for, and fails after DEADLINE_S with the screen.
"""

import contextlib
import os
import re
import subprocess
import tempfile
import time

from rig import DEADLINE_S, Folder

COLUMNS = 80

# Keys that are typed before the screen is looked at: the keyboard's buffer holds 15.
BURST = 8

ROW = re.compile(rb"@([0-9a-f]{2})\|(.{80})")
SCREEN_END = re.compile(rb"@@([0-9a-f]{2})([0-9a-f]{2})\r?\n")


@contextlib.contextmanager
def display():
    """An X server of our own. Yields its name."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        os.close(writing)
        try:
            with open(reading, encoding="ascii") as pipe:
                number = pipe.readline().strip()
            if not number:
                log.seek(0)
                raise AssertionError(f"Xvfb: {log.read().decode(errors='replace')}")
            yield f":{number}"
        finally:
            server.kill()
            server.wait()


class Window(Folder):
    """A folder, and the machine that is started in it with its keyboard and screen here."""

    def __enter__(self):
        super().__enter__()
        self.stack = contextlib.ExitStack()
        self.display = self.stack.enter_context(display())
        return self

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.stack.close()

    def start(self, *lines, **settings):
        """Start the machine with lines of a batch file."""
        port = "bochs debug port e9=true"
        super().start(r"D:\tests\dos\screen.com", *lines, display=self.display, dosbox=port, **settings)
        self.wait_until(self.rows, "a screen")
        # There is no window manager to do this.
        found = self._xdotool("search", "--sync", "--onlyvisible", "--name", "DOSBox-X")
        self._xdotool("windowfocus", "--sync", found.split()[-1])
        return self.machine

    def start_mp(self, *words, before=(), **settings):
        """Start MP.EXE, and wait for its prompt."""
        self.start(*before, " ".join(["D:\\MP.EXE", *words]), "ECHO ENDED", "PAUSE", **settings)
        self.wait_for_prompt()

    def _xdotool(self, *words):
        environment = {**os.environ, "DISPLAY": self.display}
        result = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=True
        )
        return result.stdout

    # --- what is on the screen ---

    def screen(self):
        """(rows without the blanks at their ends, the cursor's row and column), of the last that was told."""
        log = self.machine.log
        ends = list(SCREEN_END.finditer(log))
        if not ends:
            return None
        start = ends[-2].end() if len(ends) > 1 else 0
        found = {int(row[1], 16): row[2] for row in ROW.finditer(log, start, ends[-1].start())}
        rows = [found.get(i, b"").decode("ascii").rstrip() for i in range(25)]
        return rows, int(ends[-1][1], 16), int(ends[-1][2], 16)

    def rows(self):
        """The rows up to the cursor's, or to the last with text."""
        screen = self.screen()
        if screen is None:
            return []
        rows, row, _ = screen
        while len(rows) > row + 1 and rows[-1] == "":
            rows.pop()
        return rows

    def line(self):
        """The cursor's row up to the cursor, and what is behind that."""
        rows, row, column = self.screen()
        return rows[row].ljust(column)[:column], rows[row][column:]

    def wait_until(self, condition, what):
        """Ask until the answer is true, and return it."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            answer = condition()
            if answer:
                return answer
            if time.monotonic() > deadline or self.machine.process.poll() is not None:
                screen = "\n".join(self.rows())
                raise AssertionError(f"never came: {what}. The screen:\n{screen}\n{self.log()}")
            time.sleep(0.01)

    def wait_for_text(self, words):
        """Wait until a row has these words."""
        self.wait_until(lambda: any(words in row for row in self.rows()), repr(words))

    def wait_for_line(self, before, behind=""):
        """Wait until the cursor's row is this."""
        self.wait_until(lambda: self.line() == (before, behind), f"{before!r}, the cursor, {behind!r}")

    def wait_for_last(self, row):
        """Wait until this is the last row that has text, and the cursor is at the beginning of the next."""
        self.wait_until(lambda: self.rows()[-2:] == [row, ""] and self.screen()[2] == 0, f"a row {row!r}")

    def wait_for_prompt(self):
        """Wait until a line can be typed."""
        self.wait_for_line(">>> ")

    # --- keys ---

    def key(self, *names):
        """Press keys one after the other, by X's names: Up, ctrl+c."""
        self._xdotool("key", "--delay", "30", *names)

    def type(self, text):
        """Type text at the cursor, and see it there."""
        for i in range(0, len(text), BURST):
            part = text[i : i + BURST]
            before, behind = self.line()
            self._xdotool("type", "--delay", "30", "--", part)
            line = before + part
            self.wait_for_line(line if len(line) < COLUMNS else line[COLUMNS:], behind)

    def enter(self, line=""):
        """Type a line and have it taken."""
        self.type(line)
        before = self.screen()
        self.key("Return")
        self.wait_until(lambda: self.screen() != before, "the line's end")

    def ask(self, line):
        """Type a line at the prompt. Returns the rows that it prints until the next prompt."""
        self.wait_for_prompt()
        self.enter(line)
        return self.answer(line)

    def answer(self, line):
        """Wait for the prompt that follows this line. Returns the rows between."""
        self.wait_for_prompt()
        rows = self.rows()[:-1]
        last = max(i for i, row in enumerate(rows) if row == f">>> {line}".rstrip())
        return rows[last + 1 :]

    def type_code(self, *lines):
        """Type lines of a program at the prompt, each indented as it is written, whatever the prompt does by itself."""
        prompt, indent = ">>> ", 0
        for line in lines:
            wanted = len(line) - len(line.lstrip())
            self._outdent(prompt, indent, wanted)
            self.enter(line[wanted:])
            opens = line.endswith(":")
            if opens:
                prompt = "... "
            # As MicroPython's readline_auto_indent() has it.
            indent = wanted + 4 * opens if prompt == "... " else 0
        if prompt == "... ":
            self._outdent(prompt, indent, 0)
            self.enter()

    def _outdent(self, prompt, indent, wanted):
        self.wait_for_line(prompt + " " * indent)
        while indent > wanted:
            self.key("BackSpace")
            indent -= 4
            self.wait_for_line(prompt + " " * indent)
