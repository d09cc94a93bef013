"""A program that sends, closes and ends at once: its peer gets all of it."""

import signal
import socket
import subprocess
import tempfile
import unittest

import peers
from peers import HOST4, Mp, Wire

SIZE = 100_000

# Every way out of a Python program, after which the peer must have everything.
ENDINGS = {
    "close": "s.close()",
    "falls off the end": "",
    "sys.exit": "sys.exit(0)",
    "exception": "raise ValueError",
    "closes and exits": "s.close(); sys.exit(3)",
    "shuts down": "s.shutdown(socket.SHUT_WR)",
    "from within asyncio": "import asyncio\nasync def main(): sys.exit(0)\nasyncio.run(main())",
}

SEND = f"""
import socket, sys
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
s.sendall(b"p" * {SIZE})
"""

READ_SLOWLY = """
import socket, sys, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
server.bind(("", 7))
server.listen()
print("ready")
for _ in range(int(sys.argv[1])):
    connection, _ = server.accept()
    total = 0
    while part := connection.recv(1000):
        total += len(part)
        time.sleep_ms(1)
    connection.close()
    print(total)
"""


class SlowReader:
    """On the kernel's stack: its buffers are small, and so are its reads."""

    def __enter__(self):
        self.server = socket.socket()
        self.server.settimeout(peers.DEADLINE_S)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.server.bind(("127.0.0.1", 0))
        self.server.listen()
        self.port = self.server.getsockname()[1]
        return self

    def __exit__(self, *error):
        self.server.close()

    @staticmethod
    def read(connection):
        total = 0
        while part := connection.recv(500):
            total += len(part)
        connection.close()
        return total


class Endings(unittest.TestCase):
    def test_python_over_slirp_slow_kernel_reader_gets_all(self):
        for name, ending in ENDINGS.items():
            with self.subTest(name), SlowReader() as reader, Mp(SEND + ending, HOST4, reader.port) as mp:
                self.assertEqual(reader.read(peers.accept(reader.server)), SIZE)
                mp.wait()

    def test_python_over_wire_slow_reader_gets_all(self):
        with Wire() as wire, wire.mp(0, READ_SLOWLY, len(ENDINGS)) as reader:
            reader.expect("ready")
            for name, ending in ENDINGS.items():
                with self.subTest(name), wire.mp(1, SEND + ending, "10.1.0.1", 7) as mp:
                    reader.expect(str(SIZE))
                    mp.wait()
            reader.finish()

    def test_python_lesson_06_peer_reads_the_reply_of_a_server_that_ended(self):
        script = f"""
            import socket
            server = socket.socket()
            server.bind(("", 80))
            server.listen()
            print("ready")
            connection, _ = server.accept()
            connection.recv(100)
            connection.sendall(b"r" * {SIZE})
            connection.close()
        """
        port = peers.free_port()
        with Mp(script, link=f"slirp:fwd=tcp:{port}-80") as mp:
            mp.expect("ready")
            with peers.connect(port) as s:
                s.sendall(b"question")
                mp.finish()
                self.assertEqual(len(peers.receive_all(s)), SIZE)

    def test_c_over_slirp_slow_kernel_reader_gets_all(self):
        with tempfile.TemporaryDirectory() as folder:
            program = peers.build_c("send_and_exit", folder)
            for way in ("close", "exit", "return"):
                with self.subTest(way), SlowReader() as reader:
                    words = [program, HOST4, str(reader.port), way]
                    with subprocess.Popen(words, env=peers.environment()) as process:
                        self.assertEqual(reader.read(peers.accept(reader.server)), SIZE)
                        self.assertEqual(process.wait(peers.DEADLINE_S), 0)

    def test_c_over_wire_slow_reader_gets_all(self):
        ways = ("close", "exit", "return")
        with tempfile.TemporaryDirectory() as folder, Wire() as wire:
            program = peers.build_c("send_and_exit", folder)
            with wire.mp(0, READ_SLOWLY, len(ways)) as reader:
                reader.expect("ready")
                env = peers.environment({**wire.env(1), "BARESOCK_LINK": wire.link(1)})
                for way in ways:
                    with self.subTest(way), subprocess.Popen([program, "10.1.0.1", "7", way], env=env) as process:
                        reader.expect(str(SIZE))
                        self.assertEqual(process.wait(peers.DEADLINE_S), 0)
                reader.finish()

    def test_status_is_that_of_the_program(self):
        with peers.listener() as server:
            for ending, status in (("sys.exit(3)", 3), ("raise ValueError", 1), ("", 0)):
                with self.subTest(ending), Mp(SEND + ending, HOST4, server.getsockname()[1]) as mp:
                    self.assertEqual(len(peers.receive_all(peers.accept(server))), SIZE)
                    self.assertEqual(mp.wait(), status)

    def test_peer_stands_still_program_ends_nevertheless(self):
        server_script = """
            import socket, time
            server = socket.socket()
            server.bind(("", 7))
            server.listen()
            print("ready")
            connection, _ = server.accept()
            print("accepted")
            time.sleep(1000)
        """
        client_script = f"""
            import socket, sys
            s = socket.create_connection(("10.1.0.1", 7))
            sys.stdin.readline()
            s.sendall(b"p" * {SIZE})
        """
        with Wire() as wire, wire.mp(0, server_script) as server:
            server.expect("ready")
            with wire.mp(1, client_script) as client:
                server.expect("accepted")
                server.process.send_signal(signal.SIGSTOP)
                client.type("go")
                client.finish()


if __name__ == "__main__":
    unittest.main()
