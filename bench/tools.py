"""With what things were measured: the machine, and the tools that decide how many instructions a program takes."""

import os
import pathlib
import platform
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]


def first_line(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return (done.stdout.splitlines() or ["unknown"])[0]


def compiler():
    """What it calls itself, without the name that it was called by."""
    return re.sub(r"^\S+ ", "", first_line(os.environ.get("CC", "cc"), "--version"))


def build_tools():
    """What decides how many instructions a program takes, and how large it is."""
    return {"cc": compiler(), "libc": " ".join(platform.libc_ver()), "machine": platform.machine()}


def locked():
    """{name: version} of deps/lock."""
    fields = [line.split() for line in (ROOT / "deps/lock").read_text(encoding="utf-8").splitlines()]
    return {words[0]: words[1] for words in fields if len(words) > 1 and words[0] != "#"}


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^(?:model name|Model|cpu)\s*:\s*(.+)$", text, re.MULTILINE)
    kind = "virtual " if re.search(r"^flags\s*:.*\bhypervisor\b", text, re.MULTILINE) else ""
    return f"{os.cpu_count()} {kind}CPUs ({found.group(1) if found else platform.machine()})"


def about():
    """Where a measurement was made, in words."""
    versions = locked()
    return {
        "machine": processor(),
        "kernel": f"{platform.system()} {platform.release()}",
        "cc": compiler(),
        "libc": " ".join(platform.libc_ver()),
        "valgrind": first_line("valgrind", "--version"),
        "lwIP": versions.get("lwip", "unknown"),
        "MicroPython": versions.get("micropython", "unknown"),
        "CPython": platform.python_version(),
        "commit": first_line("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
    }
