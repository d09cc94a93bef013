"""mp --capture and the filter: what a program did on the network is in the file."""

import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import pcapng
from peers import DEADLINE_S, HOST4, MP, ROOT, environment, run_mp, wait_until
from servers import tcp_server, udp_server

FIN, SYN, ACK = 1, 2, 16
BODY = bytes(range(256)) * 40


def serve(connection):
    """Answer one request with BODY."""
    with connection.makefile("rb") as lines:
        while lines.readline() not in (b"\r\n", b""):
            pass
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)


# Sends a hundred datagrams, then asks for an answer until one comes.
TALKER = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("10.0.2.2", PORT))
for _ in range(100):
    s.send(b"more")
s.settimeout(0.1)
answer = b""
while answer != b"end":
    try:
        s.send(b"end")
        answer = s.recv(10)
    except OSError:
        pass
"""


def tshark(path, port, *fields):
    """What Wireshark's reader finds in a file: of each frame the fields, none of which may be malformed."""
    # The port is one that was free, and may by chance be that of a protocol which this is not.
    words = ["tshark", "-n", "-r", path, "-d", f"udp.port=={port},data", "-d", f"tcp.port=={port},data", "-T", "fields"]
    for field in (*fields, "_ws.malformed"):
        words += ["-e", field]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=DEADLINE_S)
    frames = [line.split("\t") for line in done.stdout.splitlines()]
    malformed = [frame for frame in frames if frame[-1]]
    if malformed:
        raise AssertionError(f"tshark finds malformed: {malformed}")
    return [frame[:-1] for frame in frames]


class CaptureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baresock-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def wget(self, *options, link="slirp"):
        """Fetch BODY with these options of mp. Returns the server's port."""
        with tcp_server(serve) as port:
            url = f"http://{HOST4}:{port}/some/file"
            done = subprocess.run(
                [str(MP), *(["--link", link] if link else []), *options, str(ROOT / "tools/wget.py"), "-O", "-", url],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=environment(None),
                cwd=self.folder,
                timeout=DEADLINE_S,
                check=False,
            )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, BODY, b""))
        return port

    def frames(self, name):
        return pcapng.frames((self.folder / name).read_bytes())

    def check(self, name, port):
        """The file holds wget's connection from its SYN to the FINs."""
        captured = self.frames(name)
        segments = [s for s in pcapng.segments(captured) if port in (s.source_port, s.target_port)]
        ours = [s for s in segments if not s.inbound]
        theirs = [s for s in segments if s.inbound]
        self.assertEqual({(s.source, s.target, s.target_port) for s in ours}, {("10.0.2.15", HOST4, port)})
        self.assertEqual({(s.source, s.source_port, s.target) for s in theirs}, {(HOST4, port, "10.0.2.15")})
        self.assertEqual([s.flags for s in segments[:3]], [SYN, SYN | ACK, ACK])
        request = b"".join(s.data for s in ours)
        self.assertTrue(request.startswith(b"GET /some/file HTTP/1.1\r\n"), request)
        self.assertIn(f"\r\nHost: {HOST4}:{port}\r\n".encode(), request)
        self.assertTrue(b"".join(s.data for s in theirs).endswith(BODY))
        self.assertTrue(any(s.flags & FIN for s in ours))
        # The frames are in their order, and of now.
        times = [frame.time for frame in captured]
        self.assertEqual(times, sorted(times))
        self.assertLess(abs(time.time() - times[-1]), DEADLINE_S)

    def test_option(self):
        self.check("out.pcapng", self.wget("--capture", "out.pcapng"))

    def test_option_with_the_default_link(self):
        self.check("out.pcapng", self.wget("--capture=out.pcapng", link=None))

    def test_option_with_any_name(self):
        name = "C:\\a+b,c=d e\\"
        self.check(name, self.wget("--capture", name))

    def test_filter(self):
        self.check("out.pcapng", self.wget(link="slirp+capture:out.pcapng"))

    def test_filters_on_filters(self):
        port = self.wget("--capture", "all.pcapng", link="slirp+capture:heads.pcapng,snap=54")
        self.check("all.pcapng", port)
        heads, whole = self.frames("heads.pcapng"), self.frames("all.pcapng")
        self.assertEqual([f.original for f in heads], [f.original for f in whole])
        self.assertEqual([f.data for f in heads], [f.data[:54] for f in whole])
        self.assertGreater(max(f.original for f in whole), 1000)

    def test_wireshark_reads_it_and_shows_what_was_dropped(self):
        path = self.folder / "out.pcapng"
        got = []
        with udp_server(lambda data: got.append(data) or data) as port:
            link = f"slirp+impair:loss=30%,seed=7+capture:{path}"
            env = {"BARESOCK_IP4": "10.0.2.15/24,10.0.2.2", "BARESOCK_IP6": "off"}
            script = TALKER.replace("PORT", str(port))
            self.assertEqual(run_mp("--link", link, "-c", script, env=env), (0, "", ""))
            frames = tshark(path, port, "frame.len", "ip.src", "udp.dstport", "frame.comment")
            sent = [frame for frame in frames if frame[2] == str(port)]
            # What was sent says it of itself: the server gets the rest, the last of it perhaps after mp has ended.
            self.assertEqual({comment for *_, comment in sent}, {"", "dropped below"})
            passed = sum(comment == "" for *_, comment in sent)
            wait_until(lambda: len(got) >= passed, f"the server gets {passed} datagrams")
        self.assertEqual(len(got), passed)
        self.assertEqual([int(frame[0]) for frame in frames], [frame.original for frame in self.frames("out.pcapng")])
        # What came says it of those before it.
        told = {comment for _, source, _, comment in frames if source == HOST4} - {""}
        self.assertTrue(told)
        for comment in told:
            self.assertRegex(comment, r"^received and dropped below before this one: [1-9]\d*$")

    def test_wireshark_reads_what_nothing_was_dropped_of(self):
        port = self.wget("--capture", "out.pcapng")
        comments = tshark(self.folder / "out.pcapng", port, "frame.comment")
        self.assertEqual(set(map(tuple, comments)), {("",)})

    def test_a_program_that_is_killed_leaves_a_whole_file(self):
        script = "import socket, os\nsocket.create_connection(('%s', %d))\nos.system('kill -9 $PPID')"
        with tcp_server(lambda connection: connection.recv(1)) as port:
            done = run_mp("--capture", str(self.folder / "out.pcapng"), "-c", script % (HOST4, port))
        self.assertEqual(done[0], -signal.SIGKILL)
        flags = [s.flags for s in pcapng.segments(self.frames("out.pcapng")) if port in (s.source_port, s.target_port)]
        self.assertEqual(flags[:2], [SYN, SYN | ACK])

    def test_a_file_that_cannot_be_written(self):
        for path, reason in (("/no/such/folder", "No such file or directory"), ("/dev/full", "No space left on device")):
            with self.subTest(path=path):
                status, out, err = run_mp("--capture", path, "-c", "print('never')")
                self.assertEqual((status, out), (2, ""))
                self.assertRegex(err, rf"^mp: --capture: can't write {path} \({reason}\): [^\n]*\n$")


if __name__ == "__main__":
    unittest.main()
