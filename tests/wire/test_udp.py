"""Datagrams: RFC 768, RFC 1122 4.1, RFC 8200 4.5 and 8.1; fragments: RFC 791 3.2, RFC 5722; the lessons about both."""

import itertools
import socket

from kit import *

PORT, PEER_PORT = 7, 4000

ALL_HOSTS = {4: ipaddress.ip_address("224.0.0.1"), 6: ipaddress.ip_address("ff02::1")}
BROADCAST = ipaddress.ip_address("192.0.2.255")

# A fragment's flag: it is not the last one.
MORE = 1


class DatagramTest(WireTest):
    identification = itertools.count(1)

    def bound(self, version=4):
        fd = self.machine.socket(FAMILY[version], socket.SOCK_DGRAM)
        if version == 6:
            self.machine.setsockopt(fd, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.machine.bind(fd, "0.0.0.0" if version == 4 else "::", PORT)
        return fd

    def put(self, udp, version=4, destination=None):
        self.machine.put(PEERS[version], destination or OURS[version], UDP, udp)

    def datagram(self, data, version=4, port=PORT, destination=None):
        return write_udp(PEERS[version], destination or OURS[version], PEER_PORT, port, data)

    def put_fragment(self, version, identification, payload, start, more):
        """Part of an IP packet's payload, from start on."""
        source, destination = PEERS[version], OURS[version]
        if version == 6:
            head = struct.pack(">BBHI", UDP, 0, start | more, identification)
            self.machine.put(source, destination, FRAGMENT, head + payload)
            return
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, start // 8 | more << 13, 64, UDP, 0)
        head += source.packed + destination.packed
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.machine.command("frame", (OUR_MAC + PEER_MAC + struct.pack(">H", IP4) + head + payload).hex())

    def put_parts(self, version, udp, parts):
        """Parts of a datagram, as (start, end), in their order."""
        identification = next(self.identification)
        for start, end in parts:
            self.put_fragment(version, identification, udp[start:end], start, MORE if end < len(udp) else 0)

    def unreachable(self, version=4):
        """The next packet must be an ICMP error: type, code, and the packet that it is about."""
        packet = self.machine.packets.pop(0)
        self.assertEqual(packet.protocol, ICMP if version == 4 else ICMP6)
        self.assertEqual(packet.destination, PEERS[version])
        return packet.payload[0], packet.payload[1], packet.payload[8:]


class Receive(DatagramTest):
    def test_rfc768_datagram_with_its_source(self):
        for version in (4, 6):
            fd = self.bound(version)
            self.put(self.datagram(b"hello", version), version)
            self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
            self.assertEqual(self.machine.recvfrom(fd), (b"hello", (str(PEERS[version]), PEER_PORT)))
            self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc768_nothing_is_a_datagram_too(self):
        fd = self.bound()
        self.put(self.datagram(b""))
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
        self.assertEqual(self.machine.recvfrom(fd), (b"", (str(PEERS[4]), PEER_PORT)))
        self.assert_errno("EAGAIN", self.machine.recv, fd)

    def test_rfc768_no_checksum_over_ipv4(self):
        """RFC 1122 4.1.3.4: it is taken."""
        fd = self.bound()
        udp = self.datagram(b"hello")
        self.put(udp[:6] + b"\0\0" + udp[8:])
        self.assertEqual(self.machine.recv(fd), b"hello")

    def test_rfc8200_8_1_no_checksum_over_ipv6(self):
        """It is dropped."""
        fd = self.bound(6)
        udp = self.datagram(b"hello", 6)
        self.put(udp[:6] + b"\0\0" + udp[8:], 6)
        self.assert_errno("EAGAIN", self.machine.recv, fd)
        self.assertEqual(self.machine.stat("udp", "bad_checksum"), 1)

    def test_rfc1122_4_1_3_4_wrong_checksum_is_dropped_and_counted(self):
        for count, version in enumerate((4, 6), 1):
            fd = self.bound(version)
            udp = self.datagram(b"hello", version)
            self.put(udp[:6] + bytes([udp[6] ^ 1]) + udp[7:], version)
            self.assert_errno("EAGAIN", self.machine.recv, fd)
            self.assertEqual(self.machine.stat("udp", "bad_checksum"), count)

    def test_rfc768_checksum_that_sums_up_to_zero(self):
        """It is sent as all ones, and taken as such."""
        fd = self.bound()
        for word in range(65536):
            data = struct.pack(">H", word)
            if self.datagram(data)[6:8] == b"\xff\xff":
                break
        self.put(self.datagram(data))
        self.assertEqual(self.machine.recv(fd), data)
        self.machine.sendto(fd, data, PEERS[4], PEER_PORT)
        self.assertEqual(self.machine.packets.pop().payload[6:8], b"\xff\xff")

    def test_rfc768_length_that_is_wrong(self):
        """Less than its head, or more than came: dropped. Less than came: the rest is padding."""
        fd = self.bound()
        for length in (0, 7, 14, 65535):
            udp = self.datagram(b"hello")
            self.put(udp[:4] + struct.pack(">H", length) + b"\0\0" + udp[8:])
            self.assert_errno("EAGAIN", self.machine.recv, fd)
        udp = self.datagram(b"hel")
        self.put(udp + b"lo")
        self.assertEqual(self.machine.recv(fd), b"hel")

    def test_rfc768_head_that_is_cut(self):
        fd = self.bound()
        for version in (4, 6):
            for size in range(8):
                self.put(self.datagram(b"", version)[:size], version)
        self.assert_errno("EAGAIN", self.machine.recv, fd)

    def test_rfc1122_4_1_3_1_closed_port_is_told(self):
        for version, answer in ((4, (3, 3)), (6, (1, 4))):
            udp = self.datagram(b"anybody?", version, port=99)
            self.put(udp, version)
            kind, code, about = self.unreachable(version)
            self.assertEqual((kind, code), answer)
            # RFC 1122 3.2.2: the head and at least eight bytes.
            self.assertIn(udp[:8], about)

    def test_rfc1122_3_2_2_no_answer_to_many(self):
        """MUST NOT: nor is a datagram to all answered, nor one whose checksum is wrong."""
        for version, to in ((4, ALL_HOSTS[4]), (6, ALL_HOSTS[6]), (4, BROADCAST)):
            self.put(self.datagram(b"anybody?", version, port=99, destination=to), version, to)
        udp = self.datagram(b"anybody?", port=99)
        self.put(udp[:6] + b"\1\1" + udp[8:])
        self.assertEqual(self.machine.packets, [])

    def test_rfc1122_4_1_3_5_address_for_another_is_dropped(self):
        fd = self.bound()
        other = ipaddress.ip_address("192.0.2.77")
        self.put(self.datagram(b"not for us", destination=other), destination=other)
        self.assert_errno("EAGAIN", self.machine.recv, fd)

    def test_rfc768_connected_hears_its_peer_alone(self):
        fd = self.bound()
        self.machine.connect(fd, PEERS[4], PEER_PORT)
        stranger = ROUTERS[4]
        for source, port in ((stranger, PEER_PORT), (PEERS[4], PEER_PORT + 1)):
            self.machine.put(source, OURS[4], UDP, write_udp(source, OURS[4], port, PORT, b"stranger"))
        self.put(self.datagram(b"peer"))
        self.assertEqual(self.machine.recv(fd), b"peer")
        self.assert_errno("EAGAIN", self.machine.recv, fd)
        # Who is not heard finds no port.
        self.assertEqual({packet.protocol for packet in self.machine.packets}, {ICMP})
        self.machine.packets.clear()

    def test_lesson_1_burst_is_not_lost(self):
        fd = self.bound()
        for i in range(64):
            self.put(self.datagram(b"%d" % i))
        self.assertEqual([self.machine.recv(fd) for _ in range(64)], [b"%d" % i for i in range(64)])


class Fragments(DatagramTest):
    TEXT = bytes(i % 251 for i in range(4000))

    def parts(self, size=1480):
        """(start, end) of the parts of a datagram of TEXT."""
        whole = 8 + len(self.TEXT)
        return [(start, min(start + size, whole)) for start in range(0, whole, size)]

    def test_rfc791_3_2_in_any_order(self):
        for version in (4, 6):
            fd = self.bound(version)
            udp = self.datagram(self.TEXT, version)
            for parts in itertools.permutations(self.parts(1440)):
                self.put_parts(version, udp, parts)
                self.assertEqual(self.machine.recvfrom(fd), (self.TEXT, (str(PEERS[version]), PEER_PORT)))

    def test_rfc791_3_2_twice(self):
        """Each part twice: one datagram."""
        for version in (4, 6):
            fd = self.bound(version)
            first, second, last = self.parts(1440)
            self.put_parts(version, self.datagram(self.TEXT, version), (first, first, last, last, second))
            self.assertEqual(self.machine.recv(fd), self.TEXT)
            self.assert_errno("EAGAIN", self.machine.recv, fd)

    def test_rfc791_3_2_of_several_datagrams_mixed(self):
        for version in (4, 6):
            fd = self.bound(version)
            texts = [bytes([letter]) * 2500 for letter in b"ab"]
            for start, end in ((0, 1440), (1440, 2508)):
                for identification, text in enumerate(texts, 1000):
                    part = self.datagram(text, version)[start:end]
                    self.put_fragment(version, identification, part, start, MORE if end < 2508 else 0)
            self.assertEqual([self.machine.recv(fd) for _ in texts], texts)

    def test_rfc5722_4_overlapping_part_is_dropped(self):
        """Alone: RFC 5722 has the whole datagram dropped. Either way no datagram is made of both."""
        for version in (4, 6):
            fd = self.bound(version)
            udp = self.datagram(self.TEXT, version)
            evil = b"\xee" * 1440
            identification = next(self.identification)
            self.put_fragment(version, identification, udp[0:1440], 0, MORE)
            self.put_fragment(version, identification, evil, 720, MORE)
            self.put_fragment(version, identification, udp[1440:2880], 1440, MORE)
            self.put_fragment(version, identification, udp[2880:], 2880, 0)
            self.assertEqual(self.machine.recv(fd), self.TEXT)

    def test_rfc1122_3_3_2_missing_is_given_up(self):
        """After a time its memory is free again, and a router's "time exceeded" says so if the first part was there."""
        for version, answer in ((4, (11, 1)), (6, (3, 1))):
            fd = self.bound(version)
            free = self.machine.stat("pool", "PBUF_POOL")
            first, second, last = self.parts(1440)
            self.put_parts(version, self.datagram(self.TEXT, version), (first, last))
            self.assertGreater(self.machine.stat("pool", "PBUF_POOL"), free)
            self.machine.advance(130)
            self.assertEqual(self.machine.stat("pool", "PBUF_POOL"), free)
            self.assertEqual(self.unreachable(version)[:2], answer)
            # What is late does not complete it.
            self.put_fragment(
                version, self.last_identification(), self.datagram(self.TEXT, version)[1440:2880], 1440, MORE
            )
            self.assert_errno("EAGAIN", self.machine.recv, fd)
            self.machine.advance(130)

    def last_identification(self):
        return next(self.identification) - 1

    def test_rfc1122_3_3_2_missing_first_is_given_up_silently(self):
        """MUST NOT: without its first part nobody knows what it was."""
        for version in (4, 6):
            _, second, last = self.parts(1440)
            self.put_parts(version, self.datagram(self.TEXT, version), (second, last))
            self.machine.advance(130)
            self.assertEqual(self.machine.packets, [])

    def test_rfc791_3_2_beyond_the_largest_packet(self):
        """What would be longer than 65535 bytes together (a "ping of death") is dropped."""
        for version in (4, 6):
            fd = self.bound(version)
            free = self.machine.stat("pool", "PBUF_POOL")
            identification = next(self.identification)
            self.put_fragment(version, identification, self.datagram(bytes(1432), version), 0, MORE)
            self.put_fragment(version, identification, bytes(1440), 65528, 0)
            self.assert_errno("EAGAIN", self.machine.recv, fd)
            self.machine.advance(130)
            self.machine.packets.clear()
            self.assertEqual(self.machine.stat("pool", "PBUF_POOL"), free)

    def test_lesson_22_parts_of_many_datagrams_leave_room_for_others(self):
        """Hundreds of first parts, no last ones: the oldest make room."""
        for version in (4, 6):
            fd = self.bound(version)
            udp = self.datagram(self.TEXT, version)
            for _ in range(700):
                self.put_parts(version, udp, self.parts(1440)[:1])
            self.put(self.datagram(b"whole", version), version)
            self.assertEqual(self.machine.recv(fd), b"whole")
            self.put_parts(version, udp, self.parts(1440))
            self.assertEqual(self.machine.recv(fd), self.TEXT)
            self.machine.packets.clear()


class Send(DatagramTest):
    def sent(self, version):
        """The packets of one datagram, put together: data, and their sizes."""
        packets, self.machine.packets = self.machine.packets, []
        if version == 6:
            parts = [(struct.unpack(">BBHI", packet.payload[:8]), packet.payload[8:]) for packet in packets]
            parts = [((word & 0xFFF8, word & 1, name), data) for (_, _, word, name), data in parts]
        else:
            words = [struct.unpack(">HH", packet.raw[4:8]) for packet in packets]
            parts = [
                (((word & 0x1FFF) * 8, word >> 13 & 1, name), p.payload) for (name, word), p in zip(words, packets)
            ]
        self.assertEqual(len({name for (_, _, name), _ in parts}), 1)
        self.assertEqual([more for (_, more, _), _ in parts], [1] * (len(parts) - 1) + [0])
        whole = b""
        for (start, _, _), data in parts:
            self.assertEqual(start, len(whole))
            whole += data
        self.assertEqual(checksum(pseudo_header(OURS[version], PEERS[version], UDP, len(whole)) + whole), 0)
        return whole[8:], [len(packet.raw) for packet in packets]

    def test_rfc791_3_2_large_datagrams_are_cut(self):
        for version in (4, 6):
            fd = self.bound(version)
            for size in (1473, 2960, 4000, 16000):
                text = Fragments.TEXT * 4
                self.machine.sendto(fd, text[:size], PEERS[version], PEER_PORT)
                data, sizes = self.sent(version)
                self.assertEqual(data, text[:size])
                self.assertLessEqual(max(sizes), 1500)

    def test_rfc768_datagram_that_fits_is_not_cut(self):
        for version, most in ((4, 1472), (6, 1452)):
            fd = self.bound(version)
            self.machine.sendto(fd, bytes(most), PEERS[version], PEER_PORT)
            packet = self.machine.packets.pop()
            self.assertEqual((packet.protocol, len(packet.raw)), (UDP, 1500))

    def test_rfc768_too_long_is_emsgsize(self):
        for version, most in ((4, 65507), (6, 65527)):
            fd = self.bound(version)
            for size in (most + 1, 65536):
                self.assert_errno("EMSGSIZE", self.machine.sendto, fd, bytes(size), PEERS[version], PEER_PORT)

    def stranger(self, version):
        """A host that nobody has asked for yet. Its answer waits until the kit is told to give it."""
        self.machine.neighbours = False
        return ipaddress.ip_address("192.0.2.33" if version == 4 else "fd00::33")

    def introduce(self, version, host):
        """The neighbour answers at last."""
        self.machine.neighbours = True
        if version == 4:
            arp = bytes.fromhex("0001080006040002") + PEER_MAC + host.packed + OUR_MAC + OURS[4].packed
            self.machine.command("frame", (OUR_MAC + PEER_MAC + struct.pack(">H", ARP) + arp).hex())
        else:
            self.machine.command("frame", self.machine.neighbour_advertisement(host.packed).hex())

    def test_lesson_23_first_datagram_waits_for_the_neighbour(self):
        for version in (4, 6):
            fd = self.bound(version)
            host = self.stranger(version)
            self.machine.sendto(fd, b"first", host, PEER_PORT)
            self.assertEqual(self.machine.packets, [])
            self.introduce(version, host)
            packet = self.machine.packets.pop()
            self.assertEqual((packet.destination, packet.payload[8:]), (host, b"first"))

    def test_lesson_23_several_and_fragments_wait_for_the_neighbour(self):
        """In their order."""
        for version in (4, 6):
            fd = self.bound(version)
            host = self.stranger(version)
            self.machine.sendto(fd, b"before", host, PEER_PORT)
            self.machine.sendto(fd, Fragments.TEXT, host, PEER_PORT)
            self.machine.sendto(fd, b"after", host, PEER_PORT)
            self.introduce(version, host)
            before, *parts, after = self.machine.packets
            self.machine.packets = []
            head = 8 if version == 6 else 0
            self.assertEqual((before.payload[8:], after.payload[8:]), (b"before", b"after"))
            self.assertEqual(b"".join(part.payload[head:] for part in parts)[8:], Fragments.TEXT)

    def test_lesson_23_neighbour_that_answers_the_second_question(self):
        for version in (4, 6):
            fd = self.bound(version)
            host = self.stranger(version)
            self.machine.sendto(fd, b"first", host, PEER_PORT)
            self.machine.advance(1.5)
            self.introduce(version, host)
            self.assertEqual(self.machine.packets.pop().payload[8:], b"first")

    def test_rfc1122_2_3_2_2_neighbour_that_never_answers(self):
        """What waits is dropped in the end."""
        for version in (4, 6):
            fd = self.bound(version)
            host = self.stranger(version)
            self.machine.sendto(fd, Fragments.TEXT, host, PEER_PORT)
            self.machine.advance(120)
            self.assertEqual(self.machine.packets, [])
            self.assertEqual(self.machine.stat("pool", "ARP_QUEUE" if version == 4 else "ND6_QUEUE"), 0)
            self.machine.neighbours = True


if __name__ == "__main__":
    main()
