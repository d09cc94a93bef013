"""makefile()."""

import socket

from common import pair, show


def _lines(mode="rb", *args, **kwargs):
    c, s = pair()
    c.sendall(b"one\ntwo\r\n\nlast")
    c.close()
    return s.makefile(mode, *args, **kwargs)


def lines_one_by_one():
    f = _lines()
    for _ in range(6):
        show("line", f.readline)


def lines_by_iterating():
    print([line for line in _lines()])


def readlines():
    show("lines", _lines().readlines)


def read_all():
    f = _lines()
    show("all", f.read)
    show("end", f.read)


def read_some():
    f = _lines()
    show("three", f.read, 3)
    show("none", f.read, 0)
    show("rest", f.read, 100)
    show("end", f.read, 10)


def readinto():
    f = _lines()
    buf = bytearray(5)
    show("readinto", f.readinto, buf)
    print(bytes(buf))


def readline_with_a_limit():
    f = _lines()
    show("two", f.readline, 2)
    show("rest", f.readline)
    show("zero", f.readline, 0)


def read_after_the_sockets_close():
    c, s = pair()
    f = s.makefile("rb")
    s.close()
    c.sendall(b"still\n")
    show("line", f.readline)
    f.close()
    show("end", c.recv, 10)


def write_and_flush():
    c, s = pair()
    f = c.makefile("wb")
    show("write", f.write, b"abc")
    f.flush()
    show("recv", s.recv, 10)


def read_and_write():
    c, s = pair()
    f = s.makefile("rwb")
    c.sendall(b"ask\n")
    show("line", f.readline)
    f.write(b"answer\n")
    f.flush()
    show("recv", c.recv, 100)


def with_closes():
    c, s = pair()
    with s.makefile("rb") as f:
        pass
    show("read", f.read, 1)


def close_does_not_close_the_socket():
    c, s = pair()
    f = s.makefile("rb")
    f.close()
    c.send(b"x")
    show("recv", s.recv, 1)


def of_a_closed_socket():
    s = socket.socket()
    s.close()
    show("makefile", s.makefile, "rb")


def unknown_mode():
    c, s = pair()
    show("makefile", s.makefile, "x")


def text_lines():
    f = _lines("r")
    show("line", f.readline)


def text_written():
    c, s = pair()
    f = c.makefile("w")
    f.write("text\n")
    f.flush()
    show("recv", s.recv, 10)


def two_files_of_one_socket():
    c, s = pair()
    a, b = s.makefile("rb"), s.makefile("wb")
    c.sendall(b"in\n")
    show("line", a.readline)
    b.write(b"out\n")
    b.flush()
    show("recv", c.recv, 10)
    a.close()
    b.write(b"more")
    b.flush()
    show("recv", c.recv, 10)
