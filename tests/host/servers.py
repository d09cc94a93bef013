"""Servers on this machine's loopback for the programs under test. Each ends with its `with`."""

import contextlib
import http.server
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from peers import DEADLINE_S, wait_until


@contextlib.contextmanager
def tcp_server(handle):
    """Calls handle(connection) for one client after the other. Yields its port. What handle raises is raised at the
    end, unless it is that the client went away."""
    errors = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.settimeout(DEADLINE_S)
                with connection:
                    try:
                        handle(connection)
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                    except Exception as error:  # pylint: disable=broad-except
                        errors.append(error)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            # Closing alone does not wake a thread in accept().
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(DEADLINE_S)
    if errors:
        raise errors[0]


@contextlib.contextmanager
def udp_server(answer):
    """Sends back answer(datagram), unless that is None. Yields its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        ended = threading.Event()

        def serve():
            while not ended.is_set():
                data, addr = sock.recvfrom(65536)
                reply = None if ended.is_set() else answer(data)
                if reply is not None:
                    sock.sendto(reply, addr)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            ended.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", sock.getsockname())
            thread.join(DEADLINE_S)


def dns_answer(query, names):
    """What a DNS server that knows the A and AAAA records of {name: [address, ...]} says (RFC 1035 4.1)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12 : at + 5]
    (wanted,) = struct.unpack(">H", query[at + 1 : at + 3])
    addresses = names.get(".".join(labels).lower())
    records = []
    for text in addresses or ():
        family, kind = (socket.AF_INET6, 28) if ":" in text else (socket.AF_INET, 1)
        if kind == wanted:
            data = socket.inet_pton(family, text)
            records.append(struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data)
    flags = 0x8583 if addresses is None else 0x8580
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records)


def dns_server(names):
    """A DNS server for these names; others don't exist. Yields its port."""
    return udp_server(lambda query: dns_answer(query, names))


@contextlib.contextmanager
def file_server(folder):
    """CPython's web server. Yields its port."""
    words = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield int(re.search(r" port (\d+) ", server.stdout.readline()).group(1))
        finally:
            server.kill()


APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/log
DocumentRoot {folder}/served
Listen 127.0.0.1:{port}
Listen [::1]:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
User www-data
Group www-data
"""


@contextlib.contextmanager
def apache():
    """Apache with an empty folder to serve, over both families. Yields its port."""
    with tempfile.TemporaryDirectory(prefix="baresock-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "served").mkdir()
        while True:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            config = folder / "apache.conf"
            config.write_text(APACHE.format(folder=folder, port=port), encoding="utf-8")
            words = ["/usr/sbin/apache2", "-X", "-f", str(config)]
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
                try:
                    wait_until(lambda: answers(port) or server.poll() is not None, "Apache")
                    if server.poll() is None:
                        yield port
                        return
                finally:
                    server.kill()
                said = server.stdout.read() + (folder / "log").read_text(encoding="utf-8")
                # Somebody may have taken the port in between.
                if "Address already in use" not in said:
                    raise RuntimeError(f"Apache did not start: {said}")


@contextlib.contextmanager
def pages(data):
    """A web server whose page /N has N bytes: data over and over. Yields its port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            self.send_response(200)
            self.end_headers()
            left = int(self.path[1:])
            while left > 0:
                self.wfile.write(data[:left])
                left -= min(left, len(data))

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def answers(port):
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
