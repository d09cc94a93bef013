"""Look names up, and addresses.

    mp look_up.py NAME_OR_ADDRESS...
"""

import socket
import sys


def main(*names):
    failed = 0
    for name in names:
        try:
            # Each address once, whatever it is used for: one type of socket is enough.
            for family, _, _, _, addr in socket.getaddrinfo(name, None, 0, socket.SOCK_STREAM):
                # And back. Without a name in DNS that is the address again.
                host, _ = socket.getnameinfo(addr, 0)
                print(name, "IPv6" if family == socket.AF_INET6 else "IPv4", addr[0], "" if host == addr[0] else host)
        except socket.gaierror as error:
            print(f"{name}: {error.args[1]}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
