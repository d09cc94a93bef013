"""Files, directories, drives and the date, as os and open() have them on DOS: with long names (7.1) and without (5.0)."""

import unittest

from rig import Folder, run_mp

LONG, SHORT = "7.1", "5.0"

FILES = """
import errno, os
def failure(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return errno.errorcode[e.errno]

with open("A.TXT", "w") as f:
    f.write("one\\ntwo\\n")
with open("A.TXT", "a") as f:
    f.write("three")
print(open("A.TXT").read().split("\\n"))
with open("A.TXT", "r+b") as f:
    f.seek(4)
    f.write(b"TWO")
    print(f.seek(0, 2), f.tell())
print(open("A.TXT", "rb").read())
print(failure(open, "NONE.TXT"), failure(open, "NONE/A.TXT", "w"), failure(open, "", "r"))
os.mkdir("SUB")
print(failure(os.mkdir, "SUB"), failure(open, "SUB", "w"), failure(os.remove, "SUB"), failure(os.remove, "NONE"))
open("SUB/B.TXT", "w").close()
print(failure(os.rmdir, "SUB"), os.listdir("SUB"), os.listdir("SUB/"), failure(os.listdir, "NONE"), failure(os.listdir, "A.TXT"))
print(sorted(os.ilistdir("."))[0][:2])
print(os.stat("A.TXT")[0] & 0o170000 == 0o100000, os.stat("A.TXT")[6], os.stat("SUB")[0] & 0o170000 == 0o040000)
print([failure(os.stat, n) if n == "NONE" else os.stat(n)[0] & 0o170000 == 0o040000 for n in ("C:\\\\", "/", ".", "..", "C:/SUB", "SUB\\\\", "NONE")])
print(failure(os.stat, "*.TXT"), failure(os.stat, "Q:\\\\"))
os.rename("A.TXT", "SUB/C.TXT")
print(sorted(os.listdir("SUB")))
with open("D.TXT", "w") as f:
    f.write("new")
os.rename("D.TXT", "SUB/C.TXT")
print(open("SUB/C.TXT").read(), failure(os.rename, "NONE", "E"), os.listdir("SUB"))
os.chdir("SUB")
print(os.getcwd(), failure(os.chdir, "NONE"), failure(os.chdir, "C.TXT"))
os.chdir("\\\\")
print(os.getcwd())
os.chdir("D:")
print(os.getcwd())
os.chdir("C:\\\\SUB")
print(os.getcwd())
os.remove("B.TXT"); os.remove("C.TXT")
os.chdir("..")
os.rmdir("SUB")
print("SUB" in os.listdir(), os.drives()[-3:], os.statvfs("C:")[0] > 0, failure(os.statvfs, "Q:\\\\"))
"""

SAID = """\
['one', 'two', 'three']
13 13
b'one\\nTWO\\nthree'
ENOENT ENOENT ENOENT
EEXIST EISDIR EISDIR ENOENT
ENOTEMPTY ['B.TXT'] ['B.TXT'] ENOENT ENOTDIR
('A.TXT', 32768)
True 13 True
[True, True, True, True, True, True, 'ENOENT']
ENOENT ENOENT
['B.TXT', 'C.TXT']
new ENOENT ['B.TXT', 'C.TXT']
C:\\SUB ENOENT ENOTDIR
C:\\
D:\\
C:\\SUB
False ['C:', 'D:', 'Z:'] True ENOENT
"""


class Files(unittest.TestCase):
    def test_files_and_directories(self):
        for ver in (LONG, SHORT):
            for mode in ("raw", "dpmi"):
                with self.subTest(ver=ver, mode=mode):
                    status, out, err = run_mp(FILES, ver=ver, mode=mode)
                    self.assertEqual((status, err), (0, ""))
                    self.assertEqual(out.splitlines(), SAID.splitlines())

    def test_long_names_where_there_are_some(self):
        script = """
import os
name = "a name that is long.text.file"
with open(name, "w") as f:
    f.write("x")
os.mkdir("Another Directory")
os.rename(name, "Another Directory/Renamed later.text")
print(os.listdir("Another Directory"), os.stat("another directory/renamed later.TEXT")[6])
os.chdir("Another Directory")
print(os.getcwd())
import a_module_with_a_long_name
"""
        with Folder() as folder:
            folder.put("a_module_with_a_long_name.py", "print('imported')\n")
            out = folder.mp(script.replace("import a_mod", 'import sys\nsys.path.append("C:/")\nimport a_mod'), ver=LONG)[1]
            self.assertEqual(out, "['Renamed later.text'] 1\nC:\\Another Directory\nimported\n")
            self.assertTrue((folder.path / "Another Directory" / "Renamed later.text").exists())

    def test_large_file_keeps_every_byte(self):
        script = """
data = bytes(range(256)) * 37
with open("BIG.BIN", "wb") as f:
    for i in range(200):
        f.write(data)
n = 0
with open("BIG.BIN", "rb") as f:
    while True:
        b = f.read(20000)
        if not b: break
        assert b == (data * 4)[n % len(data):][:len(b)], n
        n += len(b)
print(n)
"""
        with Folder() as folder:
            self.assertEqual(folder.mp(script), (0, f"{256 * 37 * 200}\n", ""))
            self.assertEqual((folder.path / "BIG.BIN").read_bytes(), bytes(range(256)) * 37 * 200)

    def test_many_files_at_once(self):
        script = """
import errno
files = []
try:
    while True:
        files.append(open("F%d" % len(files), "w"))
except OSError as e:
    print(errno.errorcode[e.errno], len(files) >= 10)
for f in files:
    f.close()
open("AGAIN", "w").close()
print("goes on")
"""
        self.assertEqual(run_mp(script), (0, "EMFILE True\ngoes on\n", ""))

    def test_drive_that_is_read_only_or_not_ready(self):
        script = """
import os
for name in ("D:\\\\NEW.TXT", "A:\\\\NEW.TXT"):
    try:
        open(name, "w")
    except OSError as e:
        print("refused")
print("goes on")
"""
        self.assertEqual(run_mp(script)[1], "refused\nrefused\ngoes on\n")


class Dates(unittest.TestCase):
    def test_date_is_that_of_dos(self):
        status, out, _ = run_mp("import time\nprint(time.localtime()[:5])\n", before=["DATE 03/04/2031", "TIME 05:06:07"])
        self.assertEqual((status, out), (0, "(2031, 3, 4, 5, 6)\n"))

    def test_clock_goes_on_over_midnight(self):
        script = """
import time
before = (time.time(), time.ticks_us())
days = set()
while len(days) < 2 or time.localtime()[5] < 1:
    time.sleep(0.05)
    days.add(time.localtime()[2])
    now = (time.time(), time.ticks_us())
    assert now[0] >= before[0], (before, now)
    assert time.ticks_diff(now[1], before[1]) > 0, (before, now)
    assert abs(now[0] - before[0] - time.ticks_diff(now[1], before[1]) / 1e6) < 1, (before, now)
    before = now
print(sorted(days), time.localtime()[:4])
"""
        out = run_mp(script, before=["DATE 12/31/2031", "TIME 23:59:58"])[1]
        self.assertEqual(out, "[1, 31] (2032, 1, 1, 0)\n")

    def test_clock_is_fine_and_even(self):
        script = """
import time
steps = set()
last = time.ticks_us()
worst = 0
for i in range(20000):
    now = time.ticks_us()
    steps.add(time.ticks_diff(now, last))
    last = now
print(min(steps) >= 0, max(steps) < 20000, len([s for s in steps if 0 < s < 1000]) > 1)
"""
        for mode in ("raw", "vcpi", "dpmi"):
            with self.subTest(mode=mode):
                self.assertEqual(run_mp(script, mode=mode), (0, "True True True\n", ""))

    def test_file_has_its_date(self):
        script = 'import os, time\nopen("A", "w").close()\nprint(abs(os.stat("A")[8] - time.time()) < 3 * 86400)\n'
        self.assertEqual(run_mp(script)[1], "True\n")


if __name__ == "__main__":
    unittest.main()
