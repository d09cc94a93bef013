"""GRUB boots the image as QEMU does. On a computer it is what does it."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import machine

SCRIPT = "import sys, os\nprint(sys.argv, os.listdir(), os.getenv('BARESOCK_HOSTNAME'))\n"

CONFIGURATION = """
set timeout=0
menuentry mp {
  multiboot /mp.elf BARESOCK_HOSTNAME=fred s.py one 'two words'
  module /s.py s.py
}
"""


class Grub(unittest.TestCase):
    def test_grub_boots_image_with_words_and_module(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name, "disk")
            (folder / "boot" / "grub").mkdir(parents=True)
            (folder / "boot" / "grub" / "grub.cfg").write_text(CONFIGURATION)
            (folder / "s.py").write_text(SCRIPT)
            shutil.copy(machine.MP, folder)
            disk = pathlib.Path(name, "disk.iso")
            made = subprocess.run(["grub-mkrescue", "-o", disk, folder], capture_output=True, text=True, check=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            command = ["qemu-system-i386", "-M", "pc", "-accel", "tcg", "-m", "64", "-display", "none", "-no-reboot"]
            command += ["-serial", "stdio", "-monitor", "none", "-nic", "user,model=e1000", "-device", machine.x86.EXIT_DEVICE, "-cdrom", disk]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=machine.DEADLINE_S)
            result = machine.x86.status_of(done.returncode), done.stdout.replace("\r", "")
            self.assertEqual(result, (0, "['s.py', 'one', 'two words'] ['s.py'] fred\n"))


if __name__ == "__main__":
    unittest.main()
