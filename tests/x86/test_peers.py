"""What mp does with peers on Linux (tests/host), it does on a bare machine: the code of the two documents with Apache and
others, servers and clients over both families, and two machines, or a machine and mp on Linux, on one wire."""

import os
import pathlib
import unittest

MACHINE = pathlib.Path(__file__).resolve().parents[2] / "tools" / "x86.py"

# Before anything imports peers, which asks for it then.
os.environ["BARESOCK_MP"] = str(MACHINE)

# pylint: disable=wrong-import-position
from machine import BUILD

import peers
import test_reference
import test_slirp_peers
import test_wire_peers

LINUX = BUILD / "mp"

# QEMU forwards no ports of ::1, and the tests for it are those of libslirp's own forwards.
NO_FORWARD6 = ("test_http_server_curl_gets_page_over_ip6", "test_udp_server_answers_over_both_families")


class ItIsTheMachine(unittest.TestCase):
    """Without which all of this would be tested on Linux once more."""

    def test_program_runs_on_bare_machine(self):
        self.assertEqual(peers.run_mp("-c", "import sys; print(sys.platform)"), (0, "x86\n", ""))


class With:
    """The card that the machines of a class have, and what is at the ends of its wires."""

    card = "e1000"
    ends = MACHINE, MACHINE

    def setUp(self):
        os.environ["X86_NIC"] = self.card
        peers.Wire.programs = self.ends
        super().setUp()


def variants(base, **changes):
    """Classes of this module that run the tests of another one."""
    for name, attributes in changes.items():
        tests = {test: None for test in NO_FORWARD6 if hasattr(base, test)}
        globals()[f"{base.__name__}{name}"] = type(f"{base.__name__}{name}", (With, base), {**attributes, **tests})


E1000 = {"card": "e1000"}
ISA = {"card": "ne2k_isa"}
PCI = {"card": "ne2k_pci"}

for the_base in (test_reference.TestManualCode, test_reference.TestTranscript, test_slirp_peers.Clients):
    variants(the_base, E1000=E1000, Isa=ISA, Pci=PCI)
for the_base in (test_reference.TestManualStatements, test_slirp_peers.Servers):
    variants(the_base, E1000=E1000, Isa=ISA)
variants(
    test_wire_peers.TwoOnOneWire,
    E1000=E1000,
    Isa=ISA,
    MachineAndLinux={**E1000, "ends": (MACHINE, LINUX)},
    LinuxAndMachine={**PCI, "ends": (LINUX, MACHINE)},
)
del the_base

if __name__ == "__main__":
    unittest.main()
