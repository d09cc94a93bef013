"""Fetch a page over HTTP and print it.

    mp http_get.py HOST [PORT [PATH]]
"""

import socket
import sys


def main(host, port="80", path="/"):
    # create_connection() looks the name up and tries its addresses, IPv6 and IPv4, until one answers.
    with socket.create_connection((host, int(port))) as s:
        s.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        while True:
            # What has come, up to 4096 bytes; b"" once the server has closed.
            data = s.recv(4096)
            if not data:
                break
            sys.stdout.buffer.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
