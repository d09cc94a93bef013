"""A reader of pcapng files, as far as `capture` writes them; it raises ValueError at anything else."""

import collections
import struct

SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
ETHERNET, MICROSECONDS = 1, 6

Frame = collections.namedtuple("Frame", "time inbound data original")
Segment = collections.namedtuple("Segment", "inbound source source_port target target_port flags data")


def expect(condition, what):
    if not condition:
        raise ValueError(what)


def blocks(data):
    """All blocks of a file: type and body."""
    at = 0
    while at < len(data):
        expect(len(data) - at >= 12, "a block's head is cut")
        kind, size = struct.unpack_from("<II", data, at)
        expect(size % 4 == 0 and 12 <= size <= len(data) - at, "a block is cut")
        expect(struct.unpack_from("<I", data, at + size - 4) == (size,), "a block's sizes differ")
        yield kind, data[at + 8 : at + size - 4]
        at += size


def options(data):
    """{code: value} up to the end of options, which must be the end."""
    found = {}
    while True:
        code, size = struct.unpack_from("<HH", data)
        if code == 0:
            expect(len(data) == 4 and size == 0, "something follows the end of options")
            return found
        found[code] = data[4 : 4 + size]
        data = data[4 + (size + 3) // 4 * 4 :]


def frames(data):
    """The frames of a file, in their order."""
    parts = list(blocks(data))
    expect([kind for kind, _ in parts[:2]] == [SECTION, INTERFACE], "no section and interface")
    expect(parts[0][1] == struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), "an unknown section")
    linktype, _, snap = struct.unpack_from("<HHI", parts[1][1])
    expect(linktype == ETHERNET, "not Ethernet")
    expect(options(parts[1][1][8:]) == {9: bytes([MICROSECONDS])}, "not in microseconds")
    result = []
    for kind, body in parts[2:]:
        expect(kind == PACKET, f"a block of type {kind}")
        interface, high, low, captured, original = struct.unpack_from("<IIIII", body)
        expect(interface == 0 and captured == min(original, snap), "wrong lengths")
        flags = options(body[20 + (captured + 3) // 4 * 4 :])[2]
        expect(flags in (b"\1\0\0\0", b"\2\0\0\0"), "no direction")
        result.append(Frame((high << 32 | low) / 1e6, flags[0] == 1, body[20 : 20 + captured], original))
    return result


def segments(captured):
    """The TCP segments over IPv4 among frames."""
    for frame in captured:
        packet = frame.data[14:]
        if frame.data[12:14] != b"\x08\x00" or packet[9] != 6:
            continue
        (size,) = struct.unpack_from(">H", packet, 2)
        tcp = packet[(packet[0] & 15) * 4 : size]
        source_port, target_port = struct.unpack_from(">HH", tcp)
        yield Segment(
            frame.inbound,
            ".".join(map(str, packet[12:16])),
            source_port,
            ".".join(map(str, packet[16:20])),
            target_port,
            tcp[13],
            tcp[(tcp[12] >> 4) * 4 :],
        )
