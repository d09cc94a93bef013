"""Sockets that do not wait, or not for ever."""

import errno
import socket

from common import datagram, listener, loopback, nobody, pair, show, wait_readable, wait_writable


def timeout_at_first():
    s = socket.socket()
    show("timeout", s.gettimeout)
    s.settimeout(1.5)
    show("timeout", s.gettimeout)
    s.setblocking(False)
    show("timeout", s.gettimeout)
    s.setblocking(True)
    show("timeout", s.gettimeout)


def timeout_of_wrong_kinds():
    s = socket.socket()
    show("negative", s.settimeout, -1)
    show("text", s.settimeout, "1")
    show("int", s.settimeout, 2)
    show("gives", s.gettimeout)


def default_timeout():
    show("first", socket.getdefaulttimeout)
    socket.setdefaulttimeout(3)
    show("then", socket.getdefaulttimeout)
    show("of a socket", socket.socket().gettimeout)
    socket.setdefaulttimeout(None)
    show("of a socket", socket.socket().gettimeout)
    show("negative", socket.setdefaulttimeout, -2)


def accepted_waits_whatever_the_listener_does():
    server = listener()
    server.settimeout(5)
    c = socket.socket()
    c.connect(server.getsockname())
    show("timeout", server.accept()[0].gettimeout)


def recv_times_out():
    c, s = pair()
    s.settimeout(0.02)
    show("recv", s.recv, 10)
    c.send(b"later")
    wait_readable(s)
    show("recv", s.recv, 10)


def recvfrom_times_out():
    s = datagram()
    s.settimeout(0.02)
    show("recvfrom", s.recvfrom, 10)


def accept_times_out():
    server = listener()
    server.settimeout(0.02)
    show("accept", server.accept)


def accept_without_waiting():
    server = listener()
    server.setblocking(False)
    show("accept", server.accept)


def recv_without_waiting():
    c, s = pair()
    s.setblocking(False)
    show("recv", s.recv, 10)
    show("recv_into", s.recv_into, bytearray(3))
    show("recvfrom", s.recvfrom, 10)


def send_until_it_is_full():
    c, s = pair()
    c.setblocking(False)
    try:
        while True:
            c.send(bytes(50000))
    except OSError as error:
        print(errno.errorcode[error.errno])


def send_times_out():
    c, s = pair()
    c.settimeout(0.05)
    try:
        while True:
            c.send(bytes(50000))
    except OSError as error:
        print(error.errno in (None, errno.ETIMEDOUT))


def sendall_times_out():
    c, s = pair()
    c.settimeout(0.05)
    show("sendall", c.sendall, bytes(20000000))


def connect_without_waiting():
    server = listener()
    s = socket.socket()
    s.setblocking(False)
    show("connect", s.connect, server.getsockname())
    wait_writable(s)
    show("error", s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)
    show("send", s.send, b"x")


def connect_ex_without_waiting():
    server = listener()
    s = socket.socket()
    s.setblocking(False)
    show("connect", lambda: errno.errorcode[s.connect_ex(server.getsockname())])
    wait_writable(s)
    show("again", s.connect_ex, server.getsockname())
    show("again", lambda: errno.errorcode[s.connect_ex(server.getsockname())])


def refused_without_waiting():
    s = socket.socket()
    s.setblocking(False)
    show("connect", s.connect, nobody())
    wait_writable(s)
    show("error", lambda: errno.errorcode[s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)])
    show("error", s.getsockopt, socket.SOL_SOCKET, socket.SO_ERROR)


def refused_with_a_timeout():
    s = socket.socket()
    s.settimeout(20)
    show("connect", s.connect, nobody())


def connected_with_a_timeout():
    server = listener()
    s = socket.socket()
    s.settimeout(20)
    show("connect", s.connect, server.getsockname())
    show("timeout", s.gettimeout)


def recv_in_connecting():
    server = listener(backlog=1)
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(server.getsockname())
    wait_writable(s)
    show("recv", s.recv, 1)


def timeout_zero_is_not_to_wait():
    c, s = pair()
    s.settimeout(0)
    show("recv", s.recv, 1)
    show("timeout", s.gettimeout)


def a_timed_out_socket_goes_on():
    c, s = pair()
    s.settimeout(0.01)
    for _ in range(3):
        show("recv", s.recv, 1)
    c.sendall(b"abc")
    wait_readable(s)
    show("recv", s.recv, 10)


def bind_and_listen_never_wait():
    s = socket.socket()
    s.setblocking(False)
    show("bind", s.bind, (loopback(), 0))
    show("listen", s.listen, 1)


def waitall_without_waiting():
    c, s = pair()
    c.send(b"ab")
    wait_readable(s)
    s.setblocking(False)
    show("recv", s.recv, 10, socket.MSG_WAITALL)


def timeout_is_the_class_of_the_error():
    s = datagram()
    s.settimeout(0.01)
    try:
        s.recv(1)
    except socket.timeout:
        print("timeout")
    except OSError:
        print("another")


def blocking_error_is_an_oserror():
    s = datagram()
    s.setblocking(False)
    try:
        s.recv(1)
    except OSError as error:
        print(error.errno == errno.EAGAIN, error.args[0] == errno.EAGAIN)
