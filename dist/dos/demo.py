"""DEMO [URL]: fetches a page with this machine's network, then serves one until Ctrl-C."""

import socket
import sys
import time

import uc386_net

PAGE = """HTTP/1.0 200 OK\r
Content-Type: text/html\r
\r
<!doctype html>
<title>baresock</title>
<h1>This page comes from a machine with DOS</h1>
<p>{machine} asked for it, request number {count}.</p>
"""


def split(url):
    """http://HOST[:PORT]/PATH in its parts."""
    if not url.startswith("http://"):
        raise ValueError("DEMO fetches http://..., and WGET.PY the same")
    host, _, path = url[7:].partition("/")
    host, _, port = host.partition(":")
    return host, int(port or 80), "/" + path


def fetch(url):
    """Get a page. Returns its status line, and its size in bytes."""
    host, port, path = split(url)
    with socket.create_connection((host, port), 20) as s:
        s.sendall("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n".format(path, host).encode())
        f = s.makefile("rb")
        status = f.readline().decode().strip()
        while f.readline().strip():
            pass
        size = 0
        while data := f.read(4096):
            size += len(data)
    return status, size


def serve(address):
    """Serve the page."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", 80))
    listener.listen(4)
    print("Now point a browser at http://{}/ (Ctrl-C ends it).".format(address))
    count = 0
    while True:
        client, peer = listener.accept()
        with client:
            try:
                client.settimeout(10)
                request = client.makefile("rb")
                first = request.readline().decode().strip()
                while request.readline().strip():
                    pass
                count += 1
                client.sendall(PAGE.format(machine=peer[0], count=count).encode())
                print(peer[0], first)
            except OSError as error:
                print(peer[0], error)


def main():
    """Do both."""
    if uc386_net.eth_init(True) != 0:
        return 1
    print("Waiting for an address ...")
    while not uc386_net.eth_status()[3]:
        time.sleep(0.1)
    address = uc386_net.eth_status()[0]
    print("This machine is {}.".format(address))
    url = sys.argv[1] if len(sys.argv) > 1 else "http://example.com/"
    try:
        print(url, *fetch(url), "bytes")
    except (OSError, ValueError) as error:
        print(url, "could not be fetched:", error)
    try:
        serve(address)
    except KeyboardInterrupt:
        print("Good bye.")
    return 0


sys.exit(main())
