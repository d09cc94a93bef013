"""Ctrl-C, in whatever mp is doing."""

import signal
import unittest

from mp_program import DEADLINE_S, start

SETUP = """
import asyncio, network, select, socket, sys, time
# A network whose hosts never answer.
lan = network.LAN(link='loop'); lan.active(True)
lan.ifconfig(('10.9.9.2', '255.255.255.0', '10.9.9.1', '10.9.9.3'))
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(1)
c = socket.socket(); c.connect(l.getsockname()); s, _ = l.accept()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
p = select.poll(); p.register(s, select.POLLIN)
def spin():
    while True:
        pass
async def rest():
    await asyncio.sleep(1000)
def full():
    while True:
        c.sendall(b'x' * 100000)
"""

WAITS = {
    "accept": "l.accept()",
    "recv": "s.recv(1)",
    "recv with a timeout": "s.settimeout(1000); s.recv(5000)",
    "recvfrom": "u.recvfrom(1)",
    "read": "s.read()",
    "readline": "s.readline()",
    "makefile": "s.makefile('rb').read(5)",
    "sendall": "full()",
    "select": "select.select([s], [], [])",
    "poll": "p.poll()",
    "poll with a timeout": "p.poll(1000000)",
    "sleep": "time.sleep(1000)",
    "sleep_ms": "time.sleep_ms(1000000)",
    "asyncio": "asyncio.run(rest())",
    "computing": "spin()",
    "connect": "socket.socket().connect(('10.9.9.7', 80))",
    "getaddrinfo": "socket.getaddrinfo('example.com', 80)",
}


class Interrupt(unittest.TestCase):
    def interrupted(self, code):
        program = start("-c", code)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.kill)
        self.assertEqual(program.stdout.readline(), "waiting\n")
        program.send_signal(signal.SIGINT)
        output = program.stdout.read()
        return program.wait(DEADLINE_S), output

    def test_every_wait_raises_keyboardinterrupt(self):
        for name, wait in WAITS.items():
            with self.subTest(name):
                status, output = self.interrupted(f"{SETUP}\nprint('waiting')\n{wait}\n")
                self.assertEqual(status, 1, output)
                self.assertIn("KeyboardInterrupt", output)

    def test_it_can_be_caught_and_the_socket_used_again(self):
        code = f"""{SETUP}
c.send(b'ab')
print('waiting')
try:
    s.read(10)
except KeyboardInterrupt:
    c.send(b'cd')
    print(s.read(4))
"""
        self.assertEqual(self.interrupted(code), (0, "b'abcd'\n"))


if __name__ == "__main__":
    unittest.main()
