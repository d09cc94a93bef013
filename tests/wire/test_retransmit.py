"""How what is lost is sent again: RFC 6298, RFC 5681 3.1 and 3.2, RFC 9293 3.8.1 and 3.8.3."""

import socket

from kit import *

SEGMENT = 1000


def gaps(times):
    return [later - earlier for earlier, later in zip(times, times[1:])]


class RetransmitTest(WireTest):
    def sender(self, version=4, **peer_options):
        """A connection whose segments have 1000 bytes, and all go at once."""
        peer, fd = self.accepted(version, options={MAX_SEGMENT: SEGMENT}, **peer_options)
        self.machine.setsockopt(fd, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return peer, fd

    def in_flight(self, count=4, version=4):
        """A connection with as many segments under way: four is what goes at once at first."""
        peer, fd = self.sender(version)
        self.assertEqual(self.machine.send(fd, pattern(0, count * SEGMENT)), count * SEGMENT)
        for i in range(count):
            self.assertEqual(peer.expect(".", seq=1 + i * SEGMENT).data, pattern(i * SEGMENT, SEGMENT))
        return peer, fd

    def first_timeout(self, peer, fd, data=b"?"):
        """Send something that is lost: how long it takes until it is sent again."""
        self.machine.send(fd, data)
        lost = peer.expect(".", data=data)
        self.machine.advance(30)
        again = peer.drain()
        self.assertEqual(again[0].data, data)
        peer.send(".")
        return again[0].time - lost.time


def pattern(start, size):
    """Bytes by which each place in the stream is known."""
    return bytes((i * 7 + i // 251) % 256 for i in range(start, start + size))


class TimeOut(RetransmitTest):
    def test_rfc6298_2_1_first_timeout_is_a_second(self):
        """lwIP counts in half seconds: it may be half a second early."""
        peer, fd = self.sender()
        self.assertTrue(0.5 <= self.first_timeout(peer, fd) <= 1.5)

    def test_rfc6298_5_5_timeout_doubles_up_to_a_limit(self):
        """2.5: the limit is at least 60 seconds."""
        peer, fd = self.sender()
        self.machine.send(fd, b"lost")
        times = [peer.expect(".", seq=1).time]
        self.machine.advance(600)
        for segment in peer.drain():
            self.assertEqual((segment.seq, segment.data), (1, b"lost"))
            times.append(segment.time)
        waits = gaps(times)
        for wait, next_wait in zip(waits[1:], waits[2:]):
            if wait < 60:
                self.assertTrue(1.9 * wait - 0.5 <= next_wait <= 2.1 * wait + 0.5, waits)
            else:
                self.assertTrue(wait - 0.5 <= next_wait <= 2.1 * wait + 0.5, waits)
        self.assertGreaterEqual(max(waits), 60)

    def test_rfc9293_3_8_3_given_up_etimedout(self):
        """R2 is at least 100 seconds (SHLD-11); twelve retransmissions take a quarter of an hour, as on Linux."""
        peer, fd = self.sender()
        peer.send(".", data=b"x")
        self.machine.send(fd, b"lost")
        self.machine.advance(600)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
        self.machine.advance(600)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
        sent = [segment for segment in peer.drain() if segment.data]
        self.assertEqual(len(sent), 1 + 12)
        self.assertEqual(self.machine.recv(fd), b"x")
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)
        self.assertEqual(self.machine.recv(fd), b"")
        self.assert_errno("EPIPE", self.machine.send, fd, b"y")
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_8_3_last_retransmission_may_be_answered(self):
        peer, fd = self.sender()
        self.machine.send(fd, b"late")
        peer.expect(".", seq=1)
        sent = 0
        for _ in range(1000):
            self.machine.advance(1)
            sent += len(peer.drain())
            if sent == 12:
                break
        self.machine.advance(50)
        peer.send(".")
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        self.assertEqual(self.poll(fd), POLLOUT)
        # Counting begins anew.
        self.assertLess(self.first_timeout(peer, fd), 3)

    def test_rfc6298_5_2_timer_is_off_when_all_is_acknowledged(self):
        peer, fd = self.in_flight()
        peer.send(".")
        self.machine.advance(1000)
        peer.expect_nothing()

    def test_rfc6298_5_3_timer_restarts_when_some_is_acknowledged(self):
        """An ACK of new data every 0.4 s: nothing is sent again, though the last segment waits for 1.6."""
        peer, fd = self.in_flight()
        for i in range(1, 4):
            self.machine.advance(0.4)
            peer.send(".", ack=1 + i * SEGMENT)
        self.machine.advance(0.4)
        peer.expect_nothing()
        self.machine.advance(1)
        peer.expect(".", seq=1 + 3 * SEGMENT)

    def test_rfc6298_5_3_old_acks_do_not_restart_the_timer(self):
        peer, fd = self.in_flight()
        peer.send(".", ack=1 + SEGMENT)
        for _ in range(10):
            self.machine.advance(0.2)
            peer.send(".", ack=1)
        peer.expect(".", seq=1 + SEGMENT)
        peer.drain()

    def test_rfc6298_5_3_duplicate_acks_do_not_restart_the_timer(self):
        """Two of them: the third would have it sent at once."""
        peer, fd = self.in_flight()
        for _ in range(2):
            self.machine.advance(0.45)
            peer.send(".", ack=1)
        self.machine.advance(0.2)
        peer.expect(".", seq=1)

    def test_rfc6298_3_no_sample_of_what_was_sent_again(self):
        """Karn: the answer may be to any of those that were sent."""
        peer, fd = self.sender()
        self.machine.send(fd, b"lost")
        self.machine.advance(13)
        peer.drain()
        peer.send(".")
        self.assertLess(self.first_timeout(peer, fd), 3)

    def test_rfc6298_2_3_timeout_follows_the_round_trip(self):
        """From 0.3 to 2.8 s, growing so slowly that nothing is sent again."""
        peer, fd = self.sender()
        for tenths in range(3, 29):
            for _ in range(3):
                self.machine.send(fd, b"x")
                peer.expect(".")
                self.machine.advance(tenths / 10)
                peer.expect_nothing()
                peer.send(".")
        self.assertGreater(self.first_timeout(peer, fd), 3)

    def test_rfc6298_3_idle_time_after_the_handshake_is_no_round_trip(self):
        for peer, fd in (self.connected(), self.accepted()):
            self.machine.advance(60)
            self.machine.send(fd, b"x")
            peer.expect(".", seq=1)
            peer.send(".")
            self.assertLess(self.first_timeout(peer, fd), 3)

    def test_rfc6298_5_7_three_seconds_after_a_syn_was_lost(self):
        """MUST: the path may be slower than the second that the SYN was given."""
        fd, peer, _ = self.connecting()
        self.machine.advance(1.5)
        peer.expect("S", seq=0)
        peer.send("S.", ack=1, options={MAX_SEGMENT: SEGMENT})
        peer.expect(".", seq=1)
        self.assertTrue(2.5 <= self.first_timeout(peer, fd) <= 3.5)

    def test_rfc6298_5_7_three_seconds_after_a_syn_ack_was_lost(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S", options={MAX_SEGMENT: SEGMENT})
        peer.expect("S.")
        self.machine.advance(1.5)
        peer.expect("S.")
        peer.send(".")
        fd, _ = self.machine.accept(listener)
        self.assertTrue(2.5 <= self.first_timeout(peer, fd) <= 3.5)

    def test_rfc5681_3_1_one_segment_after_a_syn_was_lost(self):
        """MUST: the initial window is one segment."""
        fd, peer, _ = self.connecting()
        self.machine.advance(1.5)
        peer.expect("S", seq=0)
        peer.send("S.", ack=1, options={MAX_SEGMENT: SEGMENT})
        peer.expect(".", seq=1)
        self.machine.send(fd, bytes(4 * SEGMENT))
        peer.expect(".", seq=1)
        peer.expect_nothing()

    def test_rfc5681_3_1_one_segment_after_a_timeout_then_slow_start(self):
        peer, fd = self.in_flight()
        self.machine.advance(1.2)
        peer.expect(".", seq=1)
        peer.expect_nothing()
        peer.send(".", ack=1 + SEGMENT)
        self.assertEqual([segment.seq for segment in peer.drain()], [1 + SEGMENT, 1 + 2 * SEGMENT])
        peer.send(".", ack=1 + 3 * SEGMENT)
        peer.expect(".", seq=1 + 3 * SEGMENT)
        peer.send(".")

    def test_rfc9293_3_8_1_what_was_received_meanwhile_is_not_sent_again(self):
        """The first was lost, the others wait at the peer: one retransmission, and all is acknowledged."""
        peer, fd = self.in_flight(version=6)
        self.machine.advance(1.2)
        self.assertEqual(peer.expect(".", seq=1).data, pattern(0, SEGMENT))
        peer.send(".", ack=1 + 4 * SEGMENT)
        self.machine.advance(10)
        peer.expect_nothing()

    def test_rfc9293_3_8_1_ack_of_part_of_a_segment(self):
        peer, fd = self.in_flight(1)
        peer.send(".", ack=401)
        self.machine.advance(1.5)
        again = peer.expect(".")
        self.assertLessEqual(again.seq, 401)
        self.assertEqual(again.data, pattern(again.seq - 1, SEGMENT - again.seq + 1))
        peer.send(".", ack=1 + SEGMENT)
        self.machine.advance(10)
        peer.expect_nothing()

    def test_rfc9293_3_8_6_1_what_was_lost_before_the_window_closed_comes_when_it_opens(self):
        peer, fd = self.in_flight()
        peer.send(".", data=b"x", ack=1, window=0)
        self.machine.advance(20)
        peer.drain()
        peer.send(".", ack=1, window=8000)
        got = b""
        for _ in range(8):
            for segment in peer.drain():
                if segment.seq == 1 + len(got):
                    got += segment.data
            peer.send(".", ack=1 + len(got))
        self.assertEqual(got, pattern(0, 4 * SEGMENT))

    def test_rfc9293_3_4_retransmission_over_the_wrap_of_sequence_numbers(self):
        """The initial number grows with the clock (RFC 6528): a second connection begins where it is wanted."""
        peer, fd = self.sender()
        peer.send("R")
        self.machine.close_fd(fd)
        # One in 4 microseconds. The driver's clock moves in steps of a millisecond: 250 numbers.
        self.machine.advance(((2**32 - 2500 - peer.theirs) % 2**32) * 4 / 1e6)
        peer, fd = self.in_flight()
        self.assertGreater(peer.theirs, 2**32 - 4 * SEGMENT)
        peer.send(".", ack=1 + SEGMENT)
        self.machine.advance(1.2)
        self.assertEqual(peer.expect(".", seq=1 + SEGMENT).data, pattern(SEGMENT, SEGMENT))
        peer.send(".", ack=1 + 2 * SEGMENT)
        self.assertEqual([segment.seq for segment in peer.drain()], [1 + 2 * SEGMENT, 1 + 3 * SEGMENT])
        peer.send(".", ack=1 + 4 * SEGMENT)
        self.machine.advance(10)
        peer.expect_nothing()


class FastRetransmit(RetransmitTest):
    def test_rfc5681_3_2_third_duplicate_ack_sends_at_once(self):
        for version in (4, 6):
            peer, fd = self.in_flight(version=version)
            for _ in range(2):
                peer.send(".", ack=1)
                peer.expect_nothing()
            peer.send(".", ack=1)
            self.assertEqual(peer.expect(".", seq=1).data, pattern(0, SEGMENT))
            # Further ones do not send it again.
            for _ in range(3):
                peer.send(".", ack=1)
            peer.expect_nothing()
            peer.send(".")
            self.machine.advance(10)
            peer.expect_nothing()
            peer.send("R")
            self.machine.close_fd(fd)

    def test_rfc5681_2_what_is_no_duplicate_ack(self):
        """With data, with another window, with nothing in flight: they do not count for later ones either."""
        peer, fd = self.in_flight()
        for i in range(5):
            peer.send(".", ack=1, data=b"x")
        for i in range(5):
            peer.send(".", ack=1, window=30000 + 1000 * i)
        self.assertEqual({segment.data for segment in peer.drain()} - {b""}, set())
        peer.send(".")
        for _ in range(5):
            peer.send(".")
        peer.drain()
        self.machine.send(fd, b"new")
        self.assertEqual(peer.expect(".").data, b"new")
        for _ in range(2):
            peer.send(".", ack=1 + 4 * SEGMENT)
        peer.expect_nothing()

    def test_rfc5681_3_2_later_loss_is_sent_at_once_again(self):
        peer, fd = self.in_flight()
        start = 1
        for _ in range(3):
            for _ in range(3):
                peer.send(".", ack=start)
            self.assertEqual(peer.drain()[0].seq, start)
            start = peer.seen
            peer.send(".")
            self.machine.send(fd, bytes(2 * SEGMENT))
            self.assertEqual(len(peer.drain()), 2)

    def test_rfc5681_3_2_further_duplicate_acks_let_new_data_go(self):
        """Each says that a segment has left the network (step 4 and 5)."""
        peer, fd = self.in_flight()
        self.machine.send(fd, pattern(4 * SEGMENT, 4 * SEGMENT))
        peer.expect_nothing()
        for _ in range(3):
            peer.send(".", ack=1)
        self.assertEqual(peer.drain()[0].seq, 1)
        for _ in range(4):
            peer.send(".", ack=1)
        peer.drain()
        self.assertEqual(peer.seen, 1 + 8 * SEGMENT)

    def test_rfc5681_3_2_window_is_halved(self):
        """Step 2 and 6: after the loss half of what was in flight goes."""
        peer, fd = self.sender()
        self.machine.send(fd, bytes(60 * SEGMENT))
        flight = len(peer.drain())
        while flight < 12:
            grown = flight
            peer.send(".")
            flight = len(peer.drain())
            self.assertGreater(flight, grown)
        start = peer.seen - flight * SEGMENT
        for _ in range(3):
            peer.send(".", ack=start)
        self.assertEqual(peer.expect(".").seq, start)
        peer.drain()
        peer.send(".")
        self.assertLessEqual(len(peer.drain()), flight // 2 + 1)

    def test_rfc6582_1_partial_ack(self):
        """Two of four are lost. lwIP is Reno, not NewReno: the second comes by its time-out."""
        peer, fd = self.in_flight()
        for _ in range(3):
            peer.send(".", ack=1)
        peer.expect(".", seq=1)
        peer.send(".", ack=1 + SEGMENT)
        self.machine.advance(1.5)
        self.assertEqual(peer.drain()[0].data, pattern(SEGMENT, SEGMENT))
        peer.send(".", ack=1 + 4 * SEGMENT)
        self.machine.advance(10)
        peer.expect_nothing()

    def test_rfc6298_5_5_fast_retransmission_is_lost_too(self):
        peer, fd = self.in_flight()
        for _ in range(3):
            peer.send(".", ack=1)
        peer.expect(".", seq=1)
        self.machine.advance(1.5)
        self.assertEqual(peer.expect(".", seq=1).data, pattern(0, SEGMENT))
        peer.send(".", ack=1 + 4 * SEGMENT)
        self.machine.advance(10)
        peer.expect_nothing()


class Fin(RetransmitTest):
    def test_rfc6298_5_5_fin_is_sent_again_ever_more_slowly(self):
        peer, fd = self.sender()
        self.machine.shutdown(fd, socket.SHUT_WR)
        times = [peer.expect("F.", seq=1).time]
        self.machine.advance(20)
        for segment in peer.drain():
            self.assertEqual((segment.flags, segment.seq), ("F.", 1))
            times.append(segment.time)
        waits = gaps(times)
        self.assertGreaterEqual(len(waits), 4)
        for wait, next_wait in zip(waits[1:], waits[2:]):
            self.assertTrue(1.9 * wait - 0.5 <= next_wait <= 2.1 * wait + 0.5, waits)
        peer.send(".")
        self.machine.advance(100)
        peer.expect_nothing()
        self.assertEqual(self.machine.state(fd), "FIN_WAIT_2")

    def test_rfc9293_3_8_1_data_and_fin_are_both_lost(self):
        peer, fd = self.in_flight(2)
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1 + 2 * SEGMENT)
        got = b""
        for _ in range(4):
            self.machine.advance(3)
            for segment in peer.drain():
                if segment.seq == 1 + len(got):
                    got += segment.data
            peer.send(".", ack=1 + len(got))
        self.assertEqual(got, pattern(0, 2 * SEGMENT))
        self.machine.advance(3)
        peer.drain()
        self.assertEqual(peer.seen, 1 + 2 * SEGMENT + 1)

    def test_rfc9293_3_8_1_data_is_acknowledged_the_fin_is_not(self):
        peer, fd = self.in_flight(1)
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1 + SEGMENT)
        peer.send(".", ack=1 + SEGMENT)
        self.machine.advance(1.5)
        self.assertEqual(peer.expect("F.", seq=1 + SEGMENT).data, b"")
        peer.send(".", ack=2 + SEGMENT)
        peer.send("F.", ack=2 + SEGMENT)
        peer.expect(".", ack=2)

    def test_rfc9293_3_8_3_closed_connection_is_given_up_and_freed(self):
        peer, fd = self.in_flight()
        self.machine.close_fd(fd)
        self.machine.advance(1200)
        peer.drain()
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)
        self.assertEqual(self.machine.stat("pool", "TCP_SEG"), 0)

    def test_rfc9293_3_8_3_last_ack_is_given_up_and_freed(self):
        peer, fd = self.sender()
        peer.send("F.")
        peer.expect(".", ack=2)
        self.machine.close_fd(fd)
        self.machine.advance(130)
        self.assertEqual({segment.flags for segment in peer.drain()}, {"F."})
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)


if __name__ == "__main__":
    main()
