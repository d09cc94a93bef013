"""How connections begin: RFC 9293 3.5 and 3.10.7.2 to 3.10.7.4, and the lessons about it."""

import errno
import socket

from kit import *


# So many listeners that their backlogs together are more than all control blocks.
FLOODED = 12


class ActiveOpen(WireTest):
    def test_rfc9293_3_5_three_way_handshake(self):
        fd, peer, syn = self.connecting()
        self.assertEqual(syn.data, b"")
        self.assertEqual(self.machine.state(fd), "SYN_SENT")
        self.assertEqual(self.poll(fd), 0)
        peer.send("S.", ack=1)
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)
        self.assertEqual(self.so_error(fd), 0)

    def test_rfc9293_3_5_three_way_handshake_over_ipv6(self):
        fd, peer, _ = self.connecting(6)
        peer.send("S.", ack=1)
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_10_7_3_data_with_syn_ack_is_not_lost(self):
        """What comes with the SYN,ACK may be taken or not, but not be acknowledged and lost."""
        fd, peer, _ = self.connecting()
        peer.send("S.", data=b"early", options={MAX_SEGMENT: 1460})
        taken = peer.expect(".", seq=1).ack - 1
        peer.send(".", seq=1 + taken, data=b"early"[taken:])
        self.machine.advance(1)
        self.assertEqual(peer.drain()[-1].ack, 6)
        self.assertEqual(self.machine.recv(fd), b"early")

    def test_rfc6298_5_5_syn_is_sent_again_ever_more_slowly(self):
        fd, peer, syn = self.connecting()
        self.machine.advance(40)
        times = [0] + [segment.time - syn.time for segment in peer.drain()]
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        for gap, wanted in zip(gaps, [1, 2, 4, 8, 16], strict=True):
            self.assertTrue(wanted - 0.5 <= gap <= wanted + 0.5, gaps)

    def test_rfc9293_3_8_3_syn_is_given_up_etimedout(self):
        """Six times more, as Linux (127 s); MUST-23 asks for three minutes."""
        fd, peer, syn = self.connecting()
        self.machine.advance(100)
        self.assertEqual(self.poll(fd), 0)
        self.machine.advance(50)
        self.assertEqual(len(peer.drain()), 6)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
        self.assertEqual(self.so_error(fd), errno.ETIMEDOUT)
        self.assertEqual(self.so_error(fd), 0)

    def test_rfc6298_3_syn_sent_again_connects(self):
        fd, peer, syn = self.connecting()
        self.machine.advance(1.5)
        peer.expect("S", seq=0)
        peer.send("S.", ack=1)
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_lesson_15_reset_to_syn_is_econnrefused(self):
        for version in (4, 6):
            fd, peer, _ = self.connecting(version)
            peer.send("R.", ack=1)
            peer.expect_nothing()
            self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
            self.assertEqual(self.so_error(fd), errno.ECONNREFUSED)
            self.machine.close_fd(fd)

    def test_rfc9293_3_10_7_3_reset_with_wrong_ack_is_dropped(self):
        fd, peer, _ = self.connecting()
        peer.send("R.", seq=0, ack=0)
        peer.send("R.", seq=0, ack=2)
        peer.send("R", seq=0)
        peer.expect_nothing()
        self.assertEqual(self.machine.state(fd), "SYN_SENT")

    def test_rfc9293_3_10_7_3_wrong_ack_is_answered_by_reset(self):
        """A half-open connection of before (3.5.1, figure 10): the peer is reset, and asked again."""
        fd, peer, _ = self.connecting()
        peer.send(".", seq=100, ack=300)
        reset = peer.next()
        self.assertEqual((reset.flags.strip("."), reset.seq), ("R", 300))
        # lwIP asks again at once.
        peer.expect("S", seq=0)
        peer.send("S.", ack=1)
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_10_7_3_syn_ack_with_wrong_ack_is_answered_by_reset(self):
        fd, peer, _ = self.connecting()
        peer.send("S.", seq=0, ack=7)
        reset = peer.next()
        self.assertEqual((reset.flags.strip("."), reset.seq), ("R", 7))
        self.assertEqual(self.machine.state(fd), "SYN_SENT")
        peer.drain()

    def test_rfc9293_3_10_7_3_segment_without_syn_rst_ack_is_dropped(self):
        fd, peer, _ = self.connecting()
        peer.send("F", seq=1)
        peer.send("", seq=1, data=b"x")
        peer.expect_nothing()
        self.assertEqual(self.machine.state(fd), "SYN_SENT")

    def test_rfc9293_3_5_simultaneous_open(self):
        """Figure 8, with a peer that answers our SYN by SYN,ACK (MUST-10)."""
        fd, peer, _ = self.connecting()
        peer.send("S", options={MAX_SEGMENT: 1000})
        peer.expect("S.", seq=0, ack=1)
        peer.send("S.", seq=0, ack=1, options={MAX_SEGMENT: 1000})
        peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)
        self.assertEqual(self.machine.send(fd, b"x" * 1001), 1001)
        self.assertEqual(len(peer.expect(".", seq=1).data), 1000)
        peer.drain()

    def test_rfc9293_3_5_simultaneous_open_ended_by_an_ack(self):
        for version in (4, 6):
            fd, peer, _ = self.connecting(version)
            peer.send("S", options={MAX_SEGMENT: 1000})
            peer.expect("S.", seq=0, ack=1)
            peer.send(".", ack=1)
            self.assertEqual(self.poll(fd), POLLOUT)
            peer.send(".", data=b"hello")
            self.machine.advance(0.5)
            self.assertEqual(self.machine.recv(fd), b"hello")
            self.assertEqual(peer.drain()[-1].ack, 6)

    def test_rfc9293_3_5_simultaneous_open_syn_ack_is_sent_again(self):
        fd, peer, _ = self.connecting()
        peer.send("S")
        peer.expect("S.", seq=0, ack=1)
        self.machine.advance(4)
        peer.expect("S.", seq=0, ack=1)
        peer.send(".", ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)
        peer.drain()

    def test_rfc9293_3_10_7_4_simultaneous_open_reset_is_econnrefused(self):
        fd, peer, _ = self.connecting()
        peer.send("S")
        peer.expect("S.", seq=0, ack=1)
        peer.send("R")
        self.assertEqual(self.so_error(fd), errno.ECONNREFUSED)

    def test_rfc9293_3_4_1_sequence_numbers_wrap_in_the_handshake(self):
        fd = self.listening()
        peer = Peer(self.machine, first=0xFFFFFFFF)
        peer.send("S")
        self.assertEqual(peer.expect("S.").ack, 1)
        peer.send(".", data=b"after the wrap")
        accepted, _ = self.machine.accept(fd)
        self.assertEqual(self.machine.recv(accepted), b"after the wrap")
        self.machine.advance(1)
        peer.expect(".", ack=15)

    def test_rfc9293_3_8_1_close_while_connecting_is_silent(self):
        fd, peer, _ = self.connecting()
        self.machine.close_fd(fd)
        self.machine.advance(10)
        peer.expect_nothing()
        peer.send("S.", ack=1)
        self.assertEqual(peer.next().flags.strip("."), "R")
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)


class PassiveOpen(WireTest):
    def test_rfc9293_3_5_accept_and_poll(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.", seq=0, ack=1)
        # Half open: there is nothing to accept yet.
        self.assertEqual(self.poll(listener), 0)
        self.assert_errno("EAGAIN", self.machine.accept, listener)
        peer.send(".")
        self.assertEqual(self.poll(listener), POLLIN)
        _, (host, port) = self.machine.accept(listener)
        self.assertEqual((host, port), (str(PEERS[4]), peer.port))
        self.assertEqual(self.poll(listener), 0)

    def test_rfc9293_3_10_7_1_syn_to_a_closed_port_is_reset(self):
        for version in (4, 6):
            peer = Peer(self.machine, version, our_port=81)
            peer.send("S")
            peer.expect("R.", seq=0, ack=1)

    def test_rfc9293_3_10_7_1_ack_to_a_closed_port_is_reset_by_its_ack(self):
        peer = Peer(self.machine, our_port=81)
        peer.send(".", seq=5, ack=77)
        reset = peer.next()
        self.assertEqual((reset.flags.strip("."), reset.seq), ("R", 77))

    def test_rfc9293_3_10_7_1_reset_to_a_closed_port_is_dropped(self):
        peer = Peer(self.machine, our_port=81)
        peer.send("R")
        peer.send("R.", ack=0)
        peer.expect_nothing()

    def test_rfc9293_3_10_7_2_listening_reset_is_dropped_ack_is_reset(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("R")
        peer.expect_nothing()
        peer.send(".", seq=5, ack=77)
        reset = peer.next()
        self.assertEqual((reset.flags.strip("."), reset.seq), ("R", 77))
        self.assertEqual(self.poll(listener), 0)

    def test_rfc9293_3_10_7_2_data_with_syn_is_not_lost(self):
        """lwIP does not keep what comes with a SYN, and does not acknowledge it: it is sent again."""
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S", data=b"early")
        taken = peer.expect("S.").ack - 1
        peer.send(".", seq=1 + taken, data=b"early"[taken:])
        fd, _ = self.machine.accept(listener)
        self.assertEqual(self.machine.recv(fd), b"early")
        self.machine.advance(1)
        peer.drain()

    def test_rfc9293_3_5_data_with_the_third_segment_is_readable_at_once(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send(".", data=b"request")
        fd, _ = self.machine.accept(listener)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT)
        self.assertEqual(self.machine.recv(fd), b"request")
        self.machine.advance(1)
        peer.expect(".", ack=8)

    def test_rfc9293_3_10_7_4_fin_with_the_third_segment(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send("F.", data=b"all there is")
        peer.expect(".", ack=14)
        fd, _ = self.machine.accept(listener)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"all there is")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc6298_5_5_syn_ack_is_sent_again_and_given_up(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        first = peer.expect("S.")
        self.machine.advance(120)
        again = peer.drain()
        self.assertEqual({segment.flags for segment in again}, {"S."})
        self.assertTrue(0.5 <= again[0].time - first.time <= 1.5)
        self.assertTrue(1.5 <= again[1].time - again[0].time <= 2.5)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)
        self.assertEqual(self.poll(listener), 0)

    def test_rfc9293_3_10_7_4_syn_again_is_answered_again(self):
        self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.", seq=0, ack=1)
        peer.send("S", seq=0)
        peer.expect("S.", seq=0, ack=1)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 1)

    def test_rfc9293_3_10_7_4_half_open_wrong_ack_is_reset(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send(".", ack=99)
        reset = peer.next()
        self.assertEqual((reset.flags.strip("."), reset.seq), ("R", 99))
        self.assertEqual(self.poll(listener), 0)
        peer.send(".", ack=1)
        self.assertEqual(self.poll(listener), POLLIN)

    def test_rfc9293_3_10_7_4_half_open_reset_returns_to_listen(self):
        listener = self.listening(backlog=1)
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send("R")
        self.assertEqual(self.poll(listener), 0)
        self.assertEqual(self.so_error(listener), 0)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)
        other = Peer(self.machine, port=4001)
        other.send("S")
        other.expect("S.")

    def test_lesson_19_syn_to_a_full_backlog_is_dropped_and_taken_later(self):
        """Dropped without a reset: the client tries again (RFC 9293 3.10.7.2 says nothing of a backlog; Linux drops)."""
        listener = self.listening(backlog=1)
        peer, late = Peer(self.machine), Peer(self.machine, port=4001)
        peer.send("S")
        peer.expect("S.")
        peer.send(".")
        late.send("S")
        late.expect_nothing()
        # It sends it again, while the first one still waits, and after it was accepted.
        late.send("S", seq=0)
        late.expect_nothing()
        self.machine.accept(listener)
        late.send("S", seq=0)
        late.expect("S.", seq=0, ack=1)
        late.send(".")
        _, (_, port) = self.machine.accept(listener)
        self.assertEqual(port, 4001)

    def test_rfc4987_2_half_open_connections_are_limited_and_time_out(self):
        """A flood of SYNs fills one backlog, not the pool: others can connect, and so can this one's in a while."""
        self.listening(backlog=3)
        peers = [Peer(self.machine, port=5000 + i) for i in range(20)]
        for peer in peers:
            peer.send("S")
        self.assertEqual([peer.next() is not None for peer in peers], [True] * 3 + [False] * 17)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 3)
        other = self.listening(port=81)
        self.handshake(Peer(self.machine, our_port=81))
        self.assertEqual(self.poll(other), POLLIN)
        self.machine.advance(60)
        for peer in peers:
            peer.drain()
        self.handshake(Peer(self.machine, port=6000))

    def handshake(self, peer):
        peer.send("S", options={MAX_SEGMENT: 1460})
        peer.expect("S.", ack=1)
        peer.send(".")

    def test_lesson_19_new_connections_do_not_end_established_ones(self):
        """Until there is no more room; then it is the new one that is reset or not answered, and nobody else is hurt."""
        listener = self.listening(backlog=100)
        for number in range(FLOODED):
            self.listening(port=1000 + number, backlog=255)
        peers = []
        while self.machine.stat("pool", "TCP_PCB") == len(peers):
            peer = Peer(self.machine, port=5000 + len(peers))
            self.handshake(peer)
            if (answer := peer.next()) is not None:
                self.assertEqual(answer.flags, "R.")
                break
            peers.append((peer, self.machine.accept(listener)[0]))
        self.assertGreater(len(peers), 3)
        # Half-open ones, which need no socket yet, take what is left of the control blocks.
        number = 0
        while True:
            half_open = Peer(self.machine, port=10000 + number, our_port=1000 + number % FLOODED)
            half_open.send("S")
            if half_open.next() is None:
                break
            number += 1
        self.assertGreater(self.machine.stat("pool", "TCP_PCB"), len(peers))
        for peer, fd in peers:
            peer.send(".", data=b"alive?")
            self.assertEqual(self.machine.recv(fd), b"alive?")
            self.machine.send(fd, b"yes")
            self.assertEqual(peer.expect(".", seq=1, ack=7).data, b"yes")
        peer.send("R")
        self.machine.close_fd(fd)
        self.handshake(Peer(self.machine, port=4000))
        self.assertEqual(self.poll(listener), POLLIN)

    def test_lesson_8_reset_in_the_accept_queue(self):
        """As on Linux it is accepted, and tells why it is dead."""
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send(".", data=b"gone")
        peer.send("R")
        fd, _ = self.machine.accept(listener)
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"gone")
        self.assert_errno("ECONNRESET", self.machine.recv, fd)

    def test_lesson_31_listener_closed_resets_what_waits(self):
        listener = self.listening()
        peer, half = Peer(self.machine), Peer(self.machine, port=4001)
        for each in (peer, half):
            each.send("S")
            each.expect("S.")
        peer.send(".")
        self.machine.close_fd(listener)
        peer.expect("R.", seq=1)
        half.drain()
        self.machine.advance(30)
        half.drain()
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_5_1_half_open_connection_is_found_out(self):
        """Figure 9: the peer has crashed, and opens anew: it is told where we stand, and resets us."""
        peer, fd = self.accepted()
        again = Peer(self.machine, first=500000)
        again.theirs, again.seen = peer.theirs, peer.seen
        again.send("S")
        challenge = again.next()
        self.assertEqual((challenge.flags, challenge.seq), (".", 1))
        self.assertEqual((challenge.ack + again.first - peer.first) & 0xFFFFFFFF, 1)
        peer.send("R", seq=1)
        self.assert_errno("ECONNRESET", self.machine.recv, fd)


if __name__ == "__main__":
    main()
