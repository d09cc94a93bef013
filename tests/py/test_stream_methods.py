# A socket as a stream, and the files of makefile().

import errno
import json
import socket
import time

from harness import *
from pairs import *


def test_read_waits_for_all_or_the_end():
    c, s = stream_pair()
    c.send(b"abc")
    c.send(b"defg")
    assert_equal(s.read(5), b"abcde")
    c.close()
    assert_equal(s.read(5), b"fg")
    assert_equal(s.read(5), b"")


def test_read_without_size_reads_to_the_end():
    c, s = stream_pair()
    c.sendall(b"x" * 30000)
    c.close()
    assert_equal(len(s.read()), 30000)


def test_readinto_and_readline_and_write():
    c, s = stream_pair()
    assert_equal(c.write(b"one\ntwo\nthree"), 13)
    buf = bytearray(6)
    assert_equal(s.readinto(buf, 2), 2)
    assert_equal(s.readline(), b"e\n")
    assert_equal(s.readline(2), b"tw")
    assert_equal(s.readinto(buf), 6)
    assert_equal(bytes(buf), b"o\nthre")
    c.close()
    assert_equal(s.readline(), b"e")


def test_iterating_gives_lines():
    c, s = stream_pair()
    c.send(b"a\nb\nc")
    c.close()
    assert_equal(list(s), [b"a\n", b"b\n", b"c"])


def test_long_line():
    c, s = stream_pair()
    c.sendall(b"y" * 20000 + b"\nrest")
    assert_equal(len(s.readline()), 20001)
    assert_equal(s.recv(10), b"rest")


def test_lesson_12_a_read_that_times_out_loses_nothing():
    c, s = stream_pair()
    s.settimeout(0.05)
    c.send(b"abc")
    assert_raises(socket.timeout, s.read, 10)
    assert_raises(socket.timeout, s.readline)
    assert_raises(socket.timeout, s.readinto, bytearray(10))
    c.send(b"def\n")
    assert_equal(s.recv(2), b"ab")
    assert_equal(s.readline(), b"cdef\n")


def test_lesson_12_poll_sees_what_was_kept():
    import select

    c, s = stream_pair()
    s.settimeout(0.02)
    c.send(b"abc")
    assert_raises(socket.timeout, s.read)
    assert_equal(select.select([s], [], [], 0), ([s], [], []))
    assert_equal(s.recv(5, socket.MSG_PEEK), b"abc")
    assert_equal(s.recv(5), b"abc")
    assert_equal(select.select([s], [], [], 0), ([], [], []))


def test_non_blocking_stream_gives_what_there_is_or_none():
    c, s = stream_pair()
    s.setblocking(False)
    assert_equal((s.read(5), s.read(), s.readline(), s.readinto(bytearray(5))), (None,) * 4)
    c.send(b"abc")
    time.sleep_ms(10)
    assert_equal(s.read(5), b"abc")
    c.send(b"abc")
    time.sleep_ms(10)
    assert_equal(s.readline(), b"abc")


def test_other_modules_read_from_it():
    c, s = stream_pair()
    c.send(b'{"a": [1, 2]}')
    c.close()
    assert_equal(json.load(s), {"a": [1, 2]})


def test_makefile_reads_as_cpythons_does():
    c, s = stream_pair()
    f = s.makefile("rb")
    c.sendall(b"line 1\nline 2\n" + b"z" * 10000)
    c.shutdown(socket.SHUT_WR)
    assert_equal(f.readline(), b"line 1\n")
    assert_equal(f.read(4), b"line")
    assert_equal(f.readline(100), b" 2\n")
    buf = bytearray(9000)
    assert_equal(f.readinto(buf), 9000)
    assert_equal(f.read1(5000), b"z" * 1000)
    assert_equal(f.read(), b"")
    assert_raises(OSError, f.write, b"x")


def test_makefile_writes_through():
    c, s = stream_pair()
    with c.makefile("rwb") as f:
        f.write(b"GET / HTTP/1.0\r\n\r\n")
        assert_equal(s.recv(100), b"GET / HTTP/1.0\r\n\r\n")
        s.send(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody")
        s.close()
        assert_equal(f.readlines(), [b"HTTP/1.0 200 OK\r\n", b"A: b\r\n", b"\r\n", b"body"])
        f.flush()


def test_makefile_of_text():
    c, s = stream_pair()
    c.send("grün\nblau ist schön".encode())
    c.close()
    f = s.makefile()
    assert_equal(f.read(3), "grü")
    assert_equal(f.readline(), "n\n")
    assert_equal(f.read(), "blau ist schön")


def test_unbuffered_makefile_takes_no_more_than_asked_for():
    c, s = stream_pair()
    f = s.makefile("rwb", 0)
    c.send(b"header\nbody and more")
    assert_equal(f.readline(), b"header\n")
    assert_equal(f.read(4), b"body")
    assert_equal(s.recv(100), b" and more")
    assert_raises(ValueError, s.makefile, "r", 0)
    assert_raises(ValueError, s.makefile, "rx")


def test_file_and_socket_close_in_either_order():
    c, s = stream_pair()
    f = c.makefile("rwb")
    c.close()
    assert_errno(errno.EBADF, c.send, b"x")
    f.write(b"still open")
    assert_equal(s.recv(20), b"still open")
    f.close()
    assert_equal(s.recv(20), b"")
    assert_raises(ValueError, f.read)

    c, s = stream_pair()
    f = c.makefile("rb")
    f.close()
    c.send(b"still open")
    assert_equal(s.recv(20), b"still open")


def test_file_that_times_out_keeps_what_it_read():
    c, s = stream_pair()
    s.settimeout(0.03)
    f = s.makefile("rb")
    c.send(b"half")
    assert_raises(socket.timeout, f.readline)
    assert_raises(socket.timeout, f.read, 10)
    c.send(b" line\n")
    assert_equal(f.readline(), b"half line\n")


run(globals())
