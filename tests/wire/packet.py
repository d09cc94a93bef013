"""Frames as a script writes and reads them: Ethernet, ARP, IPv4, IPv6, TCP, UDP, ICMP.

Every packet of the stack's that is read has its checksums verified.
"""

import dataclasses
import ipaddress
import struct

ARP, IP4, IP6 = 0x0806, 0x0800, 0x86DD
ICMP, TCP, UDP, FRAGMENT, ICMP6 = 1, 6, 17, 44, 58

# The letters of tcpdump; an ACK is a dot.
FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, ".": 0x10, "U": 0x20, "E": 0x40, "C": 0x80}

MAX_SEGMENT, WINDOW_SCALE, SACK_PERMITTED, SACK = 2, 3, 4, 5


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo_header(source, destination, protocol, length):
    """What TCP, UDP and ICMPv6 add up besides themselves (RFC 9293 3.1, RFC 8200 8.1)."""
    if source.version == 4:
        return source.packed + destination.packed + struct.pack(">BBH", 0, protocol, length)
    return source.packed + destination.packed + struct.pack(">II", length, protocol)


@dataclasses.dataclass
class Segment:
    """A TCP segment.

    flags  letters as in FLAGS
    seq, ack  as they stand on the wire; Peer counts them from the initial sequence numbers
    options  {kind: value}: MAX_SEGMENT and WINDOW_SCALE an int, SACK_PERMITTED None, SACK a list of (left, right)
    time  in seconds, of a segment that the stack sent; packet  the IP packet that it came in
    """

    flags: str
    seq: int = 0
    ack: int = 0
    window: int = 65535
    data: bytes = b""
    options: dict = dataclasses.field(default_factory=dict)
    urgent: int = 0
    source_port: int = 0
    destination_port: int = 0
    time: float = 0
    packet: bytes = b""

    @property
    def length(self):
        """In sequence numbers."""
        return len(self.data) + ("S" in self.flags) + ("F" in self.flags)

    def __str__(self):
        return f"{self.flags} seq {self.seq} ack {self.ack} win {self.window} len {len(self.data)} {self.options or ''}"


def write_options(options):
    out = b""
    for kind, value in options.items():
        if kind == MAX_SEGMENT:
            out += struct.pack(">BBH", kind, 4, value)
        elif kind == WINDOW_SCALE:
            out += struct.pack("BBB", kind, 3, value)
        elif kind == SACK_PERMITTED:
            out += struct.pack("BB", kind, 2)
        elif kind == SACK:
            out += struct.pack("BB", kind, 2 + 8 * len(value))
            for left, right in value:
                out += struct.pack(">II", left & 0xFFFFFFFF, right & 0xFFFFFFFF)
        else:
            out += value
    return out + b"\1" * (-len(out) % 4)


def read_options(data):
    options = {}
    while data and data[0] != 0:
        if data[0] == 1:
            data = data[1:]
            continue
        kind, length = data[0], data[1]
        value = data[2:length]
        if kind in (MAX_SEGMENT, WINDOW_SCALE):
            value = int.from_bytes(value, "big")
        elif kind == SACK_PERMITTED:
            value = None
        elif kind == SACK:
            value = [struct.unpack(">II", value[i : i + 8]) for i in range(0, len(value), 8)]
        options[kind] = value
        data = data[length:]
    return options


def write_tcp(segment, source, destination):
    flags = sum(FLAGS[letter] for letter in segment.flags)
    options = write_options(segment.options)
    head = struct.pack(
        ">HHIIBBHHH",
        segment.source_port,
        segment.destination_port,
        segment.seq & 0xFFFFFFFF,
        segment.ack & 0xFFFFFFFF,
        (5 + len(options) // 4) << 4,
        flags,
        segment.window,
        0,
        segment.urgent,
    )
    tcp = head + options + segment.data
    total = checksum(pseudo_header(source, destination, TCP, len(tcp)) + tcp)
    return tcp[:16] + struct.pack(">H", total) + tcp[18:]


def read_tcp(tcp):
    source, destination, seq, ack, offset, bits, window, _, urgent = struct.unpack_from(">HHIIBBHHH", tcp)
    head = (offset >> 4) * 4
    flags = "".join(letter for letter, bit in FLAGS.items() if bits & bit)
    return Segment(flags, seq, ack, window, tcp[head:], read_options(tcp[20:head]), urgent, source, destination)


def write_udp(source, destination, source_port, destination_port, data):
    udp = struct.pack(">HHHH", source_port, destination_port, 8 + len(data), 0) + data
    total = checksum(pseudo_header(source, destination, UDP, len(udp)) + udp) or 0xFFFF
    return udp[:6] + struct.pack(">H", total) + data


def write_icmp(kind, code, rest, body, source, destination):
    """An ICMP or ICMPv6 message; rest are the four bytes after the checksum, as a number."""
    icmp = struct.pack(">BBHI", kind, code, 0, rest) + body
    verified = pseudo_header(source, destination, ICMP6, len(icmp)) if source.version == 6 else b""
    return icmp[:2] + struct.pack(">H", checksum(verified + icmp)) + icmp[4:]


def write_ip(source, destination, protocol, payload, ttl=64):
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), protocol, ttl) + source.packed + destination.packed + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, ttl, protocol, 0) + source.packed + destination.packed
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


@dataclasses.dataclass
class Packet:
    """An IP packet of the stack's."""

    source: object
    destination: object
    protocol: int
    payload: bytes
    raw: bytes
    time: float


def read_ip(data, time):
    """Read a packet, and verify its checksums; of a fragment IPv4's alone, for the other is that of the whole."""
    if data[0] >> 4 == 4:
        head = (data[0] & 15) * 4
        length = int.from_bytes(data[2:4], "big")
        if checksum(data[:head]) != 0:
            raise AssertionError(f"the IPv4 checksum is wrong: {data.hex()}")
        source, destination = (ipaddress.ip_address(data[at : at + 4]) for at in (12, 16))
        protocol, payload = data[9], data[head:length]
        fragment = int.from_bytes(data[6:8], "big") & 0x3FFF
    else:
        source, destination = (ipaddress.ip_address(data[at : at + 16]) for at in (8, 24))
        protocol, payload = data[6], data[40 : 40 + int.from_bytes(data[4:6], "big")]
        fragment = protocol == FRAGMENT
    verified = pseudo_header(source, destination, protocol, len(payload)) if protocol in (TCP, UDP, ICMP6) else b""
    if not fragment and protocol in (TCP, UDP, ICMP, ICMP6) and checksum(verified + payload) != 0:
        raise AssertionError(f"the checksum of protocol {protocol} is wrong: {data.hex()}")
    return Packet(source, destination, protocol, payload, data, time)
