"""What other machines do that DOSBox-X does not: other versions of DOS, other BIOSes, much memory. machine.asm makes them."""

import unittest

from rig import Folder, run_mp

MACHINE = r"D:\tests\dos\machine.com"
BOOT = r"D:\tests\dos\boot.EXE"


class Files(unittest.TestCase):
    def test_rename_to_another_name_of_the_same_file_keeps_it(self):
        script = r"""
import os
with open("A.TXT", "w") as f:
    f.write("data")
for name in ("A.TXT", "a.txt", ".\\A.TXT", "C:\\A.TXT"):
    os.rename("A.TXT", name)
    print(open("A.TXT").read(), sorted(n.upper() for n in os.listdir() if n[0] in "Aa~"))
"""
        for ver in ("7.1", "5.0"):
            with self.subTest(ver=ver):
                self.assertEqual(run_mp(script, ver=ver), (0, "data ['A.TXT']\n" * 4, ""))

    def test_files_are_opened_by_dos_3(self):
        script = """
import errno
open("A", "w").write("x")
open("A", "a").write("y")
print(open("A").read())
try:
    open("NONE")
except OSError as e:
    print(errno.errorcode[e.errno])
"""
        self.assertEqual(run_mp(script, before=[f"{MACHINE} 3"], ver="3.3"), (0, "xy\nENOENT\n", ""))

    def test_seek_before_the_beginning_is_refused_and_moves_nothing(self):
        script = """
import errno
f = open("A", "w+b")
f.write(b"abcdef")
f.seek(4)
for offset, whence in ((-1, 0), (-5, 1), (-7, 2)):
    try:
        f.seek(offset, whence)
    except OSError as e:
        print(errno.errorcode[e.errno], f.tell())
print(f.seek(-4, 1), f.seek(-2, 2), f.read())
"""
        self.assertEqual(run_mp(script), (0, "EINVAL 4\n" * 3 + "0 4 b'ef'\n", ""))

    def test_drive_that_is_not_ready_is_no_lack_of_permission(self):
        script = r"""
import errno
try:
    open("A:\\X")
except OSError as e:
    print(errno.errorcode[e.errno])
print(open("SCRIPT.PY").read(8).strip())
"""
        self.assertEqual(run_mp(script, before=[f"{MACHINE} F"], ver="5.0"), (0, "ENXIO\nimport\n", ""))


    def test_paths_are_brought_into_the_form_that_every_dos_knows(self):
        script = r"""
import os
os.mkdir("SUB")
os.mkdir("SUB/DEEP")
open("SUB/DEEP/A", "w").close()
print([os.listdir(p) for p in ("SUB/DEEP", "SUB/DEEP/", "SUB//DEEP", "C:\\SUB\\\\DEEP\\", "/SUB/DEEP")])
print(["SUB" in os.listdir(p) for p in ("/", "\\", "C:", "C:/", ".", "./", "C:.")])
os.chdir("SUB")
print([os.listdir(p) for p in (".", "C:", "C:.", "C:DEEP", "DEEP/../DEEP")])
print([os.stat(p)[0] & 0o40000 != 0 for p in ("/", "C:", ".", "C:.", "..", "DEEP//")])
os.chdir("..")
"""
        wanted = f"{[['A']] * 5}\n{[True] * 7}\n{[['DEEP']] * 3 + [['A']] * 2}\n{[True] * 6}\n"
        self.assertEqual(run_mp(script, before=[f"{MACHINE} P"], ver="5.0"), (0, wanted, ""))


class Memory(unittest.TestCase):
    def test_more_than_two_gigabytes(self):
        self.assertEqual(run_mp("print(len(bytearray(5000000)))\n", memory=2500), (0, "5000000\n", ""))

    def test_ctrl_c_while_it_is_loaded_loses_no_memory(self):
        for mode in ("raw", "bios", "vcpi", "dpmi"):
            with self.subTest(mode=mode), Folder() as folder:
                folder.run(rf"{BOOT} > 1.TXT", f"{MACHINE} C", rf"{BOOT} > 2.TXT", rf"{BOOT} > 3.TXT", mode=mode)
                self.assertIn("extended", folder.text("1.TXT"))
                self.assertEqual({folder.text("2.TXT"), folder.text("3.TXT")}, {folder.text("1.TXT")})

    def test_bios_turns_a20_off(self):
        script = """
import time
blocks = [bytes([i]) * 100000 for i in range(20)]
for i in range(50):
    time.time()
print(all(blocks[i] == bytes([i]) * 100000 for i in range(20)))
"""
        for mode in ("raw", "bios"):
            with self.subTest(mode=mode):
                self.assertEqual(run_mp(script, before=[f"{MACHINE} A"], mode=mode), (0, "True\n", ""))

    def test_a20_is_off_though_the_driver_has_turned_it_on(self):
        self.assertEqual(run_mp("print(1)\n", before=[f"{MACHINE} O"]), (0, "1\n", ""))

    def test_processor_and_a20_are_afterwards_as_before(self):
        for mode in ("raw", "bios", "vcpi"):
            with self.subTest(mode=mode), Folder() as folder:
                folder.run(f"{MACHINE} S > BEFORE.TXT", r"D:\MP.EXE -c 1", f"{MACHINE} S > AFTER.TXT", mode=mode)
                self.assertRegex(folder.text("BEFORE.TXT"), r"^[01]{16} A20 o(n|ff)\n$")
                self.assertEqual(folder.text("AFTER.TXT"), folder.text("BEFORE.TXT"))

    def test_ram_disk_without_a_driver_is_not_touched(self):
        with Folder() as folder:
            folder.run(f"{MACHINE} V", r"D:\MP.EXE -c 1 > OUT.TXT", f"{MACHINE} W > DISK.TXT", mode="bios")
            self.assertEqual(folder.text("OUT.TXT"), "MP can't tell which extended memory the RAM disk has left: load HIMEM.SYS before it.\n")
            self.assertEqual(folder.text("DISK.TXT"), "whole\n")


if __name__ == "__main__":
    unittest.main()
