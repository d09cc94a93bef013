"""Two programs under mp on one wire, with nothing between them."""

import contextlib
import unittest

from peers import Mp, Wire

# Serves one connection: says what it got, and echoes it.
SERVER = """
    import socket, sys
    family = getattr(socket, sys.argv[1])
    server = socket.socket(family)
    server.bind(("", 7))
    server.listen()
    print("ready")
    connection, peer = server.accept()
    data = b""
    while part := connection.recv(1000):
        data += part
    connection.sendall(data)
    connection.close()
    print(peer[0])
"""

CLIENT = """
    import socket, sys
    family = getattr(socket, sys.argv[1])
    s = socket.socket(family)
    s.connect(socket.getaddrinfo(sys.argv[2], 7, family)[0][-1])
    data = bytes(range(256)) * 400
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    echo = b""
    while part := s.recv(1000):
        echo += part
    print(echo == data)
"""

LINK_LOCAL_SERVER = """
    import network, socket, time
    lan = network.LAN()
    server = socket.socket(socket.AF_INET6)
    server.bind(("", 7))
    server.listen()
    while not lan.ipconfig("addr6"):
        time.sleep_ms(10)
    print(lan.ipconfig("addr6")[0])
    connection, peer = server.accept()
    data = b""
    while part := connection.recv(1000):
        data += part
    connection.sendall(data)
    connection.close()
    print(peer[0], peer[3])
"""


class TwoOnOneWire(unittest.TestCase):
    def setUp(self):
        self.exits = contextlib.ExitStack()
        self.addCleanup(self.exits.close)
        self.wire = self.exits.enter_context(Wire())

    def mp(self, end, script, *args):
        return self.exits.enter_context(self.wire.mp(end, script, *args))

    def echo(self, family, address, seen_as):
        server = self.mp(0, SERVER, family)
        server.expect("ready")
        client = self.mp(1, CLIENT, family, address)
        client.expect("True")
        server.expect(seen_as)
        client.finish()
        server.finish()

    def test_stream_over_ip4(self):
        self.echo("AF_INET", "10.1.0.1", "10.1.0.2")

    def test_stream_over_ip6(self):
        self.echo("AF_INET6", "fd01::1", "fd01::2")

    def test_stream_over_link_local_ip6(self):
        server = self.mp(0, LINK_LOCAL_SERVER)
        address = server.line()
        self.assertRegex(address, "^fe80::")
        client = self.mp(1, CLIENT, "AF_INET6", address + "%en1")
        client.expect("True")
        self.assertRegex(server.line(), r"^fe80::\S+ 2$")
        client.finish()
        server.finish()

    def test_datagrams_over_both_families(self):
        server = self.mp(
            0,
            """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.bind(("", 7))
            print("ready")
            while True:
                data, peer = s.recvfrom(10000)
                s.sendto(data.upper(), peer)
            """,
        )
        server.expect("ready")
        client = self.mp(
            1,
            """
            import socket
            for family, host in ((socket.AF_INET, "10.1.0.1"), (socket.AF_INET6, "fd01::1")):
                s = socket.socket(family, socket.SOCK_DGRAM)
                s.settimeout(60)
                # The first one waits for the neighbour's address, the last one comes in fragments.
                for data in (b"a", b"bc" * 700, b"def" * 2000):
                    s.sendto(data, (host, 7))
                    print(s.recv(10000) == data.upper())
            """,
        )
        for _ in range(6):
            client.expect("True")
        client.finish()

    def test_asyncio_on_both_ends(self):
        server = self.mp(
            0,
            """
            import asyncio
            async def handle(reader, writer):
                while line := await reader.readline():
                    writer.write(line.upper())
                    await writer.drain()
                writer.close()
            async def main():
                server = await asyncio.start_server(handle, "0.0.0.0", 7, backlog=50)
                print("ready")
                await server.wait_closed()
            asyncio.run(main())
            """,
        )
        server.expect("ready")
        client = self.mp(
            1,
            """
            import asyncio
            async def talk(number):
                reader, writer = await asyncio.open_connection("10.1.0.1", 7)
                right = 0
                for turn in range(10):
                    writer.write(b"line %d of %d\\n" % (turn, number))
                    await writer.drain()
                    right += await reader.readline() == b"LINE %d OF %d\\n" % (turn, number)
                writer.close()
                await writer.wait_closed()
                return right
            async def main():
                print(sum(await asyncio.gather(*(talk(number) for number in range(50)))))
            asyncio.run(main())
            """,
        )
        client.expect("500")
        client.finish()

    def test_peer_is_killed_and_starts_again(self):
        server = self.mp(0, SERVER, "AF_INET")
        server.expect("ready")
        server.process.kill()
        server.wait()
        self.echo("AF_INET", "10.1.0.1", "10.1.0.2")

    def test_nobody_at_the_other_end_connect_times_out(self):
        client = self.mp(
            1,
            """
            import errno, socket
            for family, host in ((socket.AF_INET, "10.1.0.1"), (socket.AF_INET6, "fd01::1")):
                s = socket.socket(family)
                s.settimeout(0.2)
                print(s.connect_ex((host, 7)) == errno.ETIMEDOUT)
            """,
        )
        client.expect("True")
        client.expect("True")
        client.finish()

    def test_nobody_gives_an_address_connect_times_out(self):
        with Mp(
            """
            import errno, socket
            for family, host in ((socket.AF_INET, "10.1.0.1"), (socket.AF_INET6, "fd01::1")):
                s = socket.socket(family)
                s.settimeout(0.2)
                print(s.connect_ex((host, 7)) == errno.ETIMEDOUT)
            """,
            link=self.wire.link(0),
        ) as client:
            client.expect("True")
            client.expect("True")
            client.finish()


if __name__ == "__main__":
    unittest.main()
