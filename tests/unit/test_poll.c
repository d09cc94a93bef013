/**
 * poll() and select(): every cell of the table, and waits for sockets and host descriptors together.
 */
#include "pair.h"

#include <sys/time.h>
#include <sys/wait.h>

#include "socket/ready.h"

/* --- the table, by itself --- */

#define IN  (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)

struct cell {
  enum sock_state state;
  unsigned flags;
  int error;
  bool readable, writable;
  int mask;
};

static void
test_lesson_11_stream_every_cell(void **state)
{
  static const struct cell cells[] = {
    { SOCK_NEW, 0, 0, false, false, OUT | POLLHUP },
    { SOCK_LISTENING, 0, 0, false, false, 0 },
    { SOCK_LISTENING, 0, 0, true, false, IN },
    { SOCK_CONNECTING, 0, 0, false, false, 0 },
    { SOCK_CONNECTED, 0, 0, false, false, 0 },
    { SOCK_CONNECTED, 0, 0, true, false, IN },
    { SOCK_CONNECTED, 0, 0, false, true, OUT },
    { SOCK_CONNECTED, 0, 0, true, true, IN | OUT },
    { SOCK_CONNECTED, SOCK_F_EOF, 0, false, false, IN | POLLRDHUP },
    { SOCK_CONNECTED, SOCK_F_EOF, 0, false, true, IN | OUT | POLLRDHUP },
    { SOCK_CONNECTED, SOCK_F_SHUT_RD, 0, false, true, IN | OUT | POLLRDHUP },
    { SOCK_CONNECTED, SOCK_F_SHUT_WR, 0, false, false, OUT },
    { SOCK_CONNECTED, SOCK_F_SHUT_WR, 0, true, false, IN | OUT },
    { SOCK_CONNECTED, SOCK_F_SHUT_RD | SOCK_F_SHUT_WR, 0, false, false, IN | OUT | POLLRDHUP | POLLHUP },
    { SOCK_CONNECTED, SOCK_F_EOF | SOCK_F_SHUT_WR, 0, false, false, IN | OUT | POLLRDHUP | POLLHUP },
    { SOCK_CONNECTED, 0, EPIPE, false, false, POLLERR },
    { SOCK_CLOSED, 0, 0, false, false, IN | OUT | POLLRDHUP | POLLHUP },
    { SOCK_CLOSED, 0, ECONNRESET, false, false, IN | OUT | POLLRDHUP | POLLHUP | POLLERR },
    { SOCK_CLOSED, 0, ECONNREFUSED, true, false, IN | OUT | POLLRDHUP | POLLHUP | POLLERR },
  };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
    struct sock s = { .ops = &stream_ops,
                      .state = (uint8_t)cells[i].state,
                      .flags = (uint16_t)cells[i].flags,
                      .error = (uint8_t)cells[i].error };

    if (ready_mask(&s, cells[i].readable, cells[i].writable) != cells[i].mask) {
      fail_msg("cell %u: %x instead of %x", i, (unsigned)ready_mask(&s, cells[i].readable, cells[i].writable),
               (unsigned)cells[i].mask);
    }
  }
}

static void
test_lesson_11_datagram_every_cell(void **state)
{
  static const struct cell cells[] = {
    { SOCK_NEW, 0, 0, false, true, OUT },
    { SOCK_NEW, 0, 0, false, false, 0 },
    { SOCK_NEW, 0, 0, true, true, IN | OUT },
    { SOCK_CONNECTED, SOCK_F_SHUT_RD, 0, false, true, IN | OUT | POLLRDHUP },
    { SOCK_CONNECTED, SOCK_F_SHUT_WR, 0, false, true, OUT },
    { SOCK_CONNECTED, SOCK_F_SHUT_RD | SOCK_F_SHUT_WR, 0, false, true, IN | OUT | POLLRDHUP | POLLHUP },
    { SOCK_CONNECTED, 0, ECONNREFUSED, false, true, OUT | POLLERR },
  };
  unsigned i;

  (void)state;
  for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
    struct sock s = { .ops = &datagram_ops,
                      .state = (uint8_t)cells[i].state,
                      .flags = (uint16_t)cells[i].flags,
                      .error = (uint8_t)cells[i].error };

    assert_int_equal(ready_mask(&s, cells[i].readable, cells[i].writable), cells[i].mask);
  }
}

/* --- events --- */

static void
test_connected_only_what_was_asked_is_told(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_int_equal(revents_of(p.fd, POLLIN), 0);
  assert_int_equal(revents_of(p.fd, POLLOUT), POLLOUT);
  assert_int_equal(revents_of(p.fd, 0), 0);
  close_pair(&p);
}

static void
test_negative_descriptor_is_ignored(void **state)
{
  struct pollfd p = { -1, POLLIN, 77 };

  (void)state;
  assert_int_equal(bs_poll(&p, 1, 0), 0);
  assert_int_equal(p.revents, 0);
}

static void
test_closed_descriptor_is_pollnval(void **state)
{
  struct pollfd p[2] = { { BS_FD_BASE, POLLIN, 0 }, { 900, POLLIN, 0 } };

  (void)state;
  assert_int_equal(bs_poll(p, 2, -1), 2);
  assert_int_equal(p[0].revents, POLLNVAL);
  assert_int_equal(p[1].revents, POLLNVAL);
}

static void
test_same_socket_twice_both_are_told(void **state)
{
  struct ends p = connected_pair();
  struct pollfd fds[2] = { { p.fd, POLLOUT, 0 }, { p.fd, POLLIN, 0 } };

  (void)state;
  assert_send(p.peer, "x");
  settle();
  assert_int_equal(bs_poll(fds, 2, 0), 2);
  assert_int_equal(fds[0].revents, POLLOUT);
  assert_int_equal(fds[1].revents, POLLIN);
  close_pair(&p);
}

static void
test_failed_connect_select_sees_it(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in in = loopback(9);
  bs_fd_set w;

  (void)state;
  assert_errno(EINPROGRESS, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  BS_FD_ZERO(&w);
  BS_FD_SET(fd, &w);
  assert_int_equal(bs_select(fd + 1, NULL, &w, NULL, NULL), 1);
  assert_true(BS_FD_ISSET(fd, &w));
  assert_int_equal(so_error(fd), ECONNREFUSED);
  bs_close(fd);
}

/* --- with the host's descriptors --- */

static void
test_pipe_and_socket_the_ready_one_is_told(void **state)
{
  struct ends p = connected_pair();
  struct pollfd fds[2];
  int ends[2];
  char buf[1];

  (void)state;
  assert_int_equal(pipe(ends), 0);
  fds[0] = (struct pollfd){ ends[0], POLLIN, 0 };
  fds[1] = (struct pollfd){ p.fd, POLLIN, 0 };
  assert_int_equal(bs_poll(fds, 2, 0), 0);
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_int_equal(bs_poll(fds, 2, -1), 1);
  assert_int_equal(fds[0].revents, POLLIN);
  assert_int_equal(fds[1].revents, 0);
  assert_send(p.peer, "x");
  settle();
  assert_int_equal(bs_poll(fds, 2, -1), 2);
  assert_int_equal(fds[1].revents, POLLIN);
  close(ends[1]);
  assert_int_equal(read(ends[0], buf, 1), 1);
  assert_int_equal(bs_poll(fds, 1, -1), 1);
  assert_int_equal(fds[0].revents, POLLHUP);
  close(ends[0]);
  close_pair(&p);
}

static void
test_pipe_written_by_another_process_ends_the_wait(void **state)
{
  struct ends p = connected_pair();
  struct pollfd fds[2];
  int ends[2];
  pid_t child;

  (void)state;
  assert_int_equal(pipe(ends), 0);
  child = fork();
  if (child == 0) {
    (void)usleep(1000);
    (void)!write(ends[1], "x", 1);
    _exit(0);
  }
  fds[0] = (struct pollfd){ p.fd, POLLIN, 0 };
  fds[1] = (struct pollfd){ ends[0], POLLIN, 0 };
  assert_int_equal(bs_poll(fds, 2, -1), 1);
  assert_int_equal(fds[1].revents, POLLIN);
  assert_int_equal(waitpid(child, NULL, 0), child);
  close(ends[0]);
  close(ends[1]);
  close_pair(&p);
}

static void
test_pipe_and_socket_in_select(void **state)
{
  struct ends p = connected_pair();
  bs_fd_set r, w;
  int ends[2];

  (void)state;
  assert_int_equal(pipe(ends), 0);
  BS_FD_ZERO(&r);
  BS_FD_ZERO(&w);
  BS_FD_SET(ends[0], &r);
  BS_FD_SET(p.fd, &r);
  BS_FD_SET(p.fd, &w);
  BS_FD_SET(ends[1], &w);
  assert_int_equal(bs_select(p.fd + 1, &r, &w, NULL, NULL), 2);
  assert_false(BS_FD_ISSET(ends[0], &r));
  assert_false(BS_FD_ISSET(p.fd, &r));
  assert_true(BS_FD_ISSET(p.fd, &w));
  assert_true(BS_FD_ISSET(ends[1], &w));
  close(ends[0]);
  close(ends[1]);
  close_pair(&p);
}

static void
test_select_wrong_arguments_give_errors(void **state)
{
  struct timeval tv = { 0, 1000000 };
  bs_fd_set r;

  (void)state;
  BS_FD_ZERO(&r);
  assert_errno(EINVAL, bs_select(-1, &r, NULL, NULL, NULL));
  assert_errno(EINVAL, bs_select(BS_FD_SETSIZE + 1, &r, NULL, NULL, NULL));
  assert_errno(EINVAL, bs_select(1, &r, NULL, NULL, &tv));
  BS_FD_SET(BS_FD_BASE, &r);
  assert_errno(EBADF, bs_select(BS_FD_SETSIZE, &r, NULL, NULL, NULL));
}

static void
test_more_host_descriptors_than_can_be_waited_for_give_einval(void **state)
{
  static struct pollfd fds[BS_WAIT_SOURCES + 1];
  unsigned i;

  (void)state;
  for (i = 0; i <= BS_WAIT_SOURCES; i++) {
    fds[i] = (struct pollfd){ 0, 0, 0 };
  }
  assert_errno(EINVAL, bs_poll(fds, BS_WAIT_SOURCES + 1, 0));
}

/* --- time and signals --- */

static bs_time_t
hasty_clock(void)
{
  return clock_is += 1000;
}

static void
test_nothing_ready_poll_ends_at_its_time(void **state)
{
  struct ends p = connected_pair();
  struct pollfd fds = { p.fd, POLLIN, 0 };
  bs_time_t start;

  (void)state;
  stop_the_clock();
  bs_set_clock(hasty_clock);
  start = bs_now();
  assert_int_equal(bs_poll(&fds, 1, 500), 0);
  assert_true(bs_now() - start >= 500000);
  bs_set_clock(test_clock);
  close_pair(&p);
}

static void
test_nothing_ready_blocking_recv_ends_at_its_time(void **state)
{
  struct ends p = connected_pair();
  struct timeval tv = { 2, 0 };
  bs_time_t start;
  char buf[1];

  (void)state;
  set_waiting(p.fd);
  assert_int_equal(bs_setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
  stop_the_clock();
  bs_set_clock(hasty_clock);
  start = bs_now();
  assert_errno(EAGAIN, bs_recv(p.fd, buf, 1, 0));
  assert_true(bs_now() - start >= 2000000);
  bs_set_clock(test_clock);
  close_pair(&p);
}

static void
test_timeout_0_does_not_wait(void **state)
{
  (void)state;
  stop_the_clock();
  /* The clock stands: a wait would not end. */
  assert_int_equal(bs_poll(NULL, 0, 0), 0);
}

static void
on_alarm(int number)
{
  (void)number;
}

/* Signals come again and again, so that none can be missed. */
static void
start_signals(void)
{
  struct sigaction action = { .sa_handler = on_alarm };
  struct itimerval often = { { 0, 2000 }, { 0, 2000 } };

  assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
  assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static void
stop_signals(void)
{
  struct itimerval never = { { 0, 0 }, { 0, 0 } };

  assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
}

static void
test_signal_during_poll_gives_eintr(void **state)
{
  struct ends p = connected_pair();
  struct pollfd fds = { p.fd, POLLIN, 0 };

  (void)state;
  start_signals();
  assert_errno(EINTR, bs_poll(&fds, 1, -1));
  stop_signals();
  close_pair(&p);
}

static void
test_signal_during_blocking_calls_gives_eintr(void **state)
{
  struct ends p = connected_pair();
  int listener = listening(&ours, 1);
  char buf[1];

  (void)state;
  set_waiting(p.fd);
  set_waiting(listener);
  start_signals();
  assert_errno(EINTR, bs_recv(p.fd, buf, 1, 0));
  assert_errno(EINTR, bs_accept(listener, NULL, NULL));
  assert_errno(EINTR, bs_net_sleep(PATIENCE_US));
  stop_signals();
  assert_send(p.peer, "goes on");
  assert_recv(p.fd, "goes on");
  bs_close(listener);
  close_pair(&p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_lesson_11_stream_every_cell),
    leak_free(test_lesson_11_datagram_every_cell),
    leak_free(test_connected_only_what_was_asked_is_told),
    leak_free(test_negative_descriptor_is_ignored),
    leak_free(test_closed_descriptor_is_pollnval),
    leak_free(test_same_socket_twice_both_are_told),
    leak_free(test_failed_connect_select_sees_it),
    leak_free(test_pipe_and_socket_the_ready_one_is_told),
    leak_free(test_pipe_written_by_another_process_ends_the_wait),
    leak_free(test_pipe_and_socket_in_select),
    leak_free(test_select_wrong_arguments_give_errors),
    leak_free(test_more_host_descriptors_than_can_be_waited_for_give_einval),
    leak_free(test_nothing_ready_poll_ends_at_its_time),
    leak_free(test_nothing_ready_blocking_recv_ends_at_its_time),
    leak_free(test_timeout_0_does_not_wait),
    leak_free(test_signal_during_poll_gives_eintr),
    leak_free(test_signal_during_blocking_calls_gives_eintr),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
