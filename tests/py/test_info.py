# lwip.sockets() and lwip.tcp_info(): what the stack tells of its sockets.

import errno
import lwip
import socket
from harness import *


def info_of(s):
    return [info for info in lwip.sockets() if info["fd"] == s.fileno()][0]


def test_each_open_socket_is_listed_once():
    before = len(lwip.sockets())
    with socket.socket() as s:
        assert_equal(len(lwip.sockets()), before + 1)
        assert_equal(info_of(s)["state"], "new")
    assert_equal(len(lwip.sockets()), before)


def test_listening_socket_tells_its_queue_and_backlog():
    with socket.create_server(("127.0.0.1", 0), backlog=3) as listener:
        with socket.create_connection(listener.getsockname()):
            info = info_of(listener)
            assert_equal(info["state"], "listening")
            assert_equal((info["receive_queue"], info["send_queue"]), (1, 3))
            assert_equal(info["local"], listener.getsockname())
            assert_equal(info["peer"], None)


def test_connection_tells_both_names_and_queues():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            client.send(b"hello")
            assert_equal(info_of(client)["send_queue"], 5)
            while info_of(server)["receive_queue"] < 5:
                lwip.callback()
            info = info_of(server)
            assert_equal((info["local"], info["peer"]), (server.getsockname(), client.getsockname()))
            assert_equal((info["family"], info["type"]), (socket.AF_INET, socket.SOCK_STREAM))
            assert_equal(info["receive_queue"], 5)


def test_datagram_socket_without_names_tells_none():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        assert_equal((info_of(s)["local"], info_of(s)["peer"]), (None, None))


def test_tcp_info_of_connection():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.send(b"hello")
            info = lwip.tcp_info(client)
            assert_equal((info["state"], info["unacked"], info["nodelay"]), ("ESTABLISHED", 5, True))
            assert_equal(lwip.tcp_info(client.fileno())["mss"], info["mss"])
            while lwip.tcp_info(server)["received"] < 5:
                lwip.callback()
            window = lwip.tcp_info(server)["rcv_wnd"]
            assert_equal(server.recv(10), b"hello")
            assert_equal(lwip.tcp_info(server)["rcv_wnd"], window + 5)
            client.shutdown(socket.SHUT_WR)
            assert_equal(server.recv(10), b"")
            assert_equal(lwip.tcp_info(server)["state"], "CLOSE_WAIT")


def test_tcp_info_of_what_is_no_connection():
    with socket.socket() as s:
        assert_errno(errno.ENOTCONN, lwip.tcp_info, s)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        assert_errno(errno.EOPNOTSUPP, lwip.tcp_info, s)
    assert_errno(errno.EBADF, lwip.tcp_info, s)
    assert_errno(errno.EBADF, lwip.tcp_info, 3)


run(globals())
