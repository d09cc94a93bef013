"""What `make dist` gives to people with DOS: unpacked, DEMO.BAT does what it says."""

import datetime
import io
import pathlib
import subprocess
import sys
import unittest
import zipfile

from rig import BUILD, ROOT, Folder

from peers import free_port, wait_until
from servers import tcp_server

sys.path.append(str(ROOT / "dist"))

import pack

DATE = datetime.datetime(2026, 11, 28, 12, 0, 0)


class Zip(unittest.TestCase):
    def setUp(self):
        self.files = pack.dos_files(BUILD, "0.1.0", DATE)

    def archive(self, folder, name):
        path = pathlib.Path(folder, name)
        pack.write_zip(path, self.files, DATE)
        return path.read_bytes()

    def test_names_are_8_3_and_texts_are_as_dos_has_them(self):
        for name, data in self.files.items():
            for part in name.split("/"):
                stem, _, ending = part.partition(".")
                self.assertTrue(len(stem) <= 8 and len(ending) <= 3 and part == part.upper(), name)
            if name.rpartition(".")[2] in ("TXT", "BAT", "PY", "LSM"):
                self.assertEqual(data.count(b"\n"), data.count(b"\r\n"), name)

    def test_two_are_the_same(self):
        with Folder() as folder:
            self.assertEqual(self.archive(folder.path, "a.zip"), self.archive(folder.path, "b.zip"))

    def test_demo_fetches_a_page_and_serves_one(self):
        port = free_port()
        requests = []

        def page(connection):
            requests.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + bytes(500))

        with tcp_server(page) as server, Folder() as folder:
            zipfile.ZipFile(io.BytesIO(self.archive(folder.path, "dos.zip"))).extractall(folder.path)
            folder.start("CD BIN", f"DEMO.BAT http://10.0.2.2:{server}/page", tcp=f"{port}:80")
            for count in (1, 2):
                # The machine may not listen yet.
                done = wait_until(lambda: self.get(port), "the page")
                self.assertIn("<h1>This page comes from a machine with DOS</h1>", done)
                self.assertIn(f"10.0.2.2 asked for it, request number {count}.", done)
        self.assertEqual([request.split(b"\r\n")[0] for request in requests], [b"GET /page HTTP/1.0"])

    @staticmethod
    def get(port):
        done = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--max-time", "10", f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=False
        )
        return done.stdout


if __name__ == "__main__":
    unittest.main()
