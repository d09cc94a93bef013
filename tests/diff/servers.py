"""Servers on this machine for the scripts that need a peer outside."""

import socket
import struct
import threading


def _echo(s):
    while data := s.recv(65536):
        s.sendall(data)


def _discard(s):
    while s.recv(65536):
        pass


def _chargen(s):
    """100,000 bytes, then the end."""
    s.sendall(bytes(range(250)) * 400)


def _close(s):
    """The end at once."""


def _reset(s):
    """A few bytes are read, then the connection is reset."""
    s.recv(1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _upper(s):
    """Lines, back in upper case, until an empty one."""
    with s.makefile("rwb") as file:
        for line in file:
            if not line.strip():
                break
            file.write(line.upper())
            file.flush()


def _silent(s):
    """Reads nothing and says nothing until the peer goes."""
    s.recv(1, socket.MSG_PEEK)
    while s.recv(1):
        pass


class Servers:
    """Each on a free port of 127.0.0.1. As a context it gives the words "name=port" for play.py."""

    STREAMS = {"echo": _echo, "discard": _discard, "chargen": _chargen, "close": _close, "reset": _reset, "upper": _upper, "silent": _silent}

    def __enter__(self):
        self.sockets = []
        words = []
        for name, talk in self.STREAMS.items():
            s = socket.create_server(("127.0.0.1", 0))
            self.start(s, self.serve, s, talk)
            words.append(f"{name}={s.getsockname()[1]}")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        self.start(s, self.serve_datagrams, s)
        words.append(f"udp_echo={s.getsockname()[1]}")
        return words

    def __exit__(self, *_):
        for s in self.sockets:
            # Ends the accept() or recvfrom() of its thread.
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def start(self, s, serve, *args):
        self.sockets.append(s)
        threading.Thread(target=serve, args=args, daemon=True).start()

    def serve(self, listener, talk):
        while True:
            try:
                s, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(s, talk), daemon=True).start()

    @staticmethod
    def talk(s, talk):
        with s:
            try:
                talk(s)
            except OSError:
                # The program may go when it likes.
                pass

    @staticmethod
    def serve_datagrams(s):
        while True:
            try:
                data, peer = s.recvfrom(65536)
            except OSError:
                return
            if not data and peer is None:
                return
            s.sendto(data, peer)
