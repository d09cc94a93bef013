"""How things are measured: in a network of their own, on one CPU, instructions by callgrind and rates in turns."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

# Far beyond what any program here takes; one that is not done by then hangs.
DEADLINE_S = 120

TUN = "/dev/net/tun"
INSIDE = "BENCH_NAMESPACE"

# Runs of which instructions are counted are repeated until the two least are so near to each other, but not for ever.
NEAR = 1.002
MOST_RUNS = 6


class Failure(Exception):
    """Something could not be measured; says why."""


# --- the network ---


def enter_network():
    """Go on in a network namespace of one's own, in which this program starts again. Returns why there is none."""
    if os.environ.get(INSIDE):
        return set_up_network()
    if not os.path.exists(TUN):
        return f"There is no {TUN}: run 'sudo modprobe tun'."
    if not os.access(TUN, os.R_OK | os.W_OK):
        return f"There is no permission for {TUN}: run as root."
    for flags in ("-n", "-rn"):
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run(["unshare", flags, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                os.environ[INSIDE] = "1"
                os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])
    return "A network namespace is needed: install util-linux, and run as root or allow users to make them."


def set_up_network():
    """The loopback is up, and the kernel does not chatter in IPv6 on new interfaces. Returns why not, or None."""
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"The loopback can't be brought up ({error}): install iproute2."
    # Where that is not allowed, some lines are a little noisier.
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1", encoding="ascii")
    return None


def pin():
    """This program and all that it starts stay on one CPU: waking another would hide everything else."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


# --- programs ---


def may_be_first():
    """Whether this user may give programs priority over all others."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


class Bench:
    """The programs of a build, and, with a network, the host's end, which serves as long as the `with` lasts.

    Both ends share a CPU, so the kernel's scheduler has a say in what happens. Left to itself it now lets the host go
    first when something comes for it, now lets the program go on until it sleeps; so it is told. The host is patient:
    it runs while the program sleeps, as if it were on another machine. Or it is eager: what comes is answered before
    the program goes on. Where the user may, both have priority over whatever else the machine does.
    """

    def __init__(self, build, network=True):
        self.network = network
        self.build = pathlib.Path(build).resolve()
        self.programs = self.build / "bench"
        self.scripts = pathlib.Path(__file__).resolve().parent / "py"
        self.host = None
        self.first = may_be_first()
        self.order, self.host_order = [], []
        self.folder = tempfile.TemporaryDirectory(prefix="baresock-")

    def __enter__(self):
        if not self.network:
            return self
        words = [self.programs / "host", "serve"]
        self.host = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.host.stdout.readline() != "serving\n":
            raise Failure("the host's end does not start")
        self.patient_host()
        return self

    def __exit__(self, *error):
        if self.host:
            self.host.stdin.close()
            self.host.wait(DEADLINE_S)
            self.host.stdout.close()
        self.folder.cleanup()

    def schedule_host(self, policy, priority):
        """All threads of the host, and those that it will start."""
        for task in os.listdir(f"/proc/{self.host.pid}/task"):
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(int(task), policy, os.sched_param(priority))

    def patient_host(self):
        """From here on the host runs while the program sleeps."""
        if self.first:
            self.schedule_host(os.SCHED_FIFO, 1)
            self.order, self.host_order = ["chrt", "--fifo", "2"], ["chrt", "--fifo", "1"]
        else:
            self.schedule_host(os.SCHED_BATCH, 0)
            self.order, self.host_order = [], ["chrt", "--batch", "0"]

    @contextlib.contextmanager
    def eager_host(self):
        """As long as the `with` lasts the host answers first."""
        if self.first:
            self.schedule_host(os.SCHED_FIFO, 2)
            self.order, self.host_order = ["chrt", "--fifo", "1"], ["chrt", "--fifo", "2"]
        else:
            self.schedule_host(os.SCHED_OTHER, 0)
            self.order, self.host_order = ["nice", "-n", "10"], []
        try:
            yield
        finally:
            self.patient_host()

    def host_is(self, eager):
        """The host is like that as long as the `with` lasts."""
        return self.eager_host() if eager else contextlib.nullcontext()

    @contextlib.contextmanager
    def start(self, peer, words, prefix=()):
        """A program that runs; it is ended with the `with`, if it has not ended by itself."""
        process = subprocess.Popen(
            [*self.order, *prefix, *peer.command(self, words)],
            cwd=self.scripts,
            env={**os.environ, **peer.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, peer, words, prefix=()):
        """Run a program to its end. Returns the number that it prints last."""
        visited = words[1] in ("accept", "early")
        with self.start(peer, words, prefix) as process, contextlib.ExitStack() as stack:
            if visited:
                stack.enter_context(self.visitor(process, peer, words))
            try:
                said, complaint = process.communicate(timeout=DEADLINE_S)
            except subprocess.TimeoutExpired:
                raise Failure(f"{peer.name}: '{' '.join(map(str, words))}' hangs") from None
            if process.returncode != 0:
                raise Failure(f"{peer.name}: '{' '.join(map(str, words))}': {last_line(complaint)}")
            return float(last_line(said))

    @contextlib.contextmanager
    def visitor(self, process, peer, words):
        """The host's program that connects to one which listens."""
        if process.stdout.readline() != "listening\n":
            raise Failure(f"{peer.name} does not listen: {last_line(process.stderr.read())}")
        # One more, which is not measured.
        count = int(words[2]) + (words[1] == "accept")
        words = [*self.host_order, self.programs / "host", "connect", peer.address, str(count)]
        with subprocess.Popen(words) as visitor:
            try:
                yield
            finally:
                visitor.kill()

    # --- what is measured ---

    def instructions(self, peer, words):
        """How many instructions a run takes in user space."""
        out = pathlib.Path(self.folder.name, "callgrind.out")
        valgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]
        try:
            self.run(peer, words, valgrind)
        except FileNotFoundError:
            raise Failure("counting instructions takes valgrind: install it") from None
        return int(re.findall(r"^(?:summary|totals): (\d+)", out.read_text(encoding="utf-8"), re.MULTILINE)[-1])

    def slope(self, peer, words, counts):
        """Instructions per unit, from runs of two lengths, so that start-up falls out."""
        return slope(counts, [self.least_instructions(peer, with_count(words, count)) for count in counts])

    def least_instructions(self, peer, words):
        """Whatever disturbs a run adds to it, so the least of some runs is taken."""
        found = []
        while len(found) < 2 or (found[1] > found[0] * NEAR and len(found) < MOST_RUNS):
            found = sorted([*found, self.instructions(peer, words)])
        return found[0]

    def rate(self, peer, words, count):
        """Units per second of one run. Means something only beside another peer's, taken right before or after."""
        return count / self.run(peer, with_count(words, count))

    def wakeups(self, peer, seconds):
        """How often per second a program wakes that waits in recv(), all its threads together."""
        with self.start(peer, ["tcp", "idle", 1]) as process:
            if process.stdout.readline() != "idle\n":
                raise Failure(f"{peer.name} does not get idle: {last_line(process.stderr.read())}")
            # What connecting left to be done is over by then.
            time.sleep(1)
            before = switches(process.pid)
            time.sleep(seconds)
            return (switches(process.pid) - before) / seconds


def with_count(words, count):
    """The words of a run, with the count after the mode."""
    return [*words[:2], count, *words[2:]]


def slope(counts, values):
    """The rise of a straight line through two points."""
    return (values[1] - values[0]) / (counts[1] - counts[0])


def switches(pid):
    """The times that the threads of a program went to sleep by themselves."""
    texts = [path.read_text(encoding="ascii") for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.MULTILINE).group(1)) for text in texts)


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "nothing was said"
