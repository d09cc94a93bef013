"""mp's command line: what runs, and with which exit status."""

import os
import re
import pathlib
import tempfile
import unittest

from mp_program import run


class CommandLine(unittest.TestCase):
    def check(self, done, status, stdout="", stderr=""):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def script(self, text, name="script.py"):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    def test_a_script_gets_its_arguments(self):
        path = self.script("import sys\nprint(sys.argv[1:], __name__, __file__ == sys.argv[0])")
        self.check(run(path, "a", "-b", "--help"), 0, "['a', '-b', '--help'] __main__ True\n")

    def test_a_script_imports_from_its_folder(self):
        self.script("answer = 42", "neighbour.py")
        self.check(run(self.script("import neighbour\nprint(neighbour.answer)")), 0, "42\n")

    def test_micropypath(self):
        self.script("answer = 43", "elsewhere/far.py")
        self.check(run("-c", "import far; print(far.answer)", MICROPYPATH=str(self.folder / "elsewhere")), 0, "43\n")

    def test_command(self):
        self.check(run("-c", "import sys; print(sys.argv)", "x"), 0, "['-c', 'x']\n")

    def test_module_and_package(self):
        self.script("import sys\nprint(__name__, sys.argv[1:])", "thing.py")
        self.script("", "package/__init__.py")
        self.script("print('package', __name__)", "package/__main__.py")
        here = {"MICROPYPATH": str(self.folder)}
        self.check(run("-m", "thing", "x", **here), 0, "__main__ ['x']\n")
        done = run("-m", "package", **here)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("package "))
        self.assertEqual(run("-m", "no_such_module").returncode, 1)

    def test_script_from_standard_input(self):
        self.check(run(stdin="print(1 + 1)\n"), 0, "2\n")
        self.check(run("-", "x", stdin="import sys; print(sys.argv)\n"), 0, "['-', 'x']\n")

    def test_an_exception_is_told_on_standard_error(self):
        done = run("-c", "print('before')\n1/0")
        self.assertEqual((done.returncode, done.stdout), (1, "before\n"))
        self.assertIn("ZeroDivisionError", done.stderr)
        self.assertEqual(run("-c", "for").returncode, 1)

    def test_exit_status(self):
        for code, status, stderr in (("", 0, ""), ("0", 0, ""), ("7", 7, ""), ("True", 1, ""), ("None", 0, ""), ("'why'", 1, "why\n"), ("256 + 3", 3, "")):
            with self.subTest(code=code):
                self.check(run("-c", f"import sys; sys.exit({code})"), status, "", stderr)

    def test_atexit_runs_at_every_end(self):
        for end, status in (("", 0), ("sys.exit(3)", 3), ("1/0", 1)):
            done = run("-c", f"import sys\nsys.atexit(lambda: print('bye'))\n{end}")
            self.assertEqual((done.returncode, done.stdout), (status, "bye\n"))

    def test_wrong_usage_is_one_sentence(self):
        missing = str(self.folder / "missing.py")
        for args, stderr in (
            ((missing,), f"mp: can't open '{missing}': No such file or directory\n"),
            ((str(self.folder),), f"mp: can't open '{self.folder}': Is a directory\n"),
            (("-z",), "mp: unknown option '-z'; see mp --help\n"),
            (("--nonsense",), "mp: unknown option '--nonsense'; see mp --help\n"),
            (("-c",), "mp: option '-c' needs a value; see mp --help\n"),
            (("-X", "nonsense"), "mp: unknown option '-X nonsense'; see mp --help\n"),
            (("-X", "heapsize=lots"), "mp: -X heapsize=lots: a number of bytes, at least 16k, is needed\n"),
            (("-X", "heapsize=1"), "mp: -X heapsize=1: a number of bytes, at least 16k, is needed\n"),
        ):
            with self.subTest(args=args):
                self.check(run(*args), 2, "", stderr)

    def test_a_link_that_cannot_be_opened(self):
        done = run("--link", "nonsense", "-c", "print('never')")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"^mp: --link: .*nonsense.*\n$")
        done = run("--link", "loop", "--capture", str(self.folder / "no/such/folder.pcapng"), "-c", "print('never')")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"^mp: --\w+: .*\n$")
        self.assertEqual(run("--link", "x" * 600, "-c", "").stderr, "mp: --link: too long\n")

    def test_an_environment_that_is_wrong_is_told_in_one_sentence(self):
        for name, value in (
            ("BARESOCK_LINK", "nonsense"),
            ("BARESOCK_IP4", "10.0.0"),
            ("BARESOCK_IP4", "10.0.0.1/33"),
            ("BARESOCK_IP6", "fd00::1"),
            ("BARESOCK_DNS", "9.9.9.9:99999"),
            ("BARESOCK_HOSTNAME", "-"),
        ):
            with self.subTest(name=name, value=value):
                done = run("-c", "print('never')", **{name: value})
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, rf"^mp: {name}[=:].*{re.escape(value)}.*\n$")

    def test_a_link_that_fails_later_is_told_by_the_exception(self):
        code = "import os, socket; os.putenv('BARESOCK_LINK', 'nonsense'); socket.socket().connect(('10.1.2.3', 80))"
        done = run("-c", code)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"OSError: \[Errno 19\] ENODEV: .*nonsense.*\n$")

    def test_version_and_help(self):
        self.assertRegex(run("--version").stdout, r"^MicroPython v1\.25\.0; baresock \d+\.\d+\.\d+; linux\n$")
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("-c", "-m", "-i", "-X", "--link", "--capture", "--version", "--help", "slirp", "loop"):
            self.assertIn(word, done.stdout)

    def test_heap_grows_beyond_its_first_size(self):
        self.check(run("-X", "heapsize=1m", "-c", "x = bytearray(10000000); print(len(x))"), 0, "10000000\n")
        done = run("-X", "heapsize=1m", "-c", "x = []\nwhile True: x.append(bytes(1000))")
        self.assertEqual(done.returncode, 1)
        self.assertIn("MemoryError", done.stderr)
        done = run("-c", "bytearray(1 << 60)")
        self.assertEqual(done.returncode, 1)
        self.assertIn("MemoryError", done.stderr)

    def test_modules_that_programs_rely_on(self):
        modules = "array asyncio binascii cmath collections deflate errno gc hashlib heapq io json lwip machine math micropython network os platform random re select socket struct sys termios time uc386_net uctypes vfs websocket"
        self.check(run("-c", "".join(f"import {name}\n" for name in modules.split())), 0)
        self.check(run("-c", "import hashlib; print(hashlib.sha256(b'abc').digest().hex()[:16])"), 0, "ba7816bf8f01cfea\n")
        self.check(run("-c", "print(2 ** 100, 1 / 3)"), 0, f"{2 ** 100} {1 / 3}\n")

    def test_what_was_sent_is_delivered_before_the_end(self):
        code = """
import socket
l = socket.socket(); l.bind(('127.0.0.1', 80)); l.listen(1)
c = socket.socket(); c.connect(('127.0.0.1', 80)); s, _ = l.accept()
c.sendall(b'x' * 50000)
"""
        self.check(run("--link", "loop", "-c", code), 0)

    def test_output_that_nobody_reads_is_no_crash(self):
        self.assertEqual(os.system(f"'{run.__globals__['MP']}' -c 'print(1)' 2>/dev/null | true"), 0)


if __name__ == "__main__":
    unittest.main()
