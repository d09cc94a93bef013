"""MP.EXE and C programs from DOS's prompt: how they get into protected mode, what they take, what they say when they can't."""

import re
import unittest

from rig import MODES, PKTDRV, PROGRAMS, Folder, run_mp

BOOT = r"D:\tests\dos\boot.EXE"

# Of a program with the packet driver's ring, in bytes; and of MP.EXE's file.
CONVENTIONAL_MAX = 64 * 1024
FILE_MAX = 600 * 1000


def boot(*words, before=(), **settings):
    """What boot.c prints, as {name: value}."""
    with Folder() as folder:
        folder.run(*before, " ".join([BOOT, *words, "> OUT.TXT"]), **settings)
        return dict(line.split(" ", 1) for line in folder.text("OUT.TXT").splitlines())


def refused(**settings):
    """What MP.EXE says on a machine that it can't run on."""
    with Folder() as folder:
        folder.run(r"D:\MP.EXE -c 1 > OUT.TXT", "IF ERRORLEVEL 127 ECHO status 127 >> OUT.TXT", **settings)
        return folder.text("OUT.TXT")


class Modes(unittest.TestCase):
    def test_each_way_to_protected_mode(self):
        for mode in MODES:
            wanted = {"bios": "raw", "host": "dpmi"}.get(mode, mode)
            for core in ("dynamic", "normal"):
                with self.subTest(mode=mode, core=core):
                    self.assertEqual(boot(mode=mode, core=core)["mode"], wanted)

    def test_takes_less_than_64_kb_of_conventional_memory(self):
        # A DPMI host takes what it wants beside.
        for mode in ("raw", "bios", "vcpi"):
            for card in ("pktdrv", "ne2000"):
                with self.subTest(mode=mode, card=card):
                    said = boot(card, mode=mode, before=PKTDRV if card == "pktdrv" else [])
                    self.assertLess(int(said["conventional"]), CONVENTIONAL_MAX)

    def test_takes_all_extended_memory(self):
        for memory, least in ((4, 2_900_000), (16, 15_000_000), (63, 62_000_000), (256, 250_000_000)):
            with self.subTest(memory=memory):
                self.assertGreater(int(boot(memory=memory, ver="7.1")["extended"]), least)

    def test_python_runs_in_4_mb_with_a_server(self):
        script = """
import gc, socket
s = socket.socket()
s.bind(("", 80))
s.listen(5)
print(gc.mem_free() > 1200000, len(bytearray(1000000)))
"""
        for mode in MODES:
            with self.subTest(mode=mode):
                self.assertEqual(run_mp(script, before=PKTDRV, mode=mode, memory=4), (0, "True 1000000\n", ""))

    def test_much_memory_can_be_used(self):
        script = "a = [bytearray(1000000) for i in range(100)]\nprint(len(a), sum(a[50]))\n"
        for mode in ("raw", "vcpi"):
            with self.subTest(mode=mode):
                self.assertEqual(run_mp(script, mode=mode, memory=128), (0, "100 0\n", ""))


class Refusals(unittest.TestCase):
    """One sentence each, and a status that is no program's."""

    def test_too_little_memory(self):
        said = refused(memory=2)
        self.assertRegex(said, r"^MP needs \d+ KB of extended memory, and this machine has 960 KB free\.\nstatus 127")

    def test_no_extended_memory(self):
        self.assertRegex(refused(memory=1, xms="false"), r"^MP needs \d+ KB of extended memory, and this machine has 0 KB free\.")

    def test_no_fpu(self):
        said = refused(fpu="false", core="normal")
        self.assertTrue(said.startswith("MP needs a floating-point unit: a 387 beside the 386, or a 486DX or a later processor.\n"), said)

    def test_286(self):
        said = refused(cpu="286", core="normal")
        self.assertTrue(said.startswith("MP needs a 386 or a later processor.\n"), said)

    def test_file_is_cut_off(self):
        with Folder() as folder:
            folder.put("MP.EXE", (PROGRAMS / "MP.EXE").read_bytes()[:200_000])
            folder.run("MP.EXE -c 1 > OUT.TXT", "ECHO goes on >> OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "MP's file is cut off: copy it anew.\ngoes on\n")

    def test_image_is_missing(self):
        with Folder() as folder:
            folder.put("MP.EXE", (PROGRAMS / "loader.bin").read_bytes())
            folder.run("MP.EXE -c 1 > OUT.TXT", "ECHO goes on >> OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "MP can't read its own file: start it from a drive that stays in place.\ngoes on\n")


class CommandLine(unittest.TestCase):
    def test_file_is_small(self):
        self.assertLess((PROGRAMS / "MP.EXE").stat().st_size, FILE_MAX)

    def test_arguments_and_status(self):
        with Folder() as folder:
            folder.put("A.PY", "import sys\nprint(sys.argv)\nsys.exit(7)\n")
            folder.run(
                r'D:\MP.EXE A.PY one "two words" C:\DIR\ -x > OUT.TXT',
                "IF ERRORLEVEL 7 IF NOT ERRORLEVEL 8 ECHO seven >> OUT.TXT",
            )
            self.assertEqual(folder.text("OUT.TXT"), "['A.PY', 'one', 'two words', 'C:\\\\DIR\\\\', '-x']\nseven\n")

    def test_words_from_a_file(self):
        with Folder() as folder:
            folder.put("WORDS", 'A.PY "over\ntwo lines"\n' + "x" * 500 + "\n")
            folder.put("A.PY", "import sys\nprint(len(sys.argv), repr(sys.argv[1]), len(sys.argv[2]))\n")
            folder.run(r"D:\MP.EXE @WORDS > OUT.TXT", r"D:\MP.EXE @NONE > OUT2.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "3 'over\\r\\ntwo lines' 500\n")

    def test_words_from_a_file_that_is_not_there(self):
        with Folder() as folder:
            folder.run("SET BARESOCK_STDERR=-", r"D:\MP.EXE @NONE > OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "mp: NONE: No such file or directory\n")

    def test_words_that_are_too_many_are_refused(self):
        with Folder() as folder:
            folder.put("MANY", "-c 1 " + "x " * 254)
            folder.put("MOST", "-c print(7) " + "x " * 253)
            folder.put("LONG", "-c 1 " + "x" * 32768)
            folder.run("SET BARESOCK_STDERR=-", *(rf"D:\MP.EXE @{name} >> OUT.TXT" for name in ("MANY", "MOST", "LONG")))
            self.assertEqual(
                folder.text("OUT.TXT").splitlines(),
                ["mp: more than 255 words: leave some out", "7", "mp: LONG: a file of words may have 32767 bytes"],
            )

    def test_errors_can_not_be_redirected(self):
        with Folder() as folder:
            folder.run(r"SET BARESOCK_STDERR=C:\NONE\ERR.TXT", r"D:\MP.EXE -c print(7) > OUT.TXT", "IF ERRORLEVEL 2 ECHO two >> OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "two\n")

    def test_uncaught_exception_is_told_and_is_status_1(self):
        status, out, err = run_mp("def f():\n    1 / 0\nf()\n")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err.splitlines()[0], "Traceback (most recent call last):")
        self.assertEqual(err.splitlines()[-1], "ZeroDivisionError: divide by zero")

    def test_environment(self):
        script = """
import os, sys
print(os.getenv("COLOUR"), os.getenv("NONE"), os.getenv("PATH") is not None, sys.executable)
os.putenv("NEW", "1")
print(os.getenv("NEW"))
"""
        for mode in MODES:
            with self.subTest(mode=mode):
                out = run_mp(script, before=["SET COLOUR=blue"], mode=mode)[1]
                self.assertEqual(out, "blue None True D:\\MP.EXE\n1\n")

    def test_script_that_is_not_there(self):
        with Folder() as folder:
            folder.run("SET BARESOCK_STDERR=-", r"D:\MP.EXE NONE.PY > OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "mp: can't open 'NONE.PY': No such file or directory\n")

    def test_script_of_another_folder_imports_its_neighbour(self):
        with Folder() as folder:
            folder.run("MD SUB")
            folder.put("SUB/A.PY", "import b, sys\nprint(b.x, sys.path[0])\n")
            folder.put("SUB/B.PY", "x = 5\n")
            folder.run(r"D:\MP.EXE SUB\A.PY > OUT.TXT", r"D:\MP.EXE C:\SUB\A.PY >> OUT.TXT", r"D:\MP.EXE SUB/A.PY >> OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "5 SUB\n5 C:\\SUB\n5 SUB\n")

    def test_standard_input_is_a_file(self):
        with Folder() as folder:
            folder.put("IN.TXT", "first\nsecond\nthird\nlast")
            folder.put("A.PY", "import sys\nprint(repr(input()), sys.stdin.readline().strip(), [l.strip() for l in sys.stdin])\n")
            folder.put("PROGRAM.TXT", "print(6 * 7)\n")
            folder.run(r"D:\MP.EXE A.PY < IN.TXT > OUT.TXT", r"D:\MP.EXE < PROGRAM.TXT >> OUT.TXT", r"D:\MP.EXE - < PROGRAM.TXT >> OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT"), "'first' second ['third', 'last']\n42\n42\n")

    def test_output_has_line_ends_of_dos_and_bytes_as_they_are(self):
        with Folder() as folder:
            folder.put("A.PY", "import sys\nprint('a')\nsys.stdout.write('b\\n')\nsys.stdout.buffer.write(b'c\\nd')\n")
            folder.run(r"D:\MP.EXE A.PY > OUT.TXT")
            self.assertEqual((folder.path / "OUT.TXT").read_bytes(), b"a\r\nb\r\nc\nd")

    def test_what_was_printed_is_in_the_file_while_it_waits(self):
        with Folder() as folder:
            folder.put("A.PY", "import time\nprint('here')\ntime.sleep(1000)\n")
            folder.start(r"D:\MP.EXE A.PY > OUT.TXT")
            folder.wait_for("OUT.TXT", "here")

    def test_help_names_the_links(self):
        with Folder() as folder:
            folder.run(r"D:\MP.EXE --help > OUT.TXT", r"D:\MP.EXE --version >> OUT.TXT")
            text = folder.text("OUT.TXT")
            for word in ("pktdrv[:INTERRUPT", "ne2000[:ADDRESS,IRQ", "loop", "capture:FILE", "repl=com1"):
                self.assertIn(word, text)
            self.assertTrue(re.search(r"^MicroPython v1\.25\.0; baresock \S+; dos$", text, re.MULTILINE))


if __name__ == "__main__":
    unittest.main()
