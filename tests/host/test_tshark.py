"""All that the stack sends to the scripts of tests/wire and to real peers: tshark finds nothing malformed in it, and every
checksum right."""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from peers import ROOT

WIRE = ROOT / "tests/wire"
SCRIPTS = [*sorted(WIRE.glob("test_*.py")), ROOT / "tests/host/test_slirp_peers.py", ROOT / "tests/host/test_wire_peers.py"]

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

    def test_what_is_sent_is_well_formed_and_has_right_checksums(self):
        verified = collections.Counter()
        for script in SCRIPTS:
            with self.subTest(script=script.name), tempfile.TemporaryDirectory() as folder:
                path = self.captured(script, folder)
                wrong = tshark(
                    path, f"{OUTBOUND} && ({WRONG})", "frame.number", "_ws.col.Protocol", "_ws.col.Info", "_ws.expert"
                )
                self.assertEqual(wrong, [])
                for statuses in tshark(path, OUTBOUND, *(f"{protocol}.checksum.status" for protocol in CHECKSUMS)):
                    verified.update(
                        protocol for protocol, status in zip(CHECKSUMS, statuses) if "1" in status.split(",")
                    )
        # Tests that tshark was heeding: it has found good ones of each.
        self.assertEqual({protocol for protocol in CHECKSUMS if verified[protocol] == 0}, set())

    def test_what_is_wrong_would_be_seen(self):
        """This script sends the stack wrong checksums: tshark finds those."""
        with tempfile.TemporaryDirectory() as folder:
            path = self.captured(WIRE / "test_udp.py", folder)
            self.assertGreater(len(tshark(path, f"frame.packet_flags_direction == 1 && ({WRONG})", "frame.number")), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
