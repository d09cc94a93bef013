"""mp's prompt, at a terminal."""

import os
import pathlib
import signal
import socket
import tempfile
import termios
import unittest

from mp_program import Terminal, wait_until

CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E = "\x01\x02\x03\x04\x05"
UP, LEFT, BACKSPACE = "\x1b[A", "\x1b[D", "\x7f"


class Prompt(unittest.TestCase):
    def terminal(self, *args, **changes):
        terminal = Terminal(*args, **changes)
        self.addCleanup(terminal.__exit__)
        return terminal

    def prompt(self, *args, **changes):
        terminal = self.terminal(*args, **changes)
        terminal.wait_for(">>> ")
        return terminal

    def enter(self, terminal, line):
        terminal.type(line + "\r")
        output = terminal.wait_for(">>> ")
        return output.split("\n", 1)[1].replace("\r", "").rsplit(">>> ", 1)[0]

    def test_banner_and_end(self):
        terminal = self.terminal()
        banner = terminal.wait_for(">>> ")
        self.assertRegex(banner, r"^MicroPython v1\.25\.0; baresock [\d.]+; linux\r\n")
        self.assertEqual(self.enter(terminal, "1 + 1"), "2\n")
        terminal.type(CTRL_D)
        self.assertEqual(terminal.end(), 0)

    def test_exit_status(self):
        for line, status in (("import sys; sys.exit(5)", 5), ("exit()", 0), ("quit(6)", 6)):
            with self.subTest(line):
                terminal = self.prompt()
                terminal.type(line + "\r")
                self.assertEqual(terminal.end(), status)

    def test_exceptions_leave_the_prompt(self):
        terminal = self.prompt()
        self.assertIn("ZeroDivisionError", self.enter(terminal, "1/0"))
        self.assertEqual(self.enter(terminal, "2"), "2\n")

    def test_ctrl_c_clears_the_line(self):
        terminal = self.prompt()
        terminal.type("nonsense here" + CTRL_C)
        terminal.wait_for(">>> ")
        self.assertEqual(self.enter(terminal, "3"), "3\n")

    def test_a_signal_clears_the_line_as_well(self):
        terminal = self.prompt()
        terminal.type("x = 'kept'")
        terminal.wait_for("kept'")
        os.kill(terminal.pid, signal.SIGINT)
        terminal.wait_for(">>> ")
        self.assertEqual(self.enter(terminal, "4"), "4\n")

    def test_ctrl_c_interrupts_what_runs(self):
        terminal = self.prompt()
        terminal.type("print('run' + 'ning')\rimport time; time.sleep(1000)\r")
        terminal.wait_for("running\r\n")
        terminal.wait_for("sleep(1000)\r\n")
        wait_until(lambda: self.is_cooked(terminal))
        terminal.type(CTRL_C)
        self.assertIn("KeyboardInterrupt", terminal.wait_for("\n>>> "))

    def is_cooked(self, terminal):
        return bool(termios.tcgetattr(terminal.fd)[3] & termios.ICANON)

    def test_editing_and_history(self):
        terminal = self.prompt()
        self.assertEqual(self.enter(terminal, "13" + LEFT + "2"), "123\n")
        self.assertEqual(self.enter(terminal, "'second'"), "'second'\n")
        self.assertEqual(self.enter(terminal, UP + UP), "123\n")

    def test_history_is_kept_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "history")
            terminal = self.prompt(BARESOCK_HISTORY=str(path))
            for number in range(60):
                self.enter(terminal, f"{number} * 2")
            terminal.type(CTRL_D)
            self.assertEqual(terminal.end(), 0)
            self.assertEqual(path.read_text().splitlines(), [f"{number} * 2" for number in range(60)])
            terminal = self.prompt(BARESOCK_HISTORY=str(path))
            self.assertEqual(self.enter(terminal, UP), "118\n")

    def test_completion(self):
        terminal = self.prompt()
        self.enter(terminal, "import socket")
        terminal.type("socket.getaddr\t")
        terminal.wait_for("socket.getaddrinfo")

    def test_paste_mode(self):
        terminal = self.prompt()
        terminal.type(CTRL_E)
        terminal.wait_for("=== ")
        terminal.type("def f(x):\r    if x:\r        return 'yes'\r\r    return 'no'\rprint(f(1), f(0))\r" + CTRL_D)
        self.assertIn("yes no", terminal.wait_for("\n>>> "))

    def test_compound_statement(self):
        terminal = self.prompt()
        terminal.type("for i in range(2):\rprint('line', i)\r\r\r\r")
        self.assertIn("line 0\r\nline 1", terminal.wait_for("\n>>> "))

    def test_raw_mode_of_tools(self):
        terminal = self.prompt()
        terminal.type(CTRL_A)
        terminal.wait_for("raw REPL; CTRL-B to exit\r\n>")
        terminal.type("print('from a tool')" + CTRL_D)
        terminal.wait_for("OK")
        self.assertEqual(terminal.wait_for("\x04>"), "from a tool\r\n\x04\x04>")
        terminal.type(CTRL_B)
        terminal.wait_for(">>> ")

    def test_input_is_edited(self):
        terminal = self.prompt()
        terminal.type("x = input('name? ')\r")
        terminal.wait_for("\r\n")
        terminal.wait_for("name? ")
        wait_until(lambda: not self.is_cooked(terminal))
        terminal.type("Axna" + LEFT + LEFT + BACKSPACE + "n\r")
        terminal.wait_for(">>> ")
        self.assertEqual(self.enter(terminal, "x"), "'Anna'\n")

    def test_the_terminal_is_given_back_as_it_was(self):
        for end in (CTRL_D, "import sys; sys.exit()\r"):
            with self.subTest(end):
                terminal = self.prompt()
                self.assertFalse(self.is_cooked(terminal))
                terminal.type(end)
                terminal.end()
        terminal = self.prompt()
        os.kill(terminal.pid, signal.SIGTERM)
        self.assertEqual(terminal.end(), -signal.SIGTERM)

    def test_i_gives_the_prompt_after_a_command(self):
        terminal = self.prompt("-i", "-c", "x = 77")
        self.assertEqual(self.enter(terminal, "x"), "77\n")

    def test_the_network_moves_while_the_prompt_waits(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        terminal = self.prompt("--link", f"slirp:fwd=tcp:{port}-80")
        self.enter(terminal, "import socket, network, time")
        self.enter(terminal, "l = socket.socket(); l.bind(('', 80)); l.listen(1)")
        self.enter(terminal, "exec('while not network.LAN().isconnected(): time.sleep_ms(1)')")
        with socket.create_connection(("127.0.0.1", port), 60) as peer:
            peer.sendall(b"hello")
            self.enter(terminal, "s = l.accept()[0]; s.send(b'first')")
            peer.settimeout(60)
            self.assertEqual(peer.recv(5), b"first")
            self.assertEqual(self.enter(terminal, "s.recv(5)"), "b'hello'\n")
            self.enter(terminal, "s.close()")
            # Nothing more is typed: the prompt's wait has to deliver the end of the stream.
            self.assertEqual(peer.recv(5), b"")


if __name__ == "__main__":
    unittest.main()
