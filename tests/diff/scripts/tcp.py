"""Connections, from the first byte to the last."""

import socket

from common import listener, loopback, nobody, pair, recv_all, reset, show, wait_readable


def echo():
    c, s = pair()
    show("send", c.send, b"hello")
    show("recv", s.recv, 100)
    show("back", s.send, b"world!")
    show("recv", c.recv, 100)


def recv_less_than_came():
    c, s = pair()
    c.sendall(b"abcdef")
    show("two", s.recv, 2)
    show("three", s.recv, 3)
    show("rest", s.recv, 10)


def several_sends_are_one_stream():
    c, s = pair()
    for word in (b"one", b"two", b"three"):
        c.send(word)
    c.close()
    show("all", recv_all, s)


def peer_closes_recv_gives_end_for_ever():
    c, s = pair()
    c.close()
    for _ in range(3):
        show("recv", s.recv, 10)


def data_then_fin_is_read_first():
    c, s = pair()
    c.sendall(b"last words")
    c.close()
    show("recv", s.recv, 4)
    show("recv", s.recv, 100)
    show("recv", s.recv, 100)


def shutdown_write_peer_goes_on_sending():
    c, s = pair()
    c.shutdown(socket.SHUT_WR)
    show("end", s.recv, 10)
    show("send", s.send, b"still here")
    show("recv", c.recv, 100)


def shutdown_write_then_send():
    c, s = pair()
    show("shutdown", c.shutdown, socket.SHUT_WR)
    show("send", c.send, b"x")
    show("again", c.shutdown, socket.SHUT_WR)


def shutdown_read_then_recv():
    c, s = pair()
    show("shutdown", c.shutdown, socket.SHUT_RD)
    show("recv", c.recv, 10)
    s.send(b"data")
    wait_readable(c)
    show("send", c.send, b"other way")
    show("recv", s.recv, 100)


def shutdown_read_keeps_what_came():
    c, s = pair()
    s.send(b"before")
    wait_readable(c)
    c.shutdown(socket.SHUT_RD)
    show("recv", c.recv, 100)
    show("recv", c.recv, 100)


def shutdown_both_then_peer_sends():
    c, s = pair()
    c.shutdown(socket.SHUT_RDWR)
    show("end", s.recv, 10)
    show("send", s.send, b"nobody reads this")
    wait_readable(s)
    show("recv", s.recv, 10)


def shutdown_of_a_new_socket():
    s = socket.socket()
    show("shutdown", s.shutdown, socket.SHUT_RDWR)


def shutdown_with_a_wrong_number():
    c, s = pair()
    show("3", c.shutdown, 3)
    show("-1", c.shutdown, -1)


def reset_is_told_once():
    c, s = pair()
    reset(c)
    wait_readable(s)
    show("recv", s.recv, 10)
    show("recv", s.recv, 10)


def reset_then_send():
    c, s = pair()
    reset(c)
    wait_readable(s)
    show("send", s.send, b"x")
    show("send", s.send, b"x")


def unread_data_at_close_resets():
    c, s = pair()
    c.send(b"unread")
    wait_readable(s)
    s.close()
    wait_readable(c)
    show("recv", c.recv, 10)


def send_to_a_closed_peer():
    c, s = pair()
    s.close()
    show("end", c.recv, 1)
    show("first", c.send, b"x")
    wait_readable(c)
    # The RST has come.
    import select

    select.select([], [], [], 0.2)
    show("second", c.send, b"x")


def refused():
    s = socket.socket()
    show("connect", s.connect, nobody())


def refused_then_connects():
    s = socket.socket()
    show("connect", s.connect, nobody())
    server = listener()
    show("connect", s.connect, server.getsockname())
    show("peer", lambda: s.getpeername() == server.getsockname())


def connect_twice():
    c, s = pair()
    server = listener()
    show("connect", c.connect, server.getsockname())


def connect_ex_gives_the_errno():
    import errno

    s = socket.socket()
    show("refused", lambda: errno.errorcode[s.connect_ex(nobody())])
    s = socket.socket()
    server = listener()
    show("connected", s.connect_ex, server.getsockname())
    show("again", lambda: errno.errorcode[s.connect_ex(server.getsockname())])


def connect_to_the_wildcard_is_to_oneself():
    server = socket.socket()
    server.bind(("0.0.0.0", 0))
    server.listen(1)
    c = socket.socket()
    show("connect", c.connect, ("0.0.0.0", server.getsockname()[1]))
    show("peer", lambda: c.getpeername()[0])


def connect_to_itself():
    s = socket.socket()
    s.bind((loopback(), 0))
    show("connect", s.connect, s.getsockname())
    show("send", s.send, b"me")
    show("recv", s.recv, 10)


def names_of_both_ends():
    c, s = pair()
    show("same", lambda: c.getsockname() == s.getpeername())
    show("same", lambda: s.getsockname() == c.getpeername())
    show("host", lambda: c.getsockname()[0])


def names_after_close():
    c, s = pair()
    c.close()
    show("getsockname", c.getsockname)
    show("getpeername", c.getpeername)
    show("fileno", c.fileno)


def getpeername_of_a_new_socket():
    s = socket.socket()
    show("getpeername", s.getpeername)
    show("getsockname", s.getsockname)


def accept_gives_the_peers_address():
    server = listener()
    c = socket.socket()
    c.connect(server.getsockname())
    s, address = server.accept()
    show("same", lambda: address == c.getsockname())
    show("type", lambda: (s.family == socket.AF_INET, s.type == socket.SOCK_STREAM, s.proto))


def accept_in_the_order_of_connecting():
    server = listener()
    clients = []
    for _ in range(4):
        c = socket.socket()
        c.connect(server.getsockname())
        clients.append(c.getsockname())
    for i in range(4):
        show("in order", lambda: server.accept()[1] == clients[i])


def accept_after_the_client_went():
    server = listener()
    c = socket.socket()
    c.connect(server.getsockname())
    c.send(b"left behind")
    c.close()
    s = server.accept()[0]
    show("recv", recv_all, s)


def accept_on_a_socket_that_does_not_listen():
    s = socket.socket()
    show("new", s.accept)
    s.bind((loopback(), 0))
    show("bound", s.accept)


def listener_closes_with_a_queue():
    server = listener()
    c = socket.socket()
    c.connect(server.getsockname())
    server.close()
    wait_readable(c)
    show("recv", c.recv, 10)


def listen_without_bind():
    s = socket.socket()
    show("listen", s.listen)
    show("host", lambda: s.getsockname()[0])
    show("port", lambda: s.getsockname()[1] != 0)


def listen_again_changes_the_backlog():
    server = listener(backlog=1)
    show("listen", server.listen, 5)
    show("zero", server.listen, 0)
    show("negative", server.listen, -5)


def listener_does_not_send_or_receive():
    server = listener()
    show("send", server.send, b"x")
    show("recv", server.recv, 1)
    show("connect", server.connect, nobody())


def bind_twice():
    s = socket.socket()
    s.bind((loopback(), 0))
    show("bind", s.bind, (loopback(), 0))


def bind_to_a_port_in_use():
    server = listener()
    s = socket.socket()
    show("bind", s.bind, server.getsockname())


def bind_to_a_port_in_use_with_reuseaddr():
    server = listener()
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    show("bind", s.bind, server.getsockname())


def bind_to_an_address_of_nobody():
    s = socket.socket()
    show("bind", s.bind, ("192.0.2.1", 0))


def rebind_while_connections_linger():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((loopback(), 0))
    server.listen(1)
    address = server.getsockname()
    c = socket.socket()
    c.connect(address)
    s = server.accept()[0]
    # This end is then in TIME_WAIT.
    s.close()
    c.recv(1)
    c.close()
    server.close()
    again = socket.socket()
    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    show("bind", again.bind, address)
    show("listen", again.listen, 1)


def large_transfer_both_ways():
    c, s = pair()
    data = bytes(range(256)) * 64
    for a, b in ((c, s), (s, c)):
        a.setblocking(False)
        b.setblocking(False)
        got = b""
        sent = 0
        import select

        while len(got) < len(data):
            r, w, _ = select.select([b], [a] if sent < len(data) else [], [], 30)
            if w:
                sent += a.send(data[sent : sent + 5000])
            if r:
                got += b.recv(3000)
        show("same", lambda: got == data)


def sendall_returns_none():
    c, s = pair()
    show("sendall", c.sendall, b"abc")
    show("nothing", c.sendall, b"")
    show("recv", s.recv, 10)


def send_nothing():
    c, s = pair()
    show("send", c.send, b"")
    c.close()
    show("recv", s.recv, 10)


def socketpair_talks():
    a, b = socket.socketpair()
    a.sendall(b"there")
    show("recv", b.recv, 10)
    b.sendall(b"back")
    show("recv", a.recv, 10)
    a.close()
    show("end", b.recv, 10)


def with_closes():
    with socket.socket() as s:
        s.bind((loopback(), 0))
    show("fileno", s.fileno)
    show("use", s.listen)


def with_closes_after_an_exception():
    s = socket.socket()
    try:
        with s:
            raise KeyError("x")
    except KeyError:
        print("it passed")
    show("fileno", s.fileno)


def close_twice():
    s = socket.socket()
    show("close", s.close)
    show("close", s.close)


def detach_leaves_the_object_closed():
    s = socket.socket()
    fd = s.detach()
    show("number", lambda: fd >= 0)
    show("fileno", s.fileno)
    show("bind", s.bind, (loopback(), 0))


def create_connection_to_a_server():
    server = socket.create_server((loopback(), 0))
    c = socket.create_connection(server.getsockname())
    s = server.accept()[0]
    c.sendall(b"made")
    show("recv", s.recv, 10)
    show("timeout", c.gettimeout)


def create_connection_with_a_timeout():
    server = socket.create_server((loopback(), 0))
    c = socket.create_connection(server.getsockname(), 7)
    show("timeout", c.gettimeout)


def create_connection_from_a_source():
    server = socket.create_server((loopback(), 0))
    source = nobody()
    c = socket.create_connection(server.getsockname(), source_address=source)
    show("same", lambda: c.getsockname() == source)


def create_connection_refused():
    show("create", socket.create_connection, nobody())


def create_server_sets_reuseaddr():
    server = socket.create_server((loopback(), 0), backlog=2)
    show("reuse", server.getsockopt, socket.SOL_SOCKET, socket.SO_REUSEADDR)
    show("listens", server.getsockopt, socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def half_closed_both_ways_in_turn():
    c, s = pair()
    c.sendall(b"question")
    c.shutdown(socket.SHUT_WR)
    show("question", recv_all, s)
    s.sendall(b"answer")
    s.shutdown(socket.SHUT_WR)
    show("answer", recv_all, c)
    show("send", c.send, b"x")
    show("shutdown", c.shutdown, socket.SHUT_WR)


def linger_zero_resets():
    import struct

    c, s = pair()
    c.send(b"lost?")
    wait_readable(s)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
    import select

    select.select([], [], [], 0.1)
    show("recv", s.recv, 10)
    show("recv", s.recv, 10)


def linger_waits_for_what_was_sent():
    import struct

    c, s = pair()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5))
    c.sendall(b"delivered")
    show("close", c.close)
    show("recv", recv_all, s)
