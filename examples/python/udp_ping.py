"""Ask a UDP echo server a few times, and tell how long each answer takes.

    mp udp_ping.py HOST PORT [COUNT]
"""

import errno
import socket
import sys
import time


def main(host, port, count="4"):
    # A name may have addresses of both families; the socket has to be of the same one.
    family, kind, proto, _, addr = socket.getaddrinfo(host, int(port), 0, socket.SOCK_DGRAM)[0]
    answers = 0
    with socket.socket(family, kind, proto) as s:
        # Datagrams get lost: never wait for one for ever.
        s.settimeout(1)
        for number in range(int(count)):
            sent = time.ticks_us()
            s.sendto(b"ping %d" % number, addr)
            try:
                data, peer = s.recvfrom(1500)
            except OSError as error:
                print("no answer" if error.errno == errno.ETIMEDOUT else error)
                continue
            answers += 1
            print(f"{len(data)} bytes from {peer[0]} in {time.ticks_diff(time.ticks_us(), sent) / 1000:.2f} ms")
    print(f"{count} sent, {answers} answered")
    return 0 if answers else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
