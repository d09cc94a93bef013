"""Windows: RFC 9293 3.8.6, RFC 1122 4.2.2.17 and 4.2.3.3."""

from kit import *


class SendWindow(WireTest):
    def test_rfc9293_3_8_6_nothing_beyond_the_window_is_sent(self):
        peer, fd = self.accepted(window=2000)
        self.machine.send(fd, bytes(5000))
        self.assertLessEqual(sum(len(segment.data) for segment in peer.drain()), 2000)
        peer.send(".", window=1000)
        peer.drain()
        self.assertLessEqual(peer.seen - 1, 2000 + 1000)

    def test_rfc9293_3_8_6_1_zero_window_is_probed_ever_more_slowly(self):
        """SHLD-29 and 30: at first after a retransmission time-out, then at growing intervals. One byte each."""
        peer, fd = self.accepted()
        peer.send(".", data=b"x", window=0)
        self.machine.send(fd, b"waiting")
        self.machine.advance(0.4)
        peer.drain()
        self.machine.advance(60)
        probes = peer.drain()
        self.assertEqual({(probe.seq, probe.data) for probe in probes}, {(1, b"w")})
        gaps = [later.time - earlier.time for earlier, later in zip(probes, probes[1:])]
        for gap, wanted in zip(gaps, [3, 6, 12, 24]):
            self.assertTrue(wanted - 0.5 <= gap <= wanted + 0.5, gaps)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)

    def test_rfc9293_3_8_6_1_answered_probes_go_on_for_hours(self):
        """MUST-37: as long as the peer answers, the connection stays."""
        peer, fd = self.accepted()
        peer.send(".", data=b"x", window=0)
        self.machine.send(fd, b"waiting")
        probes = 0
        for _ in range(24 * 60):
            self.machine.advance(60)
            answered = peer.drain()
            probes += len(answered)
            if answered:
                peer.send(".", ack=1)
        self.assertGreater(probes, 24 * 60 - 30)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        peer.send(".", ack=1, window=1000)
        self.assertEqual(peer.expect(".", seq=1).data, b"waiting")
        peer.send(".")

    def test_rfc9293_3_8_6_1_probes_without_an_answer_end_etimedout(self):
        peer, fd = self.accepted()
        peer.send(".", data=b"x", window=0)
        self.machine.send(fd, b"waiting")
        self.machine.advance(100)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        self.machine.advance(1000)
        peer.drain()
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"x")
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)

    def test_rfc9293_3_8_6_1_probe_is_acknowledged_the_window_stays_closed(self):
        peer, fd = self.accepted(window=0)
        self.machine.send(fd, b"waiting")
        self.machine.advance(3)
        self.assertEqual(peer.expect(".", seq=1).data, b"w")
        peer.send(".", ack=2)
        self.machine.advance(10)
        peer.drain()
        peer.send(".", ack=2, window=1000)
        # lwIP keeps the segment whole.
        segment = peer.expect(".")
        self.assertEqual(b"waiting"[segment.seq - 1 :], segment.data)
        self.assertEqual(segment.seq + len(segment.data), 8)
        peer.send(".")

    def test_rfc9293_3_8_6_1_window_update_starts_at_once(self):
        peer, fd = self.accepted(window=0)
        self.machine.send(fd, b"waiting")
        peer.expect_nothing()
        peer.send(".", window=5000)
        self.assertEqual(peer.expect(".", seq=1).data, b"waiting")

    def test_rfc9293_3_8_6_fin_waits_for_a_window_too(self):
        peer, fd = self.accepted(window=0)
        self.machine.send(fd, b"waiting")
        self.machine.close_fd(fd)
        peer.expect_nothing()
        peer.send(".", window=5000)
        self.assertEqual(b"".join(segment.data for segment in peer.drain()), b"waiting")
        peer.send(".")
        self.machine.advance(1)
        peer.drain()
        self.assertEqual(peer.seen, 9)

    def test_rfc9293_3_8_6_2_1_small_windows_are_not_filled(self):
        """Silly window: what is not a full segment, nor half of the largest window, waits (SHLD-9)."""
        peer, fd = self.accepted(window=5000)
        self.machine.send(fd, bytes(20000))
        peer.drain()
        peer.send(".", window=100)
        peer.expect_nothing()
        peer.send(".", window=3000)
        self.assertGreaterEqual(len(peer.expect(".").data), 1460)
        peer.drain()

    def test_rfc9293_3_8_6_2_1_small_window_is_filled_in_the_end(self):
        """MUST-35: the override time-out. lwIP fills it when it would probe."""
        peer, fd = self.accepted(window=5000)
        self.machine.send(fd, bytes(20000))
        peer.drain()
        peer.send(".", window=100)
        self.machine.advance(5)
        self.assertEqual({len(segment.data) for segment in peer.drain()}, {100})

    def test_rfc9293_3_8_6_window_is_shrunk(self):
        """MUST-34: what was sent before is no longer in the window, and that is no harm."""
        peer, fd = self.accepted(window=5000)
        self.machine.send(fd, bytes(5000))
        peer.drain()
        peer.send(".", data=b"x", ack=1001, window=500)
        self.machine.advance(1)
        peer.drain()
        peer.send(".", window=5000)
        self.machine.advance(3)
        peer.drain()
        self.assertEqual(peer.seen, 5001)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")

    def test_rfc9293_3_10_7_4_old_segment_does_not_change_the_window(self):
        """SND.WL1 and SND.WL2: what was sent earlier says nothing new."""
        peer, fd = self.accepted()
        peer.send(".", data=b"old")
        peer.send(".", data=b"new", window=3000)
        self.machine.advance(0.5)
        peer.drain()
        peer.send(".", seq=1, data=b"old", window=100)
        peer.drain()
        self.machine.send(fd, bytes(1460))
        self.assertEqual(len(peer.expect(".", seq=1).data), 1460)

    def test_lesson_22_full_send_buffer_says_so_and_recovers(self):
        """poll() says POLLOUT no more, a send takes nothing; both again when the peer acknowledges."""
        peer, fd = self.accepted(window=0)
        while True:
            try:
                self.machine.send(fd, bytes(16384))
            except CallError as error:
                self.assertEqual(error.name, "EAGAIN")
                break
        self.assertEqual(self.poll(fd), 0)
        peer.send(".", window=65535)
        for _ in range(50):
            if self.poll(fd) == POLLOUT:
                break
            peer.drain()
            peer.send(".")
        self.assertEqual(self.poll(fd), POLLOUT)
        peer.drain()


class ReceiveWindow(WireTest):
    def fill(self, peer):
        """Send all that the stack has room for."""
        while peer.sent < 65536:
            peer.send(".", data=bytes(min(1460, 65536 - peer.sent)))
        self.machine.advance(0.5)
        return peer.drain()[-1]

    def test_rfc9293_3_8_6_window_closes_and_opens_when_it_is_read(self):
        """Without scaling 64 KB; then all of it is announced in one step, without a word from the peer."""
        peer, fd = self.accepted()
        last = self.fill(peer)
        self.assertEqual((last.ack, last.window), (65536, 0))
        self.assertEqual(len(self.machine.recv(fd)), 65535)
        updates = peer.drain()
        self.assertEqual(len(updates), 1)
        self.assertEqual((updates[0].ack, updates[0].window), (65536, 65535))

    def test_rfc9293_3_8_6_2_2_small_reads_do_not_open_the_window(self):
        """MUST-39: not before it is worth a segment, or a part of the buffer."""
        peer, fd = self.accepted()
        self.fill(peer)
        self.machine.recv(fd, 100)
        self.machine.advance(1)
        peer.expect_nothing()
        # It stays closed for who asks, whose byte has room by now.
        peer.send(".", data=b"?")
        self.machine.advance(0.5)
        self.assertEqual(peer.expect(".", ack=65537).window, 0)

    def test_rfc9293_3_8_6_right_edge_never_moves_back(self):
        """SHLD-14: reading in small steps, what is announced only grows."""
        peer, fd = self.accepted()
        edge = 65536
        for step in range(60):
            peer.send(".", data=bytes(1000))
            self.machine.recv(fd, 700)
            for segment in peer.drain():
                self.assertGreaterEqual(segment.ack + segment.window, edge)
                edge = segment.ack + segment.window
        self.machine.advance(0.5)
        peer.drain()

    def test_rfc9293_3_8_6_1_probe_of_the_peers_is_answered(self):
        """MUST-36 of the other side: the byte is not taken, the answer says what is expected and that there is no room."""
        peer, fd = self.accepted()
        self.fill(peer)
        for _ in range(3):
            peer.send(".", seq=65536, data=b"?")
            answer = peer.expect(".")
            self.assertEqual((answer.ack, answer.window), (65536, 0))
        self.assertEqual(len(self.machine.recv(fd)), 65535)
        peer.drain()
        self.assert_errno("EAGAIN", self.machine.recv, fd)

    def test_rfc9293_3_10_7_4_zero_window_ack_is_taken_and_not_answered(self):
        """Two stacks whose windows are both closed would answer each other for ever."""
        peer, fd = self.accepted()
        self.machine.send(fd, b"x")
        peer.expect(".", seq=1)
        self.fill(peer)
        peer.send(".", ack=2)
        peer.expect_nothing()
        self.machine.advance(10)
        # It was taken: nothing is sent again.
        peer.expect_nothing()

    def test_rfc9293_3_10_7_4_zero_window_reset_is_taken(self):
        """MUST-66."""
        peer, fd = self.accepted()
        self.fill(peer)
        peer.send("R")
        self.assertEqual(len(self.machine.recv(fd)), 65535)
        self.assert_errno("ECONNRESET", self.machine.recv, fd)

    def test_rfc9293_3_10_7_4_zero_window_fin_is_not_taken(self):
        peer, fd = self.accepted()
        self.fill(peer)
        peer.send("F.", seq=65536)
        self.assertEqual(peer.expect(".").ack, 65536)
        self.assertEqual(len(self.machine.recv(fd)), 65535)
        peer.drain()
        peer.send("F.", seq=65536)
        peer.expect(".", ack=65537)
        self.assertEqual(self.machine.recv(fd), b"")

    def test_lesson_21_a_tls_record_fits_the_window(self):
        """16 KB and its head, without a read in between."""
        peer, fd = self.accepted()
        for _ in range(12):
            peer.send(".", data=bytes(1460))
        self.assertEqual(peer.drain()[-1].ack, 1 + 12 * 1460)
        self.assertEqual(len(self.machine.recv(fd)), 12 * 1460)


if __name__ == "__main__":
    main()
