"""getaddrinfo() and its kin, and addresses as text and bytes."""

import socket

from common import show

V4, V6 = socket.AF_INET, socket.AF_INET6
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM


def _numbers(*args, **kwargs):
    """Results with the enums as numbers."""
    return [(int(f), int(t), int(p), c, a) for f, t, p, c, a in socket.getaddrinfo(*args, **kwargs)]


def numeric_address():
    show("all", _numbers, "127.0.0.1", 80)
    show("stream", _numbers, "127.0.0.1", 80, 0, STREAM)
    show("datagram", _numbers, "127.0.0.1", 80, 0, DGRAM)


def numeric_address6():
    show("stream", _numbers, "::1", 80, 0, STREAM)
    show("long", _numbers, "2001:db8:0:0:0:0:0:1", 80, 0, STREAM)
    show("mapped", _numbers, "::ffff:1.2.3.4", 80, 0, STREAM)


def wrong_family():
    show("v4 as v6", _numbers, "127.0.0.1", 80, V6)
    show("v6 as v4", _numbers, "::1", 80, V4)


def by_protocol():
    show("tcp", _numbers, "127.0.0.1", 80, 0, 0, socket.IPPROTO_TCP)
    show("udp", _numbers, "127.0.0.1", 80, 0, 0, socket.IPPROTO_UDP)


def type_and_protocol_at_odds():
    show("odd", _numbers, "127.0.0.1", 80, 0, STREAM, socket.IPPROTO_UDP)


def service_names():
    show("http", _numbers, "127.0.0.1", "http", 0, STREAM)
    show("domain", _numbers, "127.0.0.1", "domain", 0, DGRAM)
    show("number", _numbers, "127.0.0.1", "8080", 0, STREAM)
    show("unknown", _numbers, "127.0.0.1", "no-such-service", 0, STREAM)


def service_numbers():
    show("0", _numbers, "127.0.0.1", 0, 0, STREAM)
    show("65535", _numbers, "127.0.0.1", 65535, 0, STREAM)
    show("none", _numbers, "127.0.0.1", None, 0, STREAM)


def numericserv():
    show("name", _numbers, "127.0.0.1", "http", 0, STREAM, 0, socket.AI_NUMERICSERV)
    show("number", _numbers, "127.0.0.1", "80", 0, STREAM, 0, socket.AI_NUMERICSERV)


def numerichost():
    show("name", _numbers, "localhost", 80, 0, STREAM, 0, socket.AI_NUMERICHOST)
    show("number", _numbers, "127.0.0.1", 80, 0, STREAM, 0, socket.AI_NUMERICHOST)


def no_host():
    show("v4", _numbers, None, 80, V4, STREAM)
    show("v6", _numbers, None, 80, V6, STREAM)
    show("passive v4", _numbers, None, 80, V4, STREAM, 0, socket.AI_PASSIVE)
    show("passive v6", _numbers, None, 80, V6, STREAM, 0, socket.AI_PASSIVE)


def neither_host_nor_service():
    show("none", socket.getaddrinfo, None, None)


def canonical_name():
    show("canonical", _numbers, "127.0.0.1", 80, 0, STREAM, 0, socket.AI_CANONNAME)


def wrong_arguments():
    show("family", socket.getaddrinfo, "127.0.0.1", 80, 99)
    show("type", socket.getaddrinfo, "127.0.0.1", 80, 0, 99)
    show("flags", socket.getaddrinfo, "127.0.0.1", 80, 0, 0, 0, 0x8000)


def by_keyword():
    show("keywords", _numbers, "127.0.0.1", 80, family=V4, type=STREAM, proto=0, flags=0)


def odd_spellings_of_addresses():
    for text in ("127.1", "0x7f.0.0.1", "1.2.3.4.5", "256.1.1.1", " 127.0.0.1", "1.2.3", ""):
        show(repr(text), socket.inet_aton, text)


def inet_aton_and_ntoa():
    show("aton", socket.inet_aton, "192.0.2.33")
    show("ntoa", socket.inet_ntoa, b"\xc0\x00\x02\x21")
    show("short", socket.inet_ntoa, b"123")
    show("long", socket.inet_ntoa, b"12345")


def inet_pton():
    for family, text in (
        (V4, "1.2.3.4"),
        (V4, "1.2.3"),
        (V4, "01.2.3.4"),
        (V4, "::1"),
        (V6, "::1"),
        (V6, "1::2:3"),
        (V6, "::ffff:1.2.3.4"),
        (V6, "1:2:3:4:5:6:7"),
        (V6, "1:2:3:4:5:6:7:8:9"),
        (V6, "::1::2"),
        (V6, "12345::"),
        (V6, "1.2.3.4"),
        (V6, ""),
    ):
        show(text, socket.inet_pton, family, text)


def inet_ntop():
    show("v4", socket.inet_ntop, V4, b"\x01\x02\x03\x04")
    for data in (
        bytes(16),
        bytes(15) + b"\x01",
        b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01",
        bytes(10) + b"\xff\xff\x01\x02\x03\x04",
        b"\x00\x01" * 8,
        b"\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01",
    ):
        show("v6", socket.inet_ntop, V6, data)
    show("short", socket.inet_ntop, V6, b"1234")
    show("long", socket.inet_ntop, V4, b"12345")


def families_of_nobody():
    show("pton", socket.inet_pton, 99, "1.2.3.4")
    show("ntop", socket.inet_ntop, 99, b"1234")


def byte_order():
    for call in (socket.htons, socket.ntohs):
        show("2", call, 0x1234)
        show("large", call, 0x10000)
        show("negative", call, -1)
    for call in (socket.htonl, socket.ntohl):
        show("4", call, 0x12345678)
        show("highest", call, 0xFFFFFFFF)
        show("large", call, 0x100000000)
        show("negative", call, -1)


def getnameinfo_numeric():
    flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    show("v4", socket.getnameinfo, ("127.0.0.1", 80), flags)
    show("v6", socket.getnameinfo, ("::1", 80), flags)
    show("service", socket.getnameinfo, ("127.0.0.1", 80), socket.NI_NUMERICHOST)
    show("unknown service", socket.getnameinfo, ("127.0.0.1", 61234), socket.NI_NUMERICHOST)
    show("datagram", socket.getnameinfo, ("127.0.0.1", 53), socket.NI_NUMERICHOST | socket.NI_DGRAM)


def gethostbyname_of_numbers():
    show("number", socket.gethostbyname, "192.0.2.7")
    show("loopback", socket.gethostbyname, "127.0.0.1")


def localhost_is_the_loopback():
    show("v4", _numbers, "localhost", 80, V4, STREAM)
    show("byname", socket.gethostbyname, "localhost")


def connect_by_name():
    server = socket.socket()
    server.bind(("localhost", 0))
    server.listen(1)
    show("bound", lambda: server.getsockname()[0])
    s = socket.socket()
    show("connect", s.connect, ("localhost", server.getsockname()[1]))


def empty_host_is_any():
    s = socket.socket()
    s.bind(("", 0))
    show("host", lambda: s.getsockname()[0])
