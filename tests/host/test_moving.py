"""The network moves on while a program sleeps, computes or waits for something else; Ctrl-C and links leave nothing."""

import os
import socket
import tempfile
import unittest

import peers
from peers import Mp, scaled

# What a program does instead of using its socket, until the peer has everything: then there is a file "done", and a
# line on standard input.
BUSY = {
    "time.sleep": "while not done():\n    time.sleep(0.05)",
    "time.sleep_ms": "while not done():\n    time.sleep_ms(50)",
    "computing": "while not done():\n    for i in range(1000):\n        n = i * i",
    "recursion": "def f(n):\n    return 0 if n == 0 else f(n - 1)\nwhile not done():\n    f(100)",
    "generator": "while not done():\n    sum(i for i in range(1000))",
    "asyncio": """
import asyncio
async def wait():
    while not done():
        await asyncio.sleep(0.05)
asyncio.run(wait())
""",
    "input": "input()",
    "sys.stdin": "sys.stdin.readline()",
    "select": "select.select([sys.stdin], [], [])",
}

# Takes less than a connection's send buffer, and more than goes out without an acknowledgement.
AMOUNT = 100_000

SEND = f"""
import os, select, socket, sys, time
def done():
    try:
        os.stat(sys.argv[2])
        return True
    except OSError:
        return False
s = socket.socket()
s.connect(("10.0.2.2", int(sys.argv[1])))
s.sendall(bytes({AMOUNT}))
print("busy")
"""


class Busy(unittest.TestCase):
    def test_what_was_sent_goes_out_while_the_program_does_something_else(self):
        for name, busy in BUSY.items():
            with self.subTest(name), peers.listener() as server, tempfile.TemporaryDirectory() as folder:
                done = os.path.join(folder, "done")
                port = server.getsockname()[1]
                with Mp(SEND + busy + "\nprint('done')\n", port, done) as mp, peers.accept(server) as connection:
                    total = 0
                    while total < AMOUNT:
                        total += len(connection.recv(1 << 16))
                    with open(done, "w", encoding="ascii"):
                        mp.type("done")
                    mp.expect("busy")
                    mp.expect("done")
                    mp.finish()

    def test_connections_are_made_and_closed_while_the_server_computes(self):
        script = """
            import os, socket, sys
            server = socket.socket()
            server.bind(("", 80))
            server.listen()
            print("ready")
            while len(os.listdir(sys.argv[1])) == 0:
                for i in range(1000):
                    pass
            for _ in range(20):
                connection, _ = server.accept()
                print(connection.recv(100), connection.recv(100))
        """
        port = peers.free_port()
        with tempfile.TemporaryDirectory() as folder, Mp(script, folder, link=f"slirp:fwd=tcp:{port}-80") as mp:
            mp.expect("ready")
            for number in range(20):
                with peers.connect(port) as s:
                    s.sendall(b"%d" % number)
                    s.shutdown(socket.SHUT_WR)
            with open(os.path.join(folder, "done"), "w", encoding="ascii"):
                pass
            for number in range(20):
                mp.expect(f"b'{number}' b''")
            mp.finish()


class Interrupts(unittest.TestCase):
    """Lesson 3, second half: Ctrl-C in any wait, and nothing is left of what was waited for."""

    WAITS = {
        "recv": "s.recv(10)",
        "accept": "l.accept()",
        "connect": "socket.create_connection(('10.1.0.99', 80))",
        "getaddrinfo": "socket.getaddrinfo('example.test', 80)",
        "connect by name": "socket.create_connection(('example.test', 80))",
        "select": "select.select([s], [], [])",
        "poll": "p = select.poll(); p.register(s, select.POLLIN); p.poll()",
        "time.sleep": "time.sleep(1000)",
        "asyncio.sleep": "asyncio.run(rest())",
        "asyncio.open_connection": "asyncio.run(asyncio.open_connection('example.test', 80))",
    }

    SCRIPT = """
import asyncio, gc, lwip, select, socket, sys, time
# A peer that never sends, and a name server that never answers.
l = socket.socket()
l.bind(("127.0.0.1", 0))
l.listen()
s = socket.create_connection(l.getsockname())
peer, _ = l.accept()
async def rest():
    await asyncio.sleep(1000)
def used():
    gc.collect()
    return {name: pool["used"] for name, pool in lwip.stats()["pool"].items()}
def wait():
    WAIT
def interrupted():
    print("waiting")
    try:
        wait()
    except KeyboardInterrupt:
        asyncio.new_event_loop()
        return True
# What the first time leaves for good is no leak. A neighbour that does not answer is forgotten after a while, and so is a
# query that the collector still takes for used.
print(interrupted())
while used()["ARP_QUEUE"] + used()["UDP_PCB"] > 0:
    time.sleep(0.02)
before = used()
print(interrupted())
deadline = time.time() + 60
while used() != before and time.time() < deadline:
    time.sleep(0.02)
print({name: (before[name], n) for name, n in used().items() if n != before[name]} or "no leak")
"""

    def test_lesson_03_ctrl_c_in_every_wait_leaks_nothing(self):
        for name, wait in self.WAITS.items():
            with self.subTest(name), peers.Wire() as wire:
                env = {"BARESOCK_IP4": "10.1.0.1/24", "BARESOCK_IP6": "off", "BARESOCK_DNS": "10.1.0.98"}
                with Mp(self.SCRIPT.replace("WAIT", wait, 1), link=wire.link(0), env=env) as mp:
                    for _ in range(2):
                        mp.expect("waiting")
                        mp.interrupt()
                        mp.expect("True")
                    mp.expect("no leak")
                    mp.finish()


class Descriptors(unittest.TestCase):
    """The host's descriptors of the process."""

    def count_over_rounds(self, script, *args):
        rounds = max(3, scaled(30))
        with Mp(script, rounds, *args, link=None) as mp:
            counts = []
            for _ in range(rounds):
                mp.expect("round")
                counts.append(len(os.listdir(f"/proc/{mp.process.pid}/fd")))
                mp.type("go")
            mp.finish()
        # The first round may open what stays for good.
        self.assertEqual(counts[-1], counts[1], counts)

    def test_default_link_comes_and_goes_no_descriptor_is_lost(self):
        script = """
            import lwip, socket, sys
            for _ in range(int(sys.argv[1])):
                s = socket.create_connection(("10.0.2.2", int(sys.argv[2])))
                s.send(b"x")
                lwip.reset()
                print("round")
                sys.stdin.readline()
        """
        with peers.listener() as server:
            self.count_over_rounds(script, server.getsockname()[1])

    def test_links_come_and_go_no_descriptor_is_lost(self):
        script = """
            import network, sys
            for number in range(int(sys.argv[1])):
                for link in sys.argv[2:]:
                    lan = network.LAN(link=link)
                    lan.active(True)
                    lan.active(False)
                print("round")
                sys.stdin.readline()
        """
        with peers.Wire() as wire:
            port = peers.free_port()
            self.count_over_rounds(script, wire.link(0), f"slirp:fwd=tcp:{port}-80,fwd=udp:{port}-80")

    def test_links_that_do_not_open_lose_no_descriptor(self):
        script = """
            import network, sys
            for _ in range(int(sys.argv[1])):
                for link in sys.argv[2:]:
                    try:
                        network.LAN(link=link).active(True)
                    except OSError:
                        pass
                    else:
                        print(link)
                print("round")
                sys.stdin.readline()
        """
        with peers.listener() as taken, tempfile.TemporaryDirectory() as folder:
            port = taken.getsockname()[1]
            self.count_over_rounds(
                script, f"slirp:fwd=tcp:{port}-80", f"wire:{folder}/no/such/a,{folder}/b", "nonsense", "slirp:mtu=1"
            )

    def test_forwarded_port_is_taken_is_one_sentence(self):
        with peers.listener() as taken:
            port = taken.getsockname()[1]
            status, stdout, stderr = peers.run_mp("--link", f"slirp:fwd=tcp:{port}-80", "-c", "print('never')")
            self.assertEqual((status, stdout), (2, ""))
            self.assertEqual(
                stderr, f"mp: --link: TCP port {port} of 127.0.0.1 is taken: forward from another one\n"
            )

    def test_many_forwarded_connections_no_descriptor_is_lost(self):
        script = """
            import socket
            server = socket.socket()
            server.bind(("", 80))
            server.listen()
            print("ready")
            while True:
                connection, _ = server.accept()
                connection.sendall(connection.recv(100))
                connection.close()
        """
        port = peers.free_port()
        with Mp(script, link=f"slirp:fwd=tcp:{port}-80") as mp:
            mp.expect("ready")

            def descriptors():
                return len(os.listdir(f"/proc/{mp.process.pid}/fd"))

            before = descriptors()
            for _ in range(scaled(200)):
                with peers.connect(port) as s:
                    s.sendall(b"hello")
                    self.assertEqual(peers.receive_all(s), b"hello")
            peers.wait_until(lambda: descriptors() == before, "slirp has closed all")


if __name__ == "__main__":
    unittest.main()
