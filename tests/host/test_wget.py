"""tools/wget.py and tools/run.sh, with servers that do and say what the test wants."""

import hashlib
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

from peers import DEADLINE_S, HOST4, MP, ROOT, environment, run_mp
from prompt import Prompt
from servers import dns_server, file_server, tcp_server

WGET = ROOT / "tools/wget.py"
DATA = random.Random(1).randbytes(300000)


def read_request(connection):
    """The head of a request, as text."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = connection.recv(4096)
        if not more:
            raise ConnectionResetError
        head += more
    return head.decode()


class Site:
    """A web server: {path: bytes to answer, head and all}. It keeps the requests."""

    def __init__(self, pages):
        self.pages = pages
        self.requests = []

    def __call__(self, connection):
        request = read_request(connection)
        self.requests.append(request)
        connection.sendall(self.pages[request.split(" ")[1]])


def ok(body=DATA, *headers):
    """An answer with its Content-Length."""
    return head("200 OK", f"Content-Length: {len(body)}", *headers) + body


def head(status, *headers):
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def chunked(body, *sizes):
    """A body in chunks of these sizes, the rest as the last one."""
    parts = []
    for size in sizes:
        parts.append(b"%x;name=value\r\n" % size + body[:size] + b"\r\n")
        body = body[size:]
    return b"".join(parts) + b"%X\r\n" % len(body) + body + b"\r\n0\r\nTrailer: x\r\n\r\n"


class WgetTest(unittest.TestCase):
    """Runs wget in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baresock-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def wget(self, *args, env=None):
        """Run it with standard error being no terminal. Returns status, stdout and stderr."""
        done = subprocess.run(
            [str(MP), "--link", "slirp", str(WGET), *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(env),
            cwd=self.folder,
            timeout=DEADLINE_S,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr.decode()

    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def get(self, pages, *args, path="/file"):
        """Fetch a path of a site. Returns what wget() does."""
        with tcp_server(Site(pages)) as port:
            return self.wget(*args, f"http://{HOST4}:{port}{path}")


class TestBodies(WgetTest):
    """How a body can be told from what is around it."""

    def check(self, answer, body=DATA):
        self.assertEqual(self.get({"/file": answer}), (0, b"", ""))
        self.assertEqual(self.files(), {"file": body})

    def test_content_length(self):
        self.check(ok())

    def test_content_length_of_zero(self):
        self.check(ok(b""), b"")

    def test_content_length_ends_before_the_connection(self):
        self.check(ok() + b"more")

    def test_until_close(self):
        self.check(head("200 OK") + DATA)

    def test_http_1_0(self):
        self.check(b"HTTP/1.0 200 OK\r\n\r\n" + DATA)

    def test_bare_newlines(self):
        self.check(b"HTTP/1.1 200 OK\nContent-Length: 4\n\nabcd", b"abcd")

    def test_no_reason(self):
        self.check(b"HTTP/1.1 200\r\n\r\nabcd", b"abcd")

    def test_chunked(self):
        self.check(head("200 OK", "Transfer-Encoding: chunked") + chunked(DATA, 1, 5, 70000, 32768))

    def test_chunked_wins_over_content_length(self):
        self.check(head("200 OK", "Content-Length: 3", "Transfer-Encoding: Chunked") + chunked(DATA))

    def test_informational_answers_are_skipped(self):
        self.check(head("100 Continue") + head("103 Early Hints", "Link: x") + ok())

    def test_latin_1_header(self):
        self.check(b"HTTP/1.1 200 OK\r\nServer: caf\xe9\r\nContent-Length: 4\r\n\r\nabcd", b"abcd")

    def test_cpython_server(self):
        served = self.folder / "served"
        served.mkdir()
        (served / "a b").write_bytes(DATA)
        with file_server(served) as port:
            self.assertEqual(self.wget("-O", "out", f"http://{HOST4}:{port}/a%20b"), (0, b"", ""))
        self.assertEqual((self.folder / "out").read_bytes(), DATA)

    def test_memory_does_not_grow_with_the_file(self):
        body = bytes(4000000)
        with tcp_server(Site({"/file": ok(body)})) as port:
            script = (
                "import sys, gc\n"
                f"sys.path.append({str(WGET.parent)!r})\n"
                "import wget\n"
                f"status = wget.main(['-O', '{self.folder}/out', 'http://{HOST4}:{port}/file'])\n"
                "print(status, gc.mem_alloc() < 1000000)\n"
            )
            # The heap is large enough for all that was ever taken from it to be still there.
            self.assertEqual(run_mp("--link", "slirp", "-X", "heapsize=64m", "-c", script), (0, "0 True\n", ""))
        self.assertEqual(self.files(), {"out": body})


class TestBrokenAnswers(WgetTest):
    """What a server may do wrong: one sentence, status 1, and no file but the .part."""

    def check(self, answer, sentence, part=None):
        status, out, err = self.get({"/file": answer})
        self.assertEqual((status, out, err), (1, b"", f"wget: {sentence}\n"))
        self.assertEqual(self.files(), {} if part is None else {"file.part": part})

    def test_hangs_up_in_the_body(self):
        self.check(ok()[:-1], "the server hung up before the end of the file", DATA[:-1])

    def test_hangs_up_in_a_chunk(self):
        answer = head("200 OK", "Transfer-Encoding: chunked") + b"5\r\nabc"
        self.check(answer, "the server hung up before the end of the file", b"abc")

    def test_hangs_up_between_chunks(self):
        answer = head("200 OK", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n"
        self.check(answer, "the server hung up early", b"abc")

    def test_hangs_up_in_the_trailers(self):
        answer = head("200 OK", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\nTrailer: x\r\n"
        self.check(answer, "the server hung up early", b"abc")

    def test_hangs_up_in_the_head(self):
        self.check(b"HTTP/1.1 200 OK\r\nContent-", "the server hung up early")

    def test_says_nothing(self):
        self.check(b"", "the server hung up early")

    def test_is_no_web_server(self):
        self.check(b"220 smtp.example.com ready\r\n", "the server does not speak HTTP")

    def test_status_is_no_number(self):
        self.check(b"HTTP/1.1 2x0 OK\r\n\r\n", "the server does not speak HTTP")

    def test_content_length_is_no_number(self):
        for text in ("-1", "abc", "1, 2", ""):
            with self.subTest(text=text):
                answer = head("200 OK", f"Content-Length: {text}")
                self.check(answer, "the server sent a Content-Length that is not a number")

    def test_chunk_without_size(self):
        for line in (b"", b"xyz", b"-1"):
            with self.subTest(line=line):
                answer = head("200 OK", "Transfer-Encoding: chunked") + line + b"\r\nabc"
                self.check(answer, "the server sent a chunk without its size", b"")

    def test_chunk_longer_than_its_size(self):
        answer = head("200 OK", "Transfer-Encoding: chunked") + b"3\r\nabcd\r\n"
        self.check(answer, "the server sent a chunk that is longer than its size", b"")

    def test_encoding_that_nobody_asked_for(self):
        self.check(head("200 OK", "Transfer-Encoding: gzip"), "the server's encoding gzip is not supported")

    def test_line_without_end(self):
        self.check(head("200 OK", "X: " + "x" * 20000), "the server sent a line without end")

    def test_headers_without_end(self):
        self.check(head("200 OK", *["X: y"] * 300), "the server sends headers without end")

    def test_status_404(self):
        with tcp_server(Site({"/file": head("404 Not Found", "Content-Length: 3") + b"no\n"})) as port:
            url = f"http://{HOST4}:{port}/file"
            self.assertEqual(self.wget(url), (1, b"", f"wget: the server says '404 Not Found' to {url}\n"))
        self.assertEqual(self.files(), {})


class TestRedirections(WgetTest):
    """Location headers."""

    def check(self, location, path, status="302 Found"):
        pages = {"/a/file": head(status, f"Location: {location}", "Content-Length: 3") + b"no\n", path: ok()}
        self.assertEqual(self.get(pages, path="/a/file"), (0, b"", ""))
        self.assertEqual(self.files(), {"file": DATA})
        (self.folder / "file").unlink()

    def test_statuses(self):
        for status in ("301 Moved Permanently", "302 Found", "303 See Other", "307 x", "308 x"):
            with self.subTest(status=status):
                self.check("/b", "/b", status)

    def test_forms(self):
        for location, path in (("b", "/a/b"), ("/b?c=d/e", "/b?c=d/e"), ("?q", "/a/file?q"), ("b c", "/a/b%20c")):
            with self.subTest(location=location):
                self.check(location, path)

    def test_other_server(self):
        with tcp_server(Site({"/b": ok()})) as port:
            for location in (f"http://{HOST4}:{port}/b", f"//{HOST4}:{port}/b"):
                with self.subTest(location=location):
                    self.check(location, "/unused")

    def test_to_https(self):
        status, _, err = self.get({"/file": head("301 Moved", "Location: https://example.com/")})
        self.assertEqual((status, err), (1, "wget: https needs TLS, which this build does not have\n"))

    def test_for_ever(self):
        site = Site({"/file": head("302 Found", "Location: /file")})
        with tcp_server(site) as port:
            url = f"http://{HOST4}:{port}/file"
            self.assertEqual(self.wget(url), (1, b"", f"wget: more than 10 redirections, the last one to {url}\n"))
        self.assertEqual(len(site.requests), 11)


class TestRequests(WgetTest):
    """What the server is asked."""

    def test_request(self):
        site = Site({"/a%20b%C3%A9?c": ok()})
        with tcp_server(site) as port, dns_server({"www.example.com": [HOST4]}) as dns:
            env = {"BARESOCK_DNS": f"{HOST4}:{dns}"}
            url = f"http://www.example.com:{port}/a b\u00e9?c#d"
            self.assertEqual(self.wget("-O", "out", url, env=env), (0, b"", ""))
        lines = site.requests[0].split("\r\n")
        self.assertEqual(lines[0], "GET /a%20b%C3%A9?c HTTP/1.1")
        self.assertIn(f"Host: www.example.com:{port}", lines)
        self.assertIn("Connection: close", lines)

    def test_line_feeds_do_not_make_headers(self):
        site = Site({"/x%0D%0AEvil:1": ok()})
        with tcp_server(site) as port:
            self.assertEqual(self.wget("-O", "out", f"http://{HOST4}:{port}/x\r\nEvil:1")[0], 0)
        self.assertNotIn("\r\nEvil", site.requests[0])


class TestFiles(WgetTest):
    """Where what comes goes."""

    def test_named_by_the_url(self):
        names = {"/": "index.html", "/a/": "index.html.1", "/x?y=/z": "x", "/%41%2fB": "A_B", "/..": "index.html.2"}
        for path, name in names.items():
            with self.subTest(path=path):
                self.assertEqual(self.get({path: ok()}, path=path), (0, b"", ""))
                self.assertEqual(self.files()[name], DATA)
        self.assertEqual(len(self.files()), len(names))

    def test_an_existing_file_is_kept_unless_named(self):
        (self.folder / "file").write_text("old")
        self.assertEqual(self.get({"/file": ok()})[0], 0)
        self.assertEqual(self.files(), {"file": b"old", "file.1": DATA})
        self.assertEqual(self.get({"/file": ok()}, "-O", "file")[0], 0)
        self.assertEqual(self.files(), {"file": DATA, "file.1": DATA})

    def test_a_failure_keeps_the_old_file(self):
        (self.folder / "file").write_text("old")
        self.assertEqual(self.get({"/file": ok()[:-1]}, "-O", "file")[0], 1)
        self.assertEqual(self.files(), {"file": b"old", "file.part": DATA[:-1]})

    def test_a_pipe_or_device_is_written_to_and_not_replaced(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(self.get({"/file": ok(DATA[:1000])}, "-O", "pipe")[0], 0)
        self.assertEqual(os.read(reader, 2000), DATA[:1000])
        self.assertTrue(pipe.is_fifo())

    def test_standard_output(self):
        self.assertEqual(self.get({"/file": ok()}, "-O", "-"), (0, DATA, ""))
        self.assertEqual(self.files(), {})

    def test_folder_that_does_not_exist(self):
        status, _, err = self.get({"/file": ok()}, "-O", "no/file")
        self.assertEqual((status, err), (1, "wget: can't write no/file.part: [Errno 2] ENOENT\n"))

    def test_sha256_right(self):
        self.assertEqual(self.get({"/file": ok()}, "--sha256", hashlib.sha256(DATA).hexdigest().upper()), (0, b"", ""))
        self.assertEqual(self.files(), {"file": DATA})

    def test_sha256_wrong(self):
        status, _, err = self.get({"/file": ok()}, "--sha256", "0" * 64)
        self.assertEqual((status, err), (1, "wget: what came does not have this SHA-256: see file.part\n"))
        self.assertEqual(self.files(), {"file.part": DATA})


class TestNetwork(WgetTest):
    """What the network may do."""

    def check(self, url, sentence, *args, env=None):
        self.assertEqual(self.wget(*args, url, env=env), (1, b"", f"wget: {sentence}\n"))

    def test_refused(self):
        self.check(f"http://{HOST4}:1/", f"{HOST4} refuses connections to port 1")

    def test_unknown_host(self):
        with dns_server({}) as dns:
            env = {"BARESOCK_DNS": f"{HOST4}:{dns}"}
            self.check("http://no.example/", "no.example was not found: Name or service not known", env=env)

    def test_silence(self):
        with tcp_server(lambda connection: connection.recv(4096) and connection.recv(1)) as port:
            self.check(f"http://{HOST4}:{port}/", f"nothing came from {HOST4} port {port} for 0.5 s", "-T", "0.5")

    def test_silence_in_the_body(self):
        def handle(connection):
            read_request(connection)
            connection.sendall(ok()[:-1])
            connection.recv(1)

        with tcp_server(handle) as port:
            self.check(f"http://{HOST4}:{port}/x", f"nothing came from {HOST4} port {port} for 0.5 s", "-T", "0.5")
        self.assertEqual(self.files(), {"x.part": DATA[:-1]})

    def test_ipv6_literal(self):
        self.check("http://[::1]:7/", "::1 refuses connections to port 7")


class TestCommandLine(WgetTest):
    """Options and URLs."""

    def test_help(self):
        status, out, err = self.wget("--help")
        self.assertEqual((status, err), (0, ""))
        for word in (b"usage: wget.py", b"-O FILE", b"-T SECONDS", b"--sha256 HEX", b"-q"):
            self.assertIn(word, out)

    def test_wrong_usage(self):
        cases = {
            (): "no URL",
            ("-x", "http://a/"): "unknown option -x",
            ("http://a/", "http://b/"): "one URL at a time",
            ("-O",): "-O needs a value",
            ("-O", "", "http://a/"): "-O needs a name",
            ("-T", "x", "http://a/"): "-T needs a number of seconds",
            ("-T", "0", "http://a/"): "-T needs more than 0 seconds",
            ("--sha256", "12", "http://a/"): "--sha256 needs 64 hexadecimal digits",
        }
        for args, sentence in cases.items():
            with self.subTest(args=args):
                status, out, err = self.wget(*args)
                self.assertEqual((status, out, err.splitlines()[0]), (2, b"", f"wget: {sentence}"))

    def test_urls_that_are_none(self):
        cases = {
            "https://example.com/": "https needs TLS, which this build does not have",
            "ftp://example.com/": "ftp is not known, only http",
            "example.com": "example.com is not a URL: it begins with http://",
            "http:///x": "http:///x names no host",
            "http://a b/": "http://a b/ names no host",
            "http://a:0/": "0 is not a port",
            "http://a:65536/": "65536 is not a port",
            "http://a:x/": "x is not a port",
            "http://[::1/": "[::1 is not an IPv6 address in brackets",
            "http://u@a/": "a user name in the URL is not supported yet",
        }
        for url, sentence in cases.items():
            with self.subTest(url=url):
                self.assertEqual(self.wget(url), (1, b"", f"wget: {sentence}\n"))


class TestTerminal(WgetTest):
    """On a terminal: the progress bar, and the prompt."""

    def test_progress(self):
        with tcp_server(Site({"/file": ok()})) as port:
            words = (MP, "--link", "slirp", WGET, f"http://{HOST4}:{port}/file")
            with Prompt(*words, cwd=self.folder) as program:
                text, status = program.finish()
            with Prompt(*words, "-q", cwd=self.folder) as program:
                self.assertEqual(program.finish(), ("", 0))
        self.assertEqual(status, 0)
        first, *_, last = text.strip().split("\r")
        self.assertRegex(first, r"^file +0% \[ {25}\]")
        self.assertRegex(last, r"^file +100% \[={25}\]  300 KB +[0-9.]+ [KMG]?B/s in \d:\d\d *$")
        self.assertTrue(all(len(line.rstrip("\n")) <= 79 for line in text.split("\r")))

    def test_progress_of_unknown_length(self):
        with tcp_server(Site({"/file": head("200 OK") + DATA})) as port:
            with Prompt(MP, "--link", "slirp", WGET, f"http://{HOST4}:{port}/file", cwd=self.folder) as program:
                text, status = program.finish()
        self.assertEqual(status, 0)
        self.assertNotIn("%", text)
        self.assertRegex(text.strip().split("\r")[-1], r"^file +300 KB +[0-9.]+ [KMG]?B/s in \d:\d\d *$")

    def test_interrupt(self):
        def handle(connection):
            read_request(connection)
            connection.sendall(ok()[:-1])
            connection.recv(1)

        with tcp_server(handle) as port:
            words = (MP, "--link", "slirp", WGET, f"http://{HOST4}:{port}/file")
            with Prompt(*words, cwd=self.folder) as program:
                program.read_until("file")
                program.type("\x03")
                text, status = program.finish()
        self.assertEqual((text.splitlines()[-1], status), ("wget: interrupted", 1))

    def test_from_the_prompt(self):
        with tcp_server(Site({"/file": ok()})) as port, Prompt(cwd=self.folder) as prompt:
            prompt.read_until(">>> ")
            for line in (f"import sys; sys.path.append({str(WGET.parent)!r})", "import wget"):
                prompt.type(line + "\r")
                prompt.read_until("\n>>> ")
            prompt.type(f"wget.main(['-q', 'http://{HOST4}:{port}/file'])\r")
            self.assertEqual(prompt.read_until("\n>>> ").splitlines()[-1], "0")
        self.assertEqual(self.files(), {"file": DATA})


class TestRun(WgetTest):
    """tools/run.sh, what make run calls."""

    def run_sh(self, *args):
        done = subprocess.run(
            ["sh", str(ROOT / "tools/run.sh"), str(MP), *args],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment({"TMPDIR": str(self.folder)}),
            cwd=self.folder,
            timeout=DEADLINE_S,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def test_demonstration(self):
        status, out, err = self.run_sh()
        self.assertEqual((status, err), (0, ""))
        served, fetched, checked = out.splitlines()
        port = re.search(r"127\.0\.0\.1 port (\d+)", served).group(1)
        self.assertIn(f"http://{HOST4}:{port}/random.bin", fetched)
        self.assertRegex(checked, r"SHA-256 [0-9a-f]{64} on both sides\.$")
        self.assertEqual(self.files(), {})

    def test_url_of_this_machine(self):
        with tcp_server(Site({"/file": ok()})) as port:
            for host in ("127.0.0.1", "localhost"):
                with self.subTest(host=host):
                    status, out, err = self.run_sh(f"http://{host}:{port}/file")
                    self.assertEqual((status, err), (0, ""))
                    self.assertIn(f"http://{HOST4}:{port}/file", out)
        self.assertEqual(self.files(), {"file": DATA, "file.1": DATA})

    def test_url_that_fails(self):
        status, _, err = self.run_sh(f"http://{HOST4}:1/")
        self.assertEqual((status, err), (1, f"wget: {HOST4} refuses connections to port 1\n"))


if __name__ == "__main__":
    unittest.main()
