"""TCP's options: RFC 9293 3.1 and 3.2, RFC 2018, RFC 7323."""

from kit import *


class Options(WireTest):
    def test_rfc7323_2_2_no_scaling_unless_both_have_it(self):
        self.listening()
        for port, options in ((4000, {MAX_SEGMENT: 1460}), (4001, {MAX_SEGMENT: 1460, WINDOW_SCALE: 7})):
            peer = Peer(self.machine, port=port)
            peer.send("S", options=options)
            answer = peer.expect("S.")
            self.assertEqual(WINDOW_SCALE in answer.options, WINDOW_SCALE in options)
            # The window of a SYN is never scaled.
            self.assertEqual(answer.window, 65535)

    def test_rfc7323_2_3_windows_are_scaled_after_the_handshake(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1460, WINDOW_SCALE: 3}, window=250)
        self.machine.send(fd, bytes(5 * 1460))
        self.assertEqual(sum(len(segment.data) for segment in peer.drain()), 250 << 3)
        peer.send(".", window=500)
        self.assertEqual(sum(len(segment.data) for segment in peer.drain()), 500 << 3)

    def test_rfc7323_2_3_own_windows_are_scaled_after_the_handshake(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1460, WINDOW_SCALE: 0})
        peer.send(".", data=b"x")
        self.machine.advance(0.5)
        window = peer.expect(".").window << self.own_shift()
        # 64 KB are not all that there is.
        self.assertGreater(window, 65535)

    def own_shift(self):
        fd, _, syn = self.connecting()
        self.machine.close_fd(fd)
        return syn.options[WINDOW_SCALE]

    def test_rfc7323_2_3_shift_above_14_counts_as_14(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1460, WINDOW_SCALE: 200})
        # 1 << 14 is room for eleven segments, of which the congestion window lets a few go.
        peer.send(".", window=1)
        self.machine.send(fd, bytes(1460))
        self.assertEqual(len(peer.expect(".", seq=1).data), 1460)

    def test_rfc2018_4_sack_tells_what_is_out_of_order_newest_first(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1460, SACK_PERMITTED: None})
        blocks = []
        for seq in (11, 31, 51):
            peer.send(".", seq=seq, data=b"0123456789")
            blocks.insert(0, (seq, seq + 10))
            self.assertEqual(self.sack(peer), blocks)
        # What lies between becomes one block with its neighbours, and the first.
        peer.send(".", seq=21, data=b"0123456789")
        self.assertEqual(self.sack(peer), [(11, 41), (51, 61)])
        peer.send(".", data=b"0123456789")
        self.assertEqual(self.sack(peer, 41), [(51, 61)])
        peer.send(".", seq=41, data=b"0123456789")
        self.assertNotIn(SACK, peer.expect(".", ack=61).options)

    def sack(self, peer, ack=1):
        option = peer.expect(".", ack=ack).options[SACK]
        return [tuple((edge - peer.first) & 0xFFFFFFFF for edge in block) for block in option]

    def test_rfc2018_2_no_sack_without_permission(self):
        peer, fd = self.accepted()
        peer.send(".", seq=11, data=b"0123456789")
        self.assertEqual(peer.expect(".", ack=1).options, {})

    def test_rfc2018_2_what_is_reported_may_be_ignored_and_is_sent_again(self):
        """lwIP reports, but does not use reports: RFC 2018 5.1 lets a sender do so."""
        peer, fd = self.accepted(options={MAX_SEGMENT: 1460, SACK_PERMITTED: None})
        self.machine.send(fd, bytes(2920))
        self.assertEqual(len(peer.drain()), 2)
        theirs = peer.theirs
        peer.send(".", ack=1, options={SACK: [(theirs + 1461, theirs + 2921)]})
        self.machine.advance(2)
        peer.expect(".", seq=1)
        peer.send(".", ack=2921)
        peer.drain()

    def test_rfc9293_3_1_unknown_options_are_skipped(self):
        """MUST-6: whatever they are, and in any segment (MUST-5)."""
        peer, fd = self.accepted(options={253: b"\xfd\x06abcd", MAX_SEGMENT: 1000})
        peer.send(".", data=b"x", options={253: b"\xfd\x04ab"})
        self.assertEqual(self.machine.recv(fd), b"x")
        self.machine.send(fd, bytes(1000))
        self.assertEqual(len(peer.expect(".", seq=1).data), 1000)

    def test_rfc9293_3_1_options_of_a_wrong_length_do_no_harm(self):
        """Length 0, 1, beyond the header, cut short by its end: MUST-7 asks not to crash."""
        broken = (
            b"\xfd\x00\x01\x01",
            b"\xfd\x01\x01\x01",
            b"\xfd\xff\x01\x01",
            b"\x01\x01\x01\xfd",
            b"\x01\x01\x01\x02",
            b"\x02\x00\x00\x00",
            b"\x02\x05\x05\xb4",
            b"\x01\x01\x02\x04",
            b"\x01\x01\x03\x03",
            b"\x03\xff\x07\x00",
            b"\x04\x00\x01\x01",
            b"\x05\x0a\x00\x00",
            b"\x08\x0a\x00\x00",
        )
        for port, option in enumerate(broken, 5000):
            with self.subTest(option=option.hex()):
                peer, fd = self.accepted(port=port, options={253: option})
                peer.send(".", data=b"still here", options={253: option})
                self.assertEqual(self.machine.recv(fd), b"still here")
                self.machine.send(fd, b"x")
                self.assertEqual(peer.expect(".", seq=1).data, b"x")
                peer.send("R")
                self.machine.close_fd(fd)

    def test_rfc9293_3_2_options_after_the_end_are_not_read(self):
        peer, fd = self.accepted(options={MAX_SEGMENT: 1000, 0: b"\0\x02\x04\x01\x00\0\0\0"})
        self.machine.send(fd, bytes(1000))
        self.assertEqual(len(peer.expect(".", seq=1).data), 1000)


if __name__ == "__main__":
    main()
