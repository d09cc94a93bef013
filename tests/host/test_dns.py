"""Names under mp, with dnsmasq on this machine's loopback, and with servers that don't work."""

import contextlib
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

import peers
from peers import Mp

LOOK_UP = """
import socket, sys, time
def look_up(*args):
    try:
        return sorted({address[0] for *_, address in socket.getaddrinfo(*args)})
    except socket.gaierror as error:
        return {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}[error.errno]
"""

RECORDS = (
    "--address=/one.test/192.0.2.1",
    "--address=/one.test/2001:db8::1",
    "--host-record=four.test,192.0.2.4",
    "--host-record=six.test,2001:db8::6",
    *(f"--host-record=many.test,192.0.2.{n}" for n in range(10, 18)),
    "--cname=alias.test,four.test",
    "--host-record=here.test,10.0.2.2",
)


@contextlib.contextmanager
def dnsmasq():
    """A name server for .test; gives its port."""
    port = peers.free_port()
    with tempfile.TemporaryDirectory(prefix="baresock-") as folder:
        # Not every user's path has the folder that Debian puts it into.
        program = shutil.which("dnsmasq") or "/usr/sbin/dnsmasq"
        words = [program, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-poll"]
        words += [f"--pid-file={folder}/pid", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces"]
        words += ["--user=", "--group=", "--local=/test/", *RECORDS]
        with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
            try:
                peers.wait_until(lambda: answers(port, process), "dnsmasq answers")
                yield port
            finally:
                process.terminate()
                process.wait(peers.DEADLINE_S)


def answers(port, process):
    if process.poll() is not None:
        raise AssertionError(f"dnsmasq ended: {process.stderr.read().decode()}")
    query = struct.pack("!6H", 1, 0x100, 1, 0, 0, 0) + b"\x03one\x04test\0" + struct.pack("!2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.1)
        s.connect(("127.0.0.1", port))
        try:
            s.send(query)
            return len(s.recv(512)) > 12
        except OSError:
            return False


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.exits = contextlib.ExitStack()
        cls.addClassCleanup(cls.exits.close)
        cls.port = cls.exits.enter_context(dnsmasq())

    def run_script(self, script, *lines, dns=None, beside=lambda: None):
        task = peers.Task(beside)
        with Mp(LOOK_UP + script, env={"BARESOCK_DNS": dns or f"10.0.2.2:{self.port}"}) as mp:
            for line in lines:
                mp.expect(line)
            mp.finish()
        task.result()

    def test_a_and_aaaa(self):
        self.run_script(
            """
print(look_up("one.test", 80))
print(look_up("four.test", 80))
print(look_up("six.test", 80))
""",
            "['192.0.2.1', '2001:db8::1']",
            "['192.0.2.4']",
            "['2001:db8::6']",
        )

    def test_lesson_04_family_is_honoured_and_every_result_returned(self):
        self.run_script(
            """
print(look_up("one.test", 80, socket.AF_INET))
print(look_up("one.test", 80, socket.AF_INET6))
print(look_up("many.test", 80) == ["192.0.2.%d" % n for n in range(10, 18)])
print(look_up("four.test", 80, socket.AF_INET6))
""",
            "['192.0.2.1']",
            "['2001:db8::1']",
            "True",
            "EAI_NODATA",
        )

    def test_alias(self):
        self.run_script('print(look_up("alias.test", 80))', "['192.0.2.4']")

    def test_no_such_name_is_told_at_once_and_again(self):
        self.run_script('print(look_up("none.test", 80))\nprint(look_up("none.test", 80))', "EAI_NONAME", "EAI_NONAME")

    def test_first_server_is_dead_second_answers(self):
        dead = peers.free_port()
        self.run_script('print(look_up("four.test", 80))', "['192.0.2.4']", dns=f"10.0.2.2:{dead},10.0.2.2:{self.port}")

    def test_connect_by_name(self):
        with peers.listener() as server:
            port = server.getsockname()[1]
            self.run_script(
                f"""
s = socket.create_connection(("here.test", {port}))
print(s.getpeername())
""",
                f"('10.0.2.2', {port})",
            )

    def test_asyncio_connects_by_name(self):
        def echo():
            with peers.accept(server) as connection:
                connection.sendall(connection.recv(10))

        with peers.listener() as server:
            port = server.getsockname()[1]
            self.run_script(
                f"""
import asyncio
async def main():
    reader, writer = await asyncio.open_connection("here.test", {port})
    writer.write(b"hello")
    await writer.drain()
    print(await reader.read(10))
asyncio.run(main())
""",
                "b'hello'",
                beside=echo,
            )


class WithoutServer(unittest.TestCase):
    """Lesson 3: a look-up has a deadline, whatever the servers and links do, and giving up leaves nothing behind."""

    AGAIN = """
start = time.time()
print(look_up("four.test", 80), time.time() - start < 60)
"""

    def test_lesson_03_silent_server_is_eai_again(self):
        with peers.listener(kind=socket.SOCK_DGRAM) as silent:
            with Mp(LOOK_UP + self.AGAIN, env={"BARESOCK_DNS": f"10.0.2.2:{silent.getsockname()[1]}"}) as mp:
                mp.expect("EAI_AGAIN True")
                mp.finish()

    def test_lesson_03_no_server_is_eai_again(self):
        with Mp(LOOK_UP + self.AGAIN, env={"BARESOCK_DNS": f"10.0.2.2:{peers.free_port()}"}) as mp:
            mp.expect("EAI_AGAIN True")
            mp.finish()

    def test_lesson_03_nobody_on_the_link_is_eai_again(self):
        with peers.Wire() as wire:
            env = {**wire.env(0), "BARESOCK_DNS": "10.1.0.2"}
            with Mp(LOOK_UP + self.AGAIN, link=wire.link(0), env=env) as mp:
                mp.expect("EAI_AGAIN True")
                mp.finish()

    def test_lesson_03_link_goes_down_is_eai_again(self):
        script = """
import network, asyncio
lan = network.LAN()
lan.active(False)
print(look_up("four.test", 80))
"""
        with Mp(LOOK_UP + script, env={"BARESOCK_DNS": "10.0.2.2:9"}) as mp:
            mp.expect("EAI_AGAIN")
            mp.finish()

    def test_lesson_03_default_timeout_ends_look_up(self):
        with peers.listener(kind=socket.SOCK_DGRAM) as silent:
            script = """
socket.setdefaulttimeout(0.1)
try:
    socket.getaddrinfo("four.test", 80)
except OSError as error:
    print(error.errno, isinstance(error, socket.timeout))
"""
            with Mp(LOOK_UP + script, env={"BARESOCK_DNS": f"10.0.2.2:{silent.getsockname()[1]}"}) as mp:
                mp.expect("110 True")
                mp.finish()


if __name__ == "__main__":
    unittest.main()
