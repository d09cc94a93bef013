# Timeouts and non-blocking sockets.

import errno
import select
import socket
import time

from harness import *
from pairs import *


def took_ms(function, *args):
    start = time.ticks_ms()
    error = None
    try:
        function(*args)
    except OSError as e:
        error = e
    return time.ticks_diff(time.ticks_ms(), start), error


def test_settimeout_and_gettimeout():
    s = socket.socket()
    assert_equal(s.gettimeout(), None)
    for value, wanted in ((1.5, 1.5), (2, 2.0), (0, 0.0), (None, None)):
        s.settimeout(value)
        assert_equal((s.gettimeout(), s.timeout), (wanted, wanted))
    s.setblocking(False)
    assert_equal(s.gettimeout(), 0.0)
    s.setblocking(True)
    assert_equal(s.gettimeout(), None)
    assert_raises(ValueError, s.settimeout, -1)


def test_every_wait_ends_with_etimedout():
    c, s = stream_pair()
    l = listener()
    u = datagram_socket()
    for sock, call in ((s, (s.recv, 1)), (s, (s.recv, 5000)), (s, (s.recv_into, bytearray(1))), (s, (s.read, 1)),
                       (s, (s.readline,)), (s, (s.recvmsg, 1)), (l, (l.accept,)), (u, (u.recvfrom, 1))):
        sock.settimeout(0.05)
        ms, error = took_ms(*call)
        assert_equal(error.args[0], errno.ETIMEDOUT)
        assert_true(isinstance(error, socket.timeout))
        assert_true(ms >= 50, "it took %d ms" % ms)


def test_sendall_has_one_timeout_for_all():
    c, s = stream_pair()
    c.settimeout(0.1)
    ms, error = took_ms(c.sendall, b"x" * 10000000)
    assert_equal(error.errno, errno.ETIMEDOUT)
    assert_true(ms >= 100, "it took %d ms" % ms)


def test_non_blocking_calls_give_eagain():
    c, s = stream_pair()
    l = listener()
    u = datagram_socket()
    for sock, call in ((s, (s.recv, 1)), (s, (s.recv, 5000)), (l, (l.accept,)), (u, (u.recvfrom, 1))):
        sock.setblocking(False)
        assert_errno(errno.EAGAIN, *call)
        sock.setblocking(True)
    assert_errno(errno.EAGAIN, s.recv, 1, socket.MSG_DONTWAIT)


def test_lesson_02_non_blocking_send_takes_what_fits_and_never_sleeps():
    c, s = stream_pair()
    c.setblocking(False)
    sent = 0
    error = None
    while error is None:
        try:
            sent += c.send(b"x" * 10000)
        except OSError as e:
            error = e.errno
    assert_equal(error, errno.EAGAIN)
    assert_equal(select.select([], [c], [], 0)[1], [])
    assert_equal(len(s.recv(sent, socket.MSG_WAITALL)), sent)
    assert_equal(select.select([], [c], [], 5)[1], [c])


def test_lesson_14_non_blocking_connect():
    with listener() as l:
        c = socket.socket()
        c.setblocking(False)
        assert_equal(c.connect_ex(l.getsockname()), errno.EINPROGRESS)
        assert_equal(select.select([], [c], [], 5)[1], [c])
        assert_equal(c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        c.close()


def test_lesson_25_select_sees_a_failed_connect():
    c = socket.socket()
    c.setblocking(False)
    assert_errno(errno.EINPROGRESS, c.connect, ("127.0.0.1", closed_port()))
    assert_equal(select.select([], [c], [], 5)[1], [c])
    assert_equal(c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), errno.ECONNREFUSED)
    assert_equal(c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)


def test_default_timeout():
    assert_equal(socket.getdefaulttimeout(), None)
    socket.setdefaulttimeout(0.25)
    try:
        assert_equal(socket.getdefaulttimeout(), 0.25)
        assert_equal(socket.socket().gettimeout(), 0.25)
    finally:
        socket.setdefaulttimeout(None)


def test_sleeping_and_computing_keep_the_network_moving():
    l = listener()
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(l.getsockname())
    time.sleep(0.05)
    l.setblocking(False)
    s, _ = l.accept()
    c.send(b"x" * 10000)
    end = time.ticks_add(time.ticks_ms(), 50)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        pass
    s.setblocking(False)
    assert_equal(len(s.recv(20000)), 10000)


run(globals())
