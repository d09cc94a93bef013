"""Programs under mp behind slirp, with peers on the kernel's stack: curl, http.server, CPython's sockets."""

import http.server
import socket
import struct
import subprocess
import threading
import unittest

import peers
from peers import HOST4, HOST6, Mp

FAMILIES = ((socket.AF_INET, HOST4), (socket.AF_INET6, HOST6))

HTTP_SERVER = """
    import socket, sys
    server = socket.socket(getattr(socket, sys.argv[1]))
    server.bind(("", 80))
    server.listen()
    print("ready")
    while True:
        connection, peer = server.accept()
        request = b""
        while b"\\r\\n\\r\\n" not in request:
            request += connection.recv(1000)
        head, _, body = request.partition(b"\\r\\n\\r\\n")
        length = 0
        for line in head.split(b"\\r\\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += connection.recv(100000)
        reply = body or b"You are " + peer[0].encode() + b" and asked " + head.split(b" ")[1]
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(reply) + reply)
        connection.close()
"""


def curl(*words):
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", str(peers.DEADLINE_S), *words],
        capture_output=True,
        check=True,
        timeout=peers.DEADLINE_S,
    )
    return done.stdout


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves one page, says nothing."""

    page = b"".join(b"%d\n" % n for n in range(20000))

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *args):
        pass


class Servers(unittest.TestCase):
    """A server under mp, reached through a forwarded port."""

    def serve(self, script, *args, proto="tcp", link="slirp:fwd={}:{}-80"):
        port = peers.free_port()
        mp = self.entered(Mp(script, *args, link=link.format(proto, port)))
        mp.expect("ready")
        return mp, port

    def entered(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def test_http_server_curl_gets_page_over_ip4(self):
        _, port = self.serve(HTTP_SERVER, "AF_INET")
        self.assertEqual(curl(f"http://127.0.0.1:{port}/one"), b"You are 10.0.2.2 and asked /one")
        self.assertEqual(curl(f"http://127.0.0.1:{port}/two"), b"You are 10.0.2.2 and asked /two")

    def test_http_server_curl_gets_page_over_ip6(self):
        _, port = self.serve(HTTP_SERVER, "AF_INET6")
        self.assertEqual(curl(f"http://[::1]:{port}/six"), b"You are fec0::2 and asked /six")

    def test_dual_stack_http_server_curl_gets_page_over_ip4(self):
        _, port = self.serve(HTTP_SERVER, "AF_INET6")
        self.assertEqual(curl(f"http://127.0.0.1:{port}/four"), b"You are ::ffff:10.0.2.2 and asked /four")

    def test_http_server_curl_posts_a_megabyte_and_gets_it_back(self):
        _, port = self.serve(HTTP_SERVER, "AF_INET")
        body = bytes(range(256)) * 4096
        reply = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--data-binary", "@-", f"http://127.0.0.1:{port}/"],
            input=body,
            capture_output=True,
            check=True,
            timeout=peers.DEADLINE_S,
        ).stdout
        self.assertEqual(reply, body)

    def test_server_on_default_link_curl_gets_page(self):
        port = peers.free_port()
        with Mp(HTTP_SERVER, "AF_INET", link=None, env={"BARESOCK_LINK": f"slirp:fwd=tcp:{port}-80"}) as mp:
            mp.expect("ready")
            self.assertEqual(curl(f"http://127.0.0.1:{port}/"), b"You are 10.0.2.2 and asked /")

    def test_udp_server_answers_over_both_families(self):
        script = """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.bind(("", 80))
            print("ready")
            while True:
                data, peer = s.recvfrom(2000)
                s.sendto(data.upper(), peer)
        """
        _, port = self.serve(script, proto="udp")
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                s.settimeout(peers.DEADLINE_S)
                for data in (b"abc", b"abcde" * 250):
                    self.ask(s, data, (host, port), data.upper())

    @staticmethod
    def ask(s, data, server, answer):
        """Ask again until the answer is there: the server may not have its address yet."""
        s.settimeout(0.2)

        def is_answered():
            s.sendto(data, server)
            try:
                return s.recv(2000) == answer
            except socket.timeout:
                return False

        peers.wait_until(is_answered, f"the answer {answer}")

    def test_asyncio_server_serves_many_at_once(self):
        script = """
            import asyncio
            async def handle(reader, writer):
                while line := await reader.readline():
                    writer.write(line.upper())
                    await writer.drain()
                writer.close()
                await writer.wait_closed()
            async def main():
                server = await asyncio.start_server(handle, "0.0.0.0", 80, backlog=20)
                print("ready")
                await server.wait_closed()
            asyncio.run(main())
        """
        _, port = self.serve(script)
        connections = [peers.connect(port) for _ in range(20)]
        for turn in range(3):
            for number, connection in enumerate(connections):
                connection.sendall(b"line %d of %d\n" % (turn, number))
            for number, connection in enumerate(connections):
                self.assertEqual(connection.recv(100), b"LINE %d OF %d\n" % (turn, number))
        for connection in connections:
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(connection.recv(100), b"")
            connection.close()

    def test_peer_resets_recv_tells_econnreset_and_server_goes_on(self):
        script = """
            import errno, socket
            server = socket.socket()
            server.bind(("", 80))
            server.listen()
            print("ready")
            connection, _ = server.accept()
            print(connection.recv(100))
            try:
                connection.recv(100)
            except OSError as error:
                print(error.errno == errno.ECONNRESET)
            connection, _ = server.accept()
            print(connection.recv(100))
        """
        mp, port = self.serve(script)
        with peers.connect(port) as s:
            s.sendall(b"x")
            mp.expect("b'x'")
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        mp.expect("True")
        with peers.connect(port) as s:
            s.sendall(b"next")
            mp.expect("b'next'")


class Clients(unittest.TestCase):
    """A client under mp, to servers on this machine."""

    def test_client_talks_to_cpython_over_both_families(self):
        script = """
            import socket, sys
            s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
            s.sendall(b"hello")
            s.shutdown(socket.SHUT_WR)
            print(s.getpeername()[:2])
            data = b""
            while part := s.recv(3):
                data += part
            print(data)
        """
        for family, host in FAMILIES:
            with self.subTest(host=host), peers.listener(family) as server:
                port = server.getsockname()[1]
                with Mp(script, host, port) as mp, peers.accept(server) as connection:
                    self.assertEqual(peers.receive_all(connection), b"hello")
                    connection.sendall(b"good day")
                    connection.shutdown(socket.SHUT_WR)
                    mp.expect(f"('{host}', {port})")
                    mp.expect("b'good day'")
                    mp.finish()

    def test_client_gets_page_of_http_server(self):
        script = """
            import socket, sys
            s = socket.socket()
            s.connect(("10.0.2.2", int(sys.argv[1])))
            s.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
            f = s.makefile("rb")
            while f.readline().strip():
                pass
            page = f.read()
            print(page == b"".join(b"%d\\n" % n for n in range(20000)), len(page))
        """
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with Mp(script, server.server_address[1]) as mp:
                mp.expect(f"True {len(Quiet.page)}")
                mp.finish()
            server.shutdown()

    def test_asyncio_clients_get_pages_of_http_server(self):
        script = """
            import asyncio, sys
            async def get():
                reader, writer = await asyncio.open_connection("10.0.2.2", int(sys.argv[1]))
                writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
                await writer.drain()
                while (await reader.readline()).strip():
                    pass
                page = await reader.read(-1)
                writer.close()
                await writer.wait_closed()
                return len(page)
            async def main():
                print(await asyncio.gather(*(get() for _ in range(5))))
            asyncio.run(main())
        """
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with Mp(script, server.server_address[1]) as mp:
                mp.expect(str([len(Quiet.page)] * 5))
                mp.finish()
            server.shutdown()

    def test_udp_client_talks_to_cpython_over_both_families(self):
        script = """
            import socket, sys
            s = socket.socket(getattr(socket, sys.argv[1]), socket.SOCK_DGRAM)
            s.connect((sys.argv[2], int(sys.argv[3])))
            s.send(b"question")
            print(s.recv(100))
        """
        for family, host in FAMILIES:
            with self.subTest(host=host), peers.listener(family, socket.SOCK_DGRAM) as server:
                with Mp(script, family.name, host, server.getsockname()[1]) as mp:
                    data, client = server.recvfrom(100)
                    self.assertEqual(data, b"question")
                    server.sendto(b"answer", client)
                    mp.expect("b'answer'")
                    mp.finish()

    def test_nobody_listens_connect_is_refused(self):
        script = """
            import errno, socket, sys
            s = socket.socket(getattr(socket, sys.argv[1]))
            print(s.connect_ex((sys.argv[2], int(sys.argv[3]))) == errno.ECONNREFUSED)
        """
        for family, host in FAMILIES:
            with self.subTest(host=host), Mp(script, family.name, host, peers.free_port()) as mp:
                mp.expect("True")
                mp.finish()

    def test_dhcp_and_slaac_give_addresses(self):
        script = """
            import network, socket
            for family, host in ((socket.AF_INET, "10.0.2.2"), (socket.AF_INET6, "fec0::2")):
                socket.socket(family).connect_ex((host, 1))
            lan = network.LAN()
            print(*lan.ipconfig("addr4"), lan.ipconfig("gw4"), network.ipconfig("dns"))
            print(lan.ipconfig("addr6"))
        """
        with Mp(script) as mp:
            mp.expect("10.0.2.15 255.255.255.0 10.0.2.2 ['10.0.2.3']")
            mp.expect("['fe80::5054:ff:fe12:3456', 'fec0::5054:ff:fe12:3456']")
            mp.finish()


if __name__ == "__main__":
    unittest.main()
