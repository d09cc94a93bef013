"""The tests of the API (tests/py) on a bare machine, with each kind of network card."""

import re
import unittest

from machine import ROOT, run, x86

TESTS = ROOT / "tests" / "py"
HELPERS = [TESTS / "harness.py", TESTS / "pairs.py"]


class Api(unittest.TestCase):
    """A test for each file and card, made below."""

    def check(self, card, script):
        link = x86.CARDS[card][1]
        status, text = run("--link", link, script.name, files=[script, *HELPERS], nics=[(card, "user")])
        count = re.search(r"^(\d+) passed, 0 failed$", text, re.MULTILINE)
        self.assertTrue(count and int(count[1]) > 0 and status == 0, text)


def make_test(card, script):
    return lambda self: self.check(card, script)


for the_script in sorted(TESTS.glob("test_*.py")):
    for the_card in ("e1000", "ne2k_isa"):
        setattr(Api, f"{the_script.stem}_{the_card}", make_test(the_card, the_script))


if __name__ == "__main__":
    unittest.main()
