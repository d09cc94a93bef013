# lwip, uc386_net and network, on the link "loop".

import errno
import lwip
import network
import socket
import uc386_net

from harness import *
from pairs import *


def test_the_manuals_first_lines():
    lwip.reset()
    assert_equal(uc386_net.eth_init(False), 0)
    uc386_net.eth_set_static("10.0.2.15", "255.255.255.0", "10.0.2.2")
    assert_equal(uc386_net.eth_status(), ("10.0.2.15", "255.255.255.0", "10.0.2.2", True))


def test_reset_closes_everything():
    with listener() as l:
        c = socket.create_connection(l.getsockname())
        lwip.reset()
        assert_errno(errno.EBADF, c.send, b"x")
        assert_errno(errno.EBADF, l.accept)
    assert_true(lwip.callback() >= 0)
    c, s = stream_pair()
    c.send(b"again")
    assert_equal(s.recv(10), b"again")


def test_version_and_stats():
    assert_equal(lwip.version().split(".")[0], "2")
    stats = lwip.stats()
    assert_true("tcp" in stats and "udp" in stats)
    with socket.socket():
        assert_equal(lwip.stats()["pool"]["SOCKET"]["used"], stats["pool"]["SOCKET"]["used"] + 1)


def test_eth_set_static_refuses_what_is_no_address():
    uc386_net.eth_init()
    assert_raises(ValueError, uc386_net.eth_set_static, "10.0.2.15", "255.0.255.0", "10.0.2.2")
    assert_errno(errno.EINVAL, uc386_net.eth_set_static, "10.0.2.256", "255.255.255.0", "10.0.2.2")
    assert_errno(errno.EINVAL, uc386_net.eth_set_static, "10.0.2.15", "255.255.255.0", "10.0.2.2", "not a server")


def test_eth_mac_is_text():
    assert_equal(uc386_net.eth_init(), 0)
    assert_equal(len(uc386_net.eth_mac().split(":")), 6)


def test_lan():
    lwip.reset()
    lan = network.LAN(link="loop")
    assert_equal((lan.active(), lan.isconnected(), repr(lan)), (False, False, "<LAN down>"))
    lan.active(True)
    assert_true(lan.active())
    lan.ifconfig(("192.168.7.2", "255.255.255.0", "192.168.7.1", "192.168.7.3"))
    assert_equal(lan.ifconfig(), ("192.168.7.2", "255.255.255.0", "192.168.7.1", "192.168.7.3"))
    assert_true(lan.isconnected())
    lan.ipconfig(addr4="192.168.8.2/16", gw4="192.168.8.1")
    assert_equal(lan.ipconfig("addr4"), ("192.168.8.2", "255.255.0.0"))
    assert_equal(lan.ipconfig("gw4"), "192.168.8.1")
    assert_equal(lan.config("link"), "loop")
    assert_equal(len(lan.config("mac")), 6)
    lan.active(False)
    assert_true(not lan.active())
    assert_raises(ValueError, lan.ipconfig, "nonsense")
    assert_raises(ValueError, lan.config, nonsense=1)


def test_lan_with_a_link_that_does_not_exist():
    assert_errno(errno.ENODEV, network.LAN(link="nonsense").active, True)


def test_hostname_and_dns():
    network.hostname("tester")
    assert_equal((network.hostname(), socket.gethostname()), ("tester", "tester"))
    assert_errno(errno.EINVAL, network.hostname, "no host name")
    network.ipconfig(dns=["10.0.2.3", "10.0.2.4"])
    assert_equal(network.ipconfig("dns"), ["10.0.2.3", "10.0.2.4"])
    assert_raises(ValueError, network.ipconfig, nonsense=1)


run(globals())
