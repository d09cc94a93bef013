"""The tests of the API (tests/py) on DOS, in each mode."""

import re
import unittest

from rig import MODES, ROOT, Folder

TESTS = ROOT / "tests" / "py"
HELPERS = [TESTS / "harness.py", TESTS / "pairs.py"]


class Api(unittest.TestCase):
    """A test for each mode and file, made below."""

    def check(self, mode, script):
        with Folder() as folder:
            for helper in HELPERS:
                folder.put(helper.name, helper)
            status, out, err = folder.mp(script.read_text(encoding="utf-8"), "--link", "loop", mode=mode)
        count = re.search(r"^(\d+) passed, 0 failed$", out, re.MULTILINE)
        self.assertTrue(count and int(count[1]) > 0 and status == 0, out + err)


def make_test(mode, script):
    return lambda self: self.check(mode, script)


for the_mode in MODES:
    for the_script in sorted(TESTS.glob("test_*.py")):
        setattr(Api, f"{the_script.stem}_{the_mode}", make_test(the_mode, the_script))


if __name__ == "__main__":
    unittest.main()
