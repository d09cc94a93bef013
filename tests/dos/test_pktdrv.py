"""Our packet driver in DOSBox-X: pktcalls.asm makes the calls, files in the mounted folder tell what came of them."""

import functools
import os
import pathlib
import resource
import socket
import subprocess
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A machine that hangs is ended then; the longest takes half a minute.
DEADLINE_S = 180

# An illegal instruction in real mode is logged for ever.
LOG_MAX = 10_000_000

MAC = "AC:DE:48:88:99:AB"

# Under 4 KB, with its PSP, and the 16 bytes that DOS has before each block.
RESIDENT_MAX = 4096 + 16

CONFIG = """
[sdl]
output=surface
[dosbox]
memsize=16
quit warning=false
startbanner=false
[cpu]
core=dynamic
cputype=auto
cycles=fixed 200000
[dos]
ems=false
ver=5.0
[mixer]
nosound=true
[ne2000]
ne2000={card}
nicbase={base}
nicirq={irq}
macaddr={mac}
backend=slirp
[autoexec]
mount c {folder}
c:
{commands}
exit
"""


@functools.cache
def dosbox_x():
    path = os.environ.get("DOSBOX_X")
    if path is None:
        found = subprocess.run([ROOT / "deps/dosbox-x", "--path"], check=True, stdout=subprocess.PIPE, text=True)
        path = found.stdout.strip()
    return path


@functools.cache
def assemble(source, *options):
    """Returns the program."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["nasm", "-f", "bin", *options, "-o", f"{folder}/out", ROOT / source], check=True)
        return pathlib.Path(folder, "out").read_bytes()


def limit_log():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LOG_MAX, LOG_MAX))


def run(*commands, card=True, irq=10, base=0x300):
    """Start a machine and have it run the commands. Returns whether each did well, and what it printed."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        c = folder / "c"
        c.mkdir()
        (c / "NE2000.COM").write_bytes(assemble("pktdrv/ne2000.asm"))
        (c / "FAULTS.COM").write_bytes(assemble("pktdrv/ne2000.asm", "-DFAULTS"))
        (c / "PKTCALLS.COM").write_bytes(assemble("tests/dos/pktcalls.asm"))
        lines = []
        for i, command in enumerate(commands):
            lines += [f"{command} > {i}.TXT", f"if errorlevel 1 echo 1 > {i}.ERR"]
        config = CONFIG.format(
            card="true" if card else "false", base=f"{base:x}", irq=irq, mac=MAC, folder=c, commands="\n".join(lines)
        )
        (folder / "dosbox.conf").write_text(config)
        env = dict(os.environ, HOME=name, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
        words = [dosbox_x(), "-conf", folder / "dosbox.conf", "-fastlaunch", "-nomenu", "-nogui", "-exit"]
        with open(folder / "log", "wb") as log:
            subprocess.run(
                words, cwd=name, env=env, stdout=log, stderr=log, timeout=DEADLINE_S, preexec_fn=limit_log, check=True
            )
        # The shell makes a file to redirect to, whether there is something to write or not.
        return [
            ((c / f"{i}.ERR").read_bytes() == b"", (c / f"{i}.TXT").read_bytes().decode("ascii"))
            for i in range(len(commands))
        ]


class Driver(unittest.TestCase):
    def check(self, result, *lines):
        """What PKTCALLS said: nothing failed, and these lines are among it."""
        well, text = result
        self.assertNotIn("FAIL", text)
        self.assertTrue(well, text)
        for line in lines:
            self.assertIn(f"ok {line}\r\n", text)

    def refused(self, result, words):
        """One sentence, in ASCII, with status 1."""
        well, text = result
        self.assertFalse(well, text)
        self.assertTrue(text.startswith("NE2000: "), text)
        self.assertTrue(text.endswith(".\r\n"), text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertIn(words, text)

    def loaded(self, result, call=0x60, base=0x300, irq=10):
        words = f"NE2000: packet driver at interrupt 0x{call:02X}, card at 0x{base:04X}, IRQ {irq:2}, address {MAC}\r\n"
        self.assertEqual(result, (True, words))

    # --- calls ---

    def test_every_call_and_error(self):
        loaded, calls = run("NE2000", "PKTCALLS c")
        self.loaded(loaded)
        self.check(calls, "receive_modes", "registers_kept", "registers_of_the_interrupted_kept")
        self.assertGreaterEqual(calls[1].count("ok "), 200)

    def test_pings_none_lost(self):
        _, pings = run("NE2000", "PKTCALLS p")
        self.check(pings, "arp_reply", "pings", "statistics_pings_in", "statistics_pings_out")

    # --- the card in trouble ---

    def test_more_than_the_ring_holds_goes_on(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(DEADLINE_S)

            def flood():
                _, guest = peer.recvfrom(100)
                for _ in range(400):
                    peer.sendto(bytes(1400), guest)

            thread = threading.Thread(target=flood, daemon=True)
            thread.start()
            _, taken = run("NE2000", f"PKTCALLS u {peer.getsockname()[1]}")
            thread.join()
        self.check(taken, "datagrams_come", "pings")
        words = next(line for line in taken[1].splitlines() if line.startswith("taken "))
        self.assertGreaterEqual(int(words.split()[1], 16), 8)
        self.assertLess(int(words.split()[1], 16), 400)

    def test_overflow_recovers_and_counts(self):
        # DOSBox-X's card drops without a word: the driver is told that it overflowed. test_dp8390.py has one that does.
        _, overflows = run("FAULTS", "PKTCALLS o")
        self.check(overflows, "overflow_pings", "overflow_counted", "overflow_receiver_is_answered", "pings")
        self.check(overflows, "transmit_error_counted")

    def test_ring_untrue_starts_anew_and_counts(self):
        _, ring = run("NE2000", "PKTCALLS r")
        self.check(ring, "untrue_ring_counted", "pings")

    # --- loading ---

    def test_interrupt_of_the_card_is_found_on_every_line(self):
        for irq in (3, 4, 5, 7, 9, 10, 11, 12, 15):
            with self.subTest(irq=irq):
                loaded, pings = run("NE2000", "PKTCALLS p", irq=irq, base=0x280)
                self.loaded(loaded, irq=irq, base=0x280)
                self.check(pings, "pings")

    def test_arguments_are_taken(self):
        for arguments in ("0x62 10 0x300", "98 0xA 768", " 0X62  0xa 0x300 "):
            with self.subTest(arguments=arguments):
                loaded, pings = run(f"NE2000 {arguments}", "PKTCALLS p")
                self.loaded(loaded, call=0x62)
                self.check(pings, "pings")

    def test_line_2_is_9(self):
        loaded, pings = run("NE2000 0x60 2", "PKTCALLS p", irq=9)
        self.loaded(loaded, irq=9)
        self.check(pings, "pings")

    def test_wrong_arguments_are_refused(self):
        wrong = {
            "x": "no argument",
            "0x60 10 0x300 1": "no argument",
            "0x": "no argument",
            "0x10000": "no argument",
            "1a": "no argument",
            "-x": "no argument",
            "-uu": "no argument",
            "0x5F": "no packet interrupt",
            "0x67": "no packet interrupt",
            "0x72": "no packet interrupt",
            "0x81": "no packet interrupt",
            "0x160": "no packet interrupt",
            "0x60 8": "no line",
            "0x60 16": "no line",
            "0x60 10 0x301": "no I/O address",
            "0x60 10 0x100": "no I/O address",
            "0x60 10 0x340": "no NE2000 card at 0x0340",
        }
        results = run(*(f"NE2000 {arguments}" for arguments in wrong), "NE2000")
        for arguments, result in zip(wrong, results):
            with self.subTest(arguments=arguments):
                self.refused(result, wrong[arguments].replace("no argument", "not an argument"))
        self.loaded(results[-1])

    def test_usage_is_shown(self):
        for well, text in run("NE2000 -h", "NE2000 /?", "NE2000 -?"):
            self.assertTrue(well)
            self.assertIn("NE2000 -u [INTERRUPT]", text)

    def test_no_card_is_refused(self):
        found, named = run("NE2000", "NE2000 0x60 10 0x300", card=False)
        self.refused(found, "no NE2000 card was found")
        self.refused(named, "no NE2000 card at 0x0300")

    def test_second_copy_is_refused(self):
        _, found, same, other, named, pings = run(
            "NE2000", "NE2000", "NE2000 0x60", "NE2000 0x62", "NE2000 0x62 10 0x300", "PKTCALLS p"
        )
        for result in (found, same, other, named):
            self.refused(result, "already loaded at interrupt 0x60")
        self.check(pings, "pings")

    def test_interrupt_occupied_is_refused_or_passed_over(self):
        _, named, found, pings = run("PKTCALLS x", "NE2000 0x60", "NE2000", "PKTCALLS p")
        self.refused(named, "interrupt 0x60 is occupied")
        self.loaded(found, call=0x61)
        self.check(pings, "pings")

    def test_other_driver_no_card_is_looked_for(self):
        _, occupied, found, named = run("PKTCALLS y", "NE2000 0x61", "NE2000", "NE2000 0x60 10 0x300")
        self.refused(occupied, "interrupt 0x61 is occupied")
        self.refused(found, "packet driver of another card at interrupt 0x61")
        self.loaded(named)

    # --- unloading ---

    def resident(self, before, after):
        """Bytes that are free no more, out of what PKTCALLS v tells last."""
        return 16 * (int(before[1].split()[-1], 16) - int(after[1].split()[-1], 16))

    def test_unloaded_all_is_as_it_was(self):
        once = ["NE2000", "PKTCALLS v", "NE2000 -u", "PKTCALLS v"]
        again = ["NE2000 0x62", "PKTCALLS p", "NE2000 /U 0x62", "PKTCALLS v"]
        before, _, loaded, unloaded, after, _, pings, unloaded_again, after_again = run("PKTCALLS v", *once, *again)
        self.assertNotEqual(before, loaded)
        self.assertEqual(unloaded, (True, "NE2000: the driver was unloaded.\r\n"))
        self.assertEqual(before, after)
        self.check(pings, "pings")
        self.assertEqual(unloaded_again, unloaded)
        self.assertEqual(before, after_again)

    def test_resident_under_4_kb(self):
        before, _, after = run("PKTCALLS v", "NE2000", "PKTCALLS v")
        self.assertGreater(self.resident(before, after), 0)
        self.assertLess(self.resident(before, after), RESIDENT_MAX)

    def test_terminated_all_is_as_it_was(self):
        before, _, terminated, after = run("PKTCALLS v", "NE2000", "PKTCALLS t", "PKTCALLS v")
        self.check(terminated, "terminate")
        self.assertEqual(before, after)

    def test_handle_open_unload_is_refused(self):
        _, _, unloaded, pings = run("NE2000", "PKTCALLS k", "NE2000 -u", "NE2000")
        self.refused(unloaded, "a program still uses the driver")
        self.refused(pings, "already loaded")

    def test_interrupt_hooked_unload_is_refused(self):
        _, _, unloaded, pings = run("NE2000", "PKTCALLS h", "NE2000 -u", "PKTCALLS p")
        self.refused(unloaded, "another program took the card's interrupt")
        self.check(pings, "pings")

    def test_not_loaded_unload_is_refused(self):
        nothing, _, elsewhere = run("NE2000 -u", "NE2000 0x61", "NE2000 -u 0x60")
        self.refused(nothing, "no driver of this program is there")
        self.refused(elsewhere, "no driver of this program is there")


if __name__ == "__main__":
    unittest.main()
