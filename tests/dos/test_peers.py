"""What mp does with peers on Linux (tests/host), it does on DOS: the code of the two documents with Apache and others,
servers and clients, over our packet driver and with MP.EXE's own driver. DOSBox-X's user networking has no IPv6."""

import os
import pathlib
import socket
import unittest

MACHINE = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dos.py"

# Before anything imports peers, which asks for it then.
os.environ["BARESOCK_MP"] = str(MACHINE)

# pylint: disable=wrong-import-position
import rig  # noqa: F401, which makes the next ones be found

import peers
import test_reference
import test_slirp_peers

test_slirp_peers.FAMILIES = test_slirp_peers.FAMILIES[:1]

NEEDS_IP6 = (
    "test_http_server_curl_gets_page_over_ip6",
    "test_udp_server_answers_over_both_families",
    "test_dhcp_and_slaac_give_addresses",
    "test_transcript_over_ip6",
)


class ItIsDos(unittest.TestCase):
    """Without which all of this would be tested on Linux once more."""

    def test_program_runs_on_dos(self):
        self.assertEqual(peers.run_mp("-c", "import sys; print(sys.platform)"), (0, "dos\n", ""))

    def test_dhcp_gives_address(self):
        script = """
            import network, socket
            socket.socket().connect_ex(("10.0.2.2", 1))
            lan = network.LAN()
            print(*lan.ipconfig("addr4"), lan.ipconfig("gw4"), network.ipconfig("dns"))
        """
        with peers.Mp(script, link=None) as mp:
            mp.expect("10.0.2.15 255.255.255.0 10.0.2.2 ['10.0.2.3']")
            mp.finish()

    def test_udp_server_answers(self):
        script = """
            import socket
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            s.bind(("", 80))
            print("ready")
            while True:
                data, peer = s.recvfrom(2000)
                s.sendto(data.upper(), peer)
        """
        port = peers.free_port()
        with peers.Mp(script, link=f"slirp:fwd=udp:{port}-80") as mp, socket.socket(type=socket.SOCK_DGRAM) as s:
            mp.expect("ready")
            for data in (b"abc", b"abcde" * 250):
                test_slirp_peers.Servers.ask(s, data, ("127.0.0.1", port), data.upper())


class With:
    """The link of a class's machines."""

    card = "pktdrv"

    def setUp(self):
        os.environ["DOS_CARD"] = self.card
        super().setUp()


for the_base in (
    ItIsDos,
    test_reference.TestManualCode,
    test_reference.TestManualStatements,
    test_reference.TestTranscript,
    test_slirp_peers.Servers,
    test_slirp_peers.Clients,
):
    for the_card in ("pktdrv", "ne2000"):
        the_name = f"{the_base.__name__}_{the_card}"
        the_tests = {test: None for test in NEEDS_IP6 if hasattr(the_base, test)}
        globals()[the_name] = type(the_name, (With, the_base), {"card": the_card, **the_tests})
del the_base, ItIsDos

if __name__ == "__main__":
    unittest.main()
