"""Resets and SYNs in every state: RFC 9293 3.5.2, 3.5.3 and 3.10.7, RFC 5961 3 and 4, RFC 1337."""

import errno
import socket

from kit import *

# States with a connection, in which segments have to fit the window.
SYNCHRONISED = ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK")

# All that poll() can say of a stream that is gone.
DEAD = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP


class ResetTest(WireTest):
    def reach(self, state, version=4, **peer_options):
        """A connection in a state. Where both sides have closed, its socket does not know it any more."""
        peer, fd = self.accepted(version, **peer_options)
        if state in ("CLOSE_WAIT", "LAST_ACK"):
            peer.send("F.")
            peer.expect(".", ack=2)
        if state not in ("ESTABLISHED", "CLOSE_WAIT"):
            self.machine.shutdown(fd, socket.SHUT_WR)
            peer.expect("F.", seq=1)
        if state == "CLOSING":
            peer.send("F.", ack=1)
            peer.expect(".", seq=2, ack=2)
        if state in ("FIN_WAIT_2", "TIME_WAIT"):
            peer.send(".")
        if state == "TIME_WAIT":
            peer.send("F.")
            peer.expect(".", seq=2, ack=2)
        if state not in ("CLOSING", "LAST_ACK", "TIME_WAIT"):
            self.assertEqual(self.machine.state(fd), state)
        return peer, fd

    def each(self, states):
        """Each state, and a port of its own for it."""
        return zip(states, range(5000, 6000))

    def pcbs(self):
        return self.machine.stat("pool", "TCP_PCB")


class Reset(ResetTest):
    def test_rfc9293_3_10_7_4_expected_next_ends_the_connection(self):
        for version in (4, 6):
            for state, port in self.each(SYNCHRONISED):
                peer, fd = self.reach(state, version, port=port)
                self.assertEqual(self.pcbs(), 1)
                peer.send("R")
                peer.expect_nothing()
                self.assertEqual(self.pcbs(), 0)
                self.machine.close_fd(fd)

    def test_rfc9293_3_10_7_4_of_a_closed_socket_ends_the_connection(self):
        for state, port in self.each(SYNCHRONISED):
            peer, fd = self.reach(state, port=port)
            self.machine.close_fd(fd)
            peer.drain()
            self.assertEqual(self.pcbs(), 1)
            peer.send("R")
            self.assertEqual(self.pcbs(), 0)

    def test_rfc5961_3_2_elsewhere_in_the_window_is_challenged(self):
        """MUST: with an ACK, whose answer is a reset at the right place, if the peer means it."""
        for state, port in self.each(SYNCHRONISED):
            peer, fd = self.reach(state, port=port)
            for offset in (1, 1000, 65000):
                peer.send("R", seq=peer.sent + offset)
                challenge = peer.expect(".", seq=peer.seen, ack=peer.sent)
                self.assertEqual(self.pcbs(), 1)
            peer.send("R", seq=challenge.ack)
            self.assertEqual(self.pcbs(), 0)
            self.machine.close_fd(fd)

    def test_rfc5961_3_2_outside_the_window_is_dropped(self):
        """Silently."""
        for state, port in self.each(SYNCHRONISED):
            peer, fd = self.reach(state, port=port)
            for offset in (-1, -1000, 65537, 1000000, 1 << 31):
                peer.send("R", seq=peer.sent + offset)
                peer.send("R.", seq=peer.sent + offset)
            peer.expect_nothing()
            self.assertEqual(self.pcbs(), 1)
            peer.send("R")
            self.machine.close_fd(fd)

    def test_rfc5961_3_2_after_the_wrap_of_sequence_numbers(self):
        peer, fd = self.accepted(first=0xFFFFFFFE)
        peer.send("R", seq=0)
        peer.send("R", seq=1 + 100)
        peer.expect(".", ack=1)
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")
        peer.send("R", seq=1)
        self.assert_errno("ECONNRESET", self.machine.recv, fd)

    def test_rfc9293_3_10_7_4_what_it_acknowledges_does_not_matter(self):
        """Nor its data (RFC 1122 4.2.2.12)."""
        for port, fields in enumerate(({"ack": 1}, {"ack": 12345}, {"data": b"a reason, in words"}), 5000):
            peer, fd = self.accepted(port=port)
            peer.send("R.", **fields)
            peer.expect_nothing()
            self.assert_errno("ECONNRESET", self.machine.recv, fd)
            self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc1337_3_time_wait_ignores_it(self):
        peer, fd = self.reach("TIME_WAIT")
        for offset in (0, 1, -1, 70000):
            peer.send("R", seq=peer.sent + offset)
        peer.expect_nothing()
        self.assertEqual(self.pcbs(), 1)
        peer.send("F.", seq=1)
        peer.expect(".", seq=2, ack=2)

    def test_rfc9293_3_10_7_3_syn_sent_without_the_ack_bit_the_number_counts(self):
        """As README.md says; the RFC drops it. A wrong number does no harm in either case."""
        fd, peer, _ = self.connecting()
        for ack in (0, 2, 1 << 31):
            peer.send("R", seq=0, ack=ack)
            self.assertEqual(self.machine.state(fd), "SYN_SENT")
        peer.send("R", seq=0, ack=1)
        self.assertEqual(self.so_error(fd), errno.ECONNREFUSED)

    def test_rfc5961_3_2_half_open_elsewhere_in_the_window_does_no_harm(self):
        listener = self.listening()
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        for offset in (1000, -1, 70000):
            peer.send("R", seq=1 + offset)
        self.assertEqual({segment.flags for segment in peer.drain()}, {"."})
        peer.send(".")
        self.assertEqual(self.poll(listener), POLLIN)

    def test_rfc9293_3_10_7_2_listening_does_not_hear_of_it(self):
        listener = self.listening()
        for flags in ("R", "R.", "SR", "SR."):
            Peer(self.machine).send(flags)
        self.assertEqual(self.poll(listener), 0)
        self.assertEqual(self.so_error(listener), 0)
        self.assertEqual(self.pcbs(), 0)


class Error(ResetTest):
    """What the socket says: as on Linux."""

    def test_lesson_10_poll_and_so_error_after_a_reset(self):
        for state, port in self.each(("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2")):
            peer, fd = self.reach(state, port=port)
            peer.send("R")
            self.assertEqual(self.poll(fd), DEAD)
            self.assertEqual(self.so_error(fd), errno.ECONNRESET)
            self.assertEqual(self.so_error(fd), 0)
            self.assertEqual(self.poll(fd), DEAD & ~POLLERR)

    def test_lesson_24_data_is_readable_then_econnreset_once(self):
        for state, port in self.each(("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2")):
            peer, fd = self.reach(state, port=port)
            peer.send(".", data=b"last ")
            peer.send(".", data=b"words")
            peer.send("R")
            peer.drain()
            self.assertEqual(self.machine.recv(fd, 5), b"last ")
            self.assertEqual(self.machine.recv(fd), b"words")
            self.assert_errno("ECONNRESET", self.machine.recv, fd)
            self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_4_send_is_econnreset_once_then_epipe(self):
        peer, fd = self.accepted()
        peer.send("R")
        self.assert_errno("ECONNRESET", self.machine.send, fd, b"x")
        self.assert_errno("EPIPE", self.machine.send, fd, b"x")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_4_close_wait_is_epipe(self):
        """Who has said good-bye and resets then broke the pipe; the end of the stream stays an end."""
        peer, fd = self.reach("CLOSE_WAIT")
        peer.send("R")
        self.assertEqual(self.poll(fd), DEAD)
        self.assertEqual(self.machine.recv(fd), b"")
        self.assertEqual(self.so_error(fd), errno.EPIPE)
        self.assert_errno("EPIPE", self.machine.send, fd, b"x")

    def test_rfc9293_3_10_7_4_both_closed_is_not_told(self):
        """As README.md says; Linux has ECONNRESET for SO_ERROR. To a reader the end of the stream is the same."""
        for state, port in self.each(("CLOSING", "LAST_ACK")):
            peer, fd = self.reach(state, port=port)
            peer.send("R")
            self.assertEqual(self.machine.recv(fd), b"")
            self.assertEqual(self.so_error(fd), 0)
            self.assert_errno("EPIPE", self.machine.send, fd, b"x")

    def test_lesson_24_close_wait_data_is_readable(self):
        peer, fd = self.accepted()
        peer.send("F.", data=b"last words")
        peer.expect(".", ack=12)
        peer.send("R")
        self.assertEqual(self.machine.recv(fd), b"last words")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_lesson_25_getpeername_after_a_reset_is_enotconn(self):
        peer, fd = self.accepted()
        peer.send("R")
        self.assert_errno("ENOTCONN", self.machine.getpeername, fd)
        self.assertEqual(self.machine.getsockname(fd), [str(OURS[4]), "80"])

    def test_rfc9293_3_10_7_4_what_waited_to_be_sent_is_freed(self):
        peer, fd = self.accepted(window=1000)
        self.machine.send(fd, bytes(50000))
        peer.drain()
        peer.send("R")
        self.machine.advance(1000)
        peer.expect_nothing()
        self.assertEqual(self.machine.stat("pool", "TCP_SEG"), 0)


class Syn(ResetTest):
    def test_rfc5961_4_2_is_challenged_wherever_it_stands(self):
        """MUST: an ACK, whatever the number."""
        for state, port in self.each(SYNCHRONISED):
            peer, fd = self.reach(state, port=port)
            before = peer.sent
            for flags in ("S", "S.", "SF"):
                for offset in (0, 1, 1000, 70000, -1, -100000):
                    peer.send(flags, seq=before + offset)
                    peer.expect(".", seq=peer.seen, ack=before)
            self.assertEqual(self.pcbs(), 1)
            # A peer that has crashed answers by a reset where the challenge says.
            peer.send("R", seq=before)
            self.assertEqual(self.pcbs(), 0)
            self.machine.close_fd(fd)

    def test_rfc5961_4_2_does_not_disturb_the_stream(self):
        peer, fd = self.accepted()
        for offset in (0, 5):
            peer.send("S", seq=1 + offset, data=b"evil", options={MAX_SEGMENT: 100})
            peer.expect(".", seq=1, ack=1)
        peer.send(".", data=b"good")
        self.assertEqual(self.machine.recv(fd), b"good")
        self.machine.send(fd, bytes(1460))
        self.assertEqual(len(peer.expect(".", seq=1).data), 1460)

    def test_rfc5961_4_2_time_wait_is_challenged(self):
        """Not reset: an honest peer would be refused."""
        peer, fd = self.reach("TIME_WAIT")
        for offset in (0, 1000, 70000, -1000):
            peer.send("S", seq=2 + offset)
            peer.expect(".", seq=2, ack=2)
        self.assertEqual(self.pcbs(), 1)

    def test_rfc9293_3_6_1_time_wait_ends_and_a_syn_is_taken(self):
        peer, fd = self.reach("TIME_WAIT")
        self.machine.close_fd(fd)
        self.machine.advance(121)
        self.listening()
        again = Peer(self.machine, first=500000)
        again.send("S")
        again.expect("S.", ack=1)


if __name__ == "__main__":
    main()
