#!/usr/bin/env python3
"""pack.py BUILD INSTALLED VERSION: put what is given away into BUILD/dist.

INSTALLED is what `make install` made, with usr/ in it. SOURCE_DATE_EPOCH is the date of everything.
"""

import datetime
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

LSM = """\
Begin3
Title:          baresock
Version:        {version}
Entered-date:   {date}
Description:    MicroPython with BSD sockets over a packet driver, and a packet driver for NE2000 cards
Keywords:       python, network, sockets, tcp/ip, packet driver, ne2000
Author:         the authors of baresock
Maintained-by:  the authors of baresock
Platforms:      DOS on a 386 with an x87, 4 MB
Copying-policy: MIT
End
"""

CONTROL = """\
Package: baresock
Version: {version}
Architecture: {architecture}
Maintainer: the authors of baresock <baresock@localhost>
Depends: libc6, libslirp0
Section: net
Priority: optional
Description: BSD sockets over a TCP/IP stack of the program's own
 MicroPython with its own TCP/IP stack (mp), and the C library and headers for
 programs that want one, without privileges.
"""


def dos_text(text):
    """As DOS has texts. What its characters can't say is an error."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("cp437")


def without_links(markdown):
    """What a reader of plain text sees."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)


def read(*parts):
    return (ROOT.joinpath(*parts)).read_text(encoding="utf-8")


def dos_files(build, version, date):
    """The files of the zip: {path: bytes}."""
    files = {
        "APPINFO/BARESOCK.LSM": dos_text(LSM.format(version=version, date=date.strftime("%Y-%m-%d"))),
        "BIN/MP.EXE": (build / "dos" / "MP.EXE").read_bytes(),
        "BIN/NE2000.COM": (build / "dos" / "NE2000.COM").read_bytes(),
        "DOC/BARESOCK/DOS.TXT": dos_text(without_links(read("docs", "dos.md"))),
        "DOC/BARESOCK/LICENSE.TXT": dos_text(read("LICENSE")),
        "README.TXT": dos_text(read("dist", "dos", "readme.txt").replace("@VERSION@", version)),
        "BIN/WGET.PY": dos_text(read("tools", "wget.py")),
    }
    for name in ("demo.bat", "demo.py"):
        files[f"BIN/{name.upper()}"] = dos_text(read("dist", "dos", name))
    return files


def write_zip(path, files, date):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Made by MS-DOS: a system without permissions.
            entry.create_system = 0
            archive.writestr(entry, files[name])


def write_tarball(path, installed, epoch):
    """All of a folder, as nobody's in particular."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for file in sorted(installed.rglob("*")):
            entry = archive.gettarinfo(file, f"{path.name.removesuffix('.tar.gz')}/{file.relative_to(installed)}")
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime = epoch
            with open(file, "rb") if entry.isfile() else io.BytesIO() as content:
                archive.addfile(entry, content if entry.isfile() else None)
    path.write_bytes(gzip.compress(data.getvalue(), mtime=epoch))


def write_deb(path, installed, work, version, architecture):
    """A package of Debian's. dpkg-deb takes the date from the environment."""
    tree = work / "deb"
    shutil.copytree(installed, tree, symlinks=True)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(CONTROL.format(version=version, architecture=architecture), encoding="ascii")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, path], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)


def main():
    build, installed, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    date = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    out = build / "dist"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    write_zip(out / "baresock-dos.zip", dos_files(build, version, date), date)
    write_tarball(out / f"baresock-{version}-linux-{architecture}.tar.gz", installed, epoch)
    write_deb(out / f"baresock_{version}_{architecture}.deb", installed, out, version, architecture)
    subprocess.run(["objcopy", "--strip-debug", build / "x86" / "mp.elf", out / "baresock-x86.elf"], check=True)
    files = sorted(path for path in out.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    for path in files:
        print(f"{path.stat().st_size:>10,}  {path}")


if __name__ == "__main__":
    main()
