/**
 * The end of a program: what was sent is delivered, and what can't be is reset in time.
 */
#include "pair.h"

#include <sys/wait.h>

static char folder[] = "/tmp/baresock-exit-XXXXXX";
static char wire_a[96];
static char wire_b[96];

static int
make_folder(void **state)
{
  (void)state;
  if (mkdtemp(folder) == NULL) {
    return -1;
  }
  snprintf(wire_a, sizeof(wire_a), "wire:%s/a,%s/b", folder, folder);
  snprintf(wire_b, sizeof(wire_b), "wire:%s/b,%s/a", folder, folder);
  return 0;
}

static int
remove_folder(void **state)
{
  (void)state;
  return rmdir(folder);
}

static bool
bring_up(const char *wire, const char *address)
{
  return bs_net_up(wire, NULL) > 0 && bs_net_ip4(0, address) == 0 && bs_net_ip6(0, "off") == 0;
}

static struct sockaddr_in
at(uint32_t address)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(4000) };

  in.sin_addr.s_addr = htonl(address);
  return in;
}

#define ADDRESS_A 0xc0000201u
#define ADDRESS_B 0xc0000202u

/* Another process with its own end of the wire, that runs @p program once a byte comes through the pipe. */
struct process {
  pid_t pid;
  int to;
  int from;
};

static struct process
start(void (*program)(int from_parent, int to_parent))
{
  struct process child;
  int down[2], up[2];

  assert_int_equal(pipe(down), 0);
  assert_int_equal(pipe(up), 0);
  fflush(NULL);
  child.pid = fork();
  assert_true(child.pid >= 0);
  if (child.pid == 0) {
    close(down[1]);
    close(up[0]);
    program(down[0], up[1]);
    _exit(1);
  }
  close(down[0]);
  close(up[1]);
  child.to = down[1];
  child.from = up[0];
  return child;
}

static void
finish(const struct process *child, int expected)
{
  int status;

  close(child->to);
  close(child->from);
  assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), expected);
}

/* It may still need our acknowledgments. */
static void
keep_moving_until_it_ends(const struct process *child)
{
  siginfo_t info = { 0 };

  while (info.si_pid != child->pid) {
    assert_int_equal(bs_net_sleep(1000), 0);
    assert_int_equal(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
  }
}

/* --- programs --- */

#define SENT 100000

/* Sends, closes and ends: no more is asked of a program. */
static void
send_and_exit(int from_parent, int to_parent)
{
  static char data[SENT];
  struct sockaddr_in in = at(ADDRESS_A);
  char go;
  int fd;

  (void)to_parent;
  memset(data, 'd', sizeof(data));
  if (read(from_parent, &go, 1) == 1 && bring_up(wire_b, "192.0.2.2/24")) {
    fd = bs_socket(AF_INET, SOCK_STREAM, 0);
    if (bs_connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0 && bs_send(fd, data, SENT, 0) == SENT &&
        bs_close(fd) == 0) {
      exit(7);
    }
  }
}

/* Accepts, and never reads, until the other process is done. */
static void
accept_and_not_read(int from_parent, int to_parent)
{
  struct sockaddr_in in = at(ADDRESS_B);
  struct pollfd p = { from_parent, POLLIN, 0 };
  int fd;

  if (bring_up(wire_b, "192.0.2.2/24")) {
    fd = bs_socket(AF_INET, SOCK_STREAM, 0);
    if (bs_bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0 && bs_listen(fd, 1) == 0 && write(to_parent, "", 1) == 1) {
      (void)bs_poll(&p, 1, -1);
      (void)bs_net_shutdown();
      _exit(7);
    }
  }
}

/* --- tests --- */

static void
test_lesson_06_program_sends_closes_and_exits_all_arrives(void **state)
{
  static char data[SENT];
  struct timeval patience = { PATIENCE_US / 1000000, 0 };
  struct process child = start(send_and_exit);
  struct sockaddr_in in = at(ADDRESS_A);
  int listener, fd;

  (void)state;
  assert_true(bring_up(wire_a, "192.0.2.1/24"));
  listener = bs_socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bs_setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
  assert_int_equal(bs_bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
  assert_int_equal(bs_listen(listener, 1), 0);
  assert_int_equal(write(child.to, "", 1), 1);
  fd = bs_accept(listener, NULL, NULL);
  assert_true(fd >= 0);
  assert_int_equal(bs_recv(fd, data, SENT, MSG_WAITALL), SENT);
  assert_int_equal(bs_recv(fd, data, 1, 0), 0);
  bs_close(fd);
  bs_close(listener);
  keep_moving_until_it_ends(&child);
  finish(&child, 7);
}

static bs_time_t
hasty_clock(void)
{
  return clock_is += 1000;
}

static void
test_peer_does_not_read_shutdown_resets_after_its_time_and_counts(void **state)
{
  struct process child = start(accept_and_not_read);
  uint32_t before = counter("limit", "exit_resets");
  struct sockaddr_in in = at(ADDRESS_B);
  bs_time_t started;
  char go;
  int fd;

  (void)state;
  assert_int_equal(read(child.from, &go, 1), 1);
  assert_true(bring_up(wire_a, "192.0.2.1/24"));
  fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bs_connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  assert_true(fill(fd) > 0);
  stop_the_clock();
  bs_set_clock(hasty_clock);
  started = bs_now();
  assert_int_equal(bs_net_shutdown(), 1);
  assert_true(bs_now() - started >= BS_EXIT_DRAIN_MS * 1000u);
  bs_set_clock(test_clock);
  assert_int_equal(counter("limit", "exit_resets"), before + 1);
  finish(&child, 7);
}

static void
test_peer_does_not_read_reset_does_not_wait(void **state)
{
  struct process child = start(accept_and_not_read);
  struct sockaddr_in in = at(ADDRESS_B);
  char go;
  int fd;

  (void)state;
  assert_int_equal(read(child.from, &go, 1), 1);
  assert_true(bring_up(wire_a, "192.0.2.1/24"));
  fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bs_connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  assert_true(fill(fd) > 0);
  /* On a clock that stands still any wait would be for ever. */
  stop_the_clock();
  bs_net_reset();
  assert_errno(EBADF, bs_close(fd));
  assert_int_equal(bs_net_default(), 0);
  start_the_clock();
  finish(&child, 7);
}

static void
test_sockets_open_shutdown_closes_them(void **state)
{
  struct ends p = connected_pair();
  int listener = listening(&ours, 1);
  int waiting = connecting_to(&ours, listener);

  (void)state;
  settle();
  assert_int_equal(bs_net_shutdown(), 0);
  assert_errno(EBADF, bs_close(p.fd));
  assert_errno(EBADF, bs_close(p.peer));
  assert_errno(EBADF, bs_close(listener));
  assert_errno(EBADF, bs_close(waiting));
}

static void
test_shut_down_stack_works_again(void **state)
{
  struct ends p;

  (void)state;
  assert_int_equal(bs_net_up("loop", NULL) > 0, 1);
  assert_int_equal(bs_net_shutdown(), 0);
  assert_int_equal(bs_net_shutdown(), 0);
  p = connected_pair();
  assert_send(p.fd, "again");
  assert_recv(p.peer, "again");
  close_pair(&p);
}

static void
test_interface_up_shutdown_takes_it_down(void **state)
{
  (void)state;
  assert_true(bs_net_up("loop", NULL) > 0);
  assert_int_equal(bs_net_dns("9.9.9.9"), 0);
  assert_int_equal(bs_net_shutdown(), 0);
  assert_int_equal(bs_net_default(), 0);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_lesson_06_program_sends_closes_and_exits_all_arrives),
    leak_free(test_peer_does_not_read_shutdown_resets_after_its_time_and_counts),
    leak_free(test_peer_does_not_read_reset_does_not_wait),
    leak_free(test_sockets_open_shutdown_closes_them),
    leak_free(test_shut_down_stack_works_again),
    leak_free(test_interface_up_shutdown_takes_it_down),
  };

  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
