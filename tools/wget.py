"""wget: fetch a file over HTTP.

    mp tools/wget.py [-q] [-O FILE] [-T SECONDS] [--sha256 HEX] URL

From the prompt, in this folder: import wget; wget.main(["http://10.0.2.2:8000/file"])
"""

import errno
import hashlib
import os
import socket
import sys
import time

USAGE = "usage: wget.py [-q] [-O FILE] [-T SECONDS] [--sha256 HEX] URL"
HELP = """
Fetches an http URL into a file, named like the last part of the URL.

  -O FILE       the file to write, replaced if it is there; - for standard output
  -T SECONDS    give up when nothing comes for so long (60)
  --sha256 HEX  fail unless the file has this SHA-256
  -q            no progress, only errors
  --help        print this

What comes is written to FILE.part, which becomes FILE when it is complete. A device or a pipe is written to at once.
Exit status: 0 complete, 1 failed, 2 wrong usage.
"""

BUFFER = 32768
LINE_MAX = 16384
HEADERS_MAX = 200
REDIRECTS_MAX = 10
TIMEOUT_S = 60

# The type of a file in its mode, and the one of plain files.
S_IFMT = 0xF000
S_IFREG = 0x8000


class Error(Exception):
    """What went wrong, in one sentence for the user."""


class UsageError(Exception):
    """What is wrong with the command line."""


# --- URLs ---


def quote(text):
    """Percent-encode what may not stand in a request line: control characters, blanks, and all beyond ASCII."""
    return "".join(chr(c) if 0x20 < c < 0x7F else "%%%02X" % c for c in text.encode())


def unquote(text):
    """Undo percent-encoding."""
    first, *parts = text.encode().split(b"%")
    out = [first]
    for part in parts:
        try:
            out.append(bytes([int(part[:2].decode(), 16)]) + part[2:])
        except ValueError:
            out.append(b"%" + part)
    return b"".join(out).decode()


def split_url(url):
    """Split a URL into host, port and the path with its query. The host of an IPv6 literal is without brackets."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        raise Error(f"{url} is not a URL: it begins with http://")
    if scheme.lower() == "https":
        raise Error("https needs TLS, which this build does not have")
    if scheme.lower() != "http":
        raise Error(f"{scheme} is not known, only http")
    rest = rest.partition("#")[0]
    end = min([i for i in (rest.find("/"), rest.find("?")) if i >= 0] or [len(rest)])
    netloc, path = rest[:end], quote(rest[end:])
    if "@" in netloc:
        raise Error("a user name in the URL is not supported yet")
    if netloc.startswith("["):
        host, bracket, port = netloc[1:].partition("]")
        if not bracket or (port and port[0] != ":"):
            raise Error(f"{netloc} is not an IPv6 address in brackets")
        port = port[1:]
    else:
        host, _, port = netloc.partition(":")
    if not host or host != quote(host):
        raise Error(f"{url} names no host")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise Error(f"{port} is not a port")
    return host, int(port or 80), path if path.startswith("/") else "/" + path


def join_url(base, location):
    """The URL that a Location header means, seen from a base URL (RFC 3986 5.2, without dot segments)."""
    if "://" in location.partition("?")[0]:
        return location
    scheme, _, rest = base.partition("://")
    netloc, _, path = rest.partition("#")[0].partition("/")
    if location.startswith("//"):
        return f"{scheme}:{location}"
    if location.startswith("/"):
        return f"{scheme}://{netloc}{location}"
    path = path.partition("?")[0]
    if not location.startswith("?"):
        path = path[: path.rfind("/") + 1]
    return f"{scheme}://{netloc}/{path}{location}"


# --- HTTP ---


def text_of(line):
    """A header line as str: UTF-8, else Latin-1, which every byte is a character of."""
    try:
        return line.decode()
    except UnicodeError:
        return "".join(chr(c) for c in line)


class Response:
    """The answer to one GET: status, reason, headers (by lower-case name), length (None: unknown), and the body."""

    def __init__(self, sock):
        self.sock = sock
        self.status = 100
        while 100 <= self.status < 200:
            self._read_status()
            self._read_headers()
        self.chunked = self.headers.get("transfer-encoding", "identity").lower() == "chunked"
        self.length = None if self.chunked else self._content_length()
        self.left = 0 if self.chunked else self.length
        self.ended = self.length == 0 or self.status in (204, 304)

    def _read_line(self):
        line = self.sock.readline(LINE_MAX)
        if not line.endswith(b"\n"):
            raise Error("the server sent a line without end" if len(line) == LINE_MAX else "the server hung up early")
        return line.rstrip(b"\r\n")

    def _read_status(self):
        words = text_of(self._read_line()).split(" ", 2)
        if not words[0].startswith("HTTP/1.") or len(words) < 2 or len(words[1]) != 3 or not words[1].isdigit():
            raise Error("the server does not speak HTTP")
        self.status = int(words[1])
        self.reason = words[2].strip() if len(words) > 2 else ""

    def _read_headers(self):
        self.headers = {}
        for _ in range(HEADERS_MAX):
            line = text_of(self._read_line())
            if not line:
                return
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        raise Error("the server sends headers without end")

    def _content_length(self):
        if "transfer-encoding" in self.headers:
            raise Error(f"the server's encoding {self.headers['transfer-encoding']} is not supported")
        if "content-length" not in self.headers:
            return None
        values = {value.strip() for value in self.headers["content-length"].split(",")}
        value = values.pop()
        if values or not value.isdigit():
            raise Error("the server sent a Content-Length that is not a number")
        return int(value)

    def _next_chunk(self):
        """Read the line before a chunk; the last one has length 0, and trailers behind it."""
        size = self._read_line().partition(b";")[0].strip().lower()
        if not size or size.strip(b"0123456789abcdef"):
            raise Error("the server sent a chunk without its size")
        self.left = int(size.decode(), 16)
        while self.left == 0 and self._read_line():
            pass
        self.ended = self.left == 0

    def readinto(self, buffer):
        """Read what has come of the body, up to the buffer's length. 0 at the end; Error when it came too early."""
        if self.chunked and self.left == 0 and not self.ended:
            self._next_chunk()
        if self.ended:
            return 0
        n = self.sock.recv_into(buffer, len(buffer) if self.left is None else min(self.left, len(buffer)))
        if n == 0 and self.left is not None:
            raise Error("the server hung up before the end of the file")
        if self.left is not None:
            self.left -= n
            if self.chunked and self.left == 0 and self._read_line():
                raise Error("the server sent a chunk that is longer than its size")
        self.ended = n == 0 or (self.left == 0 and not self.chunked)
        return n

    def close(self):
        """Close the connection."""
        self.sock.close()


def get(url, timeout=TIMEOUT_S):
    """Connect to the server of a URL and ask for it. Returns a Response, which the caller closes."""
    host, port, path = split_url(url)
    name = f"[{host}]" if ":" in host else host
    if port != 80:
        name = f"{name}:{port}"
    sock = socket.create_connection((host, port), timeout)
    try:
        sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: baresock-wget\r\n"
            "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n".encode()
        )
        return Response(sock)
    except BaseException:
        sock.close()
        raise


def get_following(url, timeout=TIMEOUT_S):
    """Like get(), following redirections. Error unless there is a body to read."""
    for _ in range(REDIRECTS_MAX + 1):
        try:
            response = get(url, timeout)
        except OSError as error:
            raise Error(explain(error, split_url(url), timeout))
        if response.status not in (301, 302, 303, 307, 308) or "location" not in response.headers:
            break
        response.close()
        url = join_url(url, response.headers["location"])
    else:
        raise Error(f"more than {REDIRECTS_MAX} redirections, the last one to {url}")
    if response.status not in (200, 203):
        response.close()
        raise Error(f"the server says '{response.status} {response.reason}' to {url}")
    return response


def explain(error, where, timeout):
    """What an OSError of the network means, as a sentence."""
    host, port = where[:2]
    if isinstance(error, socket.gaierror):
        return f"{host} was not found: {error.args[1]}"
    if error.errno == errno.ETIMEDOUT:
        return f"nothing came from {host} port {port} for {timeout} s"
    if error.errno == errno.ECONNREFUSED:
        return f"{host} refuses connections to port {port}"
    if error.errno == errno.ECONNRESET:
        return f"{host} port {port} reset the connection"
    return f"{host} port {port}: {error}"


# --- progress ---


def is_terminal(fd):
    """Whether a descriptor is a terminal; true where nobody can tell."""
    try:
        import termios
    except ImportError:
        return True
    try:
        termios.tcgetattr(fd)
        return True
    except OSError:
        return False


def size_text(n):
    """A number of bytes in at most 7 characters."""
    for unit in ("B", "KB", "MB", "GB"):
        if n < 1000 or unit == "GB":
            return f"{n:.0f} {unit}" if unit == "B" or n >= 100 else f"{n:.1f} {unit}"
        n /= 1000


def time_text(seconds):
    """A duration as minutes and seconds, with hours where there are any."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class Progress:
    """One line on standard error that says how far a transfer is. Nothing where standard error is no terminal."""

    WIDTH = 25
    EVERY_MS = 200

    def __init__(self, name, length, quiet):
        self.name = name if len(name) <= 20 else name[:17] + "..."
        self.length = length
        self.quiet = quiet or not is_terminal(2)
        self.done = 0
        self.started = self.shown = time.ticks_ms()
        self.show(self.started)

    def add(self, n):
        """Count what came, and show it now and then."""
        self.done += n
        now = time.ticks_ms()
        if time.ticks_diff(now, self.shown) >= self.EVERY_MS:
            self.show(now)

    def show(self, now, last=False):
        """Draw the line; the last one shows the whole time instead of what remains."""
        if self.quiet:
            return
        self.shown = now
        seconds = max(time.ticks_diff(now, self.started), 1) / 1000
        rate = self.done / seconds
        line = f"{self.name:20} "
        if self.length:
            filled = self.WIDTH * self.done // self.length
            line += f"{100 * self.done // self.length:3}% [{'=' * filled}{' ' * (self.WIDTH - filled)}] "
        line += f"{size_text(self.done):>7} {size_text(rate):>7}/s"
        if last:
            line += f" in {time_text(seconds)}"
        elif self.length and self.done:
            line += f" eta {time_text((self.length - self.done) / rate)}"
        sys.stderr.write(f"\r{line:79}" + ("\n" if last else ""))

    def end(self):
        """Draw the line a last time, and end it."""
        self.show(time.ticks_ms(), True)


# --- the program ---


def exists(path):
    """Whether there is a file of that name."""
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def file_name(url):
    """A name for what a URL means that is not taken: the last part of its path, with a number where needed."""
    path = split_url(url)[2].partition("?")[0]
    name = unquote(path[path.rfind("/") + 1 :]).replace("/", "_").replace("\0", "_")
    if name in ("", ".", ".."):
        name = "index.html"
    number, free = 0, name
    while exists(free):
        number += 1
        free = f"{name}.{number}"
    return free


def copy(response, out, progress, digest):
    """Copy the body of a response into a file, through one buffer."""
    buffer = bytearray(BUFFER)
    view = memoryview(buffer)
    while True:
        n = response.readinto(buffer)
        if n == 0:
            return
        came = view[:n]
        digest.update(came)
        try:
            out.write(came)
        except OSError as error:
            raise Error(f"can't write the file: {error}")
        progress.add(n)


def is_device(name):
    """Whether a name is taken by what can't be replaced by a file: /dev/null, a pipe, a folder."""
    try:
        return os.stat(name)[0] & S_IFMT != S_IFREG
    except OSError:
        return False


def fetch(url, name, timeout, sha256, quiet):
    """Fetch a URL into a file (None: named by the URL; -: standard output)."""
    if name is None:
        name = file_name(url)
    response = get_following(url, timeout)
    part = name if is_device(name) else f"{name}.part"
    try:
        try:
            out = sys.stdout.buffer if name == "-" else open(part, "wb")
        except OSError as error:
            raise Error(f"can't write {part}: {error}")
        progress = Progress(name, response.length, quiet)
        digest = hashlib.sha256()
        try:
            copy(response, out, progress, digest)
        except OSError as error:
            raise Error(explain(error, split_url(url), timeout))
        finally:
            progress.end()
            if name != "-":
                out.close()
    finally:
        response.close()
    if sha256 and "".join("%02x" % c for c in digest.digest()) != sha256.lower():
        raise Error("what came does not have this SHA-256" + ("" if name == "-" else f": see {part}"))
    if name not in ("-", part):
        os.rename(part, name)


def parse(argv):
    """The command line as arguments of fetch(); None for --help."""
    options = {"url": None, "name": None, "timeout": TIMEOUT_S, "sha256": None, "quiet": False}
    takes_value = {"-O": "name", "-T": "timeout", "--sha256": "sha256"}
    argv = list(argv)
    while argv:
        arg = argv.pop(0)
        if arg in ("-h", "--help"):
            return None
        if arg == "-q":
            options["quiet"] = True
        elif arg in takes_value:
            if not argv:
                raise UsageError(f"{arg} needs a value")
            options[takes_value[arg]] = argv.pop(0)
        elif arg.startswith("-"):
            raise UsageError(f"unknown option {arg}")
        elif options["url"] is not None:
            raise UsageError("one URL at a time")
        else:
            options["url"] = arg
    if options["url"] is None:
        raise UsageError("no URL")
    if options["name"] == "":
        raise UsageError("-O needs a name")
    sha256 = options["sha256"]
    if sha256 is not None and (len(sha256) != 64 or sha256.lower().strip("0123456789abcdef")):
        raise UsageError("--sha256 needs 64 hexadecimal digits")
    try:
        options["timeout"] = float(options["timeout"])
    except ValueError:
        raise UsageError("-T needs a number of seconds")
    if not options["timeout"] > 0:
        raise UsageError("-T needs more than 0 seconds")
    return options


def main(argv):
    """Do what a command line says. Returns the exit status."""
    try:
        options = parse(argv)
        if options is None:
            print(USAGE + "\n" + HELP, end="")
        else:
            fetch(**options)
    except UsageError as error:
        sys.stderr.write(f"wget: {error}\n{USAGE}\n")
        return 2
    except Error as error:
        sys.stderr.write(f"wget: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("wget: interrupted\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
