"""What the flags of recv and send do."""

import socket

from common import DEADLINE_S, datagram, nobody, pair, show, wait_readable


def peek_leaves_it():
    c, s = pair()
    c.send(b"abc")
    show("peek", s.recv, 2, socket.MSG_PEEK)
    show("peek", s.recv, 10, socket.MSG_PEEK)
    show("recv", s.recv, 10)


def peek_sees_the_end():
    c, s = pair()
    c.close()
    show("peek", s.recv, 2, socket.MSG_PEEK)
    show("recv", s.recv, 10)


def dontwait_on_an_empty_stream():
    c, s = pair()
    show("recv", s.recv, 10, socket.MSG_DONTWAIT)
    c.send(b"x")
    wait_readable(s)
    show("recv", s.recv, 10, socket.MSG_DONTWAIT)


def dontwait_on_an_empty_datagram_socket():
    s = datagram()
    show("recv", s.recv, 10, socket.MSG_DONTWAIT)
    show("recvfrom", s.recvfrom, 10, socket.MSG_DONTWAIT)


def waitall_waits_for_all():
    c, s = pair()
    c.send(b"abc")
    wait_readable(s)
    c.send(b"defgh")
    show("recv", s.recv, 8, socket.MSG_WAITALL)


def waitall_ends_with_the_stream():
    c, s = pair()
    c.send(b"abc")
    c.close()
    show("recv", s.recv, 100, socket.MSG_WAITALL)
    show("recv", s.recv, 100, socket.MSG_WAITALL)


def waitall_into_a_buffer():
    c, s = pair()
    c.sendall(b"0123456789")
    buf = bytearray(6)
    show("recv_into", s.recv_into, buf, 6, socket.MSG_WAITALL)
    print(bytes(buf))


def trunc_on_a_stream_drops():
    c, s = pair()
    c.send(b"abcdef")
    wait_readable(s)
    show("dropped", s.recv_into, bytearray(4), 4, socket.MSG_TRUNC)
    show("rest", s.recv, 10)


def trunc_on_a_datagram_tells_its_length():
    a, b = datagram(), datagram()
    a.sendto(b"0123456789", b.getsockname())
    show("length", b.recv_into, bytearray(4), 4, socket.MSG_TRUNC)


def peek_and_trunc_tell_the_length_first():
    a, b = datagram(), datagram()
    a.sendto(b"0123456789", b.getsockname())
    show("length", b.recv_into, bytearray(1), 1, socket.MSG_PEEK | socket.MSG_TRUNC)
    show("recv", b.recv, 100)


def peek_at_a_datagram_with_its_source():
    a, b = datagram(), datagram()
    a.sendto(b"x", b.getsockname())
    data, source = b.recvfrom(10, socket.MSG_PEEK)
    show("source", lambda: source == a.getsockname())
    show("recvfrom", lambda: b.recvfrom(10) == (data, source))


def more_keeps_the_bytes_in_order():
    c, s = pair()
    c.send(b"first ", socket.MSG_MORE)
    c.send(b"second")
    show("recv", s.recv, 12, socket.MSG_WAITALL)


def oob_is_not_there():
    c, s = pair()
    show("recv", s.recv, 1, 1)


def unknown_flags_of_send():
    c, s = pair()
    show("dontroute", c.send, b"x", 4)


def recvmsg_of_a_stream():
    c, s = pair()
    c.send(b"abc")
    show("recvmsg", s.recvmsg, 10)


def recvmsg_tells_that_it_cut():
    a, b = datagram(), datagram()
    a.sendto(b"0123456789", b.getsockname())
    data, extra, flags, source = b.recvmsg(4)
    show("data", lambda: data)
    show("extra", lambda: extra)
    show("cut", lambda: flags & socket.MSG_TRUNC == socket.MSG_TRUNC)
    show("source", lambda: source == a.getsockname())


def sendmsg_joins_buffers():
    c, s = pair()
    show("sendmsg", c.sendmsg, [b"ab", b"", bytearray(b"cd"), memoryview(b"ef")])
    show("recv", s.recv, 10)


def sendmsg_of_a_datagram_with_an_address():
    a, b = datagram(), datagram()
    show("sendmsg", a.sendmsg, [b"one ", b"datagram"], [], 0, b.getsockname())
    show("recv", b.recv, 100)


def sendmsg_of_nothing():
    c, s = pair()
    show("sendmsg", c.sendmsg, [])


def waitall_with_a_timeout_gives_what_came():
    c, s = pair()
    c.send(b"part")
    wait_readable(s)
    s.settimeout(0.05)
    show("recv", s.recv, 4, socket.MSG_WAITALL)
    s.settimeout(DEADLINE_S)


def dontwait_send():
    c, s = pair()
    show("send", c.send, b"x", socket.MSG_DONTWAIT)
    show("recv", s.recv, 10)


def nosignal_is_taken():
    c, s = pair()
    show("send", c.send, b"x", 0x4000)
    show("recv", s.recv, 10)


def flags_on_a_refused_datagram():
    s = datagram()
    s.connect(nobody(socket.SOCK_DGRAM))
    s.send(b"x")
    wait_readable(s)
    show("peek", s.recv, 1, socket.MSG_PEEK)
    show("again", s.recv, 1, socket.MSG_DONTWAIT)
