"""Many connections, and much data: in the end every pool is as empty as it was before."""

import socket
import unittest

import peers
from peers import HOST4, Mp, Wire, scaled

# Before each script: what is in use when there is no connection, and what is still in use when all is over. Who closes
# first keeps TIME_WAIT, so in most scripts here the peer does.
POOLS = """
import errno, lwip, select, socket, sys, time

def used():
    return {name: pool["used"] for name, pool in lwip.stats()["pool"].items()}

def used_without_connections():
    while used()["TCP_PCB"] > 0:
        time.sleep(0.02)
    print("go")
    return used()

def leak(before):
    deadline = time.time() + 60
    while used() != before and time.time() < deadline:
        time.sleep(0.02)
    after = used()
    return " ".join(f"{name}:{before[name]}->{n}" for name, n in after.items() if n != before[name]) or "no leak"

def listen():
    server = socket.socket()
    server.bind(("", 80))
    server.listen(255)
    return server

def serve_one(server):
    connection, _ = server.accept()
    while data := connection.recv(1000):
        connection.sendall(data)
    connection.close()
"""

# Serves one connection so that the link is up and the neighbour known, then as many as it is told in a row.
IN_A_ROW = """
server = listen()
print("ready")
serve_one(server)
before = used_without_connections()
for _ in range(int(sys.argv[1])):
    serve_one(server)
print(leak(before))
"""

# Serves as many connections at the same time as it is told.
AT_ONCE = """
server = listen()
print("ready")
serve_one(server)
before = used_without_connections()
poll = select.poll()
poll.register(server, select.POLLIN)
open_now = most = served = 0
while served < int(sys.argv[1]):
    for s, event in poll.poll():
        if s is server:
            connection, _ = server.accept()
            poll.register(connection, select.POLLIN)
            open_now += 1
            most = max(most, open_now)
        elif data := s.recv(1000):
            s.sendall(data)
        else:
            poll.unregister(s)
            s.close()
            open_now -= 1
            served += 1
print(most)
print(leak(before))
"""

CLIENT_IN_A_ROW = """
host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def once():
    s = socket.socket()
    s.connect((host, port))
    s.send(b"question")
    answer = b""
    while part := s.recv(100):
        answer += part
    s.close()
    return answer == b"answer"
once()
before = used_without_connections()
print(sum(once() for _ in range(count)))
print(leak(before))
"""

# The first connection only brings the link up, and ends before the baseline is taken.
BASELINE = """
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
s.recv(1)
s.close()
before = used_without_connections()
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
"""

SEND = """
total, data = int(sys.argv[3]), bytes(range(251)) * 1000
sent = 0
while sent < total:
    s.sendall(data)
    sent += len(data)
print(sent, s.recv(1))
s.close()
print(leak(before))
"""

RECEIVE = """
buffer = bytearray(65536)
view = memoryview(buffer)
expected = bytes(range(251)) * 600
total = wrong = 0
while n := s.recv_into(buffer):
    at = total % 251
    wrong += view[:n] != memoryview(expected)[at:at + n]
    total += n
print(total, wrong)
s.close()
print(leak(before))
"""

# SLAAC goes on for seconds, and takes from the pools when it is done.
NO_IP6 = {"BARESOCK_IP6": "off"}

PATTERN = bytes(range(251)) * 1000
BULK = scaled(200_000_000 // len(PATTERN)) * len(PATTERN)


def echo_once(port, data=b"hello"):
    with peers.connect(port) as s:
        s.sendall(data)
        received = s.recv(1000)
        if received != data:
            raise AssertionError(f"{received!r} came back instead of {data!r}")


class OverSlirp(unittest.TestCase):
    """Against the kernel's stack."""

    def test_connections_in_a_row_to_a_server_leave_nothing(self):
        port, count = peers.free_port(), scaled(1000)
        with Mp(POOLS + IN_A_ROW, count, link=f"slirp:fwd=tcp:{port}-80", env=NO_IP6) as mp:
            mp.expect("ready")
            echo_once(port)
            mp.expect("go")
            for _ in range(count):
                echo_once(port)
            mp.expect("no leak")
            mp.finish()

    def test_connections_in_a_row_from_a_client_leave_nothing(self):
        count = scaled(1000)

        def serve(server):
            for _ in range(1 + count):
                with peers.accept(server) as connection:
                    connection.recv(100)
                    connection.sendall(b"answer")

        with peers.listener() as server:
            task = peers.Task(serve, server)
            with Mp(POOLS + CLIENT_IN_A_ROW, HOST4, server.getsockname()[1], count, env=NO_IP6) as mp:
                mp.expect("go")
                mp.expect(str(count))
                mp.expect("no leak")
                mp.finish()
            task.result()

    def test_connections_at_once_leave_nothing(self):
        port, count = peers.free_port(), scaled(500)
        with Mp(POOLS + AT_ONCE, count, link=f"slirp:fwd=tcp:{port}-80", env=NO_IP6) as mp:
            mp.expect("ready")
            echo_once(port)
            mp.expect("go")
            connections = [peers.connect(port) for _ in range(count)]
            for turn in range(3):
                for number, connection in enumerate(connections):
                    connection.sendall(b"%d %d" % (turn, number))
                for number, connection in enumerate(connections):
                    self.assertEqual(connection.recv(100), b"%d %d" % (turn, number))
            for connection in connections:
                connection.close()
            mp.expect(str(count))
            mp.expect("no leak")
            mp.finish()

    def test_bulk_to_a_peer_arrives_and_leaves_nothing(self):
        with peers.listener() as server:
            with Mp(POOLS + BASELINE + SEND, HOST4, server.getsockname()[1], BULK, env=NO_IP6) as mp:
                peers.accept(server).close()
                mp.expect("go")
                connection = peers.accept(server)
                self.read_pattern(connection, BULK)
                connection.close()
                mp.expect(f"{BULK} b''")
                mp.expect("no leak")
                mp.finish()

    def read_pattern(self, connection, wanted):
        total, buffer = 0, bytearray(1 << 18)
        expected = memoryview(PATTERN * 2)
        while total < wanted:
            n = connection.recv_into(buffer)
            at = total % 251
            if n == 0 or memoryview(buffer)[:n] != expected[at : at + n]:
                self.fail(f"something else came behind byte {total}")
            total += n

    def test_bulk_from_a_peer_arrives_and_leaves_nothing(self):
        with peers.listener() as server:
            with Mp(POOLS + BASELINE + RECEIVE, HOST4, server.getsockname()[1], env=NO_IP6) as mp:
                peers.accept(server).close()
                mp.expect("go")
                connection = peers.accept(server)
                for _ in range(BULK // len(PATTERN)):
                    connection.sendall(PATTERN)
                connection.close()
                mp.expect(f"{BULK} 0")
                mp.expect("no leak")
                mp.finish()


class OverWire(unittest.TestCase):
    """Against ourselves."""

    def test_connections_in_a_row_leave_nothing(self):
        client_script = """
def once():
    s = socket.create_connection(("10.1.0.1", 80))
    s.send(b"hello")
    right = s.recv(100) == b"hello"
    # We close first, and keep TIME_WAIT: more of them than there are control blocks.
    s.close()
    return right
once()
print("first")
sys.stdin.readline()
print(sum(once() for _ in range(int(sys.argv[1]))))
"""
        count = scaled(3000)
        with Wire() as wire, wire.mp(0, POOLS + IN_A_ROW, count, env=NO_IP6) as server:
            server.expect("ready")
            with wire.mp(1, POOLS + client_script, count, env=NO_IP6) as client:
                client.expect("first")
                server.expect("go")
                client.type("go")
                client.expect(str(count))
                server.expect("no leak")
                client.finish()
            server.finish()

    def test_connections_at_once_leave_nothing(self):
        client_script = """
socket.create_connection(("10.1.0.1", 80)).close()
sys.stdin.readline()
connections = [socket.create_connection(("10.1.0.1", 80)) for _ in range(int(sys.argv[1]))]
for turn in range(3):
    for number, s in enumerate(connections):
        s.sendall(b"%d %d" % (turn, number))
    for number, s in enumerate(connections):
        assert s.recv(100) == b"%d %d" % (turn, number)
for s in connections:
    s.close()
print("done")
"""
        count = scaled(500)
        with Wire() as wire, wire.mp(0, POOLS + AT_ONCE, count, env=NO_IP6) as server:
            server.expect("ready")
            with wire.mp(1, POOLS + client_script, count, env=NO_IP6) as client:
                server.expect("go")
                client.type("go")
                client.expect("done")
                server.expect(str(count))
                server.expect("no leak")
                client.finish()
            server.finish()

    def test_bulk_each_way_arrives_and_leaves_nothing(self):
        server_script = """
server = listen()
print("ready")
serve_one(server)
before = used_without_connections()
s, _ = server.accept()
total, data = int(sys.argv[1]), bytes(range(251)) * 1000
for _ in range(total // len(data)):
    s.sendall(data)
expected = bytes(range(251)) * 600
buffer = bytearray(65536)
view = memoryview(buffer)
got = wrong = 0
while n := s.recv_into(buffer):
    at = got % 251
    wrong += view[:n] != memoryview(expected)[at:at + n]
    got += n
print(got, wrong)
s.close()
print(leak(before))
"""
        client_script = """
socket.create_connection(("10.1.0.1", 80)).close()
sys.stdin.readline()
s = socket.create_connection(("10.1.0.1", 80))
total, data = int(sys.argv[1]), bytes(range(251)) * 1000
expected = bytes(range(251)) * 600
buffer = bytearray(65536)
view = memoryview(buffer)
got = wrong = 0
while got < total:
    n = s.recv_into(buffer)
    at = got % 251
    wrong += view[:n] != memoryview(expected)[at:at + n]
    got += n
print(got, wrong)
for _ in range(total // len(data)):
    s.sendall(data)
s.close()
"""
        with Wire() as wire, wire.mp(0, POOLS + server_script, BULK, env=NO_IP6) as server:
            server.expect("ready")
            with wire.mp(1, POOLS + client_script, BULK, env=NO_IP6) as client:
                server.expect("go")
                client.type("go")
                client.expect(f"{BULK} 0")
                server.expect(f"{BULK} 0")
                server.expect("no leak")
                client.finish()
            server.finish()

    def test_one_byte_segments_that_nobody_reads_starve_nobody(self):
        server_script = """
server = listen()
print("ready")
serve_one(server)
before = used_without_connections()
unread, _ = server.accept()
connection, _ = server.accept()
while data := connection.recv(1000):
    connection.sendall(data)
unread.close()
connection.close()
print(leak(before))
"""
        client_script = """
socket.create_connection(("10.1.0.1", 80)).close()
sys.stdin.readline()
flood = socket.create_connection(("10.1.0.1", 80))
flood.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
echo = socket.socket()
echo.settimeout(30)
echo.connect(("10.1.0.1", 80))
answers = full = 0
attempts = int(sys.argv[1])
for attempt in range(attempts):
    # The first tenth all go out; then the peer's window closes, and most find no room.
    flood.settimeout(60 if attempt < attempts // 10 else 0)
    try:
        flood.send(b"x")
    except OSError as error:
        if error.errno != errno.EAGAIN:
            raise
        full += 1
    if attempt % 10000 == 0:
        echo.send(b"are you there")
        answers += echo.recv(100) == b"are you there"
print(answers == (attempts + 9999) // 10000, full > 0)
echo.close()
try:
    flood.settimeout(60)
    while True:
        flood.send(b"x")
except OSError as error:
    print(error)
"""
        with Wire() as wire, wire.mp(0, POOLS + server_script, env=NO_IP6) as server:
            server.expect("ready")
            with wire.mp(1, POOLS + client_script, scaled(1_000_000), env=NO_IP6) as client:
                server.expect("go")
                client.type("go")
                client.expect("True True")
                server.expect("no leak")
                client.expect("[Errno 104] ECONNRESET")
                client.finish()
            server.finish()


if __name__ == "__main__":
    unittest.main()
