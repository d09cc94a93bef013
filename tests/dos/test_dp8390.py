"""Our packet driver and a card that fails in every way that the data sheet knows (dp8390.py)."""

import random
import unittest

import dp8390
from dp8390 import BROADCAST, MAC, Machine
from test_pktdrv import assemble

PEER = bytes.fromhex("020000000001")
FRAME_AT, BUFFER_AT = 0x8000, 0x9000
CANT_SEND = 12
NAMES = ("packets_in", "packets_out", "bytes_in", "bytes_out", "errors_in", "errors_out", "lost")

# What the ring takes of the longest frames: 52 pages, of which one stays free, and six for each.
RING_FRAMES = 8


def frame(number, length=1514, to=MAC, kind=b"\x0a\x0a"):
    head = to + PEER + kind + number.to_bytes(4, "big")
    return head + bytes((number + i) & 0xFF for i in range(length - len(head)))


@unittest.skipIf(dp8390.unicorn is None, "needs Unicorn: apt-get install python3-unicorn")
class Chip(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(assemble("pktdrv/ne2000.asm"))
        self.card = self.machine.card
        self.assertEqual(self.machine.status, 0, self.machine.printed)
        self.got = []
        # What the receiver does, by the frames it was asked for: drops, sends, or resets the card.
        self.drops = set()
        self.answers = {}
        self.resets = {}
        self.asked = 0
        receiver = self.machine.stub(b"\xf4\xcb", self.on_receive)
        result = self.machine.call(ax=0x0201, bx=0xFFFF, cx=0, di=receiver)
        self.assertFalse(result["eflags"] & 1)
        self.handle = result["ax"]

    def tearDown(self):
        self.assertEqual(self.card.broken, [])
        self.assertEqual(self.machine.pic.broken, [])
        self.assertEqual(self.machine.pic.in_service, 0)

    def on_receive(self):
        machine = self.machine
        if machine.get("ax") == 0:
            self.asked += 1
            self.length = machine.get("cx")
            machine.set(es=0, di=0 if self.asked in self.drops else BUFFER_AT)
        else:
            self.got.append(bytes(machine.uc.mem_read(machine.get("ds") * 16 + machine.get("si"), machine.get("cx"))))
            if self.asked in self.resets:
                self.resets[self.asked]()
            if self.asked in self.answers:
                self.sent_well = self.send(self.answers[self.asked], interrupts=False)
        # It may clobber the rest.
        machine.set(eax=0xDEADBEEF, ebx=0xDEADBEEF, ecx=0xDEADBEEF, edx=0xDEADBEEF, esi=0xDEADBEEF, ebp=0xDEADBEEF)
        machine.set(ds=0xDEAD, fs=0xDEAD, gs=0xDEAD, eflags=machine.get("eflags") | 0x400)

    def send(self, data, interrupts=True):
        """Returns whether the driver took the frame."""
        self.machine.uc.mem_write(FRAME_AT, data)
        result = self.machine.call(interrupts, ax=0x0400, si=FRAME_AT, cx=len(data))
        if result["eflags"] & 1:
            self.assertEqual(result["dx"] >> 8, CANT_SEND)
            return False
        return True

    def statistics(self):
        result = self.machine.call(ax=0x1800, bx=self.handle)
        data = bytes(self.machine.uc.mem_read(result["ds"] * 16 + result["si"], 28))
        return {name: int.from_bytes(data[4 * i : 4 * i + 4], "little") for i, name in enumerate(NAMES)}

    def counted(self, **wanted):
        statistics = self.statistics()
        self.assertEqual({name: statistics[name] for name in wanted}, wanted)

    def works(self):
        """A frame each way."""
        self.got.clear()
        self.card.sent.clear()
        self.machine.idle(5000)
        self.assertTrue(self.card.receive(frame(77, 100)))
        self.assertTrue(self.send(frame(78, 100)))
        self.machine.idle(5000)
        self.assertEqual(self.got, [frame(77, 100)])
        self.assertEqual(self.card.sent, [frame(78, 100)])

    def fill(self, count):
        """Frames come while interrupts are off. Returns those that are on the card."""
        self.machine.idle(10, interrupts=False)
        return [frame(i) for i in range(count) if self.card.receive(frame(i))]

    # --- in order ---

    def test_loaded_found_its_card_and_freed_its_environment(self):
        self.assertIn("card at 0x0300, IRQ 10, address AC:DE:48:88:99:AB", self.machine.printed)
        self.assertEqual(self.machine.freed, [0xF00])
        self.assertLess(self.machine.resident * 16, 4096)
        self.works()

    def test_frames_of_every_length_pass_as_they_are(self):
        lengths = [60, 61, 62, 63, *range(250, 262), *range(506, 518), 1000, 1513, 1514]
        for length in lengths:
            self.assertTrue(self.card.receive(frame(length, length)))
            self.machine.idle(100)
            self.assertTrue(self.send(frame(length, length)))
            self.machine.idle(2000)
        self.assertEqual([len(data) for data in self.got], lengths)
        self.assertEqual(self.got, [frame(length, length) for length in lengths])
        self.assertEqual(self.card.sent, [frame(length, length) for length in lengths])
        self.counted(packets_in=len(lengths), bytes_in=sum(lengths), packets_out=len(lengths), bytes_out=sum(lengths))

    def test_short_frame_is_padded_with_zeros(self):
        for length in (60, 14, 15, 59):
            self.assertTrue(self.send(frame(1, 60)[:length]))
            self.machine.idle(200)
            self.assertEqual(self.card.sent[-1], frame(1, 60)[:length] + bytes(60 - length))

    def test_burst_is_sent_in_order(self):
        for interrupts in (True, False):
            self.card.sent.clear()
            for i in range(20):
                self.assertTrue(self.send(frame(i), interrupts))
            self.machine.idle(5000)
            self.assertEqual(self.card.sent, [frame(i) for i in range(20)])

    def test_groups_of_the_list_are_received(self):
        groups = [bytes([1, 0, 0x5E, 1, 2, i]) for i in range(16)]
        self.machine.uc.mem_write(FRAME_AT, b"".join(groups))
        self.assertFalse(self.machine.call(ax=0x1600, di=FRAME_AT, cx=96)["eflags"] & 1)
        self.assertFalse(self.card.receive(frame(1, to=groups[0])))
        self.assertFalse(self.machine.call(ax=0x1400, bx=self.handle, cx=4)["eflags"] & 1)
        for group in groups:
            self.assertTrue(self.card.receive(frame(1, to=group)))
            self.machine.idle(5000)
        bits = {dp8390.mar_bit(group) for group in groups}
        others = [bytes([1, 0, 0x5E, 9, 9, i]) for i in range(256)]
        for other in others:
            self.assertEqual(self.card.receive(frame(1, 60, other)), dp8390.mar_bit(other) in bits)
            self.machine.idle(5000)
        self.assertTrue(self.card.receive(frame(1, to=BROADCAST)))

    def test_other_interrupts_come_between_two_frames(self):
        ticks = []
        self.machine.pic.mask &= ~1

        def on_tick():
            ticks.append(len(self.got))
            self.machine.pic.write(0x20, 0x60)

        handler = self.machine.stub(b"\xf4\xcf", on_tick)
        self.machine.uc.mem_write(8 * 4, handler.to_bytes(2, "little") + bytes(2))
        stored = self.fill(RING_FRAMES)
        self.machine.at(self.machine.now + 3000, lambda: self.machine.pic.line(0, True))
        self.machine.idle(50000)
        self.assertEqual(self.got, stored)
        self.assertEqual(len(ticks), 1)
        self.assertIn(ticks[0], range(1, RING_FRAMES))

    # --- the ring runs over ---

    def test_overflow_keeps_what_was_on_the_card_and_goes_on(self):
        stored = self.fill(30)
        self.assertEqual(len(stored), RING_FRAMES)
        self.assertEqual(self.card.overflows, 1)
        self.machine.idle(50000)
        self.assertEqual(self.got, stored)
        # One that made it overflow, and those that the chip counted.
        self.counted(packets_in=RING_FRAMES, lost=30 - RING_FRAMES)
        self.works()

    def test_overflow_again_and_again(self):
        lost = 0
        for _ in range(20):
            self.got.clear()
            stored = self.fill(12)
            lost += 12 - len(stored)
            self.machine.idle(50000)
            self.assertEqual(self.got, stored)
        self.assertEqual(self.card.overflows, 20)
        self.counted(lost=lost)
        self.works()

    def test_overflow_transmission_cut_off_is_sent_again(self):
        self.card.cuts = True
        self.fill(RING_FRAMES + 1)
        self.assertTrue(self.send(frame(50), interrupts=False))
        self.assertTrue(self.send(frame(51), interrupts=False))
        self.machine.idle(50000)
        self.assertEqual(self.card.sent, [frame(50), frame(51)])
        self.counted(packets_out=2, errors_out=0)
        self.works()

    def test_overflow_transmission_that_ends_is_not_sent_again(self):
        self.fill(RING_FRAMES + 1)
        self.assertTrue(self.send(frame(50), interrupts=False))
        self.assertTrue(self.send(frame(51), interrupts=False))
        self.machine.idle(50000)
        self.assertEqual(self.card.sent, [frame(50), frame(51)])
        self.counted(packets_out=2, errors_out=0)
        self.works()

    def test_overflow_what_receivers_send_waits(self):
        for cuts in (False, True):
            self.card.cuts = cuts
            self.card.sent.clear()
            self.answers = {self.asked + 1: frame(60), self.asked + 3: frame(61)}
            self.fill(RING_FRAMES + 1)
            self.machine.idle(50000)
            self.assertEqual(self.card.sent, [frame(60), frame(61)])
            self.assertTrue(self.sent_well)
        self.works()

    def test_overflow_buffers_full_receiver_is_told(self):
        self.answers = {i: frame(60 + i) for i in (1, 2, 3)}
        self.fill(RING_FRAMES + 1)
        before = self.machine.now
        self.machine.idle(40000)
        self.assertFalse(self.sent_well)
        self.assertLess(self.machine.now - before, 60000)
        self.assertEqual(self.card.sent, [frame(61), frame(62)])
        self.works()

    # --- faults ---

    def test_transmission_failed_is_counted_and_the_next_goes_out(self):
        self.card.failed_transmit = 1
        for i in range(3):
            self.assertTrue(self.send(frame(i), interrupts=False))
        self.machine.idle(5000)
        self.assertEqual(self.card.sent, [frame(1), frame(2)])
        self.counted(packets_out=2, errors_out=1)
        self.works()

    def test_transmission_that_never_ends_is_told_and_the_card_started_anew(self):
        for interrupts in (True, False):
            self.card.stuck_transmit = 1
            self.assertTrue(self.send(frame(1), interrupts))
            self.assertTrue(self.send(frame(2), interrupts))
            before = self.machine.now
            self.assertFalse(self.send(frame(3), interrupts))
            self.assertGreater(self.machine.now - before, 200_000)
            self.assertLess(self.machine.now - before, 1_000_000)
            self.works()
        self.counted(errors_out=4)

    def test_remote_dma_that_never_ends_in_sending_is_told(self):
        self.card.stuck_dma = 1
        self.assertFalse(self.send(frame(1)))
        self.counted(errors_out=1, packets_out=0)
        self.works()

    def test_remote_dma_that_never_ends_in_receiving_starts_anew(self):
        for at in (1, 2):
            self.card.stuck_dma = 1
            stored = self.fill(at)
            self.assertEqual(len(stored), at)
            self.machine.idle(100000)
            self.works()
        self.counted(errors_in=2)

    def test_ring_untrue_starts_anew(self):
        ring = self.card.registers[1] * 256
        headers = [b"\1\0\0\0", b"\1\xff\x40\0", b"\1\x4d\x40\0", b"\1\x4e\xff\xff", b"\1\x7f\x40\0", b"\1\x61\xf0\x13"]
        for i, header in enumerate(headers):
            self.got.clear()
            self.fill(1)
            at = self.card.page1[7] - 6 << 8
            self.assertGreaterEqual(at, ring)
            self.card.memory[at : at + 4] = header
            self.machine.idle(20000)
            self.assertEqual(self.got, [])
            self.counted(errors_in=i + 1)
            # A new start begins at the ring's begin.
            self.machine.call(ax=0x0700, bx=self.handle)
        self.works()

    def test_ring_untrue_transmission_under_way_ends_first(self):
        self.fill(1)
        self.card.memory[self.card.registers[1] * 256 + 256 + 1] = 0
        self.assertTrue(self.send(frame(1), interrupts=False))
        self.machine.idle(200)
        self.assertTrue(self.send(frame(2)))
        self.machine.idle(20000)
        self.assertEqual(self.card.sent, [frame(1), frame(2)])
        self.counted(errors_in=1)
        self.works()

    def test_receiver_resets_the_card_in_the_midst(self):
        def reset():
            self.assertFalse(self.machine.call(False, ax=0x0700, bx=self.handle)["eflags"] & 1)

        for count in (1, 3):
            self.resets = {self.asked + 1: reset}
            self.fill(count)
            self.machine.idle(50000)
            self.works()
        self.counted(errors_in=0)

    def test_frame_bad_by_its_status_or_length_is_passed_over(self):
        self.fill(2)
        self.card.memory[(self.card.registers[3] + 1) * 256] = 2
        self.machine.idle(20000)
        self.assertEqual(self.got, [frame(1)])
        self.counted(errors_in=1, packets_in=1)
        self.works()

    def test_tallies_are_added(self):
        for _ in range(150):
            self.card.count(1)
        for _ in range(3):
            self.card.count(0)
            self.card.count(2)
        self.machine.idle(1000)
        self.assertEqual(self.card.tallies, [0, 0, 0])
        self.card.count(1)
        self.counted(errors_in=154, lost=3)

    def test_receiver_off_counts_nothing_lost(self):
        self.machine.call(ax=0x1400, bx=self.handle, cx=1)
        for i in range(140):
            self.assertFalse(self.card.receive(frame(i)))
        self.machine.idle(1000)
        self.counted(lost=0, packets_in=0)
        self.machine.call(ax=0x1400, bx=self.handle, cx=3)
        self.works()

    def test_receiver_drops_the_rest_is_received(self):
        self.drops = {2, 5}
        stored = self.fill(RING_FRAMES)
        self.machine.idle(50000)
        self.assertEqual(self.got, [data for i, data in enumerate(stored, 1) if i not in self.drops])
        self.counted(lost=2)

    def test_terminate_stops_the_card(self):
        self.assertFalse(self.machine.call(ax=0x0500, bx=self.handle)["eflags"] & 1)
        self.assertEqual(self.card.cr & 3, 1)
        self.assertEqual(self.card.imr, 0)
        self.assertEqual(self.machine.pic.mask, 0xFFFF)
        self.assertEqual(self.machine.vector(0x60), (0, 0))
        self.assertEqual(self.machine.vector(0x72), (0, 0))
        self.assertEqual(self.machine.freed, [0xF00, dp8390.PSP])

    def test_terminate_from_a_receiver_is_refused(self):
        results = []

        def on_receive():
            if self.machine.get("ax") == 1:
                results.append(self.machine.call(False, ax=0x0500, bx=self.handle))
            self.machine.set(es=0, di=BUFFER_AT)

        for at, handler in self.machine.halts.items():
            if handler == self.on_receive:
                self.machine.halts[at] = on_receive
        self.card.receive(frame(1))
        self.machine.idle(5000)
        self.assertTrue(results[0]["eflags"] & 1)
        self.assertEqual(results[0]["dx"] >> 8, 7)

    # --- all at once ---

    def test_anything_at_any_time_nothing_is_lost_but_what_is_counted(self):
        for seed in range(12):
            with self.subTest(seed=seed):
                self.setUp()
                self.play(random.Random(seed))
                self.tearDown()

    def play(self, chance):
        machine, card = self.machine, self.card
        stored, taken, missed = [], [], 0
        number = 0
        card.cuts = chance.random() < 0.5

        def arrive():
            nonlocal number, missed
            number += 1
            data = frame(number, chance.choice((60, 61, 300, 1000, 1514)))
            if card.receive(data):
                stored.append(data)
            elif card.cr & dp8390.STP == 0 and card.tcr == 0:
                missed += 1

        for _ in range(60):
            for _ in range(chance.randrange(5)):
                machine.at(machine.now + chance.random() * 3000, arrive)
            what = chance.random()
            if what < 0.5:
                number += 1
                data = frame(number, chance.choice((60, 61, 300, 1514)))
                if self.send(data, chance.random() < 0.7):
                    taken.append(data)
            elif what < 0.6:
                machine.idle(chance.random() * 15000, interrupts=False)
            else:
                machine.idle(chance.random() * 4000)
        machine.idle(100000)
        self.assertEqual(self.got, stored)
        self.assertEqual(card.sent, taken)
        self.counted(packets_in=len(stored), packets_out=len(taken), errors_in=0, errors_out=0, lost=missed)
        self.works()


if __name__ == "__main__":
    unittest.main()
