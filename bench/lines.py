"""What is measured: one Line for each line of the table, with the goal that baresock is to reach in it."""

import dataclasses
import json
import statistics

import bare
import dosbox
from programs import BARESOCK, CPYTHON, KERNEL, MODLWIP, MP, RAW, SOCKETS

MB = 1000 * 1000

# What is moved while instructions are counted. In Python, where each chunk is an object, the heap of 64 MB is collected
# once in the shorter run and three times in the longer one, and neither ends near a collection. modlwip, which takes
# some 40 instructions for a byte there, is spared that.
COUNTED_BYTES = (8 * MB, 40 * MB)
COUNTED_BYTES_PYTHON = (96 * MB, 224 * MB)

# How often a peer has its turn where time is measured.
ROUNDS = 5

# How long a stack is watched that does nothing.
IDLE_S = 5

# Datagrams that come while a program does not read.
BURST = 64

# Connections that come early.
EARLY = 20


# --- goals ---


@dataclasses.dataclass(frozen=True)
class AtMost:
    """A figure that must not be exceeded."""

    most: float

    def met(self, result):
        return result.us <= self.most

    def __str__(self):
        return f"at most {self.most:,g}"


@dataclasses.dataclass(frozen=True)
class Ahead:
    """So many times as good as the peer that is to be beaten, in the same rounds."""

    times: float = 1

    def met(self, result):
        return result.ratios[result.line.rival] >= self.times

    def __str__(self):
        return "ahead" if self.times == 1 else f"{self.times:g} times as good"


# --- lines and results ---


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of the table.

    group    where it stands
    name     what is measured
    unit     of the figures
    less     whether less is better
    goal     AtMost, Ahead, or None where figures can't be compared
    rival    the name of the peer that is to be beaten; others stand beside
    measure  how: takes a Bench, returns {name: figures}, those of the same round at the same place, ours as "baresock"
    network  whether that needs a network
    """

    group: str
    name: str
    unit: str
    less: bool
    goal: object
    rival: str
    measure: object
    network: bool = True

    def take(self, bench):
        """Measure it."""
        return evaluate(self, self.measure(bench))


@dataclasses.dataclass(frozen=True)
class Result:
    """What came out. A ratio says how many times as good as a peer we are: above 1 is better, in every line."""

    line: Line
    us: float
    peers: dict
    ratios: dict

    @property
    def met(self):
        return self.line.goal.met(self) if self.line.goal else None


def evaluate(line, figures):
    """The result of a line from the figures of everybody."""
    peers = {name: values for name, values in figures.items() if name != "baresock"}
    return Result(
        line,
        statistics.median(figures["baresock"]),
        {name: statistics.median(values) for name, values in peers.items()},
        {name: ratio(figures["baresock"], values, line.less) for name, values in peers.items()},
    )


def ratio(ours, theirs, less):
    """How many times as good we are: the median over the rounds."""
    pairs = zip(theirs, ours) if less else zip(ours, theirs)
    return statistics.median(above / below if below else float("inf") for above, below in pairs)


# --- ways to measure ---


def counted(peers, words, counts, eager=False, **special):
    """Instructions per unit, in user space. A peer for which the counts would take too long has its own."""

    def measure(bench):
        with bench.host_is(eager):
            return {peer.name: [bench.slope(peer, words, special.get(peer.name, counts))] for peer in peers}

    return measure


def timed(peers, words, amount, scale=1, eager=False, **special):
    """Units per second, in turns. A peer for which the amount would take too long or no time has its own."""

    def measure(bench):
        figures = {peer.name: [] for peer in peers}
        with bench.host_is(eager):
            for _ in range(ROUNDS):
                for peer in peers:
                    figures[peer.name].append(bench.rate(peer, words, special.get(peer.name, amount)) / scale)
        return figures

    return measure


def idle(peers):
    return lambda bench: {peer.name: [bench.wakeups(peer, IDLE_S)] for peer in peers}


def early(peers):
    """Milliseconds. A machine that is busy elsewhere adds to them, so the smaller of two runs is taken."""

    def longest(bench, peer):
        return 1000 * min(bench.run(peer, ["tcp", "early", EARLY]) for _ in range(2))

    return lambda bench: {peer.name: [longest(bench, peer)] for peer in peers}


def burst(peers):
    return lambda bench: {peer.name: [bench.run(peer, ["udp", "burst", BURST, 64])] for peer in peers}


def size(choose):
    """Bytes, from what size.py has found."""

    def measure(bench):
        sizes = json.loads((bench.programs / "sizes.json").read_text(encoding="utf-8"))
        return {name: [value] for name, value in choose(sizes).items()}

    return measure


# --- the lines ---


def bulk(group, modes, goals, counts, count_peers, time_peers):
    """Moving much data. A mode is (name, chunk)."""
    rival = count_peers[1].name
    for mode, chunk in modes:
        name = f"{mode}({chunk})"
        words = ["tcp", mode, chunk]
        measure = counted(count_peers, words, counts, eager=True, modlwip=COUNTED_BYTES)
        yield Line(group, name, "instr/B", True, goals.get(name, Ahead()), rival, measure)
        measure = timed(time_peers, words, 100 * MB, MB, **{peer.name: 400 * MB for peer in (KERNEL, CPYTHON)})
        yield Line(group, name, "MB/s", False, goals.get(name + " MB/s", Ahead()), rival, measure)


def dialogue(group, goals, count_peers, time_peers, beside=()):
    """Round trips, connections, and small segments."""
    rival = count_peers[1].name
    for chunk in (1, 64):
        name = f"round trip of {chunk} B"
        words = ["tcp", "echo", chunk]
        measure = counted([*count_peers, *beside], words, (1000, 5000), eager=True)
        yield Line(group, name, "instr", True, goals.get(name, Ahead()), rival, measure)
        if chunk == 1:
            measure = counted([*count_peers, *beside], words, (1000, 5000))
            yield Line(group, f"{name}, asleep", "instr", True, Ahead(), rival, measure)
        yield Line(group, name, "1/s", False, Ahead(), rival, timed([*time_peers, *beside], words, 10000))
    measure = counted(count_peers, ["tcp", "connect"], (100, 400), eager=True)
    yield Line(group, "connect", "instr", True, Ahead(), rival, measure)
    yield Line(group, "connect", "1/s", False, Ahead(), rival, timed(time_peers, ["tcp", "connect"], 1000))
    # modlwip needs a timer for each.
    measure = counted(count_peers, ["tcp", "accept"], (20, 100), eager=True)
    yield Line(group, "accept", "instr", True, Ahead(), rival, measure)
    measure = timed(time_peers, ["tcp", "accept"], 500, modlwip=20)
    yield Line(group, "accept", "1/s", False, Ahead(), rival, measure)


def datagrams(group, count_peers, time_peers):
    rival = count_peers[1].name
    for mode in ("recv", "send"):
        for chunk in (64, 1400):
            words = ["udp", mode, chunk]
            name = f"UDP {mode}({chunk})"
            measure = counted(count_peers, words, (2000, 10000), eager=True)
            yield Line(group, name, "instr", True, Ahead(), rival, measure)
            yield Line(group, name, "1/s", False, Ahead(), rival, timed(time_peers, words, 20000, eager=True))
    yield Line(group, f"UDP burst of {BURST}", "kept", False, Ahead(), rival, burst(time_peers))


def waiting(group, time_peers):
    rival = time_peers[1].name
    yield Line(group, "early byte", "ms", True, AtMost(10), rival, early(time_peers))
    yield Line(group, "idle", "wake-ups/s", True, AtMost(2), rival, idle(time_peers))


def python():
    group = "Python over tap"
    goals = {
        "recv(16384)": AtMost(2.5),
        "recv(16384) MB/s": Ahead(2.5),
        "recv_into(16384)": AtMost(1.8),
        "send(16384)": AtMost(2.0),
        "sendall(1048576)": AtMost(2.0),
        "round trip of 1 B": AtMost(5000),
    }
    modes = [("recv", 1460), ("recv", 16384), ("recv_into", 16384), ("send", 16384), ("sendall", 1 << 20)]
    count_peers, time_peers = (MP, MODLWIP), (MP, MODLWIP, CPYTHON)
    yield from bulk(group, modes, goals, COUNTED_BYTES_PYTHON, count_peers, time_peers)
    yield from dialogue(group, goals, count_peers, time_peers)
    yield from datagrams(group, count_peers, time_peers)
    yield from waiting(group, time_peers)


def c():
    group = "C over tap"
    goals = {"round trip of 1 B": AtMost(3600)}
    for chunk in (16384, 65536):
        goals[f"recv({chunk})"], goals[f"send({chunk})"] = AtMost(1.5), AtMost(1.7)
    modes = [(mode, chunk) for mode in ("recv", "send") for chunk in (1460, 16384, 65536)]
    count_peers, time_peers = (BARESOCK, SOCKETS), (BARESOCK, SOCKETS, KERNEL)
    yield from bulk(group, modes, goals, COUNTED_BYTES, (*count_peers, RAW), (*time_peers, RAW))
    yield from dialogue(group, goals, count_peers, time_peers, beside=(RAW,))
    words = ["tcp", "segments"]
    measure = counted(count_peers, words, (5000, 25000), eager=True)
    yield Line(group, "segment of 88 B", "instr", True, Ahead(), SOCKETS.name, measure)
    measure = timed((BARESOCK, SOCKETS), words, 50000, eager=True)
    yield Line(group, "segment of 88 B", "1/s", False, Ahead(), SOCKETS.name, measure)
    yield from datagrams(group, count_peers, time_peers)
    yield from waiting(group, time_peers)


def footprint():
    group = "Footprint on an i386"
    goals = {"ip4": (AtMost(16384), AtMost(260)), "dual": (AtMost(20480), AtMost(300))}

    def add(name, goal, kind, part, choose):
        measure = size(lambda sizes: choose(sizes[kind][part]))
        return Line(group, name, "B", True, goal, SOCKETS.name, measure, network=False)

    for kind, words in (("ip4", "IPv4"), ("dual", "IPv4 and IPv6")):
        text, connection = goals[kind]
        yield add(f"text of the sockets, {words}", text, kind, "groups", texts)
        yield add(f"text of the resolver, {words}", None, kind, "groups", resolvers)
        yield add(f"data and bss of the sockets, {words}", Ahead(), kind, "groups", statics)
        yield add(f"idle connection, {words}", connection, kind, "structures", connections)


def texts(groups):
    return {"baresock": groups["our sockets"]["text"], SOCKETS.name: groups["lwip api without names"]["text"]}


def resolvers(groups):
    """Whatever turns names into addresses and back."""
    netdb = groups["lwip api"]["text"] - groups["lwip api without names"]["text"]
    return {
        "baresock": groups["our names"]["text"] + groups["our resolver"]["text"],
        SOCKETS.name: netdb + groups["lwip resolver"]["text"],
    }


def statics(groups):
    """What sockets add to lwIP's core. The pools of lwIP's own lie in the core, which is larger by them; its resolver's
    data does not count."""

    def total(name):
        return groups[name]["data"] + groups[name]["bss"]

    pools = total("lwip core, its sockets' options") - total("lwip resolver") - total("lwip core, our options")
    return {"baresock": total("our sockets") + total("our names"), SOCKETS.name: total("lwip api") + pools}


def connections(structures):
    """What is there for a connection on which nothing happens. A netconn of lwIP's has a semaphore, and a mailbox with
    three."""
    ours, theirs, modlwip = structures["ours"], structures["sockets"], structures["modlwip"]
    netconn = theirs["netconn"] + theirs["lwip_sock"] + theirs["sys_mbox"] + 4 * theirs["sys_sem"]
    return {
        "baresock": ours["sock"] + ours["tcp_pcb"],
        SOCKETS.name: netconn + theirs["tcp_pcb"],
        MODLWIP.name: modlwip["lwip_socket_obj_t"] + modlwip["tcp_pcb"],
    }


def machine():
    group = "Bare x86 in QEMU"

    def add(name, unit, goal, measure):
        return Line(group, name, unit, unit != "MB/s", goal, "mp on Linux", measure, network=False)

    yield add("image", "B", None, bare.alone(bare.image_size))
    yield add("memory at rest", "B", None, bare.alone(bare.at_rest))
    yield add("least memory for an HTTP client", "KB", AtMost(2048), bare.alone(bare.smallest))
    yield add("start to first frame", "instr", None, bare.alone(bare.first_packet))
    for card in bare.x86.CARDS:
        yield add(f"recv(16384), {card}", "MB/s", None, bare.throughput(card, ROUNDS, 30 * MB))


def dos():
    group = "DOS in DOSBox-X"

    def add(name, unit, goal, measure):
        return Line(group, name, unit, True, goal, "", measure, network=False)

    yield add("MP.EXE", "B", AtMost(600 * 1000), bare.alone(dosbox.file_size))
    yield add("conventional memory", "B", AtMost(64 * 1024), bare.alone(dosbox.conventional))
    for link in dosbox.LINKS:
        yield add(f"prompt to first frame, {link}", "ms of a 486", AtMost(1000), bare.alone(dosbox.first_frame(link)))
        yield add(f"recv_into(16384), {link}", "cycles/B", None, dosbox.receive(link))
        yield add(f"recv_into(16384) and write(), {link}", "cycles/B", None, dosbox.receive(link, to_file=True))
        yield add(f"sendall(16384), {link}", "cycles/B", None, dosbox.send(link))


LINES = [*python(), *c(), *footprint(), *machine(), *dos()]


def choose(words):
    """The lines with one of these words in group, name or unit, capitals as there; all without words."""
    names = [(line, f"{line.group} {line.name} {line.unit}") for line in LINES]
    return [line for line, name in names if not words or any(word in name for word in words)]
