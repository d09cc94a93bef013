"""The two documents that baresock is to hold: their code as written (tests/reference), and what the manual states.

Only addresses, ports and an end of endless loops are supplied here.
"""

import re
import socket
import threading
import unittest

from peers import HOST4, HOST6, ROOT, Mp, connect, free_port, receive_all, run_mp
from prompt import Prompt
from servers import apache, dns_server, tcp_server, udp_server

REFERENCE = ROOT / "tests/reference"

PASTE = "\x05"
END_OF_INPUT = "\x04"


def code(name):
    """The lines of a block, without our credit above them."""
    lines = (REFERENCE / f"{name}.py").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[2:])


SET_UP = code("set_up")


def echo(connection):
    """Send back what comes, until the client closes."""
    while data := connection.recv(65536):
        connection.sendall(data)


def say_nothing(connection):
    """Wait until the client closes."""
    while connection.recv(65536):
        pass


class Scripts(unittest.TestCase):
    """Run scripts with mp over slirp."""

    def run_script(self, *parts, link="slirp", **env):
        """Run parts as one script, which must end well and silently but for what it prints, which is returned."""
        status, out, err = run_mp("--link", link, "-c", "".join(parts), env=env)
        self.assertEqual((status, err), (0, ""))
        return out


class TestManualCode(Scripts):
    """Every block of the manual's code."""

    def test_set_up(self):
        out = self.run_script(SET_UP, "print(uc386_net.eth_status())\n")
        self.assertEqual(out, "('10.0.2.15', '255.255.255.0', '10.0.2.2', True)\n")

    def test_set_up_with_dhcp_and_wait_for_lease(self):
        out = self.run_script(
            "import lwip, uc386_net, time\n",
            "lwip.reset()\n",
            "uc386_net.eth_init(False)\n",
            "uc386_net.eth_set_dhcp()\n",
            "while not uc386_net.eth_status()[3]:\n",
            "    time.sleep(0.01)\n",
            "print(uc386_net.eth_status()[:3])\n",
        )
        self.assertEqual(out, "('10.0.2.15', '255.255.255.0', '10.0.2.2')\n")

    def test_constructor(self):
        out = self.run_script(SET_UP, code("constructor"), "print(s.type, u.type)\n")
        self.assertEqual(out, f"{int(socket.SOCK_STREAM)} {int(socket.SOCK_DGRAM)}\n")

    def test_client_tcp(self):
        for set_up in (SET_UP, "import socket\n"):
            with self.subTest(set_up=set_up), tcp_server(echo) as port:
                out = self.run_script(set_up, code("client_tcp").replace("1234", str(port)), "print(data)\n")
                self.assertEqual(out, "b'hello\\n'\n")

    def test_getaddrinfo_asks_the_name_server_that_is_set(self):
        with tcp_server(echo) as port, dns_server({"example.com": [HOST4]}) as dns:
            script = code("getaddrinfo").replace("80)\n", f"{port})\n")
            tail = "print(addr, s.getpeername())\n"
            static = f"'10.0.2.2', '10.0.2.2:{dns}')"
            ways = {
                "environment": (SET_UP, {"BARESOCK_DNS": f"{HOST4}:{dns}"}),
                "eth_set_static": (SET_UP.replace("'10.0.2.2')", static), {}),
            }
            for way, (set_up, env) in ways.items():
                with self.subTest(way=way):
                    out = self.run_script(set_up, "s = socket.socket()\n", script, tail, **env)
                    self.assertEqual(out, f"('{HOST4}', {port}) ('{HOST4}', {port})\n")

    def test_server_tcp(self):
        for set_up in (SET_UP, "import socket\n"):
            with self.subTest(set_up=set_up):
                port = free_port()
                script = code("server_tcp").replace("while True:", "print('ready')\nfor _ in range(3):")
                with Mp(set_up + script, link=f"slirp:fwd=tcp:{port}-1234") as mp:
                    mp.expect("ready")
                    for _ in range(3):
                        with connect(port) as client:
                            client.sendall(b"hello\n")
                            self.assertEqual(client.recv(100), b"OK\n")
                            self.assertEqual(client.recv(100), b"")
                        self.assertRegex(mp.line(), r"^got \('10\.0\.2\.2', \d+\)$")
                    mp.finish()

    def test_udp(self):
        for set_up in (SET_UP, "import socket\n"):
            with self.subTest(set_up=set_up), udp_server(lambda data: data + b" pong") as port:
                out = self.run_script(set_up, code("udp").replace("9999", str(port)))
                self.assertEqual(out, f"from ('{HOST4}', {port}) : b'ping pong'\n")

    def test_timeouts(self):
        with tcp_server(say_nothing) as port:
            connected = f"import errno\ns = socket.socket()\ns.connect(('{HOST4}', {port}))\n"
            out = self.run_script(SET_UP, connected, code("timeouts"))
        self.assertEqual(out, "no data within 100 ms\n")


class TestManualStatements(Scripts):
    """What the manual says in words."""

    def check(self, script, **env):
        """Run lines of a script after the manual's set-up; its assertions are the test."""
        self.run_script(SET_UP, "import errno\n", script, **env)

    def check_connected(self, handle, script):
        """The same with `s`, connected to a server."""
        with tcp_server(handle) as port:
            self.check(f"s = socket.socket()\ns.connect(('{HOST4}', {port}))\n" + script)

    def test_constants(self):
        self.check(
            "assert socket.AF_INET == 2 and socket.SOCK_STREAM == 1 and socket.SOCK_DGRAM == 2\n"
            "assert socket.SOL_SOCKET and socket.SO_REUSEADDR and socket.TCP_NODELAY\n"
        )

    def test_constructor_defaults(self):
        self.check(
            "s = socket.socket()\n"
            "assert (s.family, s.type, s.proto) == (socket.AF_INET, socket.SOCK_STREAM, 0), s\n"
            "u = socket.socket(family=socket.AF_INET, type=socket.SOCK_DGRAM, proto=0)\n"
            "assert u.type == socket.SOCK_DGRAM, u\n"
        )

    def test_getaddrinfo_gives_5_tuples(self):
        self.check(
            "infos = socket.getaddrinfo('10.0.2.2', 80)\n"
            "assert type(infos) is list and infos\n"
            "for family, type, proto, canonname, sockaddr in infos:\n"
            "    assert (family, canonname, sockaddr) == (socket.AF_INET, '', ('10.0.2.2', 80)), infos\n"
            "socket.socket().bind(socket.getaddrinfo('0.0.0.0', 0)[0][-1])\n"
        )

    def test_methods_exist(self):
        self.check(
            "s = socket.socket()\n"
            "for name in ('connect bind listen accept send sendall recv recv_into sendto recvfrom close settimeout '\n"
            "             'setblocking setsockopt fileno makefile').split():\n"
            "    assert callable(getattr(s, name)), name\n"
        )

    def test_accept_blocks_until_a_client_connects(self):
        port = free_port()
        listening = "s = socket.socket()\ns.bind(('', 1))\ns.listen(1)\n"
        script = SET_UP + listening + "print('ready')\ns.accept()\nprint('got')\n"
        with Mp(script, link=f"slirp:fwd=tcp:{port}-1") as mp:
            mp.expect("ready")
            self.assertIsNone(mp.process.poll())
            self.assertTrue(mp.lines.empty())
            connect(port).close()
            mp.expect("got")
            mp.finish()

    def test_sendall_sends_all(self):
        received = []

        def collect(connection):
            total = 0
            while data := connection.recv(65536):
                total += len(data)
            received.append(total)

        self.check_connected(collect, "s.sendall(bytes(1000000))\ns.close()\n")
        self.assertEqual(received, [1000000])

    def test_recv_gives_at_most_n(self):
        self.check_connected(echo, "s.sendall(b'abcdef')\nassert s.recv(2) == b'ab'\n")

    def test_recv_into(self):
        self.check_connected(
            echo,
            "buf = bytearray(4)\n"
            "s.sendall(b'abc')\n"
            "assert s.recv_into(buf) == 3 and buf == b'abc\\0', buf\n"
            "s.sendall(b'defg')\n"
            "assert s.recv_into(buf, 2) == 2 and buf == b'dec\\0', buf\n"
            "s.recv_into(buf, -1)\n",
        )

    def test_makefile_rwb(self):
        self.check_connected(
            echo, "f = s.makefile('rwb')\nf.write(b'one\\ntwo\\n')\nf.flush()\nassert f.readline() == b'one\\n'\n"
        )

    def test_fileno_is_for_select(self):
        self.check_connected(
            echo,
            "import select\n"
            "s.sendall(b'x')\n"
            "assert select.select([s.fileno()], [], []) == ([s.fileno()], [], [])\n"
            "poll = select.poll()\n"
            "poll.register(s.fileno(), select.POLLIN)\n"
            "assert poll.poll(0) == [(s.fileno(), select.POLLIN)]\n",
        )

    def test_settimeout_none_is_the_default_and_blocks(self):
        release = threading.Event()

        def later(connection):
            # More than the 100 ms of the manual's example, without a clock: until the client says that it waits.
            connection.recv(1)
            release.wait(0.3)
            connection.sendall(b"late")

        self.check_connected(
            later,
            "assert s.gettimeout() is None\n"
            "s.settimeout(0.1)\n"
            "s.settimeout(None)\n"
            "s.send(b'?')\n"
            "assert s.recv(100) == b'late'\n",
        )

    def test_setblocking_false_raises_eagain(self):
        self.check_connected(
            say_nothing,
            "s.setblocking(False)\n"
            "try:\n"
            "    s.recv(1)\n"
            "    assert False\n"
            "except OSError as e:\n"
            "    assert e.args[0] == errno.EAGAIN, e\n"
            "s.setblocking(True)\n"
            "assert s.gettimeout() is None\n",
        )

    def test_timeout_raises_oserror_etimedout(self):
        self.check_connected(
            say_nothing,
            "s.settimeout(0.1)\n"
            "try:\n"
            "    s.recv(1)\n"
            "    assert False\n"
            "except OSError as e:\n"
            "    assert e.args[0] == errno.ETIMEDOUT, e\n",
        )

    def test_nodelay_by_the_posix_value_and_by_0x40(self):
        self.check_connected(
            say_nothing,
            "assert socket.TCP_NODELAY == 1\n"
            "s.setsockopt(6, 0x40, 1)\n"
            "assert s.getsockopt(6, socket.TCP_NODELAY) == 1\n"
            "s.setsockopt(6, socket.TCP_NODELAY, 0)\n"
            "assert s.getsockopt(6, 0x40) == 0\n",
        )

    def test_recv_returns_empty_bytes_on_clean_fin(self):
        self.check_connected(
            lambda connection: connection.sendall(b"last"),
            "assert s.recv(100) == b'last'\nassert s.recv(100) == b'' and s.recv(100) == b''\n",
        )

    def test_lwip_callback_may_be_called_by_hand(self):
        self.check_connected(
            echo,
            "s.setblocking(False)\n"
            "s.send(b'x')\n"
            "data = None\n"
            "while data is None:\n"
            "    assert type(lwip.callback()) is int\n"
            "    try:\n"
            "        data = s.recv(1)\n"
            "    except OSError as e:\n"
            "        assert e.args[0] == errno.EAGAIN, e\n"
            "assert data == b'x'\n",
        )

    def test_eth_init_and_eth_mac(self):
        self.check(
            "assert uc386_net.eth_init(False) == 0 and uc386_net.eth_init() == 0\n"
            "mac = uc386_net.eth_mac()\n"
            "assert len(mac) == 17 and mac.count(':') == 5, mac\n"
        )


def from_the_kernel(port):
    """What a client on the kernel's stack gets for the report's request."""
    with connect(port) as client:
        client.sendall(b"GET /foo HTTP/1.0\r\n\r\n")
        return receive_all(client)


def without_date(answer):
    return re.sub(rb"Date: .*\r\n", b"", answer)


class TestTranscript(unittest.TestCase):
    """The report's session with Apache, typed at the prompt."""

    def paste(self, prompt, lines):
        """Type lines in paste mode, and run them. Returns what they print."""
        prompt.type(PASTE)
        prompt.read_until("paste mode; Ctrl-C to cancel, Ctrl-D to finish\n=== ")
        for line in lines:
            prompt.type(line + "\r")
            prompt.read_until(line + "\n=== ")
        prompt.type(END_OF_INPUT)
        return prompt.read_until("\n>>> ").strip("\n").split("\n")

    def test_transcript(self):
        self.session(HOST4)

    def test_transcript_over_ip6(self):
        self.session(HOST6)

    def session(self, host):
        with apache() as port, Prompt() as prompt:
            self.assertIn("MicroPython v", prompt.read_until(">>> "))
            lines = code("transcript").replace('("", 80)', f'("{host}", {port})')
            lines = (lines if host == HOST4 else lines.replace("AF_INET", "AF_INET6")).splitlines()
            first = self.paste(prompt, lines)
            self.assertEqual(first[0], "21")
            answer = eval(first[1])  # pylint: disable=eval-used
            # A fragment at a time, and EOF for ever after.
            rest = self.paste(prompt, ["s.recv(1000)"] * 20)
            self.assertEqual(rest[-2:], ["b''", "b''"])
            for line in rest:
                answer += eval(line)  # pylint: disable=eval-used
            self.assertEqual(without_date(answer), without_date(from_the_kernel(port)))
            error = self.paste(prompt, ["s.close()", "s.recv(1000)"])
            self.assertEqual(error[0], "Traceback (most recent call last):")
            self.assertRegex(error[1], r'^  File "<stdin>", line \d+, in <module>$')
            self.assertEqual(error[2:], ["OSError: [Errno 9] EBADF"])

        head, _, body = answer.partition(b"\r\n\r\n")
        status, *headers = head.decode().split("\r\n")
        fields = dict(re.split(": ", line, maxsplit=1) for line in headers)
        self.assertEqual(status, "HTTP/1.1 404 Not Found")
        self.assertRegex(fields["Server"], r"^Apache/2\.")
        self.assertEqual(fields["Connection"], "close")
        self.assertEqual(fields["Content-Type"], "text/html; charset=iso-8859-1")
        self.assertEqual(len(body), int(fields["Content-Length"]))
        self.assertIn(b"<title>404 Not Found</title>", body)
        self.assertTrue(body.endswith(b"</body></html>\n"))


if __name__ == "__main__":
    unittest.main()
