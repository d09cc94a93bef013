# A test runner for MicroPython, which has no unittest: every function test_* of a file is a test.
#
#     from harness import *
#     def test_something(): assert_equal(1 + 1, 2)
#     run(globals())

import errno
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


def run(names):
    passed = failed = 0
    for name in sorted(names):
        if name.startswith("test_"):
            try:
                names[name]()
                passed += 1
                print("ok", name)
            except Exception as e:
                failed += 1
                print("FAIL", name)
                sys.print_exception(e, sys.stdout)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)
