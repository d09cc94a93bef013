"""Every call in every state says what tests/states/table.txt says: on the kernel's sockets, and on ours."""

import pathlib
import subprocess
import sys
import unittest

from peers import DEADLINE_S, MP, ROOT, environment

STATES = ROOT / "tests/states"
sys.path.insert(0, str(STATES))
import table  # noqa: E402


def walk(*command):
    """What a run of walk.py prints: {"tcp4 new bind": "ok"}."""
    done = subprocess.run(
        [*command, STATES / "walk.py"], capture_output=True, text=True, env=environment(None), timeout=DEADLINE_S * 10, check=False
    )
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{command[0]} ended with status {done.returncode}: {done.stdout[-200:]}{done.stderr}")
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


class StatesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sections, cls.notes = table.read()

    def check(self, got, side):
        expected = table.results(self.sections, side)
        self.assertEqual(got.keys(), expected.keys())
        wrong = [f"{cell}: {got[cell]}, not {result}" for cell, result in expected.items() if got[cell] != result]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def test_every_cell_on_the_kernel(self):
        self.check(walk(sys.executable), "linux")

    def test_lesson_11_every_cell_on_ours(self):
        self.check(walk(MP, "--link", "loop"), "ours")

    def test_each_difference_has_its_note(self):
        used = {cell.note for section in self.sections for cell in section.cells.values()} - {None}
        self.assertEqual(used, self.notes.keys())

    def test_the_document_is_the_table(self):
        made = subprocess.run([sys.executable, STATES / "docs.py"], capture_output=True, text=True, check=True).stdout
        self.assertEqual((ROOT / "docs/socket-states.md").read_text(), made, "make docs-states writes it anew")


if __name__ == "__main__":
    unittest.main()
