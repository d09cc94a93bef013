"""The machine itself, without a network card: memory, clock, interrupts, console, randomness, files, exceptions."""

import struct
import unittest

from machine import BUILD, MP, Machine, run

FIXTURES = BUILD / "x86" / "tests" / "x86"


class Boot(unittest.TestCase):
    """What a program in C finds."""

    def check(self, **options):
        status, text = run(image=FIXTURES / "boot.elf", **options)
        self.assertNotIn("not ok", text)
        self.assertRegex(text, r"\n1\.\.11\n$")
        self.assertEqual(status, 0)
        return text

    def test_boot_program_finds_machine_in_order(self):
        self.check()

    def test_boot_on_processor_without_tsc_and_cpuid(self):
        self.check(cpu="486,-tsc")

    def test_boot_on_newest_processor(self):
        self.check(cpu="max")

    def test_boot_in_two_megabytes(self):
        self.check(memory=2)

    def test_boot_words_variables_and_modules_arrive(self):
        words = ("BARESOCK_HOSTNAME=fred", "two words", r"back\slash", "it's")
        text = self.check_words(words)
        self.assertIn("# variable fred\n", text)
        self.assertIn("# word two words\n# word back\\slash\n# word it's\n", text)
        self.assertRegex(text, r"# module .*/first: one\n# module .*/second: two\n")

    def check_words(self, words):
        status, text = run(*words, image=FIXTURES / "boot.elf", files=[("first", "one"), ("second", "two")])
        self.assertEqual(status, 0)
        return text

    def test_limits_of_what_the_loader_says_are_told(self):
        for words, files, why in (
            (["x"] * 64, 0, None),
            (["x"] * 65, 0, "the boot command line has more than 64 words"),
            (["x" * 4200], 0, "the boot command line has more than 4095 characters"),
            ([], 16, None),
            ([], 17, "the loader brings more than 16 modules"),
        ):
            with self.subTest(why=why):
                status, text = run(*words, image=FIXTURES / "boot.elf", files=[(f"f{i}", "text") for i in range(files)])
                if why:
                    self.assertEqual((status, text), (126, f"baresock: {why}\n"))
                else:
                    self.assertEqual(status, 0)
                    self.assertEqual(text.count("# word x\n") + text.count(": text\n"), len(words) + files)

    def test_too_little_memory_is_told(self):
        # The end of the image's one segment, from its program header: address and size in memory.
        address, size = struct.unpack_from("<I8xI", MP.read_bytes(), 52 + 8)
        status, text = run(image=MP, memory=f"{(address + size) // 1024 - 8}K")
        self.assertEqual((status, text), (126, "baresock: there is too little memory: 640 KB and 1 MB are needed\n"))

    def test_main_returns_status(self):
        self.assertEqual(run("status", image=FIXTURES / "boot.elf")[0], 5)


class Trap(unittest.TestCase):
    """An exception says what it was and where, and ends the machine."""

    def check(self, word, words, error=0):
        status, text = run(word, image=FIXTURES / "trap.elf")
        self.assertEqual(status, 126)
        self.assertRegex(text, rf"baresock: {words} at 0x001[0-9a-f]{{5}} \(error {error}\)\neax [0-9a-f]{{8}} ebx ")
        self.assertRegex(text, r"called from:( 001[0-9a-f]{5})+\n$")
        return text

    def test_divide_by_zero(self):
        self.check("divide", "division by zero")

    def test_invalid_instruction(self):
        self.check("instruction", "invalid instruction")

    def test_general_protection(self):
        self.check("segment", "general protection fault", 402)

    def test_reboot_ends_qemu_without_status(self):
        self.assertEqual(run("reboot", image=FIXTURES / "trap.elf")[1], "going\n")


class Python(unittest.TestCase):
    """The program mp."""

    def mp(self, *words, **options):
        return run(*words, **options)

    def test_command_runs_and_ends_machine(self):
        self.assertEqual(self.mp("-c", "print(6 * 7)"), (0, "42\n"))

    def test_script_gets_arguments_and_files(self):
        script = "import sys, os\nprint(sys.argv, sorted(os.listdir()), open('data').read())\n"
        status, text = self.mp("main.py", "a", "b c", files=[("main.py", script), ("data", "words")])
        self.assertEqual((status, text), (0, "['main.py', 'a', 'b c'] ['data', 'main.py'] words\n"))

    def test_exit_gives_status(self):
        self.assertEqual(self.mp("-c", "import sys; sys.exit(7)"), (7, ""))

    def test_exception_is_printed_and_gives_status(self):
        status, text = self.mp("-c", "1/0")
        self.assertEqual(status, 1)
        self.assertTrue(text.endswith("ZeroDivisionError: divide by zero\n"), text)

    def test_missing_script_is_refused(self):
        self.assertEqual(self.mp("nothere.py"), (2, "mp: can't open 'nothere.py': No such file or directory\n"))

    def test_unknown_option_is_refused(self):
        self.assertEqual(self.mp("--nothing"), (2, "mp: unknown option '--nothing'; see mp --help\n"))

    def test_unknown_link_is_refused(self):
        status, text = self.mp("--link", "slirp", "-c", "1")
        self.assertEqual(status, 2)
        self.assertRegex(text, r"^mp: --link: .*slirp")

    def test_files_are_written_renamed_and_removed(self):
        script = """
import os
os.mkdir('d')
for i in range(20):
    with open('d/f%d' % i, 'w') as f: f.write(str(i) * 5000)
os.rename('d/f0', 'x')
for i in range(1, 20): assert open('d/f%d' % i).read() == str(i) * 5000; os.remove('d/f%d' % i)
os.rmdir('d')
print(os.listdir(), len(open('x').read()))
"""
        self.assertEqual(self.mp("s.py", files=[("s.py", script)]), (0, "['s.py', 'x'] 5000\n"))

    def test_disk_full_is_error_and_room_comes_back(self):
        script = """
import os, errno
block = bytes(10000)
for round in range(2):
    f = open('big', 'wb')
    try:
        while True: f.write(block)
    except OSError as e:
        print(errno.errorcode[e.errno])
    f.close()
    os.remove('big')
"""
        self.assertEqual(self.mp("s.py", files=[("s.py", script)], memory=4), (0, "ENOSPC\nENOSPC\n"))

    def test_heap_grows_to_all_memory_and_ends_in_memory_error(self):
        script = "x = []\ntry:\n    while True: x.append(bytearray(100000))\nexcept MemoryError: n = len(x); x = None; print(n > 200)\n"
        self.assertEqual(self.mp("-c", script), (0, "True\n"))

    def test_deep_recursion_is_runtime_error(self):
        script = "def f(): f()\ntry: f()\nexcept RuntimeError as e: print(e)\n"
        self.assertEqual(self.mp("-c", script), (0, "maximum recursion depth exceeded\n"))

    def test_date_is_of_the_clock(self):
        status, text = self.mp("-c", "import time; print(time.time(), time.gmtime()[:6])", options=["-rtc", "base=2031-02-28T23:59:58"])
        self.assertEqual(status, 0)
        self.assertRegex(text, r"^1930089(59|60)\d\.\d+ \(2031, (2, 28, 23, 59, 5\d|3, 1, 0, 0, \d+)\)")

    def test_hosts_file_is_a_module(self):
        words = ("BARESOCK_HOSTS=hosts", "--link", "loop", "-c", "import socket; print(socket.getaddrinfo('fred', 7)[0][-1])")
        self.assertEqual(self.mp(*words, files=[("hosts", "10.1.2.3 fred\n")]), (0, "('10.1.2.3', 7)\n"))

    def test_native_code_runs(self):
        script = "@micropython.native\ndef f(n):\n    s = 0\n    for i in range(n): s += i\n    return s\nprint(f(1000))\n"
        self.assertEqual(self.mp("-c", script), (0, "499500\n"))

    def test_floats_are_doubles(self):
        script = "import math; print(math.pi, 0.1 + 0.2, 1e300 * 10, math.sin(1), math.exp(1))"
        self.assertEqual(self.mp("-c", script)[1], "3.141592653589793 0.3 1e+301 0.8414709848078965 2.718281828459045\n")


class Prompt(unittest.TestCase):
    """The prompt on the serial line, and on screen and keyboard."""

    def test_prompt_computes(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            self.assertIn("MicroPython v1.25.0; baresock", machine.text)
            self.assertEqual(machine.ask("6 * 7"), "42\n")

    def test_exit_ends_machine(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.type("exit(3)\r")
            self.assertEqual(machine.finish()[0], 3)

    def test_ctrl_c_ends_loop(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.type("exec('print(1234)\\nwhile True: pass')\r")
            start = machine.wait_for("\n1234\n")
            machine.type("\x03")
            machine.wait_for("KeyboardInterrupt", start)
            machine.wait_for(">>> ", start)
            self.assertEqual(machine.ask("1 + 1"), "2\n")

    def test_ctrl_c_ends_sleep_and_receive(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.ask("import time, socket")
            machine.ask("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', 9))")
            for call in ("time.sleep(100000)", "s.recv(1)"):
                start = len(machine.text)
                machine.type(f"print('in'); {call}\r")
                machine.wait_for("\nin\n", start)
                machine.type("\x03")
                machine.wait_for("KeyboardInterrupt", start)
                machine.wait_for(">>> ", start)

    def test_paste_mode_takes_lines_at_full_speed(self):
        lines = "".join(f"x{i} = {i}\r" for i in range(1500))
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.type("\x05")
            machine.wait_for("=== ")
            machine.type(lines + "print(sum(globals()['x%d' % i] for i in range(1500)))\r\x04")
            machine.wait_for("\n1124250\n")

    def test_ctrl_d_starts_python_anew_and_keeps_files(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.ask("x = 1; f = open('kept', 'w'); f.write('words'); f.close()")
            start = len(machine.text)
            machine.type("\x04")
            machine.wait_for("soft reboot", start)
            machine.wait_for(">>> ", start)
            self.assertIn("NameError", machine.ask("x"))
            self.assertEqual(machine.ask("open('kept').read()"), "'words'\n")

    def test_soft_reboots_lose_no_memory(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            free = []
            for _ in range(4):
                machine.ask("import gc, socket; l = [socket.socket() for i in range(30)]")
                free.append(int(machine.ask("x = gc.collect(); gc.mem_free()")))
                start = len(machine.text)
                machine.type("\x04")
                machine.wait_for(">>> ", machine.wait_for("soft reboot", start))
            self.assertLess(abs(free[-1] - free[1]), 2000, free)

    def test_select_waits_for_keys_and_sockets(self):
        script = """
import select, socket, sys
a, b = socket.socketpair()
print(select.select([sys.stdin, b], [], [], 0))
print(select.select([sys.stdin, b], [], []) == ([sys.stdin], [], []), sys.stdin.read(1))
a.send(b'x')
print(select.select([sys.stdin, b], [], []) == ([b], [], []))
print(repr(input('name? ')))
"""
        with Machine("s.py", files=[("s.py", script)]) as machine:
            machine.wait_for("([], [], [])\n")
            machine.type("q")
            machine.wait_for("True q\nTrue\nname? ")
            machine.type("Fre\bed\r")
            self.assertEqual(machine.finish()[0], 0)
            self.assertTrue(machine.text.endswith("'Fred'\n"), machine.text)

    def test_keyboard_and_screen(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            for key in ["p", "r", "i", "n", "t", "shift-9", "shift-apostrophe", "shift-h", "caps_lock", "i", "caps_lock",
                        "shift-apostrophe", "shift-0", "left", "left", "shift-1", "ret"]:
                machine.monitor(f"sendkey {key}")
            machine.wait_for("\nHI!\n>>> ")
            screen = machine.screen()
            self.assertIn('>>> print("HI!")', screen)
            self.assertIn("HI!", screen)
            machine.monitor("sendkey up")
            machine.monitor("sendkey ret")
            machine.wait_for("\nHI!\n>>> ", machine.text.index("\nHI!\n") + 4)

    def test_screen_scrolls(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.ask("x = [print('line', i) for i in range(100)]")
            screen = machine.screen()
            self.assertIn("line 99", screen)
            self.assertNotIn("line 70", screen)

    def test_machine_reset_starts_anew(self):
        with Machine() as machine:
            machine.wait_for(">>> ")
            machine.type("import machine; machine.reset()\r")
            # QEMU was told to end at a reset.
            machine.finish()


if __name__ == "__main__":
    unittest.main()
