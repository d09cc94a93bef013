"""The headers for machines without an operating system have Linux's numbers and layouts."""

import os
import re
import subprocess
import tempfile
import unittest

from peers import ROOT

HEADERS = os.path.join(ROOT, "ports", "i386", "include")

# Also ours, but no number that Linux has: what the compiler itself is asked for.
NOT_LINUX = re.compile(r"^(BARESOCK_|SSIZE_MAX$|SOMAXCONN$)")

LAYOUTS = {
    "struct sockaddr": ["sa_family", "sa_data"],
    "struct sockaddr_in": ["sin_family", "sin_port", "sin_addr"],
    "struct sockaddr_in6": ["sin6_family", "sin6_port", "sin6_flowinfo", "sin6_addr", "sin6_scope_id"],
    "struct sockaddr_storage": ["ss_family"],
    "struct linger": ["l_onoff", "l_linger"],
    "struct ip_mreq": ["imr_multiaddr", "imr_interface"],
    "struct ip_mreqn": ["imr_multiaddr", "imr_address", "imr_ifindex"],
    "struct ipv6_mreq": ["ipv6mr_multiaddr", "ipv6mr_interface"],
    "struct pollfd": ["fd", "events", "revents"],
}


def headers():
    """The headers' names, as they are included."""
    for folder, _, names in os.walk(HEADERS):
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), HEADERS)


def numbers():
    """The names of all macros that stand for a number."""
    for header in headers():
        with open(os.path.join(HEADERS, header), encoding="ascii") as file:
            for name in re.findall(r"^#define (\w+) +\S", file.read(), re.MULTILINE):
                if not NOT_LINUX.match(name) and not name.startswith(("s6_", "IN6ADDR_")):
                    yield name


def expressions():
    """What is compared, as C."""
    yield from numbers()
    for struct, members in LAYOUTS.items():
        yield f"sizeof({struct})"
        for member in members:
            yield f"__builtin_offsetof({struct}, {member})"


class I386Headers(unittest.TestCase):
    """Ours beside the host's."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def compile(self, body, *options):
        """Compile a C program that includes every header; the path of what came of it."""
        source = os.path.join(self.folder, "program.c")
        with open(source, "w", encoding="ascii") as file:
            file.write("#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n")
            file.writelines(f"#include <{header}>\n" for header in sorted(headers()))
            file.write(body)
        program = os.path.join(self.folder, "program")
        done = subprocess.run(["cc", *options, "-o", program, source], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return program

    def test_numbers_and_layouts_are_those_of_linux(self):
        wanted = sorted(set(expressions()))
        self.assertGreater(len(wanted), 150)
        lines = "".join(f'printf("%lld\\n", (long long)({text}));\n' for text in wanted)
        program = self.compile("int main(void)\n{\n" + lines + "return 0;\n}\n")
        host = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
        asserts = "".join(
            f'_Static_assert((long long)({text}) == {value}LL, "{text}");\n' for text, value in zip(wanted, host)
        )
        self.compile(asserts, "-isystem", HEADERS, "-c")


if __name__ == "__main__":
    unittest.main()
