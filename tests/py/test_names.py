# Addresses and names.

import errno
import io
import socket
import sys

from harness import *
from pairs import *


def test_getaddrinfo_of_numbers_and_services():
    assert_equal(socket.getaddrinfo("10.0.2.2", 1234)[0][-1], ("10.0.2.2", 1234))
    stream = socket.getaddrinfo("127.0.0.1", "http", 0, socket.SOCK_STREAM)
    assert_equal(stream, [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))])
    assert_equal(socket.getaddrinfo("::1", "80", type=socket.SOCK_DGRAM),
                 [(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP, "", ("::1", 80, 0, 0))])


def test_lesson_04_getaddrinfo_honours_family_and_type():
    for family in HOSTS:
        result = socket.getaddrinfo("localhost", 80, family, socket.SOCK_STREAM)
        assert_equal([ai[:2] for ai in result], [(family, socket.SOCK_STREAM)])
        assert_equal(result[0][-1][0], HOSTS[family])


def test_getaddrinfo_without_host():
    passive = socket.getaddrinfo(None, 7, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
    assert_equal(passive[0][-1], ("0.0.0.0", 7))
    assert_equal(socket.getaddrinfo(None, 7, socket.AF_INET, socket.SOCK_STREAM)[0][-1], ("127.0.0.1", 7))


def traceback_end(error):
    """The last line that is printed when nobody catches it."""
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue().splitlines()[-1]


def test_getaddrinfo_fails_with_gaierror():
    e = assert_raises(socket.gaierror, socket.getaddrinfo, "no.such.host", 80, flags=socket.AI_NUMERICHOST)
    assert_true(isinstance(e, OSError))
    assert_equal(e.errno, socket.EAI_NONAME)
    assert_equal(e.args[1], "Name or service not known")
    assert_equal(str(e), "[Errno -2] Name or service not known")
    assert_equal(repr(e), "gaierror(-2, 'Name or service not known')")
    assert_equal(traceback_end(e), "gaierror: [Errno -2] Name or service not known")
    e = assert_raises(socket.gaierror, socket.getaddrinfo, "127.0.0.1", "no-such-service")
    assert_equal(e.args[0], socket.EAI_SERVICE)
    e = assert_raises(socket.gaierror, socket.getaddrinfo, "127.0.0.1", 80, 77)
    assert_equal(e.args[0], socket.EAI_FAMILY)


def test_gaierror_made_by_a_program():
    class MyError(socket.gaierror):
        pass

    assert_equal(str(socket.gaierror()), "")
    assert_equal(str(socket.gaierror("why")), "why")
    assert_equal(str(socket.gaierror(1, 2, 3)), "(1, 2, 3)")
    assert_equal(str(MyError(-2, "why")), "[Errno -2] why")
    assert_equal(traceback_end(MyError(-2, "why")), "MyError: [Errno -2] why")


def test_getnameinfo_of_numbers():
    flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    assert_equal(socket.getnameinfo(("127.0.0.1", 80), flags), ("127.0.0.1", "80"))
    assert_equal(socket.getnameinfo(("::1", 80, 0, 0), flags), ("::1", "80"))


def test_gethostbyname_and_gethostname():
    assert_equal(socket.gethostbyname("localhost"), "127.0.0.1")
    assert_equal(socket.gethostbyname("1.2.3.4"), "1.2.3.4")
    assert_true(len(socket.gethostname()) > 0)


def test_addresses_as_text_and_bytes():
    assert_equal(socket.inet_aton("1.2.3.4"), b"\x01\x02\x03\x04")
    assert_equal(socket.inet_ntoa(b"\x01\x02\x03\x04"), "1.2.3.4")
    assert_equal(socket.inet_pton(socket.AF_INET6, "::1"), b"\0" * 15 + b"\x01")
    assert_equal(socket.inet_ntop(socket.AF_INET6, b"\0" * 15 + b"\x01"), "::1")
    assert_errno(errno.EINVAL, socket.inet_pton, socket.AF_INET, "1.2.3")
    assert_errno(errno.EAFNOSUPPORT, socket.inet_pton, 77, "1.2.3.4")
    assert_raises(ValueError, socket.inet_ntop, socket.AF_INET, b"123")


def test_byte_order():
    assert_equal((socket.htons(0x1234), socket.ntohs(0x3412)), (0x3412, 0x1234))
    assert_equal((socket.htonl(0x12345678), socket.ntohl(0xFFFFFFFE)), (0x78563412, 0xFEFFFFFF))
    assert_raises(OverflowError, socket.htons, 65536)
    assert_raises(OverflowError, socket.htonl, 1 << 32)
    assert_raises(OverflowError, socket.htonl, -1)


def test_addresses_of_wrong_shape():
    s = socket.socket()
    for addr in (("127.0.0.1",), ("127.0.0.1", 80, 0), (80, "127.0.0.1"), "127.0.0.1:80", 80, None):
        assert_raises(TypeError, s.connect, addr)
    for port in (-1, 65536):
        assert_raises(OverflowError, s.connect, ("127.0.0.1", port))


def test_names_are_looked_up_by_connect():
    with listener() as l:
        c = socket.socket()
        c.connect(("localhost", l.getsockname()[1]))
        assert_equal(c.getpeername(), l.getsockname())


def test_any_getaddrinfo_sockaddr_fits_a_new_socket():
    for family in HOSTS:
        for ai in socket.getaddrinfo("localhost", 0, family, socket.SOCK_STREAM):
            l = socket.socket()
            l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            l.bind(ai[-1])
            l.listen(1)
            assert_equal(l.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), 1)
            c = socket.socket()
            c.connect(l.getsockname())
            assert_equal(c.family, family)
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            u.sendto(b"x", socket.getaddrinfo("localhost", 9, family)[0][-1])


def test_ipv4_peer_of_an_ipv6_socket():
    with listener() as l:
        c = socket.socket(socket.AF_INET6)
        c.connect(l.getsockname())
        assert_equal(c.getpeername()[0], "::ffff:127.0.0.1")


def test_ipv6_is_there():
    assert_true(socket.has_ipv6 is True)
    assert_true(socket.has_dualstack_ipv6() is True)


run(globals())
