"""IPv6, and both together."""

import socket

from common import datagram, listener, nobody, pair, recv_all, show

V6 = socket.AF_INET6


def echo():
    c, s = pair(V6)
    c.sendall(b"six")
    show("recv", s.recv, 10)
    s.close()
    show("end", c.recv, 10)


def names_have_four_parts():
    c, s = pair(V6)
    show("parts", lambda: len(c.getsockname()))
    show("host", lambda: c.getpeername()[0])
    show("flow and scope", lambda: c.getpeername()[2:])


def datagrams():
    a, b = datagram(V6), datagram(V6)
    a.sendto(b"six", b.getsockname())
    data, source = b.recvfrom(10)
    show("data", lambda: data)
    show("source", lambda: source == a.getsockname())


def address_of_two_parts():
    server = listener(V6)
    s = socket.socket(V6)
    show("connect", s.connect, ("::1", server.getsockname()[1]))


def address_of_three_parts():
    server = listener(V6)
    s = socket.socket(V6)
    show("connect", s.connect, ("::1", server.getsockname()[1], 0))


def refused():
    s = socket.socket(V6)
    show("connect", s.connect, nobody(family=V6))


def v4_address_of_a_v6_socket():
    server = listener()
    s = socket.socket(V6)
    show("connect", s.connect, ("::ffff:127.0.0.1", server.getsockname()[1]))
    show("peer", lambda: s.getpeername()[0])
    show("own", lambda: s.getsockname()[0])


def dual_stack_listener_takes_both():
    server = socket.socket(V6)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", 0))
    server.listen(5)
    port = server.getsockname()[1]
    c4, c6 = socket.socket(), socket.socket(V6)
    c4.connect(("127.0.0.1", port))
    show("v4", lambda: server.accept()[1][0])
    c6.connect(("::1", port))
    show("v6", lambda: server.accept()[1][0])


def v6only_listener_takes_one():
    server = socket.socket(V6)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("::", 0))
    server.listen(5)
    port = server.getsockname()[1]
    c4, c6 = socket.socket(), socket.socket(V6)
    show("v4", c4.connect, ("127.0.0.1", port))
    show("v6", c6.connect, ("::1", port))


def v6only_socket_does_not_reach_v4():
    s = socket.socket(V6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    show("connect", s.connect, ("::ffff:127.0.0.1", 9))


def dual_stack_datagrams():
    s = socket.socket(V6, socket.SOCK_DGRAM)
    s.bind(("::", 0))
    port = s.getsockname()[1]
    a, b = datagram(), datagram(V6)
    a.sendto(b"four", ("127.0.0.1", port))
    data, source = s.recvfrom(10)
    show("v4", lambda: (data, source[0]))
    b.sendto(b"six", ("::1", port))
    data, source = s.recvfrom(10)
    show("v6", lambda: (data, source[0]))


def both_on_one_port():
    a = socket.socket(V6)
    a.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    a.bind(("::", 0))
    b = socket.socket()
    show("v4", b.bind, ("0.0.0.0", a.getsockname()[1]))


def wildcard_of_both_is_taken():
    a = socket.socket(V6)
    a.bind(("::", 0))
    a.listen(1)
    b = socket.socket()
    show("v4", b.bind, ("0.0.0.0", a.getsockname()[1]))


def half_close():
    c, s = pair(V6)
    c.sendall(b"ask")
    c.shutdown(socket.SHUT_WR)
    show("ask", recv_all, s)
    s.sendall(b"answer")
    s.close()
    show("answer", recv_all, c)


def wildcard_is_the_loopback():
    server = socket.socket(V6)
    server.bind(("::", 0))
    server.listen(1)
    s = socket.socket(V6)
    show("connect", s.connect, ("::", server.getsockname()[1]))
    show("peer", lambda: s.getpeername()[0])


def server_of_both():
    show("has", socket.has_dualstack_ipv6)
    server = socket.create_server(("::", 0), family=V6, dualstack_ipv6=True)
    c = socket.create_connection(("127.0.0.1", server.getsockname()[1]))
    show("peer", lambda: server.accept()[1][0])
    c.close()


def v4_name_of_a_v6_socket():
    s = socket.socket(V6)
    show("bind", s.bind, ("127.0.0.1", 0))
