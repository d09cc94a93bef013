"""A PC with an NE2000 card, as far as a packet driver needs one; the processor is Unicorn's.

No emulator at hand lets its card overflow, lose an interrupt, or be cut off in a transmission. This one does what
National Semiconductor's DP8390D data sheet says, and takes down each time when a driver does not ("broken"), above all
in the sequence of application note 475 after an overflow. Time is counted, not measured: all runs are the same.
"""

import heapq
import itertools
import sys

# Debian's packages, for a Python that is not Debian's.
sys.path.append("/usr/lib/python3/dist-packages")

try:
    import unicorn
    from unicorn import x86_const as x86
except ImportError:
    unicorn = None

BASE, IRQ = 0x300, 10
MAC = bytes.fromhex("acde488899ab")
BROADCAST = bytes([255] * 6)

RAM, RAM_END = 0x4000, 0x8000
STP, STA, TXP = 1, 2, 4
PRX, PTX, RXE, TXE, OVW, CNT, RDC, RST = (1 << bit for bit in range(8))
MONITOR = 0x20

INSTRUCTION_US, PORT_US = 0.25, 1.0
STOP_US = 1600
TIMER_MHZ = 1.193182

# Far beyond what a call takes; a driver that goes on for so long hangs.
INSTRUCTIONS_MAX = 8_000_000

PSP, CALL_INTERRUPT = 0x1000, 0x60
STACK = 0x7000
STUBS = 0x6000
HALT = 0xF4


def mar_bit(group):
    crc = 0xFFFFFFFF
    for byte in group:
        for bit in range(8):
            carry = (crc >> 31) ^ ((byte >> bit) & 1)
            crc = (crc << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if carry else 0)
    return crc >> 26


class Card:
    """The chip, its memory, and the wire: sent holds what went out, receive() brings a frame in."""

    def __init__(self, machine):
        self.machine = machine
        self.memory = bytearray(0x10000)
        self.memory[:32] = bytes(b for byte in MAC for b in (byte, byte)) + b"W" * 20
        self.broken = []
        self.sent = []
        # What goes wrong next, by how often.
        self.stuck_transmit = self.stuck_dma = self.failed_transmit = 0
        # Whether a stop cuts a transmission off, or lets it end.
        self.cuts = False
        self.overflows = 0
        self.reset()

    def reset(self):
        self.cr, self.isr, self.imr, self.rcr, self.tcr, self.dcr = 0x21, RST, 0, 0, 0, 0
        self.registers = bytearray(16)
        self.page1 = bytearray(16)
        self.tallies = [0, 0, 0]
        self.dma = None
        self.transmission = None
        self.recovery = None

    def book(self, holds, rule):
        if not holds:
            self.broken.append(rule)

    def update(self):
        self.machine.pic.line(IRQ, bool(self.isr & self.imr & 0x7F))

    # --- ports ---

    def read(self, port, size):
        page = self.cr >> 6
        if port == 0x10:
            return self.data_read(size)
        self.book(size == 1, "registers have 8 bits")
        if port == 0x1F:
            self.reset()
            self.update()
            return 0
        if port == 0:
            return self.cr
        if page == 1:
            return self.page1[port]
        self.book(page == 0, "only pages 0 and 1 are known")
        if port == 7:
            return self.isr
        if 0xD <= port <= 0xF:
            tally, self.tallies[port - 0xD] = self.tallies[port - 0xD], 0
            return tally
        return self.registers[port] if port == 3 else 0

    def write(self, port, value, size):
        page = self.cr >> 6
        if port == 0x10:
            self.data_write(value, size)
            return
        self.book(size == 1, "registers have 8 bits")
        if port == 0x1F:
            return
        if port == 0:
            self.command(value)
        elif page == 1:
            if port == 7:
                self.book(self.cr & STP, "CURR is set while the chip is stopped")
                self.recovery = None
            self.page1[port] = value
        else:
            self.registers[port] = value
            named = {0x3: self.set_bnry, 0x7: self.acknowledge, 0xC: self.set_rcr, 0xD: self.set_tcr, 0xF: self.set_imr}
            if port in named:
                named[port](value)
            elif port in (0xA, 0xB) and self.recovery and not self.recovery.get("started"):
                self.book(self.stopped_long(), "RBCR is cleared 1.6 ms after the stop")
                self.recovery["cleared"] = True

    def set_imr(self, value):
        self.imr = value
        self.update()

    def set_rcr(self, value):
        self.rcr = value

    def command(self, value):
        if value & STP and not self.cr & STP:
            self.stop()
        if value & STA and self.cr & STP and not value & STP:
            self.start()
        if value & TXP:
            self.transmit()
        self.cr = value & ~TXP | (TXP if self.transmission else 0)
        action = value >> 3 & 7
        if action == 4:
            self.dma = None
        elif action in (1, 2):
            self.book(self.dma is None, "a remote DMA begins when none is under way")
            self.book(not self.cr & STP, "a remote DMA needs the chip started")
            if action == 1 and self.recovery is not None:
                self.book(self.recovery.get("started"), "nothing is read after an overflow before the chip was stopped")
            length = self.registers[0xA] | self.registers[0xB] << 8
            self.book(length and length % 2 == 0, "a remote DMA of words is even, and not empty")
            self.dma = [action, self.registers[8] | self.registers[9] << 8, length]
        else:
            self.book(not value & 0x38 or action == 0, "remote DMA commands are 1, 2 and 4")

    # --- remote DMA ---

    def data(self, size, action):
        if self.dma is None or self.dma[0] != action or size != 2:
            self.broken.append("data is read or written in words, as the command says")
            return None
        at = self.dma[1]
        self.dma[1] += 2
        if self.dma[1] == self.registers[2] << 8:
            self.dma[1] = self.registers[1] << 8
        self.dma[2] -= 2
        if self.dma[2] == 0:
            self.dma = None
            if self.stuck_dma:
                self.stuck_dma -= 1
            else:
                self.isr |= RDC
                self.update()
        return at

    def data_read(self, size):
        at = self.data(size, 1)
        return 0xFFFF if at is None else self.memory[at] | self.memory[at + 1] << 8

    def data_write(self, value, size):
        at = self.data(size, 2)
        if at is not None:
            self.book(RAM <= at < self.registers[1] << 8, "only buffers to be sent are written")
            self.memory[at : at + 2] = value.to_bytes(2, "little")

    # --- stop and start, and the sequence after an overflow ---

    def stop(self):
        self.isr |= RST
        if self.recovery is not None:
            self.recovery["stopped"] = self.machine.now
        if self.cuts or self.transmission == "stuck":
            self.transmission = None

    def stopped_long(self):
        return self.recovery.get("stopped", self.machine.now) + STOP_US <= self.machine.now

    def start(self):
        self.isr &= ~RST
        if self.recovery is not None:
            self.book(self.stopped_long(), "the chip stays stopped for 1.6 ms")
            self.book(self.recovery.get("cleared"), "RBCR is cleared before the chip is started")
            self.book(self.recovery.get("loop"), "the chip is started in loopback")
            self.recovery["started"] = True

    def set_tcr(self, value):
        if self.recovery is not None and value == 0:
            self.book(self.recovery.get("acknowledged"), "OVW is cleared before loopback ends")
            self.recovery = None
        elif self.recovery is not None:
            self.recovery["loop"] = True
        self.tcr = value

    def set_bnry(self, _):
        if self.recovery is not None:
            self.recovery["removed"] = True

    def acknowledge(self, value):
        if value & OVW and self.recovery is not None and self.recovery.get("started"):
            self.book(self.recovery.get("removed"), "a frame is removed before OVW is cleared")
            self.recovery["acknowledged"] = True
        elif value & OVW and value != 0xFF:
            self.book(self.recovery is None, "OVW is cleared after the chip was stopped")
        self.isr &= ~value | RST
        self.update()

    # --- the wire ---

    def transmit(self):
        self.book(self.transmission is None, "one frame is sent at a time")
        self.book(not self.cr & STP, "sending needs the chip started")
        self.book(self.tcr == 0, "nothing is sent in loopback")
        start, length = self.registers[4] << 8, self.registers[5] | self.registers[6] << 8
        self.book(60 <= length <= 1514, "frames have 60 to 1514 bytes")
        self.book(RAM <= start and start + length <= self.registers[1] << 8, "frames are sent from outside the ring")
        frame = bytes(self.memory[start : start + length])
        if self.stuck_transmit:
            self.stuck_transmit -= 1
            self.transmission = "stuck"
            return
        self.transmission = token = object()

        def end():
            if self.transmission is not token:
                return
            self.transmission = None
            self.cr &= ~TXP
            if self.failed_transmit:
                self.failed_transmit -= 1
                self.isr |= TXE
            else:
                self.sent.append(frame)
                self.isr |= PTX
            self.update()

        self.machine.at(self.machine.now + 9.6 + 0.8 * (8 + length + 4), end)

    def wanted(self, frame):
        to = frame[:6]
        if to == BROADCAST:
            return self.rcr & 4
        if to[0] & 1:
            bit = mar_bit(to)
            return self.rcr & 8 and self.page1[8 + bit // 8] >> bit % 8 & 1
        return self.rcr & 0x10 or to == bytes(self.page1[1:7])

    def count(self, tally):
        self.tallies[tally] = min(self.tallies[tally] + 1, 255)
        if self.tallies[tally] >= 128:
            self.isr |= CNT
            self.update()

    def receive(self, frame):
        """A frame comes. Returns whether it is on the card."""
        if self.cr & STP or self.tcr or not self.wanted(frame):
            return False
        if self.recovery is not None or self.rcr & MONITOR:
            self.count(2)
            return False
        start, stop, bnry, curr = self.registers[1], self.registers[2], self.registers[3], self.page1[7]
        ring = stop - start
        pages = (4 + len(frame) + 4 + 255) // 256
        if pages >= (bnry - curr) % ring:
            self.overflows += 1
            self.recovery = {}
            self.isr |= OVW
            self.update()
            return False
        following = start + (curr - start + pages) % ring
        stored = bytes([0x21 if frame[0] & 1 else 1, following]) + (len(frame) + 4).to_bytes(2, "little") + frame
        for i, byte in enumerate(stored):
            self.memory[start * 256 + ((curr - start) * 256 + i) % (ring * 256)] = byte
        self.page1[7] = following
        self.isr |= PRX
        self.update()
        return True


class Pic:
    """Both interrupt controllers, lines by their edge."""

    def __init__(self):
        self.high = self.requests = self.in_service = 0
        self.mask = 0xFFFF
        self.broken = []

    def line(self, number, high):
        bit = 1 << number
        if high and not self.high & bit:
            self.requests |= bit
        elif not high:
            self.requests &= ~bit
        self.high = self.high | bit if high else self.high & ~bit

    def pending(self):
        """The line to be served, or None."""
        able = self.requests & ~self.mask & ~self.in_service
        return (able & -able).bit_length() - 1 if able else None

    def take(self, number):
        self.requests &= ~(1 << number)
        self.in_service |= 1 << number | (4 if number >= 8 else 0)
        return 8 + number if number < 8 else 0x70 + number - 8

    def read(self, port):
        value = self.mask if port & 1 else self.requests
        return value >> 8 if port & 0x80 else value & 0xFF

    def write(self, port, value):
        shift = 8 if port & 0x80 else 0
        if port & 1:
            self.mask = self.mask & ~(0xFF << shift) | value << shift
        elif value & 0xE0 == 0x60:
            bit = 1 << (value & 7) + shift
            if not self.in_service & bit:
                self.broken.append(f"EOI of line {(value & 7) + shift}, which is not in service")
            self.in_service &= ~bit


class Machine:
    """A PC. Receivers and interrupts are Python's; the rest is the driver's own code."""

    def __init__(self, program, arguments=""):
        self.uc = unicorn.Uc(unicorn.UC_ARCH_X86, unicorn.UC_MODE_16)
        self.uc.mem_map(0, 0x110000)
        self.now = 0.0
        self.events = []
        self.order = itertools.count()
        self.pic = Pic()
        self.card = Card(self)
        self.halts = {}
        self.printed = ""
        self.reason = None
        self.resident = None
        self.latch = []
        self.uc.hook_add(unicorn.UC_HOOK_CODE, self._on_code)
        self.uc.hook_add(unicorn.UC_HOOK_INTR, self._on_interrupt)
        self.uc.hook_add(unicorn.UC_HOOK_INSN, self._on_in, None, 1, 0, x86.UC_X86_INS_IN)
        self.uc.hook_add(unicorn.UC_HOOK_INSN, self._on_out, None, 1, 0, x86.UC_X86_INS_OUT)
        self.idle_at = self.stub(b"\xf4")
        self.call_at = self.stub(bytes([0xCD, CALL_INTERRUPT, HALT]))
        self.load(program, arguments)

    # --- the processor ---

    def get(self, name):
        return self.uc.reg_read(getattr(x86, f"UC_X86_REG_{name.upper()}"))

    def set(self, **values):
        for name, value in values.items():
            self.uc.reg_write(getattr(x86, f"UC_X86_REG_{name.upper()}"), value)

    def stub(self, code, handler=None):
        """Put code where it can be called at 0:offset. With a handler, that is called at the code's HLT."""
        at = STUBS + 16 * len(self.halts)
        self.uc.mem_write(at, code)
        self.halts[at + code.index(HALT)] = handler
        return at

    def push(self, value):
        sp = self.get("sp") - 2 & 0xFFFF
        self.set(sp=sp)
        self.uc.mem_write(self.get("ss") * 16 + sp, value.to_bytes(2, "little"))

    def vector(self, number):
        entry = bytes(self.uc.mem_read(4 * number, 4))
        return int.from_bytes(entry[2:], "little"), int.from_bytes(entry[:2], "little")

    def interrupt(self, number):
        flags = self.get("eflags")
        for value in (flags & 0xFFFF, self.get("cs"), self.get("ip")):
            self.push(value)
        segment, offset = self.vector(number)
        self.set(eflags=flags & ~0x300, cs=segment, ip=offset)

    def _on_code(self, _uc, _address, _size, _):
        self.now += INSTRUCTION_US
        self.count += 1
        self._due()
        if self.count > INSTRUCTIONS_MAX:
            self.reason = ("hang",)
        elif self.pic.requests and self.pic.pending() is not None and self.get("eflags") & 0x200:
            self.reason = ("irq",)
        if self.reason:
            self.uc.emu_stop()

    def _on_interrupt(self, _uc, number, _):
        self.reason = ("int", number)
        self.uc.emu_stop()

    def _on_in(self, _uc, port, size, _):
        self._port()
        if BASE <= port < BASE + 0x20:
            return self.card.read(port - BASE, size)
        if port in (0x20, 0x21, 0xA0, 0xA1):
            return self.pic.read(port)
        if port == 0x40:
            return self.latch.pop(0) if self.latch else 0
        return 0xFF if size == 1 else 0xFFFF

    def _on_out(self, _uc, port, size, value, _):
        self._port()
        value &= 0xFFFF if size == 2 else 0xFF
        if BASE <= port < BASE + 0x20:
            self.card.write(port - BASE, value, size)
        elif port in (0x20, 0x21, 0xA0, 0xA1):
            self.pic.write(port, value)
        elif port == 0x43:
            # The mode that the BIOS chooses counts by two.
            count = -2 * int(self.now * TIMER_MHZ) & 0xFFFF
            self.latch = [count & 0xFF, count >> 8]

    def _port(self):
        self.now += PORT_US
        self._due()

    # --- time ---

    def at(self, when, event):
        heapq.heappush(self.events, (when, next(self.order), event))

    def _due(self):
        while self.events and self.events[0][0] <= self.now:
            heapq.heappop(self.events)[2]()

    def run(self, until):
        """Run from CS:IP to the HLT that is there."""
        self.count = 0
        while True:
            self.reason = None
            self.uc.emu_start(self.get("cs") * 16 + self.get("ip"), 0x10FFFF)
            reason, self.reason = self.reason, None
            if reason is None:
                at = self.get("cs") * 16 + self.get("ip") - 1
                if at == until:
                    return
                if self.halts.get(at) is None:
                    raise AssertionError(f"halted at {at:x}")
                self.halts[at]()
            elif reason[0] == "irq":
                self.interrupt(self.pic.take(self.pic.pending()))
            elif reason[0] == "hang":
                raise AssertionError(f"hangs at {self.get('cs'):x}:{self.get('ip'):x}")
            elif reason[1] == 0x21:
                if self.dos():
                    return
            else:
                self.interrupt(reason[1])

    SAVED = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "sp", "cs", "ds", "es", "fs", "gs", "ss", "ip", "eflags")

    def call(self, interrupts=True, **registers):
        """Make a call of the driver's, from wherever the machine is. Returns the registers that came back."""
        saved = {name: self.get(name) for name in self.SAVED}
        self.set(**{"ds": 0, "es": 0, "ax": 0, "bx": 0, "cx": 0, "dx": 0, "si": 0, "di": 0, **registers})
        self.set(cs=0, ip=self.call_at, eflags=0x202 if interrupts else 2)
        self.run(self.call_at + 2)
        result = {name: self.get(name) for name in ("ax", "bx", "cx", "dx", "si", "di", "ds", "es", "sp", "eflags")}
        assert result["sp"] == saved["sp"] and bool(result["eflags"] & 0x200) == interrupts
        self.set(**saved)
        return result

    def idle(self, us, interrupts=True):
        """The program waits, with interrupts on or off."""
        until = self.now + us
        self.at(until, lambda: None)
        registers = {"eax": 0x12345678, "ebx": 0x23456789, "ecx": 0x3456789A, "edx": 0x456789AB, "esi": 0x56789ABC}
        registers |= {"edi": 0x6789ABCD, "ebp": 0x789ABCDE, "ds": 0x111, "es": 0x222, "fs": 0x333, "gs": 0x444}
        self.set(**registers)
        while self.now < until:
            self.set(cs=0, ip=self.idle_at, eflags=0x202 if interrupts else 2)
            if interrupts and self.pic.pending() is not None:
                self.interrupt(self.pic.take(self.pic.pending()))
                self.run(self.idle_at)
                assert {name: self.get(name) for name in registers} == registers
            else:
                self.now = max(self.now, self.events[0][0])
                self._due()

    # --- DOS ---

    def load(self, program, arguments):
        psp = PSP * 16
        tail = f" {arguments}".encode() if arguments else b""
        self.uc.mem_write(psp + 0x80, bytes([len(tail)]) + tail + b"\r")
        self.uc.mem_write(psp + 0x2C, (0xF00).to_bytes(2, "little"))
        self.uc.mem_write(psp + 0x100, program)
        self.freed = []
        self.set(cs=PSP, ds=PSP, es=PSP, ss=PSP, sp=0xFFFE, ip=0x100, eflags=0x202)
        self.run(None)
        if self.resident is not None:
            # What is thrown away is overwritten.
            end = psp + self.resident * 16
            self.uc.mem_write(end, b"\xcc" * (psp + 0x10000 - end))
        self.set(ss=0, sp=STACK, ds=0, es=0)

    def dos(self):
        """Function AH. Returns whether the program has ended."""
        function, al = self.get("ax") >> 8, self.get("al")
        if function == 9:
            at = self.get("ds") * 16 + self.get("dx")
            text = bytes(self.uc.mem_read(at, 512))
            self.printed += text[: text.index(b"$")].decode("ascii")
        elif function == 0x25:
            self.uc.mem_write(4 * al, self.get("dx").to_bytes(2, "little") + self.get("ds").to_bytes(2, "little"))
        elif function == 0x35:
            segment, offset = self.vector(al)
            self.set(es=segment, bx=offset)
        elif function == 0x34:
            self.set(es=0x50, bx=0)
        elif function == 0x49:
            self.freed.append(self.get("es"))
        elif function == 0x31:
            self.resident = self.get("dx")
            self.status = al
            return True
        elif function == 0x4C:
            self.status = al
            return True
        else:
            raise AssertionError(f"DOS function {function:x}")
        return False
