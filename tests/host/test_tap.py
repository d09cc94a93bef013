"""mp on a tap interface: its peer is this machine's kernel, in a network namespace of its own."""

import errno
import hashlib
import os
import socket
import subprocess
import sys
import unittest

from peers import DEADLINE_S, Mp, Task, receive_all, run_mp, wait_until

HOST4, GUEST4 = "192.168.7.1", "192.168.7.2"
HOST6, GUEST6 = "fd07::1", "fd07::2"
LINK = f"tap:bs0,host={HOST4}/24,host={HOST6}/64"
ENV = {"BARESOCK_IP4": GUEST4 + "/24", "BARESOCK_IP6": GUEST6 + "/64"}
SIZE = 200000

# Set in the namespace.
INSIDE = "TEST_TAP_INSIDE"

CLIENT = """
    import hashlib, socket, sys
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    s.sendall(bytes(range(250)) * (int(sys.argv[3]) // 250))
    s.shutdown(socket.SHUT_WR)
    echo = hashlib.sha256()
    while part := s.recv(10000):
        echo.update(part)
    print(echo.digest().hex())
"""

SERVER = """
    import socket, sys
    server = socket.socket(socket.AF_INET6)
    server.bind(("", 7))
    server.listen()
    print("ready")
    for _ in range(2):
        connection, peer = server.accept()
        data = b""
        while part := connection.recv(10000):
            data += part
        connection.sendall(data)
        connection.close()
        print(peer[0])
"""


def data():
    return bytes(range(250)) * (SIZE // 250)


def echo_one(server):
    """Serve one client: all that it sends, once it has sent all."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(DEADLINE_S)
        connection.sendall(receive_all(connection))


def connect_when_there(address, source):
    """Connect to a guest whose interface, and the kernel's route and own address to it, may just be coming up."""

    def attempt():
        try:
            return socket.create_connection((address, 7), timeout=DEADLINE_S, source_address=(source, 0))
        except OSError as error:
            if error.errno not in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
                raise
            return None

    return wait_until(attempt, f"connected to {address}")


@unittest.skipUnless(INSIDE in os.environ, "this machine allows no network namespaces, or has no /dev/net/tun")
class TapTest(unittest.TestCase):
    def echo_from_the_kernel(self, host, link=LINK):
        """mp sends to the kernel, which sends it back."""
        with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
            task = Task(echo_one, server)
            with Mp(CLIENT, host, server.getsockname()[1], SIZE, link=link, env=ENV) as client:
                client.expect(hashlib.sha256(data()).hexdigest())
                client.finish()
            task.result()

    def test_kernel_serves_over_ip4(self):
        self.echo_from_the_kernel(HOST4)

    def test_kernel_serves_over_ip6(self):
        self.echo_from_the_kernel(HOST6)

    def test_kernel_serves_over_a_bad_network(self):
        for host in (HOST4, HOST6):
            with self.subTest(host=host):
                bad = "impair:loss=1%,reorder=3%,duplicate=2%,corrupt=1%,delay=2ms,jitter=1ms,seed=7"
                self.echo_from_the_kernel(host, f"{LINK}+{bad}")

    def test_kernel_asks_over_both(self):
        with Mp(SERVER, link=LINK, env=ENV) as server:
            server.expect("ready")
            for guest, host, seen in ((GUEST4, HOST4, "::ffff:" + HOST4), (GUEST6, HOST6, HOST6)):
                with connect_when_there(guest, host) as client:
                    task = Task(client.sendall, data())
                    task.result()
                    client.shutdown(socket.SHUT_WR)
                    self.assertEqual(receive_all(client), data())
                server.expect(seen)
            server.finish()

    def test_refused_link_is_told_on_one_line(self):
        status, out, err = run_mp("--link", "tap:lo", "-c", "print('never')")
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(err, "mp: --link: lo is an interface, but no tap with one queue: name another\n")


def enter_namespace():
    """Run this file again in a network namespace, if there can be one."""
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        probe = [*words, sys.executable, "-c", "open('/dev/net/tun', 'r+b', buffering=0)"]
        done = subprocess.run(probe, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=DEADLINE_S)
        if done.returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp(words[0], [*words, sys.executable, *sys.argv])


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter_namespace()
    unittest.main()
