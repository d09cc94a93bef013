"""select() and poll()."""

import select
import socket

from common import datagram, listener, nobody, pair, poll, poll_names, reset, show, wait_readable

IN = select.POLLIN
OUT = select.POLLOUT


def _which(sets, names):
    print(tuple(tuple(names[id(s)] for s in one) for one in sets))


def select_tells_which():
    c, s = pair()
    names = {id(c): "c", id(s): "s"}
    _which(select.select([c, s], [c], [], 0), names)
    c.send(b"x")
    wait_readable(s)
    _which(select.select([c, s], [c, s], [c, s], 0), names)


def select_times_out():
    c, s = pair()
    show("select", lambda: [len(one) for one in select.select([c, s], [], [], 0.02)])


def select_of_nothing():
    show("select", select.select, [], [], [], 0)


def select_of_a_closed_socket():
    s = socket.socket()
    s.close()
    show("select", select.select, [s], [], [], 0)


def select_of_what_is_no_socket():
    show("text", select.select, ["x"], [], [], 0)
    show("none", select.select, [None], [], [], 0)


def select_of_numbers():
    c, s = pair()
    c.send(b"x")
    wait_readable(s)
    show("same", lambda: select.select([s.fileno()], [], [], 0)[0] == [s.fileno()])


def select_with_a_negative_timeout():
    c, s = pair()
    show("select", select.select, [], [], [], -1)


def select_accepts_tuples():
    c, s = pair()
    show("writable", lambda: len(select.select((), (c, s), (), 0)[1]))


def select_the_same_twice():
    c, s = pair()
    show("writable", lambda: len(select.select([], [c, c], [], 0)[1]))


def select_sees_a_listener():
    server = listener()
    show("none", lambda: len(select.select([server], [], [], 0)[0]))
    c = socket.socket()
    c.connect(server.getsockname())
    show("one", lambda: len(select.select([server], [], [], 10)[0]))
    server.accept()
    show("none", lambda: len(select.select([server], [], [], 0)[0]))


def select_sees_the_end():
    c, s = pair()
    c.close()
    show("readable", lambda: len(select.select([s], [], [], 10)[0]))


def select_sees_a_reset_as_both():
    c, s = pair()
    reset(c)
    wait_readable(s)
    show("both", lambda: [len(one) for one in select.select([s], [s], [s], 0)])


def poll_masks_of_a_connection():
    c, s = pair()
    print(poll(c, IN | OUT))
    s.send(b"x")
    wait_readable(c)
    print(poll(c, IN | OUT))
    print(poll(c, IN))
    print(poll(c, OUT))
    print(poll(c, 0))


def poll_after_the_end():
    c, s = pair()
    s.close()
    wait_readable(c)
    print(poll(c, IN | OUT))
    c.close()


def poll_after_both_ends():
    c, s = pair()
    s.shutdown(socket.SHUT_WR)
    c.shutdown(socket.SHUT_WR)
    wait_readable(c)
    wait_readable(s)
    select.select([], [], [], 0.1)
    print(poll(c, IN | OUT))
    print(poll(s, IN))


def poll_after_a_reset():
    c, s = pair()
    reset(s)
    wait_readable(c)
    print(poll(c, IN | OUT))
    print(poll(c, 0))
    show("recv", c.recv, 1)
    print(poll(c, IN | OUT))


def poll_a_new_socket():
    s = socket.socket()
    print(poll(s, IN | OUT))
    print(poll(datagram(), IN | OUT))


def poll_a_refused_socket():
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(nobody())
    poller = select.poll()
    poller.register(s, OUT)
    print(poll_names(poller.poll(10000)[0][1]))
    s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    print(poll_names(poller.poll(10000)[0][1]))


def poll_a_closed_number():
    s = socket.socket()
    fd = s.fileno()
    s.close()
    print(poll(fd, IN))


def poll_times_out():
    c, s = pair()
    poller = select.poll()
    poller.register(c, IN)
    show("poll", poller.poll, 20)
    show("zero", poller.poll, 0)


def poll_with_nothing_registered():
    show("poll", select.poll().poll, 0)


def poll_modify_and_unregister():
    c, s = pair()
    poller = select.poll()
    poller.register(c, IN)
    show("in", lambda: len(poller.poll(0)))
    poller.modify(c, OUT)
    show("out", lambda: len(poller.poll(0)))
    poller.unregister(c)
    show("none", lambda: len(poller.poll(0)))
    show("unregister", poller.unregister, c)
    show("modify", poller.modify, c, IN)


def poll_register_again_changes_the_mask():
    c, s = pair()
    poller = select.poll()
    poller.register(c, OUT)
    poller.register(c, IN)
    show("poll", lambda: len(poller.poll(0)))


def poll_many():
    pairs = [pair() for _ in range(10)]
    poller = select.poll()
    for c, s in pairs:
        poller.register(s, IN)
    for c, s in pairs[3:7]:
        c.send(b"x")
    for c, s in pairs[3:7]:
        wait_readable(s)
    show("ready", lambda: len(poller.poll(0)))


def poll_a_datagram_socket():
    a, b = datagram(), datagram()
    print(poll(b, IN | OUT))
    a.sendto(b"x", b.getsockname())
    wait_readable(b)
    print(poll(b, IN | OUT))
    b.recv(1)
    print(poll(b, IN | OUT))


def poll_a_refused_datagram_socket():
    s = datagram()
    s.connect(nobody(socket.SOCK_DGRAM))
    s.send(b"x")
    wait_readable(s)
    print(poll(s, IN | OUT))
    show("recv", s.recv, 1)
    print(poll(s, IN | OUT))


def poll_a_full_connection():
    c, s = pair()
    c.setblocking(False)
    try:
        while True:
            c.send(bytes(50000))
    except OSError:
        pass
    print(poll(c, OUT))
    s.setblocking(False)
    # Until there is room again.
    poller = select.poll()
    poller.register(c, OUT)
    while not poller.poll(10):
        try:
            s.recv(100000)
        except OSError:
            pass
    print(poll(c, OUT))


def pollin_wakes_a_wait():
    c, s = pair()
    poller = select.poll()
    poller.register(s, IN)
    c.send(b"x")
    show("poll", lambda: poll_names(poller.poll()[0][1]))
