"""The prompt on DOS's own screen and keyboard: what a person types in DOSBox-X's window, and what it shows then."""

import contextlib
import unittest

import rig  # noqa: F401, which makes the next ones be found

from peers import connect, free_port
from rig import PKTDRV
from servers import tcp_server, udp_server
from test_reference import SET_UP, code, echo, say_nothing
from window import Window

MODES = ("raw", "vcpi", "dpmi")


@contextlib.contextmanager
def prompt(mode="raw", **settings):
    """A window in which MP.EXE waits for a line."""
    with Window() as window:
        window.start_mp(mode=mode, **settings)
        yield window


class Prompt(unittest.TestCase):
    def test_prompt_appears_and_lines_give_results(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                self.assertIn("MicroPython v1.25.0; baresock", window.rows()[-3])
                self.assertEqual(window.ask("6 * 7"), ["42"])
                self.assertEqual(window.ask("import sys; sys.platform"), ["'dos'"])
                self.assertEqual(window.ask("print('one\\ntwo', sys.platform)"), ["one", "two dos"])

    def test_exception_prompt_goes_on(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                rows = window.ask("1 / 0")
                self.assertEqual(rows[0], "Traceback (most recent call last):")
                self.assertEqual(rows[-1], "ZeroDivisionError: divide by zero")
                self.assertEqual(window.ask("1 + 1"), ["2"])

    def test_screen_scrolls(self):
        with prompt() as window:
            window.type_code("for i in range(60):", "    print('line', i)")
            window.wait_for_text("line 59")
            window.wait_for_prompt()
            self.assertEqual(window.rows()[:-1], [f"line {i}" for i in range(36, 60)])
            self.assertEqual(window.ask("2"), ["2"])


class Editing(unittest.TestCase):
    def test_arrows_up_and_down_walk_history(self):
        with prompt() as window:
            for line in ("10 + 1", "20 + 2"):
                window.ask(line)
            window.key("Up")
            window.wait_for_line(">>> 20 + 2")
            window.key("Up")
            window.wait_for_line(">>> 10 + 1")
            window.key("Down")
            window.wait_for_line(">>> 20 + 2")
            window.key("Up", "Return")
            self.assertEqual(window.answer("10 + 1")[0], "11")

    def test_cursor_keys_edit(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.type("print(13)")
                window.key("Left", "Left")
                window.wait_for_line(">>> print(1", "3)")
                window.type("2")
                window.key("Home")
                window.wait_for_line(">>> ", "print(123)")
                window.key("Right", "Delete")
                window.wait_for_line(">>> p", "int(123)")
                window.type("r")
                window.key("End")
                window.wait_for_line(">>> print(123)")
                window.key("Left", "BackSpace")
                window.wait_for_line(">>> print(12", ")")
                window.key("Return")
                self.assertEqual(window.answer("print(12)"), ["12"])

    def test_line_of_two_rows_is_edited(self):
        line = "x = '" + "abcdefgh" * 10 + "'"
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.type(line)
                window.key("Home")
                window.wait_for_line(">>> ", line[:76])
                window.key("y")
                window.wait_for_line(">>> y", line[:75])
                window.key("Delete")
                window.wait_for_line(">>> y", line[1:76])
                window.key("End")
                window.wait_for_line(line[76:])
                window.enter()
                self.assertEqual(window.ask("len(y)"), ["80"])
                window.key("Up", "Up")
                window.wait_for_line(line[76:])
                window.key("Down")
                window.wait_for_line(">>> len(y)")
                self.assertEqual(window.rows()[-1], ">>> len(y)")

    def test_tab_completes(self):
        with prompt() as window:
            window.type("import soc")
            window.key("Tab")
            window.wait_for_line(">>> import socket")
            window.key("Return")
            window.answer("import socket")
            window.type("socket.SOCK_ST")
            window.key("Tab")
            window.wait_for_line(">>> socket.SOCK_STREAM")
            window.key("Return")
            self.assertEqual(window.answer("socket.SOCK_STREAM"), ["1"])

    def test_tab_twice_lists_names(self):
        with prompt() as window:
            window.ask("import socket")
            window.type("socket.SOCK_")
            window.key("Tab")
            window.wait_for_text("SOCK_DGRAM")
            window.wait_for_line(">>> socket.SOCK_")

    def test_ctrl_c_gives_up_the_line(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                for key in ("ctrl+c", "ctrl+Pause"):
                    window.type("nothing_of_it")
                    window.key(key)
                    window.wait_for_prompt()
                self.assertEqual(window.ask("4"), ["4"])
                self.assertFalse([row for row in window.rows() if "Error" in row])

    def test_ctrl_c_gives_up_several_lines(self):
        with prompt() as window:
            window.enter("if 1:")
            window.wait_for_line("...     ")
            window.type("print('no')")
            window.key("ctrl+c")
            window.wait_for_prompt()
            self.assertEqual(window.ask("4"), ["4"])

    def test_paste_mode_takes_lines_as_they_are(self):
        with prompt() as window:
            window.key("ctrl+e")
            for line in ("for i in range(2):", "    print('i', i)"):
                window.wait_for_line("=== ")
                window.enter(line)
            window.wait_for_line("=== ")
            window.key("ctrl+d")
            window.wait_for_text("i 1")
            window.wait_for_prompt()


class Ending(unittest.TestCase):
    def test_ctrl_z_and_ctrl_d_end_it(self):
        for mode in MODES:
            for key in ("ctrl+z", "ctrl+d"):
                with self.subTest(mode=mode, key=key), Window() as window:
                    window.start_mp(mode=mode)
                    window.key(key)
                    window.wait_for_text("ENDED")

    def test_exit_ends_it(self):
        with prompt() as window:
            window.enter("exit()")
            window.wait_for_text("ENDED")


class Stopping(unittest.TestCase):
    """Ctrl-C and Ctrl-Break stop whatever runs."""

    def check(self, window, call):
        for key in ("ctrl+c", "ctrl+Pause"):
            line = f"print('in'); {call}"
            window.ask("0")
            window.enter(line)
            window.wait_for_last("in")
            window.key(key)
            rows = window.answer(line)
            self.assertEqual((rows[0], rows[-1].rstrip()), ("in", "KeyboardInterrupt:"), rows)
        self.assertEqual(window.ask("4"), ["4"])

    def test_loop(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                self.check(window, "exec('while True: pass')")

    def test_sleep(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.ask("import time")
                self.check(window, "time.sleep(1000)")

    def test_printing(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.type_code("while True:", "    print('in')")
                window.wait_for_last("in")
                window.key("ctrl+c")
                window.wait_for_text("KeyboardInterrupt")
                window.wait_for_prompt()

    def test_sockets_that_wait(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode, before=PKTDRV) as window:
                window.ask("import socket, select")
                window.ask("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
                window.ask("u.bind(('', 9)); s = socket.socket()")
                window.ask("s.bind(('', 9)); s.listen(1)")
                for call in ("u.recv(1)", "s.accept()", "select.select([s], [], [])"):
                    self.check(window, call)

    def test_input(self):
        with prompt() as window:
            window.ask("import sys")
            for call, before in (("input('in')", "in"), ("sys.stdin.readline()", "")):
                window.enter(call)
                window.wait_for_line(before)
                window.type("half")
                window.key("ctrl+c")
                self.assertEqual(window.answer(call)[-1].rstrip(), "KeyboardInterrupt:")

    def test_program_that_catches_it_goes_on(self):
        with Window() as window:
            window.put("CATCH.PY", "print('in')\ntry:\n    while True: pass\nexcept KeyboardInterrupt:\n    print('caught')\n")
            window.start(r"D:\MP.EXE CATCH.PY", "ECHO ENDED", "PAUSE")
            window.wait_for_last("in")
            window.key("ctrl+c")
            window.wait_for_text("caught")
            window.wait_for_text("ENDED")


class Reading(unittest.TestCase):
    """A program reads what is typed."""

    def test_input_edits_a_line(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.enter("x = input('name? ')")
                window.wait_for_line("name? ")
                window.type("Fred")
                window.key("Home", "Delete")
                window.wait_for_line("name? ", "red")
                window.type("f")
                window.key("End", "BackSpace", "Return")
                window.wait_for_prompt()
                self.assertEqual(window.ask("x"), ["'fre'"])

    def test_input_ends_at_ctrl_z(self):
        with prompt() as window:
            window.enter("input('in')")
            window.wait_for_line("in")
            window.key("ctrl+z")
            self.assertEqual(window.answer("input('in')")[-1].rstrip(), "EOFError:")

    def test_readline_gives_line_then_end(self):
        for mode in MODES:
            with self.subTest(mode=mode), prompt(mode) as window:
                window.ask("import sys")
                window.enter("x = sys.stdin.readline()")
                window.wait_for_line("")
                window.type("wordz")
                window.key("BackSpace")
                window.wait_for_line("word")
                window.type("s")
                window.key("Return")
                window.wait_for_prompt()
                self.assertEqual(window.ask("x"), ["'words\\n'"])
                window.enter("y = sys.stdin.readline()")
                window.wait_for_line("")
                window.key("ctrl+z")
                window.wait_for_prompt()
                self.assertEqual(window.ask("y"), ["''"])
                self.assertEqual(window.ask("1"), ["1"])


class Manual(unittest.TestCase):
    """The manual's code, typed as printed. Only ports are supplied, and an ASCII comment."""

    def start(self, window, mode, **settings):
        """A prompt at which the manual's set-up was typed."""
        window.start_mp(before=PKTDRV, mode=mode, **settings)
        self.type(window, SET_UP.replace("…", "..."))

    def type(self, window, text):
        window.type_code(*(line for line in text.splitlines() if line))

    def test_client(self):
        for mode in MODES:
            with self.subTest(mode=mode), tcp_server(echo) as port, Window() as window:
                self.start(window, mode)
                self.type(window, code("client_tcp").replace("1234", str(port)))
                self.assertEqual(window.ask("data"), [r"b'hello\n'"])

    def test_server(self):
        for mode in MODES:
            port = free_port()
            with self.subTest(mode=mode), Window() as window:
                self.start(window, mode, tcp=f"{port}:1234")
                self.type(window, code("server_tcp"))
                for i in range(3):
                    with connect(port) as client:
                        client.sendall(b"hello\n")
                        self.assertEqual(client.recv(100), b"OK\n")
                        self.assertEqual(client.recv(100), b"")
                    window.wait_until(lambda: sum("got ('10.0.2.2'" in row for row in window.rows()) == i + 1, "got")
                window.key("ctrl+c")
                window.wait_for_text("KeyboardInterrupt")
                window.wait_for_prompt()

    def test_udp(self):
        for mode in MODES:
            with self.subTest(mode=mode), udp_server(lambda data: data + b" pong") as port, Window() as window:
                self.start(window, mode)
                self.type(window, code("udp").replace("9999", str(port)))
                window.wait_for_text(f"from ('10.0.2.2', {port}) : b'ping pong'")

    def test_timeouts(self):
        for mode in MODES:
            with self.subTest(mode=mode), tcp_server(say_nothing) as port, Window() as window:
                self.start(window, mode)
                self.type(window, f"import errno\ns = socket.socket()\ns.connect(('10.0.2.2', {port}))\n")
                self.type(window, code("timeouts"))
                window.wait_for_text("no data within 100 ms")
                window.wait_for_prompt()


if __name__ == "__main__":
    unittest.main()
