# Every name that the specification promises is there. What it says about each is tested elsewhere.

import asyncio
import lwip
import network
import select
import socket
import uc386_net

from harness import *


def assert_has(owner, names):
    missing = [name for name in names.split() if not hasattr(owner, name)]
    assert_equal(missing, [])


def test_lesson_30_socket_methods():
    methods = """accept bind close connect connect_ex detach fileno getpeername getsockname getsockopt gettimeout listen
        makefile read readinto readline recv recv_into recvfrom recvfrom_into recvmsg send sendall sendmsg sendto
        setblocking setsockopt settimeout shutdown write __enter__ __exit__"""
    assert_has(socket.socket, methods)
    with socket.socket() as s:
        assert_has(s, methods + " family type proto timeout")


def test_lesson_30_socket_arguments_by_position_and_by_name():
    for s in (
        socket.socket(),
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0),
        socket.socket(family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0),
    ):
        with s:
            assert_equal((s.family, s.type, s.proto), (socket.AF_INET, socket.SOCK_STREAM, 0))


def test_lesson_30_socket_functions():
    assert_has(
        socket,
        """getaddrinfo getnameinfo gethostbyname gethostname create_connection create_server has_ipv6
        has_dualstack_ipv6 inet_aton inet_ntoa inet_pton inet_ntop htons htonl ntohs ntohl getdefaulttimeout
        setdefaulttimeout socketpair error timeout gaierror SocketType socket""",
    )
    assert_equal((socket.error, socket.SocketType, socket.has_ipv6), (OSError, socket.socket, True))
    assert_true(socket.has_dualstack_ipv6())
    assert_true(issubclass(socket.timeout, OSError) and issubclass(socket.gaierror, OSError))


def test_lesson_30_socket_options_and_flags():
    assert_has(
        socket,
        """AF_INET AF_INET6 AF_UNSPEC SOCK_STREAM SOCK_DGRAM SOCK_RAW
        SOL_SOCKET SO_REUSEADDR SO_BROADCAST SO_KEEPALIVE SO_LINGER SO_RCVBUF SO_SNDBUF SO_RCVTIMEO SO_SNDTIMEO
        SO_ERROR SO_TYPE SO_ACCEPTCONN SO_BINDTODEVICE
        IPPROTO_TCP TCP_NODELAY TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_MAXSEG TCP_INFO
        IPPROTO_IP IP_TTL IP_TOS IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP IP_MULTICAST_TTL IP_MULTICAST_LOOP
        IP_MULTICAST_IF IPPROTO_IPV6 IPV6_V6ONLY IPV6_JOIN_GROUP IPV6_LEAVE_GROUP IPV6_UNICAST_HOPS
        IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP IPV6_MULTICAST_IF IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6
        MSG_PEEK MSG_DONTWAIT MSG_WAITALL MSG_TRUNC MSG_MORE SHUT_RD SHUT_WR SHUT_RDWR
        AI_PASSIVE AI_NUMERICHOST AI_NUMERICSERV AI_CANONNAME AI_ADDRCONFIG
        EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NONAME EAI_OVERFLOW EAI_SERVICE EAI_SOCKTYPE
        EAI_SYSTEM NI_NUMERICHOST NI_NUMERICSERV NI_NAMEREQD NI_DGRAM NI_NOFQDN""",
    )
    assert_equal(socket.TCP_NODELAY, 1)


def test_lesson_30_options_can_be_got():
    with socket.socket() as s:
        for level, names in (
            (socket.SOL_SOCKET, "REUSEADDR BROADCAST KEEPALIVE LINGER RCVBUF SNDBUF RCVTIMEO SNDTIMEO ERROR TYPE ACCEPTCONN"),
            (socket.IPPROTO_TCP, "NODELAY KEEPIDLE KEEPINTVL KEEPCNT MAXSEG"),
            (socket.IPPROTO_IP, "TTL TOS"),
        ):
            prefix = {socket.SOL_SOCKET: "SO_", socket.IPPROTO_TCP: "TCP_", socket.IPPROTO_IP: "IP_"}[level]
            for name in names.split():
                s.getsockopt(level, getattr(socket, prefix + name))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for name in "IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_MULTICAST_IF".split():
            s.getsockopt(socket.IPPROTO_IP, getattr(socket, name))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        for name in "V6ONLY UNICAST_HOPS MULTICAST_HOPS MULTICAST_LOOP MULTICAST_IF".split():
            s.getsockopt(socket.IPPROTO_IPV6, getattr(socket, "IPV6_" + name))


def test_lesson_30_select():
    assert_has(select, "select poll error POLLIN POLLOUT POLLERR POLLHUP POLLNVAL POLLPRI")
    assert_has(select.poll(), "register modify unregister poll ipoll")


def test_lesson_30_lwip():
    assert_has(lwip, "reset callback version stats tcp_info sockets")
    assert_true(isinstance(lwip.callback(), int) and isinstance(lwip.version(), str))
    assert_true(isinstance(lwip.stats(), dict) and isinstance(lwip.sockets(), list))


def test_lesson_30_uc386_net():
    assert_has(uc386_net, "eth_init eth_set_static eth_set_dhcp eth_status eth_mac")


def test_lesson_30_network():
    assert_has(network, "LAN hostname ipconfig")
    assert_has(network.LAN(), "active connect disconnect isconnected status ifconfig ipconfig config")


def test_lesson_30_asyncio():
    assert_has(
        asyncio,
        "run create_task gather wait_for sleep sleep_ms open_connection start_server Event Lock TimeoutError StreamReader StreamWriter",
    )


run(globals())
