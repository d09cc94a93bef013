"""All that the stack sends to the scripts of tests/wire and to real peers: tshark finds nothing malformed in it, and every
checksum right."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from peers import ROOT

WIRE = ROOT / "tests/wire"
# Those whose programs name a link, on which there are frames.
HOST = ("slirp_peers", "wire_peers", "dns", "exit", "load", "moving")
SCRIPTS = [*(ROOT / f"tests/host/test_{name}.py" for name in HOST), *sorted(WIRE.glob("test_*.py"))]

# They mostly wait.
JOBS = 4

# What the scripts have for data is not to be taken for what their ports stand for.
DECODE_AS = ("tcp.port==80-99,data", "udp.port==7-9,data", "udp.port==4000-4001,data")

# Of each a status: 1 is good, 0 is bad, others are not verified.
CHECKSUMS = ("ip", "tcp", "udp", "icmp", "icmpv6")

PREFERENCES = (
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "tcp.analyze_sequence_numbers:FALSE",
)

# Of frame.packet_flags_direction, as capture writes it.
OUTBOUND = "frame.packet_flags_direction == 2"

WRONG = " || ".join(["_ws.malformed", *(f"{protocol}.checksum.status == 0" for protocol in CHECKSUMS)])

DEADLINE_S = 600


def tshark(path, display_filter, *fields):
    """The fields of the frames that the filter lets through, a list for each frame."""
    command = ["tshark", "-r", path, "-Y", display_filter, "-T", "fields"]
    for rule in DECODE_AS:
        command += ["-d", rule]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for field in fields:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    if run.returncode != 0:
        raise AssertionError(f"{command}: {run.stderr}")
    return [line.split("\t") for line in run.stdout.splitlines()]


@unittest.skipUnless(shutil.which("tshark"), "needs tshark")
class Tshark(unittest.TestCase):
    def captured(self, script, folder):
        """One capture of all tests of a script."""
        environment = dict(os.environ, BARESOCK_TEST_CAPTURE=folder, BARESOCK_TEST_SCALE="0.1")
        run = subprocess.run(
            [sys.executable, script], env=environment, capture_output=True, text=True, timeout=DEADLINE_S
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        parts = sorted(pathlib.Path(folder).glob(f"{script.stem}.*.pcapng"))
        self.assertTrue(parts, f"{script.name} has written no capture")
        whole = f"{folder}/{script.stem}.pcapng"
        subprocess.run(["mergecap", "-a", "-w", whole, *parts], check=True, timeout=DEADLINE_S)
        return whole

    def look(self, script):
        """What is wrong in what one script made the stack send, and of which protocols good checksums were seen."""
        with tempfile.TemporaryDirectory() as folder:
            path = self.captured(script, folder)
            wrong = tshark(path, f"{OUTBOUND} && ({WRONG})", "frame.number", "_ws.col.Protocol", "_ws.col.Info", "_ws.expert")
            good = set()
            for statuses in tshark(path, OUTBOUND, *(f"{protocol}.checksum.status" for protocol in CHECKSUMS)):
                good.update(protocol for protocol, status in zip(CHECKSUMS, statuses) if "1" in status.split(","))
        return script.name, wrong, good

    def test_what_is_sent_is_well_formed_and_has_right_checksums(self):
        verified = set()
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            for name, wrong, good in pool.map(self.look, SCRIPTS):
                with self.subTest(name):
                    self.assertEqual(wrong, [])
                verified |= good
        # Tests that tshark was heeding: it has found good ones of each.
        self.assertEqual(verified, set(CHECKSUMS))

    def test_what_is_wrong_would_be_seen(self):
        """This script sends the stack wrong checksums: tshark finds those."""
        with tempfile.TemporaryDirectory() as folder:
            path = self.captured(WIRE / "test_udp.py", folder)
            self.assertGreater(len(tshark(path, f"frame.packet_flags_direction == 1 && ({WRONG})", "frame.number")), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
