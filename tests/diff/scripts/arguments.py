"""What is taken as an argument, and how what is not taken fails."""

import socket

from common import datagram, listener, loopback, pair, show


def kinds_of_sockets():
    show("family", lambda: socket.socket(99))
    show("type", lambda: socket.socket(socket.AF_INET, 99))
    show("protocol", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 17))
    show("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 6))
    show("tcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 6))
    show("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 17))


def ports_out_of_range():
    s = socket.socket()
    for port in (-1, 65536, 1 << 40):
        show("bind %d" % port, s.bind, (loopback(), port))
        show("connect %d" % port, s.connect, (loopback(), port))


def addresses_of_other_shapes():
    s = socket.socket()
    show("text", s.bind, "127.0.0.1")
    show("one", s.bind, (loopback(),))
    show("none", s.bind, None)
    show("text port", s.bind, (loopback(), "80"))
    show("float port", s.bind, (loopback(), 80.5))


def hosts_of_other_types():
    s = socket.socket()
    show("int", s.connect, (127, 80))
    show("none", s.connect, (None, 80))


def data_of_other_types():
    c, s = pair()
    show("int", c.send, 5)
    show("none", c.send, None)
    show("bytearray", c.send, bytearray(b"ab"))
    show("memoryview", c.send, memoryview(b"cd"))
    show("part", c.send, memoryview(b"123456")[2:4])
    show("recv", s.recv, 6, socket.MSG_WAITALL)


def text_as_data():
    c, s = pair()
    show("text", c.send, "text")


def text_as_an_option():
    s = socket.socket()
    show("text", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, "1")


def number_too_large_for_an_option():
    s = socket.socket()
    show("large", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1 << 40)


def recv_into_of_minus_one():
    c, s = pair()
    c.send(b"abcdef")
    show("negative", s.recv_into, bytearray(4), -1)


def sizes_of_recv():
    c, s = pair()
    c.send(b"abc")
    show("negative", s.recv, -1)
    show("float", s.recv, 1.5)
    show("text", s.recv, "1")
    show("none", s.recv)
    show("zero", s.recv, 0)
    show("large", s.recv, 1 << 20)


def buffers_of_recv_into():
    c, s = pair()
    c.send(b"abcdef")
    buf = bytearray(4)
    show("bytes", s.recv_into, b"1234")
    show("too large", s.recv_into, buf, 5)
    show("negative", s.recv_into, buf, -2)
    show("two", s.recv_into, buf, 2)
    print(bytes(buf))
    show("all", s.recv_into, memoryview(buf)[1:])
    print(bytes(buf))


def recv_into_nothing():
    c, s = pair()
    show("recv_into", s.recv_into, bytearray(0))


def backlogs():
    s = socket.socket()
    s.bind((loopback(), 0))
    show("text", s.listen, "5")
    show("large", s.listen, 100000)


def options_of_other_types():
    s = socket.socket()
    show("true", s.setsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE, True)
    show("get", s.getsockopt, socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def sendto_without_an_address():
    s = datagram()
    show("none", s.sendto, b"x")
    show("four", s.sendto, b"x", 0, (loopback(), 9), 1)


def sendto_with_flags():
    a, b = datagram(), datagram()
    show("sendto", a.sendto, b"x", 0, b.getsockname())
    show("recv", b.recv, 10)


def connect_a_datagram_socket_to_port_0():
    s = datagram()
    show("connect", s.connect, (loopback(), 0))
    show("send", s.send, b"x")


def connect_to_port_0():
    s = socket.socket()
    show("connect", s.connect, (loopback(), 0))


def attributes():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    show("family", lambda: s.family == socket.AF_INET6)
    show("type", lambda: s.type == socket.SOCK_DGRAM)
    show("proto", lambda: s.proto)
    show("set", setattr, s, "family", 1)


def names_of_the_module():
    for name in ("error", "timeout", "gaierror", "SocketType", "has_ipv6", "create_server", "socketpair"):
        show(name, hasattr, socket, name)
    show("error", lambda: socket.error is OSError)
    show("timeout", issubclass, socket.timeout, OSError)
    show("gaierror", issubclass, socket.gaierror, OSError)


def a_class_of_ones_own():
    class Mine(socket.socket):
        def hello(self):
            return "hello"

    server = listener()
    s = Mine()
    s.connect(server.getsockname())
    show("method", s.hello)
    show("is", isinstance, s, socket.socket)
    show("send", s.send, b"x")
    show("recv", server.accept()[0].recv, 1)


def a_socket_is_true():
    s = socket.socket()
    show("true", bool, s)
    s.close()
    show("closed", bool, s)
