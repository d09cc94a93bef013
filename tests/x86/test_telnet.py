"""The prompt over TCP."""

import contextlib
import re
import socket
import unittest

from machine import Machine
from peers import DEADLINE_S, free_port

IAC, DONT, DO, WONT, WILL, SB, IP, SE = 255, 254, 253, 252, 251, 250, 244, 240
ECHO, SGA, NAWS, TTYPE = 1, 3, 31, 24

# What a client that reads nothing is shown, in bytes: more than all windows and buffers on the way hold.
SHOWN = 8_000_000

# At once, so that a client's first SYN is not sent in vain.
ADDRESS = "BARESOCK_IP4=10.0.2.15/24,10.0.2.2"

# Three bytes each, but for a doubled IAC, which stands for one.
COMMANDS = re.compile(rb"\xff(\xff)|\xff[\xfb-\xfe].", re.DOTALL)


class Client:
    """A telnet client. What it shows has telnet's own words taken out."""

    def __init__(self, port):
        self.line = socket.socket()
        self.line.settimeout(DEADLINE_S)
        # Little, so that a client which does not read is soon full.
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.line.connect(("127.0.0.1", port))
        self.raw = b""

    @property
    def text(self):
        return COMMANDS.sub(lambda found: found[1] or b"", self.raw).decode("latin-1").replace("\r\n", "\n")

    def wait_for(self, words, start=0):
        while True:
            at = self.text.find(words, start)
            if at >= 0:
                return at + len(words)
            data = self.line.recv(65536)
            if not data:
                raise AssertionError(f"{words!r} never came: {self.text[-2000:]!r}")
            self.raw += data

    def send(self, data):
        self.line.sendall(data if isinstance(data, bytes) else data.encode())

    def ask(self, line):
        start = len(self.text)
        self.send(line + "\r\n")
        echo = self.wait_for(line + "\n", start)
        end = self.wait_for(">>> ", echo)
        return self.text[echo : end - len(">>> ")]

    def close(self):
        self.line.close()


class Telnet(unittest.TestCase):
    def setUp(self):
        self.exits = contextlib.ExitStack()
        self.addCleanup(self.exits.close)

    def boot(self, *words):
        self.port = free_port()
        netdev = f"user,hostfwd=tcp:127.0.0.1:{self.port}-:2323"
        self.machine = self.exits.enter_context(Machine(ADDRESS, "repl=tcp:2323", *words, nics=[("e1000", netdev)]))
        self.machine.wait_for(">>> ")

    def client(self):
        client = Client(self.port)
        self.exits.callback(client.close)
        client.wait_for(">>> ")
        return client

    def test_client_gets_prompt_and_answers(self):
        self.boot()
        client = self.client()
        self.assertEqual(client.raw[:6], bytes([IAC, WILL, ECHO, IAC, WILL, SGA]))
        self.assertEqual(client.ask("6 * 7"), "42\n")
        # Both lines are one console.
        self.machine.wait_for("42\n>>> ")

    def test_ends_of_lines_are_those_of_telnet_and_of_nc(self):
        self.boot()
        client = self.client()
        for end in ("\r\n", "\r\0", "\n", "\r"):
            start = len(client.text)
            client.send(f"print('x' * 3, 1){end}")
            client.wait_for("\nxxx 1\n>>> ", start)

    def test_commands_are_taken_out_and_refused(self):
        self.boot()
        client = self.client()
        client.send(b"pri" + bytes([IAC, DO, ECHO, IAC, WILL, NAWS, IAC, DO, TTYPE, IAC, SB, NAWS, 0, 80, IAC, IAC, 1, IAC, SE]) + b"nt(5)\r\n")
        client.wait_for("\n5\n>>> ")
        self.assertIn(bytes([IAC, DONT, NAWS]), client.raw)
        self.assertIn(bytes([IAC, WONT, TTYPE]), client.raw)

    def test_ctrl_c_and_interrupt_process_end_loop_sleep_and_receive(self):
        self.boot()
        client = self.client()
        client.ask("import time, socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 9))")
        for way in (b"\x03", bytes([IAC, IP])):
            for call in ("exec('while True: pass')", "time.sleep(100000)", "s.recv(1)"):
                start = len(client.text)
                client.send(f"print('in'); {call}\r\n")
                client.wait_for("\nin\n", start)
                client.send(way)
                client.wait_for("KeyboardInterrupt", start)
                client.wait_for(">>> ", start)

    def test_paste_mode_and_much_output(self):
        self.boot()
        client = self.client()
        client.send("\x05")
        client.wait_for("=== ")
        client.send("".join(f"x{i} = {i}\r\n" for i in range(500)) + "print('y' * 200000)\r\n\x04")
        client.wait_for("y" * 200000)

    def test_second_client_takes_line_over(self):
        self.boot()
        first = self.client()
        second = self.client()
        first.wait_for("Another client has taken the line over.")
        self.assertEqual(first.line.recv(100), b"")
        self.assertEqual(second.ask("1 + 1"), "2\n")

    def test_client_that_goes_away_leaves_prompt_to_next(self):
        self.boot()
        first = self.client()
        first.send("print('gone')\r\n")
        first.close()
        second = self.client()
        self.assertEqual(second.ask("1 + 1"), "2\n")
        self.assertEqual(self.machine.ask("2 + 2"), "4\n")

    def test_client_that_reads_nothing_is_given_up(self):
        self.boot()
        client = self.client()
        self.assertTrue(self.machine.ask(f"x = [print('z' * 10000) for i in range({SHOWN // 10000})]").endswith("z\n"))
        self.assertEqual(self.machine.ask("1 + 1"), "2\n")
        size = 0
        while data := client.line.recv(65536):
            size += len(data)
        # Its line was closed before all of it had gone.
        self.assertLess(size, SHOWN)

    def test_reset_of_the_stack_and_soft_reboot_listen_anew(self):
        self.boot()
        client = self.client()
        client.send("import lwip; lwip.reset()\r\n")
        self.machine.wait_for("lwip.reset()\n>>> ")
        self.machine.ask("import uc386_net; uc386_net.eth_init()")
        self.assertEqual(self.client().ask("3 * 3"), "9\n")
        start = len(self.machine.text)
        self.machine.type("\x04")
        self.machine.wait_for(">>> ", self.machine.wait_for("soft reboot", start))
        self.assertEqual(self.client().ask("4 * 4"), "16\n")

    def test_script_runs_beside_it(self):
        port = free_port()
        netdev = f"user,hostfwd=tcp:127.0.0.1:{port}-:2323"
        script = "import time\nprint('begun')\nwhile True: time.sleep(1)\n"
        words = (ADDRESS, "repl=tcp:2323", "-i", "s.py")
        with Machine(*words, files=[("s.py", script)], nics=[("e1000", netdev)]) as machine:
            machine.wait_for("begun")
            client = Client(port)
            self.exits.callback(client.close)
            client.send("\x03")
            client.wait_for("KeyboardInterrupt")
            client.wait_for(">>> ")
            self.assertEqual(client.ask("1 + 1"), "2\n")

    def test_wrong_words_are_refused(self):
        for word in ("repl=", "repl=tcp", "repl=tcp:0", "repl=tcp:65536", "repl=udp:1", "repl=tcp:23x"):
            with self.subTest(word=word), Machine(word, nics=[("e1000", "user")]) as machine:
                self.assertEqual(machine.finish(), (2, f"mp: {word}: write repl=tcp:PORT\n"))


if __name__ == "__main__":
    unittest.main()
