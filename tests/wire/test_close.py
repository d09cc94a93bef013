"""How connections end: RFC 9293 3.6 and 3.10, and the lessons about it."""

import socket

from kit import *


class Close(WireTest):
    def test_rfc9293_3_6_peer_closes_first(self):
        peer, fd = self.accepted()
        peer.send("F.")
        peer.expect(".", ack=2)
        self.assertEqual(self.machine.state(fd), "CLOSE_WAIT")
        self.assertEqual(self.machine.recv(fd), b"")
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1, ack=2)
        peer.send(".")
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_6_we_close_first(self):
        peer, fd = self.accepted()
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1, ack=1)
        peer.send(".")
        peer.send("F.")
        peer.expect(".", ack=2)
        # TIME_WAIT answers a FIN that is sent again (RFC 9293 3.10.7.4).
        peer.send("F.", seq=1)
        peer.expect(".", ack=2)
        self.machine.advance(250)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_5_simultaneous_close(self):
        peer, fd = self.accepted()
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1, ack=1)
        peer.send("F.", ack=1)
        peer.expect(".", ack=2)
        peer.send(".")
        peer.expect_nothing()
        self.machine.advance(250)
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_5_simultaneous_close_with_data(self):
        """What comes with the peer's FIN is still read, and what we sent is acknowledged after it."""
        peer, fd = self.accepted()
        self.machine.send(fd, b"ours")
        self.assertEqual(peer.expect(".", seq=1).data, b"ours")
        self.machine.shutdown(fd, socket.SHUT_WR)
        peer.expect("F.", seq=5, ack=1)
        peer.send("F.", ack=1, data=b"theirs")
        peer.expect(".", ack=8)
        self.assertEqual(self.machine.recv(fd), b"theirs")
        self.assertEqual(self.machine.recv(fd), b"")
        peer.send(".")
        self.machine.advance(250)
        peer.expect_nothing()
        self.assertEqual(self.machine.stat("pool", "TCP_PCB"), 0)

    def test_rfc9293_3_6_fin_with_data_after_ours(self):
        """It is acknowledged, though nobody holds the connection any more: else the peer sends it again for minutes."""
        peer, fd = self.accepted()
        self.machine.shutdown(fd, socket.SHUT_WR)
        peer.expect("F.", seq=1)
        peer.send(".")
        peer.send("F.", data=b"answer")
        peer.expect(".", seq=2, ack=8)
        self.assertEqual(self.machine.recv(fd), b"answer")
        self.assertEqual(self.machine.recv(fd), b"")

    def test_rfc9293_3_10_7_fin_with_data(self):
        peer, fd = self.accepted()
        peer.send("F.", data=b"last words")
        peer.expect(".", ack=12)
        self.assertEqual(self.machine.recv(fd), b"last words")
        self.assertEqual(self.machine.recv(fd), b"")
        self.machine.close_fd(fd)
        peer.expect("F.", seq=1, ack=12)
        peer.send(".")

    def test_lesson_24_data_before_a_reset_is_readable(self):
        peer, fd = self.accepted()
        peer.send(".", data=b"last words")
        peer.send("R")
        self.assertEqual(self.machine.recv(fd), b"last words")
        self.assert_errno("ECONNRESET", self.machine.recv, fd)
        self.assertEqual(self.machine.recv(fd), b"")

    def test_lesson_20_linger_0_sends_a_reset(self):
        peer, fd = self.accepted()
        self.machine.linger(fd, 1, 0)
        self.machine.close_fd(fd)
        peer.expect("R.", seq=1)

    def test_rfc1122_4_2_2_13_close_with_unread_data_resets(self):
        peer, fd = self.accepted()
        peer.send(".", data=b"nobody reads this")
        self.machine.close_fd(fd)
        # lwIP sends an ACK that it owes before.
        self.assertEqual([segment.flags for segment in peer.drain()], [".", "R."])


if __name__ == "__main__":
    main()
