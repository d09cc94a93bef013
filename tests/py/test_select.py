# select() and poll().

import errno
import io
import os
import select
import socket
import sys
import time

from harness import *
from pairs import *

# MP_STREAM_POLL and MP_STREAM_GET_FILENO of py/stream.h
STREAM_POLL = 3


# A stream that is ready when it says so.
class Flag(io.IOBase):
    def __init__(self):
        self.ready = 0
        self.asked = 0

    def ioctl(self, request, arg):
        if request == STREAM_POLL:
            self.asked += 1
            return self.ready & arg
        return -1


def test_select_tells_readable_and_writable():
    c, s = stream_pair()
    assert_equal(select.select([c, s], [c], [], 0), ([], [c], []))
    c.send(b"x")
    assert_equal(select.select([c, s], [], [c, s], 1), ([s], [], []))
    assert_equal(select.select([l for l in (s, s)], [s], []), ([s, s], [s], []))
    assert_equal(select.select([], [], [], 0.01), ([], [], []))
    assert_raises(ValueError, select.select, [s], [], [], -1)


def test_select_with_a_timeout_sleeps_that_long():
    c, s = stream_pair()
    start = time.ticks_ms()
    assert_equal(select.select([s], [], [], 0.08), ([], [], []))
    assert_true(time.ticks_diff(time.ticks_ms(), start) >= 80)


def test_poll_reports_in_the_order_of_registering():
    c, s = stream_pair()
    p = select.poll()
    p.register(s, select.POLLIN)
    p.register(c, select.POLLOUT)
    assert_equal(p.poll(0), [(c, select.POLLOUT)])
    c.send(b"x")
    assert_equal(p.poll(1000), [(c, select.POLLOUT)])
    time.sleep_ms(5)
    assert_equal(p.poll(1000), [(s, select.POLLIN), (c, select.POLLOUT)])
    p.modify(c, select.POLLIN)
    p.unregister(s)
    assert_equal(p.poll(0), [])
    assert_raises(KeyError, p.unregister, s)
    assert_errno(errno.ENOENT, p.modify, s, 0)


def test_lesson_11_poll_of_each_state():
    new = socket.socket()
    l = listener()
    c, s = stream_pair()
    p = select.poll()

    def state(sock):
        p.register(sock, select.POLLIN | select.POLLOUT)
        events = dict(p.poll(20)).get(sock, 0)
        p.unregister(sock)
        return events

    assert_equal(state(new), select.POLLOUT | select.POLLHUP)
    assert_equal(state(l), 0)
    waiting = socket.create_connection(l.getsockname())
    assert_equal(state(l), select.POLLIN)
    assert_equal(state(c), select.POLLOUT)
    c.send(b"x")
    time.sleep_ms(5)
    assert_equal(state(s), select.POLLIN | select.POLLOUT)
    s.recv(1)
    c.shutdown(socket.SHUT_WR)
    time.sleep_ms(5)
    assert_equal(state(s), select.POLLIN | select.POLLOUT)
    s.close()
    time.sleep_ms(5)
    assert_true(state(c) & select.POLLHUP)


def test_closed_sockets_are_invalid():
    c, s = stream_pair()
    p = select.poll()
    p.register(c)
    number = s.fileno()
    p.register(number, select.POLLIN)
    c.close()
    s.close()
    other = socket.socket()
    assert_equal(p.poll(1000), [(c, select.POLLNVAL), (number, select.POLLNVAL)])
    assert_errno(errno.EBADF, select.select, [c], [], [])


def test_lesson_10_poll_after_reset():
    import struct

    c, s = stream_pair()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
    p = select.poll()
    p.register(s, select.POLLIN)
    events = p.poll(1000)[0][1]
    assert_equal(events & (select.POLLIN | select.POLLERR | select.POLLHUP), select.POLLIN | select.POLLERR | select.POLLHUP)


def test_numbers_and_objects():
    c, s = stream_pair()
    c.send(b"x")
    assert_equal(select.select([s.fileno()], [], [], 1)[0], [s.fileno()])
    assert_raises(ValueError, select.select, [-1], [], [])
    assert_raises(OSError, select.select, ["text"], [], [])


def test_host_files_and_sockets_in_one_wait():
    c, s = stream_pair()
    try:
        f = open("/dev/zero", "rb")
    except OSError:
        # No host, no files that one could wait for.
        return
    with f:
        assert_equal(select.select([s, f], [f], [], 1), ([f], [f], []))
        c.send(b"x")
        time.sleep_ms(5)
        assert_equal(select.select([s, f], [], [], 1)[0], [s, f])
        p = select.poll()
        p.register(f, select.POLLIN)
    assert_equal(p.poll(0), [(f, select.POLLNVAL)])


def test_standard_input_is_one_of_them():
    c, s = stream_pair()
    c.send(b"x")
    assert_true(s in select.select([sys.stdin, s], [], [], 1)[0])


def test_streams_that_only_have_an_ioctl():
    c, s = stream_pair()
    flag = Flag()
    p = select.poll()
    p.register(flag, select.POLLIN)
    p.register(s, select.POLLIN)
    assert_equal(p.poll(20), [])
    assert_true(flag.asked < 20, "it is asked all the time")
    flag.ready = select.POLLIN
    assert_equal(p.poll(1000), [(flag, select.POLLIN)])
    flag.ready = 0
    c.send(b"x")
    assert_equal(p.poll(1000), [(s, select.POLLIN)])


def test_ipoll_gives_one_tuple_and_oneshot():
    c, s = stream_pair()
    p = select.poll()
    p.register(c, select.POLLOUT)
    p.register(s, select.POLLOUT)
    seen = []
    tuples = []
    for pair in p.ipoll(0, 1):
        seen.append(pair[0])
        tuples.append(id(pair))
    assert_true(c in seen and s in seen and len(seen) == 2)
    assert_equal(tuples[0], tuples[1])
    assert_equal(list(p.ipoll(0)), [])
    p.modify(c, select.POLLOUT)
    assert_equal([pair[0] for pair in p.ipoll(0)], [c])


def test_unregister_while_ipoll_runs():
    pairs = [socket.socketpair() for _ in range(10)]
    p = select.poll()
    for a, b in pairs:
        p.register(a, select.POLLOUT)
        p.register(b, select.POLLOUT)
    seen = []
    for s, _ in p.ipoll(0):
        seen.append(s)
        p.unregister(s)
    assert_equal(len(seen), 20)
    assert_equal(len({id(s) for s in seen}), 20)
    assert_equal(p.poll(0), [])


def test_many_sockets_of_which_one_is_ready():
    pairs = [socket.socketpair() for _ in range(connections(200))]
    p = select.poll()
    for a, b in pairs:
        p.register(b, select.POLLIN)
    for a, b in pairs[:: len(pairs) // 5]:
        a.send(b"x")
        assert_equal(p.poll(1000), [(b, select.POLLIN)])
        b.recv(1)


run(globals())
