"""A chat room: what one client says, all others hear.

    mp --link slirp:fwd=tcp:7007-7000 chat_server.py [PORT]

Then `nc 127.0.0.1 7007` from two terminals.
"""

import asyncio
import sys

# Whom to write to, and their names.
guests = {}


async def say(text, speaker=None):
    """Tell everyone but the speaker."""
    for writer, name in list(guests.items()):
        if writer is speaker:
            continue
        try:
            writer.write(text.encode())
            # Lets other tasks run until what was written is on its way.
            await writer.drain()
        except OSError:
            # Its own task will find that it is gone.
            pass


async def serve(reader, writer):
    """What is done for each client, in a task of its own."""
    name = "%s:%d" % reader.get_extra_info("peername")[:2]
    guests[writer] = name
    await say(f"* {name} is here\n", writer)
    try:
        while True:
            line = await reader.readline()
            if not line:
                break
            await say(f"{name}: {line.decode()}", writer)
    except OSError:
        pass
    del guests[writer]
    writer.close()
    await say(f"* {name} is gone\n")


async def main(port="7000"):
    await asyncio.start_server(serve, "0.0.0.0", int(port))
    print("listening on port", port)
    while True:
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
