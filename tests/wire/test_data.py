"""How data comes and goes: RFC 9293 3.4, 3.7 and 3.10.7.4, RFC 5681, and the lessons about it."""

from kit import *


class Receive(WireTest):
    def acknowledged(self, peer):
        """What the stack has acknowledged once its timer has run."""
        self.machine.advance(0.5)
        return peer.drain()[-1].ack

    def test_rfc9293_3_10_7_4_segments_in_order(self):
        peer, fd = self.accepted()
        self.assertEqual(self.poll(fd), POLLOUT)
        peer.send("P.", data=b"one ")
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
        peer.send("P.", data=b"two")
        self.assertEqual(self.machine.recv(fd), b"one two")
        self.assertEqual(self.poll(fd), POLLOUT)
        self.assertEqual(self.acknowledged(peer), 8)

    def test_rfc9293_3_8_6_3_ack_is_delayed_less_than_half_a_second(self):
        """MUST-58: one segment may wait, for less than half a second (MUST-59)."""
        peer, fd = self.accepted()
        peer.send(".", data=b"x")
        sent_at = self.machine.now
        self.machine.advance(1)
        self.assertLess(peer.expect(".", ack=2).time - sent_at, 0.5)

    def test_rfc9293_3_10_7_4_segments_out_of_order(self):
        peer, fd = self.accepted()
        peer.send(".", seq=6, data=b"world")
        peer.expect(".", ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)
        self.assert_errno("EAGAIN", self.machine.recv, fd)
        peer.send(".", data=b"hello")
        # What fills a gap is acknowledged at once (RFC 5681 4.2).
        peer.expect(".", ack=11)
        self.assertEqual(self.machine.recv(fd), b"helloworld")

    def test_rfc9293_3_10_7_4_segments_out_of_order_over_ipv6(self):
        peer, fd = self.accepted(6)
        for seq in (9, 3, 7, 5):
            peer.send(".", seq=seq, data=b"%d%d" % (seq, seq + 1))
            peer.expect(".", ack=1)
        peer.send(".", data=b"12")
        peer.expect(".", ack=12)
        self.assertEqual(self.machine.recv(fd), b"12345678910")

    def test_rfc9293_3_10_7_4_duplicate_is_acknowledged_and_dropped(self):
        peer, fd = self.accepted()
        peer.send(".", data=b"once")
        self.assertEqual(self.acknowledged(peer), 5)
        peer.send(".", seq=1, data=b"once")
        peer.expect(".", ack=5)
        self.assertEqual(self.machine.recv(fd), b"once")

    def test_rfc9293_3_10_7_4_overlap_with_what_is_known_is_trimmed(self):
        peer, fd = self.accepted()
        peer.send(".", data=b"abcd")
        peer.send(".", seq=3, data=b"CDef")
        self.assertEqual(self.acknowledged(peer), 7)
        self.assertEqual(self.machine.recv(fd), b"abcdef")

    def test_rfc9293_3_10_7_4_overlaps_out_of_order_are_put_together(self):
        """Every way in which a segment can lie over those that wait: before, between, over both, within."""
        text = b"abcdefghijklmnopqrstuvwxyz"
        orders = (
            ((5, 9), (12, 16), (8, 13)),
            ((5, 9), (12, 16), (4, 18)),
            ((5, 16), (7, 9)),
            ((12, 16), (5, 9), (9, 12)),
            ((10, 14), (8, 12), (12, 20)),
            ((10, 14), (10, 20), (6, 10)),
        )
        for port, order in enumerate(orders, 5000):
            with self.subTest(order=order):
                peer, fd = self.accepted(port=port)
                for start, end in order:
                    peer.send(".", seq=1 + start, data=text[start:end])
                    peer.expect(".", ack=1)
                first = min(start for start, _ in order)
                peer.send(".", data=text[: first + 1])
                # Nothing that is acknowledged is missing or wrong; the rest comes again.
                known = peer.drain()[-1].ack - 1
                self.assertGreater(known, first)
                peer.send(".", seq=1 + known, data=text[known:])
                self.assertEqual(self.acknowledged(peer), 27)
                self.assertEqual(self.machine.recv(fd), text)
                peer.send("R", seq=27)
                self.machine.close_fd(fd)

    def test_rfc9293_3_10_7_4_data_beyond_the_window_is_cut(self):
        peer, fd = self.accepted()
        edge = 1 + 65535
        peer.send(".", seq=edge - 3, data=b"in out")
        peer.expect(".", ack=1)
        while peer.sent < edge - 3:
            peer.send(".", data=bytes(min(1460, edge - 3 - peer.sent)))
        self.assertEqual(peer.drain()[-1].ack, edge)
        got = self.machine.recv(fd)
        self.assertEqual((len(got), got[-3:]), (65535, b"in "))
        self.machine.advance(1)
        peer.drain()

    def test_rfc9293_3_10_7_4_segment_outside_the_window_is_acknowledged_and_dropped(self):
        """Before and after it, and with a FIN (3.10.7.4, first check)."""
        peer, fd = self.accepted()
        for seq in (1 + 65535, 1 + 200000, 1 - 100, 1 - 100000):
            peer.send("F.", seq=seq, data=b"evil")
            peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")

    def test_rfc9293_3_10_7_4_empty_segment_in_the_window_is_not_answered(self):
        peer, fd = self.accepted()
        peer.send(".")
        peer.send(".", seq=100)
        peer.expect_nothing()
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_4_sequence_numbers_wrap_within_a_segment(self):
        peer, fd = self.accepted(first=0xFFFFFFF0)
        peer.send(".", data=b"over the edge of 2 to the 32")
        self.assertEqual(self.acknowledged(peer), 29)
        self.assertEqual(self.machine.recv(fd), b"over the edge of 2 to the 32")

    def test_rfc9293_3_4_sequence_numbers_wrap_between_segments_out_of_order(self):
        peer, fd = self.accepted(first=0xFFFFFFF0)
        peer.send(".", seq=16, data=b"zero and on")
        peer.expect(".", ack=1)
        peer.send(".", seq=9, data=b"seven, ")
        peer.expect(".", ack=1)
        peer.send(".", data=b"before, ")
        peer.expect(".", ack=27)
        self.assertEqual(self.machine.recv(fd), b"before, seven, zero and on")

    def test_rfc9293_3_10_7_4_fin_out_of_order_waits_for_its_data(self):
        peer, fd = self.accepted()
        peer.send("F.", seq=6, data=b"world")
        peer.expect(".", ack=1)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        self.assertEqual(self.poll(fd), POLLOUT)
        peer.send(".", data=b"hello")
        peer.expect(".", ack=12)
        self.assertEqual(self.machine.state(fd), "CLOSE_WAIT")
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"helloworld")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_4_lone_fin_out_of_order(self):
        peer, fd = self.accepted()
        peer.send("F.", seq=6)
        peer.expect(".", ack=1)
        peer.send(".", data=b"hello")
        peer.expect(".", ack=7)
        self.assertEqual(self.machine.recv(fd), b"hello")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_4_data_after_a_fin_is_ignored(self):
        peer, fd = self.accepted()
        peer.send("F.", data=b"the end")
        peer.expect(".", ack=9)
        peer.send(".", data=b"and more")
        peer.drain()
        self.assertEqual(self.machine.recv(fd), b"the end")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_4_segment_without_ack_is_taken(self):
        """The fifth check drops it; lwIP takes what is in the window, as README.md says."""
        peer, fd = self.accepted()
        peer.send("", data=b"no ack")
        self.assertEqual(self.machine.recv(fd), b"no ack")
        peer.send("F")
        peer.expect(".", ack=8)
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_8_5_urgent_data_stays_in_the_stream(self):
        """lwIP knows no urgent pointer: what is urgent is read in its place, as with SO_OOBINLINE on Linux (RFC 6093 5)."""
        peer, fd = self.accepted()
        peer.send("U.", data=b"urgent!", urgent=7)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
        self.assertEqual(self.machine.recv(fd), b"urgent!")
        self.assert_errno("EINVAL", self.machine.recv, fd, 1, socket.MSG_OOB)
        self.assertEqual(self.acknowledged(peer), 8)

    def test_rfc9293_3_10_7_4_ack_of_what_was_not_sent_is_answered(self):
        """By an ACK (3.10.7.4, fifth check)."""
        peer, fd = self.accepted()
        peer.send(".", seq=1, ack=1000)
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.machine.send(fd, b"x"), 1)
        peer.expect(".", seq=1)

    def test_lesson_24_data_before_a_fin_is_readable_after_the_connection_is_gone(self):
        peer, fd = self.accepted()
        peer.send("F.", data=b"last words")
        peer.expect(".", ack=12)
        self.machine.shutdown(fd, socket.SHUT_WR)
        peer.expect("F.", seq=1)
        peer.send(".")
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLHUP | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"last words")
        self.assertEqual(self.machine.recv(fd), b"")


class Send(WireTest):
    def sizes(self, peer):
        return [len(segment.data) for segment in peer.drain()]

    def test_rfc9293_3_7_1_segments_of_the_peers_maximum(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1000})
        self.machine.send(fd, bytes(2500))
        self.assertEqual(self.sizes(peer), [1000, 1000])
        peer.send(".")
        self.assertEqual(self.sizes(peer), [500])

    def test_rfc9293_3_7_1_no_option_means_536(self):
        """MUST-15."""
        peer, fd = self.accepted(options={})
        self.machine.send(fd, bytes(1072))
        self.assertEqual(self.sizes(peer), [536, 536])

    def test_rfc9293_3_7_1_no_option_means_1220_over_ipv6(self):
        """MUST-15."""
        peer, fd = self.accepted(6, options={})
        self.machine.send(fd, bytes(2440))
        self.assertEqual(self.sizes(peer), [1220, 1220])

    def test_rfc9293_3_7_1_own_maximum_by_the_mtu(self):
        for version, wanted in ((4, 1460), (6, 1440)):
            fd, peer, syn = self.connecting(version)
            self.assertEqual(syn.options[MAX_SEGMENT], wanted)
            self.machine.close_fd(fd)

    def test_rfc9293_3_7_1_segments_over_ipv6_fit_the_mtu(self):
        peer, fd = self.accepted(6, options={MAX_SEGMENT: 9000})
        self.machine.send(fd, bytes(1440))
        segment = peer.expect(".", seq=1)
        self.assertEqual((len(segment.data), len(segment.packet)), (1440, 1500))

    def test_rfc9293_3_7_4_nagle(self):
        """One small segment in flight; the rest together, when it is acknowledged."""
        peer, fd = self.accepted()
        for byte in b"abc":
            self.machine.send(fd, bytes([byte]))
        self.assertEqual(peer.expect(".", seq=1).data, b"a")
        peer.expect_nothing()
        peer.send(".")
        self.assertEqual(peer.expect(".", seq=2).data, b"bc")

    def test_lesson_5_nodelay_sends_at_once(self):
        peer, fd = self.accepted()
        self.machine.setsockopt(fd, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"abc":
            self.machine.send(fd, bytes([byte]))
        self.assertEqual([segment.data for segment in peer.drain()], [b"a", b"b", b"c"])

    def test_rfc9293_3_9_1_push_on_the_last_segment(self):
        """MUST-61."""
        peer, fd = self.accepted()
        self.machine.send(fd, bytes(2920))
        self.assertEqual(["P" in segment.flags for segment in peer.drain()], [False, True])

    def test_rfc5681_3_1_slow_start(self):
        """Two to four segments at first, and at most one more for each that is acknowledged."""
        peer, fd = self.accepted()
        self.machine.send(fd, bytes(40 * 1460))
        flight = len(peer.drain())
        self.assertTrue(2 <= flight <= 4, flight)
        for _ in range(3):
            peer.send(".")
            grown = len(peer.drain())
            self.assertTrue(flight <= grown <= 2 * flight, (flight, grown))
            flight = grown

    def test_rfc6528_3_initial_sequence_numbers_differ_and_grow(self):
        firsts = []
        for _ in range(3):
            self.machine.advance(1)
            peer, fd = self.accepted()
            firsts.append(peer.theirs)
            peer.send("R")
            self.machine.close_fd(fd)
        for earlier, later in zip(firsts, firsts[1:]):
            self.assertTrue(0 < (later - earlier) & 0xFFFFFFFF < 1 << 31)


if __name__ == "__main__":
    main()
