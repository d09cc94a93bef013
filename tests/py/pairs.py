# Connected sockets, both ends in this process: a connection completes without accept(), so no threads are needed.

import socket

HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def listener(family=socket.AF_INET, backlog=5):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.bind((HOSTS[family], 0))
    s.listen(backlog)
    return s


# Client and server end of a connection. What is sent leaves at once, so that tests need not wait for Nagle's algorithm.
def stream_pair(family=socket.AF_INET):
    with listener(family) as l:
        client = socket.socket(family, socket.SOCK_STREAM)
        client.connect(l.getsockname())
        server, _ = l.accept()
    for s in client, server:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client, server


def datagram_socket(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((HOSTS[family], 0))
    return s


# A port that refuses.
def closed_port():
    with listener() as l:
        return l.getsockname()[1]
