"""Send back to every client what it sends, many at a time in one thread.

    mp --link slirp:fwd=tcp:7007-7 echo_server.py [PORT]

The link's fwd makes port 7 of this program reachable as 127.0.0.1 port 7007 of the machine: try `nc 127.0.0.1 7007`.
"""

import select
import socket
import sys


def main(port="7"):
    listener = socket.create_server(("", int(port)))
    clients = []
    print("listening on port", port)
    while True:
        # Sleeps until the listener has a client to accept, or a client has data or is gone.
        ready, _, _ = select.select([listener] + clients, [], [])
        for s in ready:
            if s is listener:
                client, addr = s.accept()
                print("from", addr)
                clients.append(client)
                continue
            try:
                data = s.recv(4096)
                # Waits for a client that does not read, and the others wait with it; chat_server.py does better.
                s.sendall(data)
            except OSError as error:
                print(error)
                data = b""
            if not data:
                clients.remove(s)
                s.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
