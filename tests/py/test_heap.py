# The collector, which deps/patches/micropython/gc-runs.patch lets handle long runs of blocks as such.

import gc
import random

from harness import *

SIZES = (1, 31, 32, 33, 100, 127, 128, 129, 1000, 4096, 16384, 16385, 70000)


def filled(size, mark):
    return bytearray(bytes([mark]) * size)


def check(chunks):
    for chunk, size, mark in chunks:
        assert_equal(len(chunk), size)
        for at in (0, size // 2, size - 1):
            assert_equal(chunk[at], mark)


def test_chunks_of_all_sizes_keep_what_is_in_them():
    random.seed(1)
    chunks = []
    for mark in range(3000):
        mark &= 0xFF
        size = random.choice(SIZES) + random.randrange(3)
        chunks.append((filled(size, mark), size, mark))
        while len(chunks) > random.randrange(1, 60):
            chunks.pop(random.randrange(len(chunks)))
        if random.randrange(20) == 0:
            gc.collect()
            check(chunks)


def test_chunks_side_by_side_are_freed_alone():
    # Neighbours in the heap, every second of which goes: what is freed must end where the next one begins.
    for size in SIZES:
        chunks = [(filled(size, mark), size, mark) for mark in range(64)]
        chunks = chunks[1::2]
        gc.collect()
        between = [filled(size, 0xEE) for _ in range(64)]
        check(chunks)
        chunks = between = None
        gc.collect()


def test_all_is_free_again_after_a_collection():
    gc.collect()
    before = gc.mem_alloc()
    for size in SIZES:
        chunk = bytes(size)
        assert_true(gc.mem_alloc() >= before + size)
        chunk = None
        gc.collect()
        # What the interpreter itself holds may differ by a few blocks.
        assert_true(gc.mem_alloc() < before + 1024, "%d bytes of %d stay" % (gc.mem_alloc() - before, size))


def test_chunk_grows_and_shrinks_in_place_or_moves():
    chunk = bytearray()
    for i in range(300):
        chunk.extend(filled(i, i & 0xFF))
        if i % 50 == 0:
            gc.collect()
    at = 0
    for i in range(300):
        assert_equal(chunk[at : at + i], filled(i, i & 0xFF))
        at += i


# Nobody's stray pointers: what a program did not write is not what was there before.
def test_bytearray_begins_with_zeros():
    for size in SIZES:
        filled(size, 0xFF)
        gc.collect()
        assert_true(not any(bytearray(size)))
        assert_true(not any(bytes(size)))


run(globals())
