"""asyncio: the same program on both."""

import asyncio

from common import loopback, nobody, show


def _run(main):
    show("run", asyncio.run, main())


class _Server:
    """A server on a port that is free. stop() waits until it has served all who came."""

    def __init__(self, talk):
        self.talk = talk
        self.busy = 0
        self.host, self.port = nobody()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, self.host, self.port)
        return self, self.port

    async def serve(self, reader, writer):
        self.busy += 1
        await self.talk(reader, writer)
        self.busy -= 1

    async def stop(self):
        while self.busy:
            await asyncio.sleep(0.01)
        self.server.close()


async def _serve(talk):
    return await _Server(talk).start()


async def _echo(reader, writer):
    while True:
        data = await reader.read(100)
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def echo():
    async def main():
        server, port = await _serve(_echo)
        reader, writer = await asyncio.open_connection(loopback(), port)
        writer.write(b"hello")
        await writer.drain()
        data = await reader.read(100)
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return data

    _run(main)


def lines():
    async def talk(reader, writer):
        line = await reader.readline()
        writer.write(line.upper())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def main():
        server, port = await _serve(talk)
        reader, writer = await asyncio.open_connection(loopback(), port)
        writer.write(b"one line\n")
        await writer.drain()
        line = await reader.readline()
        end = await reader.read(10)
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return line, end

    _run(main)


def readexactly():
    async def talk(reader, writer):
        for part in (b"ab", b"cde", b"f"):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()
        await writer.wait_closed()

    async def main():
        server, port = await _serve(talk)
        reader, writer = await asyncio.open_connection(loopback(), port)
        got = await reader.readexactly(4)
        try:
            await reader.readexactly(4)
        except EOFError:
            got += b" too short"
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return got

    _run(main)


def many_clients():
    async def client(port, number):
        reader, writer = await asyncio.open_connection(loopback(), port)
        writer.write(b"%d" % number)
        await writer.drain()
        data = await reader.read(10)
        writer.close()
        await writer.wait_closed()
        return data

    async def main():
        server, port = await _serve(_echo)
        result = await asyncio.gather(*[client(port, number) for number in range(8)])
        await server.stop()
        return result

    _run(main)


def refused():
    async def main():
        host, port = nobody()
        await asyncio.open_connection(host, port)

    _run(main)


def wait_for_times_out():
    async def silent(reader, writer):
        await reader.read(1)
        writer.close()
        await writer.wait_closed()

    async def main():
        server, port = await _serve(silent)
        reader, writer = await asyncio.open_connection(loopback(), port)
        try:
            await asyncio.wait_for(reader.read(1), 0.05)
        except asyncio.TimeoutError:
            return "timed out"
        finally:
            writer.close()
            await writer.wait_closed()
            await server.stop()

    _run(main)


def peer_name():
    async def main():
        server, port = await _serve(_echo)
        reader, writer = await asyncio.open_connection(loopback(), port)
        name = writer.get_extra_info("peername")
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return name == (loopback(), port)

    _run(main)


def large_answer():
    async def talk(reader, writer):
        writer.write(bytes(200000))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def main():
        server, port = await _serve(talk)
        reader, writer = await asyncio.open_connection(loopback(), port)
        data = await reader.read(-1)
        writer.close()
        await writer.wait_closed()
        await server.stop()
        return len(data)

    _run(main)
