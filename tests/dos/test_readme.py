"""What README.md shows of DOS is typed into a terminal, and must print what it shows."""

import http.server
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest

from rig import ROOT

from peers import DEADLINE_S
from prompt import Prompt

README = (ROOT / "README.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```dos-session\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TOOL = ROOT / "tools" / "dos.py"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Readme(unittest.TestCase):
    def test_session_at_the_prompt(self):
        lines = SESSIONS[0].splitlines()
        self.assertEqual(lines.pop(0), "$ ./dev dos-run")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            with Prompt(sys.executable, TOOL, env={"DISPLAY": ""}) as terminal:
                terminal.read_until("Here is 10.0.2.2 there. Ctrl-] ends the machine.")
                terminal.read_until(">>> ")
                out = ""
                for line in lines:
                    if not line.startswith(">>> "):
                        pattern = ".*".join(re.escape(part) for part in line.split("..."))
                        self.assertRegex(out, "^" + pattern)
                        continue
                    typed = line[4:].replace("8000", str(server.server_address[1]))
                    terminal.type(typed + "\r")
                    if typed == "exit()":
                        terminal.read_until("exit()")
                        break
                    terminal.read_until(typed + "\n")
                    out = terminal.read_until(">>> ")
                self.assertEqual(terminal.finish()[1], 0)
            server.shutdown()

    def test_capture_is_where_it_was_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "out.pcapng")
            script = "import socket; socket.socket().connect_ex(('10.0.2.2', 1))"
            subprocess.run([sys.executable, TOOL, "--capture", path, "-c", script], check=True, stdin=subprocess.DEVNULL, timeout=DEADLINE_S)
            shown = subprocess.run(["tshark", "-r", path], check=True, capture_output=True, text=True).stdout
            self.assertIn("DHCP Discover", shown)


if __name__ == "__main__":
    unittest.main()
