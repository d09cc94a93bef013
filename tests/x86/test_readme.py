"""What README.md shows of the machine is typed into a terminal, and must print what it shows."""

import contextlib
import http.server
import re
import socket
import sys
import threading
import unittest

from machine import ROOT

from peers import free_port, wait_until
from prompt import Prompt

README = (ROOT / "README.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```shell-session\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TOOL = ROOT / "tools" / "x86.py"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Readme(unittest.TestCase):
    def test_session_at_the_prompt(self):
        lines = SESSIONS[0].splitlines()
        self.assertEqual(lines.pop(0), "$ ./dev x86-run")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            with Prompt(sys.executable, TOOL) as terminal:
                terminal.read_until("Here is 10.0.2.2 and fec0::2 there. Ctrl-A X ends the machine.")
                terminal.read_until(">>> ")
                for line in lines:
                    if not line.startswith(">>> "):
                        pattern = ".*".join(re.escape(part) for part in line.split("..."))
                        self.assertRegex(out, "^" + pattern)  # pylint: disable=used-before-assignment
                        continue
                    typed = line[4:].replace("8000", str(server.server_address[1]))
                    terminal.type(typed + "\r")
                    if typed == "exit()":
                        terminal.read_until("exit()")
                        break
                    terminal.read_until(typed + "\n")
                    out = terminal.read_until(">>> ")
            server.shutdown()

    def test_commands_are_as_the_tool_takes_them(self):
        echo, telnet = re.findall(r"^\$ tools/x86.py (.*?)(?: < /dev/null &)?$", SESSIONS[1], re.MULTILINE)
        for words, inside, answers in ((echo, "7007", self.echoes), (telnet, "2323", self.prompts)):
            port = str(free_port())
            # Only the outer one of the two ports.
            words = words.replace(f"tcp:{inside}-", f"tcp:{port}-", 1).split()
            words = [str(ROOT / word) if word.endswith(".py") else word for word in words]
            with self.subTest(words=words), Prompt(sys.executable, TOOL, *words) as terminal:
                terminal.read_until("listening on port 7" if answers == self.echoes else ">>> ")
                wait_until(lambda where=int(port), ask=answers: ask(where), "an answer")

    @staticmethod
    def echoes(port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(b"echo")
            return client.recv(9) == b"echo"
        return False

    @staticmethod
    def prompts(port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
            text = b""
            while b">>> " not in text and (data := client.recv(100)):
                text += data
            return b">>> " in text
        return False

    def test_tool_refuses_what_it_does_not_know(self):
        for words, why in (
            (["--nic", "wd8013"], "there is no network card 'wd8013'"),
            (["--link", "slirp:mtu=600"], "slirp:mtu=600 has no counterpart in QEMU"),
            (["--link"], "option '--link' needs a value"),
        ):
            with self.subTest(words=words), Prompt(sys.executable, TOOL, *words) as terminal:
                terminal.read_until("x86: " + why)


if __name__ == "__main__":
    unittest.main()
