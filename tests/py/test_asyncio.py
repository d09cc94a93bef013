# asyncio over our sockets.

import asyncio
import errno
import network
import socket

from harness import *
from pairs import *


async def start_echo(port):
    async def echo(reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            writer.write(line)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(echo, "127.0.0.1", port, backlog=64)


def test_echo_server_with_many_clients():
    clients = connections(50)

    async def client(port, n, results):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for i in range(5):
            writer.write(b"%d %d\n" % (n, i))
            await writer.drain()
            results.append(await reader.readline() == b"%d %d\n" % (n, i))
        writer.close()
        await writer.wait_closed()

    async def main():
        port = closed_port()
        results = []
        async with await start_echo(port):
            await asyncio.gather(*[client(port, n, results) for n in range(clients)])
        return results

    assert_equal(asyncio.run(main()), [True] * 5 * clients)


def test_large_stream():
    async def main():
        port = closed_port()
        got = bytearray()

        async def sink(reader, writer):
            while True:
                data = await reader.read(20000)
                if not data:
                    break
                got.extend(data)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(sink, "127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 500000)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        while len(got) < 500000:
            await asyncio.sleep_ms(1)
        server.close()
        await server.wait_closed()
        return len(got)

    assert_equal(asyncio.run(main()), 500000)


def test_readexactly_and_the_end():
    async def main():
        c, s = stream_pair()
        c.setblocking(False)
        reader = asyncio.StreamReader(c)
        s.send(b"abc")
        first = await reader.readexactly(2)
        s.close()
        try:
            await reader.readexactly(2)
        except EOFError:
            return first

    assert_equal(asyncio.run(main()), b"ab")


def test_refused_connection():
    async def main():
        reader, writer = await asyncio.open_connection("127.0.0.1", closed_port())
        writer.write(b"x")
        await writer.drain()
        return await reader.read(1)

    assert_errno(errno.ECONNREFUSED, asyncio.run, main())


def test_wait_for_cancels_a_read():
    async def main():
        c, s = stream_pair()
        c.setblocking(False)
        try:
            await asyncio.wait_for_ms(asyncio.StreamReader(c).read(1), 30)
        except asyncio.TimeoutError:
            return True

    assert_true(asyncio.run(main()))


def test_sleep_keeps_the_network_moving():
    async def main():
        l = listener()
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(l.getsockname())
        await asyncio.sleep_ms(30)
        l.setblocking(False)
        return l.accept()[1] == c.getsockname()

    assert_true(asyncio.run(main()))


# Answers each query with one IPv4 address.
async def name_server(sock):
    sock.setblocking(False)
    while True:
        await asyncio.sleep_ms(1)
        try:
            query, addr = sock.recvfrom(512)
        except OSError:
            continue
        question = query[12:]
        question = question[: question.index(b"\0") + 5]
        wants_ip4 = question[-4:-2] == b"\0\x01"
        answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01" if wants_ip4 else b""
        sock.sendto(query[:2] + b"\x81\x80\0\x01\0" + bytes([wants_ip4]) + b"\0\0\0\0" + question + answer, addr)


def test_names_are_looked_up_without_blocking_the_loop():
    async def main():
        dns = datagram_socket()
        network.ipconfig(dns="127.0.0.1:%d" % dns.getsockname()[1])
        server = asyncio.create_task(name_server(dns))
        port = closed_port()
        async with await start_echo(port):
            # The name server is a task of the same loop: a blocking look-up would never end.
            reader, writer = await asyncio.open_connection("host.example", port)
            writer.write(b"hello\n")
            await writer.drain()
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
        server.cancel()
        return line

    assert_equal(asyncio.run(main()), b"hello\n")


def test_a_lookup_can_be_cancelled():
    async def main():
        silent = datagram_socket()
        network.ipconfig(dns="127.0.0.1:%d" % silent.getsockname()[1])
        try:
            await asyncio.wait_for_ms(asyncio.open_connection("silent.example", 80), 50)
        except asyncio.TimeoutError:
            return True

    assert_true(asyncio.run(main()))


def test_a_name_that_does_not_exist():
    async def main():
        await asyncio.open_connection("no name at all", 80)

    assert_raises(socket.gaierror, asyncio.run, main())


run(globals())
