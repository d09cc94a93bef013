# A test runner for MicroPython, which has no unittest: every function test_* of a file is a test.
#
#     from harness import *
#     def test_something(): assert_equal(1 + 1, 2)
#     run(globals())

import errno
import lwip
import sys


def assert_equal(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def assert_true(value, what="not true"):
    if not value:
        raise AssertionError(what)


def assert_raises(exception, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except exception as e:
        return e
    raise AssertionError("%s was not raised" % exception.__name__)


# An OSError with this errno.
def assert_errno(number, function, *args, **kwargs):
    e = assert_raises(OSError, function, *args, **kwargs)
    assert_equal(errno.errorcode.get(e.errno, e.errno), errno.errorcode.get(number, number))
    return e


# How many connections a test may have at once: it has both ends of each.
def connections(wanted):
    return min(wanted, lwip.stats()["pool"]["TCP_PCB"]["size"] // 3 or wanted)


def used():
    return {name: pool["used"] for name, pool in lwip.stats()["pool"].items()}


# After a test the stack begins anew. What its pools then still miss was lost, not only left open.
def check_nothing_is_lost(before):
    lwip.reset()
    # The resets are still on their way to ourselves.
    while lwip.callback() > 0:
        pass
    lost = ["%d of %s" % (n - before.get(name, 0), name) for name, n in used().items() if n > before.get(name, 0)]
    if lost:
        raise AssertionError("lost: " + ", ".join(lost))


def run(names):
    lwip.reset()
    before = used()
    passed = failed = 0
    for name in sorted(names):
        if name.startswith("test_"):
            try:
                names[name]()
                check_nothing_is_lost(before)
                passed += 1
                print("ok", name)
            except Exception as e:
                failed += 1
                print("FAIL", name)
                sys.print_exception(e, sys.stdout)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)
