"""The configuration that a DOS user has already: mTCP's, and that of Waterloo TCP and Watt-32."""

import unittest

from rig import Folder

SHOW = """
import network, socket, uc386_net
print(uc386_net.eth_init())
import time
while not uc386_net.eth_status()[3]:
    time.sleep(0.01)
print(*uc386_net.eth_status()[:3])
print(network.ipconfig("dns"), socket.gethostname())
"""

AT_62 = r"D:\NE2000.COM 0x62 10 0x300"

MTCP = """\
# A comment
PACKETINT 0x62
ipaddr 10.0.2.77
NETMASK 255.255.0.0
GATEWAY 10.0.2.2
NAMESERVER 10.0.2.3
HOSTNAME OLDPC
MTU 1400
FTPSRV_SESSIONS 5
"""

WATTCP = """\
; A comment
my_ip = 10.0.2.78     ; that of this machine
netmask=255.255.255.0
gateway = 10.0.2.2
nameserver = 10.0.2.3, 10.0.2.4
NAMESERVER = 10.0.2.5
hostname = "watty"
pkt.vector = 0x62
print = "hello"
"""


class Configuration(unittest.TestCase):
    def show(self, *lines, driver=AT_62, **files):
        """What a program sees of the network with these files, and what is said of them."""
        with Folder() as folder:
            for name, text in files.items():
                folder.put(name.replace("_", "."), text)
            folder.put("A.PY", SHOW)
            folder.run("SET BARESOCK_STDERR=ERR.TXT", driver, *lines, r"D:\MP.EXE A.PY > OUT.TXT")
            return folder.text("OUT.TXT").splitlines(), folder.text("ERR.TXT")

    def test_mtcp(self):
        self.assertEqual(
            self.show(r"SET MTCPCFG=C:\MTCP.CFG", MTCP_CFG=MTCP), (["0", "10.0.2.77 255.255.0.0 10.0.2.2", "['10.0.2.3'] OLDPC"], "")
        )

    def test_packet_interrupt_and_mtu_of_mtcp(self):
        with Folder() as folder:
            folder.put("MTCP.CFG", MTCP)
            folder.run(AT_62, r"SET MTCPCFG=C:\MTCP.CFG", r"D:\tests\dos\boot.EXE default > OUT.TXT")
            self.assertEqual(folder.text("OUT.TXT").splitlines()[:2], ["link pktdrv:0x62,mtu=1400", "mtu 1400"])

    def test_wattcp_in_the_working_directory_or_where_it_is_said_to_be(self):
        said = (["0", "10.0.2.78 255.255.255.0 10.0.2.2", "['10.0.2.3', '10.0.2.4', '10.0.2.5'] watty"], "")
        self.assertEqual(self.show(WATTCP_CFG=WATTCP), said)
        self.assertEqual(self.show("MD NET", r"COPY WATTCP.CFG NET > NUL", "DEL WATTCP.CFG", r"SET WATTCP.CFG=C:\NET", WATTCP_CFG=WATTCP), said)

    def test_mtcp_comes_first(self):
        out, err = self.show(r"SET MTCPCFG=C:\MTCP.CFG", MTCP_CFG=MTCP, WATTCP_CFG=WATTCP)
        self.assertEqual((out[1].split()[0], err), ("10.0.2.77", ""))

    def test_environment_wins(self):
        out, err = self.show(
            r"SET MTCPCFG=C:\MTCP.CFG", "SET BARESOCK_IP4=10.0.2.79/8,10.0.2.2", "SET BARESOCK_DNS=10.0.2.9", "SET BARESOCK_HOSTNAME=env", MTCP_CFG=MTCP
        )
        self.assertEqual((out, err), (["0", "10.0.2.79 255.0.0.0 10.0.2.2", "['10.0.2.9'] env"], ""))

    def test_lease_of_another_program_is_asked_for_anew(self):
        out, err = self.show(
            r"SET MTCPCFG=C:\MTCP.CFG", MTCP_CFG=MTCP + "TIMESTAMP ( 1000 ) Sat Jan 01 00:00:00 2000\nLEASE_TIME 3600\n"
        )
        self.assertEqual((out[1], err), ("10.0.2.15 255.255.255.0 10.0.2.2", ""))

    def test_dhcp_that_is_asked_for(self):
        out, err = self.show(WATTCP_CFG=WATTCP.replace("10.0.2.78", "dhcp"))
        self.assertEqual((out[1], err), ("10.0.2.15 255.255.255.0 10.0.2.2", ""))

    def test_what_is_wrong_is_told_and_left_out(self):
        bad = "PACKETINT 0x999\nIPADDR 10.0.2\nNETMASK 255.0.255.0\nNAMESERVER me\nMTU 9\nHOSTNAME ok\n"
        out, err = self.show(r"SET MTCPCFG=C:\MTCP.CFG", MTCP_CFG=bad)
        self.assertEqual(out[1], "10.0.2.15 255.255.255.0 10.0.2.2")
        self.assertEqual(
            err.splitlines(),
            [
                "C:\\MTCP.CFG: 0x999 is no interrupt of a packet driver, and is left out",
                "C:\\MTCP.CFG: 10.0.2 is no address, and is left out",
                "C:\\MTCP.CFG: me is no address of a name server, and is left out",
                "C:\\MTCP.CFG: 9 is no MTU from 576 to 1500, and is left out",
            ],
        )

    def test_file_that_is_not_there_says_nothing(self):
        out, err = self.show(r"SET MTCPCFG=C:\NONE.CFG")
        self.assertEqual((out[1], err), ("10.0.2.15 255.255.255.0 10.0.2.2", ""))


if __name__ == "__main__":
    unittest.main()
