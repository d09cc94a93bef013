"""Keep-alive: RFC 9293 3.8.4, and TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT as Linux has them."""

import socket

from kit import *

IDLE, INTERVAL, COUNT = 60, 10, 3


class KeepAlive(WireTest):
    def idle(self, version=4, on=1):
        """A connection with keep-alive."""
        peer, fd = self.accepted(version)
        for option, value in (
            (socket.TCP_KEEPIDLE, IDLE),
            (socket.TCP_KEEPINTVL, INTERVAL),
            (socket.TCP_KEEPCNT, COUNT),
        ):
            self.machine.setsockopt(fd, socket.IPPROTO_TCP, option, value)
        self.machine.setsockopt(fd, socket.SOL_SOCKET, socket.SO_KEEPALIVE, on)
        return peer, fd

    def expect_probe(self, peer):
        """3.8.4: one before what comes next, with nothing or one byte that the peer has had (MUST-68)."""
        probe = peer.expect(".", seq=peer.seen - 1, ack=peer.sent)
        self.assertLessEqual(len(probe.data), 1)
        return probe

    def test_rfc9293_3_8_4_off_by_default(self):
        """MUST-25. Another connection has it, so that the clock is looked at."""
        other, _ = self.idle()
        peer, fd = self.accepted(port=4001)
        for _ in range(3 * 3600 // IDLE):
            self.machine.advance(IDLE + 2)
            self.expect_probe(other)
            other.send(".")
        peer.expect_nothing()
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")

    def test_rfc9293_3_8_4_default_is_two_hours(self):
        """MUST-28: no less; 75 seconds between probes and nine of them, as on Linux."""
        peer, fd = self.accepted()
        self.machine.setsockopt(fd, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        began = self.machine.now
        self.machine.advance(2 * 3600 - 1)
        peer.expect_nothing()
        self.machine.advance(20 * 60)
        *probes, reset = peer.drain()
        self.assertTrue(0 <= probes[0].time - began - 2 * 3600 <= 1.5)
        self.assertEqual(len(probes), 9)
        for earlier, later in zip(probes, probes[1:]):
            self.assertTrue(74 <= later.time - earlier.time <= 76)
        self.assertEqual(reset.flags, "R.")

    def test_rfc9293_3_8_4_probe_after_the_idle_time(self):
        for version in (4, 6):
            peer, fd = self.idle(version)
            began = self.machine.now
            self.machine.advance(IDLE - 1)
            peer.expect_nothing()
            self.machine.advance(3)
            self.assertTrue(0 <= self.expect_probe(peer).time - began - IDLE <= 1.5)
            peer.send("R")
            self.machine.close_fd(fd)

    def test_rfc9293_3_8_4_answered_probes_go_on_for_ever(self):
        """MUST-26: the interval is that of the idle time again."""
        peer, fd = self.idle()
        for _ in range(20):
            self.machine.advance(IDLE + 2)
            self.expect_probe(peer)
            peer.send(".")
            peer.expect_nothing()
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_8_4_one_answer_of_several_is_enough(self):
        """MUST-29: a probe that is lost says nothing."""
        peer, fd = self.idle()
        for _ in range(5):
            self.machine.advance(IDLE + (COUNT - 1) * INTERVAL + 2)
            self.assertEqual(len(peer.drain()), COUNT)
            peer.send(".")
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_8_4_data_puts_it_off(self):
        """MUST-27: only when nothing comes."""
        peer, fd = self.idle()
        for _ in range(10):
            self.machine.advance(IDLE - 5)
            peer.send(".", data=b"x")
            self.machine.advance(0.5)
            peer.expect(".", ack=peer.sent)
        self.assertEqual(len(self.machine.recv(fd)), 10)

    def test_rfc9293_3_8_4_no_answer_is_etimedout(self):
        peer, fd = self.idle()
        peer.send(".", data=b"x")
        self.machine.advance(0.5)
        peer.expect(".", ack=2)
        began = self.machine.now
        self.machine.advance(IDLE + COUNT * INTERVAL + 5)
        probes = peer.drain()
        reset = probes.pop()
        self.assertEqual([(probe.flags, probe.seq, probe.ack) for probe in probes], [(".", 0, 2)] * COUNT)
        for i, probe in enumerate(probes):
            self.assertTrue(-1 <= probe.time - began - IDLE - i * INTERVAL <= 1.5)
        # The last one has its time, too.
        self.assertTrue(-1 <= reset.time - began - IDLE - COUNT * INTERVAL <= 1.5)
        self.assertEqual((reset.flags, reset.seq), ("R.", 1))
        self.assertEqual(self.poll(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP)
        self.assertEqual(self.machine.recv(fd), b"x")
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)
        self.assertEqual(self.machine.recv(fd), b"")
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_8_4_reset_for_an_answer_is_econnreset(self):
        """The peer has crashed and knows nothing of us."""
        peer, fd = self.idle()
        self.machine.advance(IDLE + 2)
        probe = self.expect_probe(peer)
        peer.send("R", seq=probe.ack)
        self.assert_errno("ECONNRESET", self.machine.recv, fd)

    def test_rfc9293_3_8_4_switched_on_late(self):
        """Time that was idle before counts."""
        peer, fd = self.idle(on=0)
        self.machine.advance(IDLE - 5)
        self.machine.setsockopt(fd, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.machine.advance(7)
        self.expect_probe(peer)

    def test_rfc9293_3_8_4_switched_off(self):
        peer, fd = self.idle()
        self.machine.advance(IDLE + 2)
        self.expect_probe(peer)
        self.machine.setsockopt(fd, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
        self.machine.advance(1000)
        peer.expect_nothing()
        self.assertEqual(self.poll(fd), POLLOUT)

    def test_rfc9293_3_8_4_listener_hands_it_down(self):
        listener = self.listening()
        for option, value in (
            (socket.TCP_KEEPIDLE, IDLE),
            (socket.TCP_KEEPINTVL, INTERVAL),
            (socket.TCP_KEEPCNT, COUNT),
        ):
            self.machine.setsockopt(listener, socket.IPPROTO_TCP, option, value)
        self.machine.setsockopt(listener, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        peer = Peer(self.machine)
        peer.send("S")
        peer.expect("S.")
        peer.send(".")
        fd, _ = self.machine.accept(listener)
        self.machine.advance(IDLE + COUNT * INTERVAL + 5)
        self.assertEqual(len(peer.drain()), COUNT + 1)
        self.assert_errno("ETIMEDOUT", self.machine.recv, fd)

    def test_rfc9293_3_8_4_after_the_peers_fin(self):
        """We may go on sending (CLOSE_WAIT), and want to know whether the peer is there."""
        peer, fd = self.idle()
        peer.send("F.")
        peer.expect(".", ack=2)
        self.machine.advance(IDLE + COUNT * INTERVAL + 5)
        self.assertEqual(len(peer.drain()), COUNT + 1)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_8_4_answers_count_after_shutdown_of_reading(self):
        peer, fd = self.idle()
        self.machine.shutdown(fd, socket.SHUT_RD)
        for _ in range(5):
            self.machine.advance(IDLE + 2)
            self.expect_probe(peer)
            peer.send(".")
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")

    def test_rfc9293_3_8_4_data_in_flight_is_probe_enough(self):
        """MUST-27: what is not acknowledged is sent again, and has its own time-out."""
        peer, fd = self.idle()
        self.machine.send(fd, b"lost")
        peer.expect(".", seq=1)
        self.machine.advance(2 * (IDLE + COUNT * INTERVAL))
        self.assertEqual({(segment.flags.strip("P"), segment.data) for segment in peer.drain()}, {(".", b"lost")})
        self.assertEqual(self.machine.state(fd), "ESTABLISHED")

    def test_rfc9293_3_8_4_probe_of_the_peers_is_answered(self):
        """With and without a byte of rubbish (MUST-30)."""
        peer, fd = self.accepted()
        for data in (b"", b"?"):
            peer.send(".", seq=0, data=data)
            peer.expect(".", seq=1, ack=1)
        self.assertEqual(self.poll(fd), POLLOUT)


if __name__ == "__main__":
    main()
