"""The examples, in Python and in C, with real peers; and an example built against an installed baresock."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from peers import BUILD, DEADLINE_S, HOST4, MP, ROOT, connect, environment, free_port
from servers import dns_server, file_server, tcp_server, udp_server

PAGE = b"<p>A page.</p>\n" * 1000


def python(name):
    """The command that runs an example in Python."""
    return [str(MP), str(ROOT / f"examples/python/{name}.py")]


def c(name):
    """The command that runs an example in C."""
    return [str(BUILD / f"examples/c/{name}")]


def both(name):
    return {"Python": python(name), "C": c(name)}.items()


def run(command, *args, **env):
    """Run a program to its end. Returns its exit status and what it prints, errors included."""
    done = subprocess.run(
        [*command, *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment(env),
        timeout=DEADLINE_S,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@contextlib.contextmanager
def server(command, port_inside):
    """A server under slirp while it runs. Yields the port of this machine that leads to it."""
    port = free_port()
    with subprocess.Popen(
        [*command, str(port_inside)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment({"BARESOCK_LINK": f"slirp:fwd=tcp:{port}-{port_inside}"}),
        text=True,
    ) as child:
        try:
            assert child.stdout.readline() == f"listening on port {port_inside}\n"
            yield port
        finally:
            child.kill()


class TestExamples(unittest.TestCase):
    """Each example in both languages."""

    def test_there_are_the_same_in_both_languages(self):
        names = [{path.stem for path in (ROOT / "examples").glob(pattern)} for pattern in ("python/*.py", "c/*.c")]
        self.assertEqual(names[0], names[1])
        self.assertEqual(names[0], {"http_get", "echo_server", "udp_ping", "chat_server", "look_up"})

    def test_http_get(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "page").write_bytes(PAGE)
            with file_server(folder) as port:
                for language, command in both("http_get"):
                    with self.subTest(language=language):
                        status, out = run(command, HOST4, port, "/page")
                        head, _, body = out.partition("\n\n")
                        self.assertEqual((status, body), (0, PAGE.decode()))
                        self.assertTrue(head.startswith("HTTP/1.0 200 OK\n"))

    def test_http_get_of_a_server_that_refuses(self):
        for language, command in both("http_get"):
            with self.subTest(language=language):
                status, out = run(command, HOST4, 1)
                self.assertEqual(status, 1)
                self.assertRegex(out, "ECONNREFUSED|Connection refused")

    def test_echo_server(self):
        for language, command in both("echo_server"):
            with self.subTest(language=language), server(command, 7) as port:
                with connect(port) as first, connect(port) as second:
                    # The second is served while the first one is still there.
                    for client in (second, first, second):
                        client.sendall(b"some words")
                        self.assertEqual(client.recv(100), b"some words")
                with connect(port) as third:
                    third.sendall(b"x")
                    self.assertEqual(third.recv(100), b"x")

    def test_udp_ping(self):
        for language, command in both("udp_ping"):
            with self.subTest(language=language), udp_server(lambda data: data) as port:
                status, out = run(command, HOST4, port, 3)
                self.assertEqual(status, 0)
                *answers, last = out.splitlines()
                self.assertEqual(last, "3 sent, 3 answered")
                self.assertEqual(len(answers), 3)
                for line in answers:
                    self.assertRegex(line, r"^6 bytes from 10\.0\.2\.2 in \d+\.\d\d ms$")

    def test_udp_ping_without_an_answer(self):
        for language, command in both("udp_ping"):
            with self.subTest(language=language), udp_server(lambda data: None) as port:
                self.assertEqual(run(command, HOST4, port, 1), (1, "no answer\n1 sent, 0 answered\n"))

    def test_chat_server(self):
        for language, command in both("chat_server"):
            with self.subTest(language=language), server(command, 7000) as port, connect(port) as ann:
                ann_file = ann.makefile("r", newline="\n")
                with connect(port) as bob:
                    bob_name = re.match(r"^\* (10\.0\.2\.2:\d+) is here$", ann_file.readline()).group(1)
                    bob.sendall(b"hello\nhow are")
                    self.assertEqual(ann_file.readline(), f"{bob_name}: hello\n")
                    bob.sendall(b" you?\n")
                    self.assertEqual(ann_file.readline(), f"{bob_name}: how are you?\n")
                    ann.sendall(b"fine\n")
                    # Nobody hears oneself.
                    self.assertRegex(bob.makefile("r").readline(), r"^10\.0\.2\.2:\d+: fine$")
                self.assertEqual(ann_file.readline(), f"* {bob_name} is gone\n")

    def test_look_up(self):
        names = {"both.example": [HOST4, "fd00::7"], "four.example": ["192.0.2.1"]}
        with dns_server(names) as dns:
            for language, command in both("look_up"):
                with self.subTest(language=language):
                    env = {"BARESOCK_DNS": f"{HOST4}:{dns}"}
                    status, out = run(command, "both.example", "four.example", "127.0.0.1", **env)
                    lines = sorted(line.rstrip() for line in out.splitlines())
                    self.assertEqual(status, 0)
                    self.assertEqual(
                        lines,
                        [
                            "127.0.0.1 IPv4 127.0.0.1 localhost",
                            f"both.example IPv4 {HOST4}",
                            "both.example IPv6 fd00::7",
                            "four.example IPv4 192.0.2.1",
                        ],
                    )
                    status, out = run(command, "no.example", **env)
                    self.assertEqual((status, out), (1, "no.example: Name or service not known\n"))


class TestInstalled(unittest.TestCase):
    """make install, and examples/Makefile against what it installs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baresock-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # What was built is what is tested: -o keeps make from building it anew.
        library, mp = BUILD / "libbaresock.a", BUILD / "mp"
        san = BUILD.name == "san"
        words = [f"BUILD={BUILD.parent if san else BUILD}", f"SAN={int(san)}", "-o", library, "-o", mp]
        self.make("-C", ROOT, *words, "PREFIX=/opt/baresock", f"DESTDIR={self.folder}", "install")
        self.prefix = self.folder / "opt/baresock"
        self.flags = ["CFLAGS=-Wall -Werror" + (" -fsanitize=address,undefined" if san else "")]

    def make(self, *words, **more):
        env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        done = subprocess.run(
            ["make", *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**env, **more},
            timeout=DEADLINE_S,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_installed(self):
        headers = {path.name for path in (ROOT / "include/baresock").glob("*.h")}
        self.assertEqual({path.name for path in (self.prefix / "include/baresock").iterdir()}, headers)
        self.assertTrue((self.prefix / "lib/libbaresock.a").is_file())
        status, out = run([self.prefix / "bin/mp"], "-c", "import socket; print(socket.has_ipv6)")
        self.assertEqual((status, out), (0, "True\n"))

        project = self.folder / "project"
        shutil.copytree(ROOT / "examples", project)
        # From the project's folder, with nothing of ours but what was installed.
        env = {"PKG_CONFIG_PATH": f"{self.prefix}/lib/pkgconfig", "PKG_CONFIG_SYSROOT_DIR": str(self.folder)}
        self.make("-C", project, *self.flags, **env)
        programs = {path.name for path in project.iterdir() if path.is_file() and os.access(path, os.X_OK)}
        self.assertEqual(programs, {path.stem for path in (ROOT / "examples/c").glob("*.c")})
        with tcp_server(lambda connection: connection.recv(4096) and connection.sendall(b"a page")) as port:
            self.assertEqual(run([project / "http_get"], HOST4, port), (0, "a page"))

    def test_limits_are_the_library_s(self):
        words = ["pkg-config", "--define-variable=prefix=/p", "--cflags", "--libs", "baresock"]
        env = environment({"PKG_CONFIG_PATH": f"{self.prefix}/lib/pkgconfig"})
        flags = subprocess.run(words, capture_output=True, env=env, text=True, check=True).stdout.split()
        built_with = (BUILD / "flags").read_text(encoding="utf-8").split()
        limits = [word for word in built_with if word.startswith("-DBS_") and not word.startswith("-DBS_VERSION=")]
        self.assertGreater(len(limits), 0)
        self.assertEqual([word for word in flags if word.startswith("-DBS_")], limits)
        self.assertIn("-I/p/include", flags)
        self.assertEqual([word for word in flags if word.startswith("-l")], ["-lbaresock", "-lslirp"])


if __name__ == "__main__":
    unittest.main()
