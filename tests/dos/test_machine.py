"""What other machines do that DOSBox-X does not: other versions of DOS, other BIOSes, much memory."""

import unittest

from rig import run_mp


class Files(unittest.TestCase):
    def test_rename_to_another_name_of_the_same_file_keeps_it(self):
        script = r"""
import os
with open("A.TXT", "w") as f:
    f.write("data")
for name in ("A.TXT", "a.txt", ".\\A.TXT", "C:\\A.TXT"):
    os.rename("A.TXT", name)
    print(open("A.TXT").read(), sorted(n.upper() for n in os.listdir() if n[0] in "Aa~"))
"""
        for ver in ("7.1", "5.0"):
            with self.subTest(ver=ver):
                self.assertEqual(run_mp(script, ver=ver), (0, "data ['A.TXT']\n" * 4, ""))


class Memory(unittest.TestCase):
    def test_more_than_two_gigabytes(self):
        self.assertEqual(run_mp("print(len(bytearray(5000000)))\n", memory=2500), (0, "5000000\n", ""))


if __name__ == "__main__":
    unittest.main()
