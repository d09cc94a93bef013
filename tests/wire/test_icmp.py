"""What routers and hosts say of what they could not deliver: RFC 1122 3.2.2 and 4.2.3.9, RFC 5927; errno is Linux's."""

import errno
import socket

from kit import *

UNREACHABLE, QUENCH, EXCEEDED, PARAMETER = 3, 4, 11, 12
UNREACHABLE6, TOO_BIG6, EXCEEDED6, PARAMETER6 = 1, 2, 3, 4

# By version of IP, type and code: the errno, and whether a connected datagram socket hears of it.
MEANINGS = {
    4: {
        (UNREACHABLE, 0): ("ENETUNREACH", False),
        (UNREACHABLE, 1): ("EHOSTUNREACH", False),
        (UNREACHABLE, 2): ("ENOPROTOOPT", True),
        (UNREACHABLE, 3): ("ECONNREFUSED", True),
        (UNREACHABLE, 5): ("EOPNOTSUPP", False),
        (UNREACHABLE, 6): ("ENETUNREACH", True),
        (UNREACHABLE, 7): ("EHOSTDOWN", True),
        (UNREACHABLE, 8): ("ENONET", True),
        (UNREACHABLE, 9): ("ENETUNREACH", True),
        (UNREACHABLE, 10): ("EHOSTUNREACH", True),
        (UNREACHABLE, 11): ("ENETUNREACH", False),
        (UNREACHABLE, 12): ("EHOSTUNREACH", False),
        (UNREACHABLE, 13): ("EHOSTUNREACH", True),
        (UNREACHABLE, 14): ("EHOSTUNREACH", True),
        (UNREACHABLE, 15): ("EHOSTUNREACH", True),
        (EXCEEDED, 0): ("EHOSTUNREACH", False),
        (EXCEEDED, 1): ("EHOSTUNREACH", False),
        (PARAMETER, 0): ("EPROTO", True),
    },
    6: {
        (UNREACHABLE6, 0): ("ENETUNREACH", False),
        (UNREACHABLE6, 1): ("EACCES", True),
        (UNREACHABLE6, 2): ("EHOSTUNREACH", False),
        (UNREACHABLE6, 3): ("EHOSTUNREACH", False),
        (UNREACHABLE6, 4): ("ECONNREFUSED", True),
        (UNREACHABLE6, 5): ("EACCES", True),
        (UNREACHABLE6, 6): ("EACCES", True),
        (EXCEEDED6, 0): ("EHOSTUNREACH", False),
        (EXCEEDED6, 1): ("EHOSTUNREACH", False),
        (PARAMETER6, 0): ("EPROTO", True),
    },
}

# A packet does not fit: type and code.
TOO_BIG = {4: (UNREACHABLE, 4), 6: (TOO_BIG6, 0)}
HOST_UNREACHABLE = {4: (UNREACHABLE, 1), 6: (UNREACHABLE6, 3)}

ALL = [(version, *kind, *meaning) for version in (4, 6) for kind, meaning in MEANINGS[version].items()]


class Connecting(WireTest):
    def test_rfc1122_4_2_3_9_error_ends_the_attempt(self):
        """Whether it is hard or soft, as on Linux: a program would rather know than wait."""
        for version, kind, code, name, _ in ALL:
            with self.subTest(version=version, kind=kind, code=code):
                fd, peer, syn = self.connecting(version)
                self.machine.icmp_error(kind, code, syn.packet)
                self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
                self.assertEqual(self.so_error(fd), getattr(errno, name))
                self.machine.close_fd(fd)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc1122_3_2_2_3_source_quench_is_ignored(self):
        """RFC 6633. Nor are unknown types and codes heard."""
        for version, kind, code in (
            (4, QUENCH, 0),
            (4, UNREACHABLE, 16),
            (4, 5, 0),
            (4, 200, 0),
            (6, UNREACHABLE6, 7),
            (6, 100, 0),
        ):
            fd, peer, syn = self.connecting(version)
            self.machine.icmp_error(kind, code, syn.packet)
            self.assertEqual(self.machine.state(fd), "SYN_SENT")
            self.machine.close_fd(fd)

    def test_rfc1191_too_big_is_no_end(self):
        for version in (4, 6):
            fd, peer, syn = self.connecting(version)
            self.machine.icmp_error(*TOO_BIG[version], syn.packet, rest=1280)
            self.assertEqual(self.machine.state(fd), "SYN_SENT")
            peer.send("S.", ack=1)
            peer.expect(".", seq=1, ack=1)
            self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc5927_4_1_sequence_number_that_is_not_in_flight(self):
        for version in (4, 6):
            fd, peer, syn = self.connecting(version)
            head = 24 if version == 4 else 44
            for offset in (-1, 1, 1000, 1 << 31):
                wrong = (peer.theirs + offset) & 0xFFFFFFFF
                packet = syn.packet[:head] + wrong.to_bytes(4, "big") + syn.packet[head + 4 :]
                self.machine.icmp_error(*HOST_UNREACHABLE[version], packet)
                self.assertEqual(self.machine.state(fd), "SYN_SENT")

    def test_rfc5927_4_another_connection_or_protocol(self):
        fd, peer, syn = self.connecting()
        source, destination = OURS[4], PEERS[4]
        tcp = syn.packet[20:]
        others = (
            write_ip(source, destination, TCP, b"\1\1" + tcp[2:]),
            write_ip(source, destination, TCP, tcp[:2] + b"\1\1" + tcp[4:]),
            write_ip(source, ROUTERS[4], TCP, tcp),
            write_ip(source, destination, UDP, tcp),
            # A later fragment, whose first bytes are no ports.
            syn.packet[:6] + b"\0\1" + syn.packet[8:],
            # Of another version of IP.
            b"\x65" + syn.packet[1:],
        )
        for packet in others:
            message = write_icmp(UNREACHABLE, 1, 0, packet, PEERS[4], OURS[4])
            self.machine.put(PEERS[4], OURS[4], ICMP, message)
            self.assertEqual(self.machine.state(fd), "SYN_SENT")

    def test_rfc792_message_that_is_cut_or_damaged(self):
        for version in (4, 6):
            fd, peer, syn = self.connecting(version)
            protocol, body = (ICMP, syn.packet[:28]) if version == 4 else (ICMP6, syn.packet)
            kind, code = HOST_UNREACHABLE[version]
            whole = write_icmp(kind, code, 0, body, ROUTERS[version], OURS[version])
            damaged = whole[:2] + bytes([whole[2] ^ 1]) + whole[3:]
            for size in range(8 + (20 if version == 4 else 40) + 8):
                # What is missing still lies in memory, from the message before.
                self.machine.put(ROUTERS[version], OURS[version], protocol, damaged)
                cut = write_icmp(kind, code, 0, body[: max(size - 8, 0)], ROUTERS[version], OURS[version])[:size]
                self.machine.put(ROUTERS[version], OURS[version], protocol, cut)
            self.assertEqual(self.machine.state(fd), "SYN_SENT")
            self.machine.put(ROUTERS[version], OURS[version], protocol, whole)
            self.assertEqual(self.so_error(fd), errno.EHOSTUNREACH)


class Established(WireTest):
    def test_rfc1122_4_2_3_9_errors_are_soft(self):
        """RFC 5927 5: not even hard ones end a connection."""
        for version in (4, 6):
            peer, fd = self.accepted(version)
            self.machine.send(fd, b"data")
            lost = peer.expect(".", seq=1)
            for kind, code in (*MEANINGS[version], TOO_BIG[version]):
                self.machine.icmp_error(kind, code, lost.packet, rest=1280)
            self.assertEqual(self.poll(fd), POLLOUT)
            self.assertEqual(self.so_error(fd), 0)
            peer.send(".", data=b"x")
            self.assertEqual(self.machine.recv(fd), b"x")
            peer.drain()

    def test_rfc1122_4_2_3_9_error_is_told_when_the_connection_is_given_up(self):
        """As on Linux: why nobody answered, instead of ETIMEDOUT."""
        for version in (4, 6):
            peer, fd = self.accepted(version)
            self.machine.send(fd, b"data")
            lost = peer.expect(".", seq=1)
            self.machine.icmp_error(*HOST_UNREACHABLE[version], lost.packet)
            self.machine.advance(1200)
            peer.drain()
            self.assert_errno("EHOSTUNREACH", self.machine.recv, fd)
            self.machine.close_fd(fd)

    def test_rfc1122_4_2_3_9_error_is_forgotten_when_data_gets_through(self):
        peer, fd = self.accepted()
        self.machine.send(fd, b"data")
        lost = peer.expect(".", seq=1)
        self.machine.icmp_error(UNREACHABLE, 1, lost.packet)
        peer.send(".")
        self.machine.send(fd, b"more")
        self.machine.advance(1200)
        peer.drain()
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)

    def test_rfc5927_4_1_old_segment_says_nothing(self):
        peer, fd = self.accepted()
        self.machine.send(fd, b"data")
        old = peer.expect(".", seq=1)
        peer.send(".")
        self.machine.send(fd, b"more")
        self.machine.icmp_error(UNREACHABLE, 1, old.packet)
        self.machine.advance(1200)
        peer.drain()
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)

    def test_rfc1191_ipv4_packets_may_be_fragmented(self):
        """We do no path MTU discovery over IPv4: no DF, and routers cut what is too big."""
        peer, fd = self.accepted()
        self.machine.send(fd, bytes(1460))
        packet = peer.expect(".", seq=1).packet
        self.assertEqual(int.from_bytes(packet[6:8], "big") & 0x4000, 0)
        self.machine.icmp_error(*TOO_BIG[4], packet, rest=600)
        self.machine.advance(1.5)
        self.assertEqual(len(peer.expect(".", seq=1).data), 1460)

    def test_rfc8201_4_ipv6_packets_shrink(self):
        """MUST: what is too big for the path is sent again in packets that fit."""
        peer, fd = self.accepted(6)
        self.machine.send(fd, bytes(range(256)) * 5)
        packet = peer.expect(".", seq=1).packet
        self.machine.icmp_error(*TOO_BIG[6], packet, rest=1280)
        self.machine.advance(1.5)
        packets = self.machine.packets
        self.assertTrue(packets)
        for packet in packets:
            self.assertLessEqual(len(packet.raw), 1280)
        packets.clear()

    def test_rfc8201_5_4_later_connections_have_smaller_segments(self):
        peer, fd = self.accepted(6)
        self.machine.send(fd, bytes(1440))
        packet = peer.expect(".", seq=1).packet
        self.machine.icmp_error(*TOO_BIG[6], packet, rest=1280)
        later, later_fd = self.accepted(6, port=4001)
        self.machine.send(later_fd, bytes(2440))
        segment = later.expect(".", seq=1)
        self.assertEqual((len(segment.data), len(segment.packet)), (1220, 1280))
        later.expect(".", seq=1221)

    def test_rfc8201_4_no_smaller_than_1280_and_no_larger_than_before(self):
        """MUST NOT: such a message is not believed. 48 is as much as the headers of a fragment, and leaves none."""
        peer, fd = self.accepted(6)
        self.machine.send(fd, bytes(1440))
        packet = peer.expect(".", seq=1).packet
        datagrams = self.machine.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        for claimed in (1 << 31, 65535, 9000, 1501, 1279, 100, 48, 47, 0):
            self.machine.icmp_error(*TOO_BIG[6], packet, rest=claimed)
            self.machine.sendto(datagrams, bytes(2000), PEERS[6], 9)
            large, small = (len(packet.raw) for packet in self.machine.packets)
            self.assertTrue(1280 < large <= 1500 and small < 1280)
            self.machine.packets.clear()
        self.machine.advance(1.5)
        self.assertEqual(len(peer.expect(".", seq=1).data), 1440)


class Datagram(WireTest):
    def sent(self, version=4, connected=True):
        """A socket that has sent a datagram. Returns it, and the packet."""
        fd = self.machine.socket(FAMILY[version], socket.SOCK_DGRAM)
        if connected:
            self.machine.connect(fd, PEERS[version], 9)
            self.machine.send(fd, b"hello")
        else:
            self.machine.sendto(fd, b"hello", PEERS[version], 9)
        return fd, self.machine.packets.pop().raw

    def test_rfc1122_4_1_3_3_hard_errors_reach_who_is_connected(self):
        """Once, by whatever call comes next."""
        for version, kind, code, name, hard in ALL:
            with self.subTest(version=version, kind=kind, code=code):
                fd, packet = self.sent(version)
                self.machine.icmp_error(kind, code, packet)
                if hard:
                    self.assertEqual(self.poll(fd) & POLLERR, POLLERR)
                    self.assert_errno(name, self.machine.recv, fd)
                self.assertEqual(self.poll(fd), POLLOUT)
                self.assert_errno("EAGAIN", self.machine.recv, fd)
                self.machine.icmp_error(kind, code, packet)
                if hard:
                    self.assert_errno(name, self.machine.send, fd, b"again")
                self.assertEqual(self.machine.send(fd, b"again"), 5)
                self.machine.icmp_error(kind, code, packet)
                self.assertEqual(self.so_error(fd), getattr(errno, name) if hard else 0)
                self.machine.close_fd(fd)
                self.machine.packets.clear()

    def test_rfc1191_too_big_is_emsgsize(self):
        for version in (4, 6):
            fd, packet = self.sent(version)
            self.machine.icmp_error(*TOO_BIG[version], packet, rest=1280)
            self.assert_errno("EMSGSIZE", self.machine.recv, fd)

    def test_rfc1122_4_1_3_3_who_is_not_connected_does_not_hear_of_it(self):
        """It could not know which datagram is meant."""
        for version, kind, code, _, _ in ALL:
            fd, packet = self.sent(version, connected=False)
            self.machine.icmp_error(kind, code, packet)
            self.assertEqual(self.poll(fd), POLLOUT)
            self.assertEqual(self.so_error(fd), 0)
            self.machine.close_fd(fd)

    def test_rfc5927_4_another_peer_or_port(self):
        fd, packet = self.sent()
        others = (
            packet[:16] + ROUTERS[4].packed + packet[20:],
            packet[:20] + b"\1\1" + packet[22:],
            packet[:22] + b"\1\1" + packet[24:],
        )
        for other in others:
            self.machine.icmp_error(UNREACHABLE, 3, other)
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc6633_source_quench_is_ignored(self):
        fd, packet = self.sent()
        self.machine.icmp_error(QUENCH, 0, packet)
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc1122_4_1_3_3_error_does_not_take_datagrams_with_it(self):
        fd, packet = self.sent()
        _, port = self.machine.getsockname(fd)
        self.machine.put(PEERS[4], OURS[4], UDP, write_udp(PEERS[4], OURS[4], 9, int(port), b"answer"))
        self.machine.icmp_error(UNREACHABLE, 3, packet)
        self.assert_errno("ECONNREFUSED", self.machine.recv, fd)
        self.assertEqual(self.machine.recv(fd), b"answer")

    def test_rfc8201_5_2_ipv6_datagrams_shrink(self):
        fd, _ = self.sent(6)
        self.machine.send(fd, bytes(1400))
        packet = self.machine.packets.pop().raw
        self.machine.icmp_error(*TOO_BIG[6], packet, rest=1300)
        self.assert_errno("EMSGSIZE", self.machine.recv, fd)
        self.machine.send(fd, bytes(1400))
        sizes = [len(packet.raw) for packet in self.machine.packets]
        self.machine.packets.clear()
        self.assertEqual(len(sizes), 2)
        self.assertLessEqual(max(sizes), 1300)


if __name__ == "__main__":
    main()
