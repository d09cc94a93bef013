"""With servers outside the program."""

import select
import socket

from common import peer, recv_all, show, wait_readable, wait_writable


def _connect(name):
    return socket.create_connection((peer["host"], peer[name]))


def echo():
    s = _connect("echo")
    s.sendall(b"over the wire")
    show("recv", s.recv, 13, socket.MSG_WAITALL)


def echo_of_much():
    s = _connect("echo")
    data = bytes(range(256)) * 400
    s.setblocking(False)
    sent, got = 0, b""
    while len(got) < len(data):
        r, w, _ = select.select([s], [s] if sent < len(data) else [], [], 30)
        if w:
            sent += s.send(data[sent : sent + 20000])
        if r:
            got += s.recv(10000)
    show("same", lambda: got == data)


def chargen_to_the_end():
    s = _connect("chargen")
    data = recv_all(s)
    show("length", lambda: len(data))
    show("same", lambda: data == bytes(range(250)) * 400)


def chargen_waitall():
    s = _connect("chargen")
    show("length", lambda: len(s.recv(60000, socket.MSG_WAITALL)))
    show("length", lambda: len(s.recv(60000, socket.MSG_WAITALL)))


def chargen_left_unread():
    s = _connect("chargen")
    wait_readable(s)
    show("some", lambda: len(s.recv(10)))
    show("close", s.close)


def closed_at_once():
    s = _connect("close")
    show("recv", s.recv, 10)
    show("recv", s.recv, 10)


def reset_by_the_server():
    s = _connect("reset")
    s.send(b"x")
    wait_readable(s)
    show("recv", s.recv, 10)
    show("recv", s.recv, 10)


def lines_in_upper_case():
    s = _connect("upper")
    with s.makefile("rwb") as f:
        for line in (b"one\n", b"two words\n"):
            f.write(line)
            f.flush()
            show("line", f.readline)
        f.write(b"\n")
        f.flush()
        show("end", f.readline)


def half_close_ends_the_echo():
    s = _connect("echo")
    s.sendall(b"all of it")
    s.shutdown(socket.SHUT_WR)
    show("all", recv_all, s)


def silent_server_times_out():
    s = _connect("silent")
    s.settimeout(0.1)
    show("recv", s.recv, 1)


def without_waiting():
    s = socket.socket()
    s.setblocking(False)
    show("connect", s.connect, (peer["host"], peer["echo"]))
    wait_writable(s)
    show("error", s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
    show("recv", s.recv, 10)
    s.send(b"ok")
    wait_readable(s)
    show("recv", s.recv, 10)


def peer_name():
    s = _connect("echo")
    show("same", lambda: s.getpeername() == (peer["host"], peer["echo"]))


def datagrams():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b"there and back", (peer["host"], peer["udp_echo"]))
    data, source = s.recvfrom(100)
    show("data", lambda: data)
    show("source", lambda: source == (peer["host"], peer["udp_echo"]))


def connected_datagrams():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((peer["host"], peer["udp_echo"]))
    for data in (b"one", b"two"):
        s.send(data)
        show("recv", s.recv, 100)


def large_datagram():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    data = bytes(range(256)) * 20
    s.sendto(data, (peer["host"], peer["udp_echo"]))
    show("same", lambda: s.recv(6000) == data)


def ten_connections_at_once():
    sockets = [_connect("echo") for _ in range(10)]
    for number, s in enumerate(sockets):
        s.sendall(b"%d" % number)
    print([s.recv(10) for s in sockets])


def discard_much():
    s = _connect("discard")
    show("sendall", s.sendall, bytes(300000))
    s.shutdown(socket.SHUT_WR)
    show("end", s.recv, 1)
