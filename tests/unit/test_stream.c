/**
 * Streams: what one end sends, the other reads, whatever happens to the connection meanwhile.
 */
#include "pair.h"

#include <sys/uio.h>

#include "lwip/priv/tcp_priv.h"

/* <netinet/tcp.h> cannot stand beside the headers of lwIP. */
#define OPT_NODELAY 1

static void
test_connected_both_ends_know_each_other(void **state)
{
  struct ends p = connected_pair();
  struct sockaddr_in local = name_of(&ours, p.fd), peer;
  socklen_t len = sizeof(peer);

  (void)state;
  assert_int_equal(bs_getpeername(p.peer, (struct sockaddr *)&peer, &len), 0);
  assert_int_equal(peer.sin_port, local.sin_port);
  assert_int_equal(peer.sin_addr.s_addr, local.sin_addr.s_addr);
  close_pair(&p);
}

static void
test_connected_data_passes_both_ways(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_send(p.fd, "ping");
  assert_recv(p.peer, "ping");
  assert_send(p.peer, "pong");
  assert_recv(p.fd, "pong");
  close_pair(&p);
}

static void
test_lesson_13_several_segments_queued_recv_returns_all(void **state)
{
  struct ends p = connected_pair();
  char buf[100];

  (void)state;
  set_int(p.peer, IPPROTO_TCP, OPT_NODELAY, 1);
  assert_send(p.peer, "one ");
  settle();
  assert_send(p.peer, "two ");
  settle();
  assert_send(p.peer, "three");
  settle();
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), 0), 13);
  assert_memory_equal(buf, "one two three", 13);
  close_pair(&p);
}

static void
test_lesson_13_part_queued_waitall_waits_for_the_rest(void **state)
{
  static char sent[BS_TCP_SND_BUF], got[BS_TCP_SND_BUF];
  struct ends p = connected_pair();

  (void)state;
  memset(sent, 7, sizeof(sent));
  set_waiting(p.fd);
  assert_int_equal(bs_send(p.peer, sent, sizeof(sent), 0), sizeof(sent));
  assert_int_equal(bs_recv(p.fd, got, sizeof(got), MSG_WAITALL), sizeof(got));
  assert_memory_equal(got, sent, sizeof(sent));
  close_pair(&p);
}

static void
test_peer_closed_waitall_returns_what_came(void **state)
{
  struct ends p = connected_pair();
  char buf[10];

  (void)state;
  set_waiting(p.fd);
  assert_send(p.peer, "part");
  bs_close(p.peer);
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), MSG_WAITALL), 4);
  assert_end(p.fd);
  bs_close(p.fd);
}

static void
test_lesson_12_waitall_times_out_nothing_is_lost(void **state)
{
  struct ends p = connected_pair();
  struct timeval tv = { 0, 1000 };
  char buf[10];

  (void)state;
  set_waiting(p.fd);
  assert_int_equal(bs_setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
  assert_send(p.peer, "part");
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), MSG_WAITALL), 4);
  assert_memory_equal(buf, "part", 4);
  assert_errno(EAGAIN, bs_recv(p.fd, buf, sizeof(buf), 0));
  assert_send(p.peer, "more");
  assert_recv(p.fd, "more");
  close_pair(&p);
}

static void
test_data_queued_peek_leaves_it(void **state)
{
  struct ends p = connected_pair();
  char buf[3];

  (void)state;
  assert_send(p.peer, "twice");
  settle();
  assert_int_equal(bs_recv(p.fd, buf, sizeof(buf), MSG_PEEK), 3);
  assert_memory_equal(buf, "twi", 3);
  assert_recv(p.fd, "twice");
  close_pair(&p);
}

static void
test_data_queued_msg_trunc_drops_what_was_asked(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  set_waiting(p.peer);
  assert_send(p.fd, "abcdefghi");
  settle();
  assert_int_equal(bs_recv(p.peer, NULL, 3, MSG_TRUNC | MSG_PEEK), 3);
  assert_int_equal(bs_recv(p.peer, NULL, 3, MSG_TRUNC), 3);
  assert_int_equal(bs_recv(p.peer, NULL, 3, MSG_TRUNC | MSG_WAITALL), 3);
  assert_recv(p.peer, "ghi");
  close_pair(&p);
}

static void
test_no_buffer_gives_efault(void **state)
{
  struct iovec none = { NULL, 1 };
  struct msghdr msg = { .msg_iov = &none, .msg_iovlen = 1 };
  struct ends p = connected_pair();

  (void)state;
  assert_send(p.fd, "data");
  settle();
  assert_errno(EFAULT, bs_send(p.fd, NULL, 1, 0));
  assert_errno(EFAULT, bs_sendmsg(p.fd, &msg, 0));
  assert_errno(EFAULT, bs_recv(p.peer, NULL, 1, 0));
  assert_errno(EFAULT, bs_recvmsg(p.peer, &msg, 0));
  msg.msg_iov = NULL;
  assert_errno(EFAULT, bs_sendmsg(p.fd, &msg, 0));
  assert_errno(EFAULT, bs_recvmsg(p.peer, &msg, 0));
  assert_int_equal(bs_send(p.fd, NULL, 0, 0), 0);
  assert_recv(p.peer, "data");
  close_pair(&p);
}

static void
test_data_queued_recvmsg_scatters(void **state)
{
  struct ends p = connected_pair();
  char a[2], b[3], c[4];
  struct iovec iov[4] = { { a, 2 }, { NULL, 0 }, { b, 3 }, { c, 4 } };
  struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 4 };

  (void)state;
  assert_send(p.peer, "abcdefg");
  settle();
  assert_int_equal(bs_recvmsg(p.fd, &msg, 0), 7);
  assert_memory_equal(a, "ab", 2);
  assert_memory_equal(b, "cde", 3);
  assert_memory_equal(c, "fg", 2);
  close_pair(&p);
}

static void
test_connected_sendmsg_gathers(void **state)
{
  struct ends p = connected_pair();
  char a[] = "ab", b[] = "cde";
  struct iovec iov[3] = { { a, 2 }, { NULL, 0 }, { b, 3 } };
  struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };

  (void)state;
  assert_int_equal(bs_sendmsg(p.fd, &msg, 0), 5);
  assert_recv(p.peer, "abcde");
  close_pair(&p);
}

static void
test_established_recv_of_nothing_waits_and_takes_nothing(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  assert_errno(EAGAIN, bs_recv(p.fd, buf, 0, 0));
  assert_int_equal(bs_send(p.peer, "x", 1, 0), 1);
  settle();
  assert_int_equal(bs_recv(p.fd, buf, 0, 0), 0);
  assert_int_equal(bs_recv(p.fd, buf, 1, 0), 1);
  close_pair(&p);
}

static void
test_reset_recv_of_nothing_tells_it(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  close_with_reset(&ours, p.peer);
  settle();
  assert_errno(ECONNRESET, bs_recv(p.fd, buf, 0, 0));
  bs_close(p.fd);
}

static void
test_lesson_24_data_then_fin_is_read_then_the_end(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_send(p.peer, "last words");
  bs_close(p.peer);
  assert_recv(p.fd, "last words");
  assert_end(p.fd);
  assert_end(p.fd);
  bs_close(p.fd);
}

static void
test_lesson_24_data_then_reset_is_read_then_told_once(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  assert_send(p.peer, "last words");
  settle();
  close_with_reset(&ours, p.peer);
  assert_recv(p.fd, "last words");
  assert_errno(ECONNRESET, bs_recv(p.fd, buf, 1, 0));
  assert_end(p.fd);
  bs_close(p.fd);
}

static void
test_lesson_10_reset_poll_is_safe(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  close_with_reset(&ours, p.peer);
  assert_int_equal(revents_of(p.fd, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLERR | POLLHUP);
  assert_int_equal(so_error(p.fd), ECONNRESET);
  assert_int_equal(revents_of(p.fd, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP);
  bs_close(p.fd);
}

static void
test_lesson_06_closed_after_the_reply_peer_reads_it(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_send(p.fd, "request");
  assert_recv(p.peer, "request");
  assert_send(p.peer, "reply");
  bs_close(p.peer);
  assert_recv(p.fd, "reply");
  assert_end(p.fd);
  bs_close(p.fd);
}

static void
test_data_unread_close_resets(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  assert_send(p.peer, "unread");
  settle();
  bs_close(p.fd);
  settle();
  assert_errno(ECONNRESET, bs_recv(p.peer, buf, 1, 0));
  bs_close(p.peer);
}

static void
test_lesson_20_linger_0_close_resets(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  close_with_reset(&ours, p.fd);
  settle();
  assert_errno(ECONNRESET, bs_recv(p.peer, buf, 1, 0));
  assert_null(tcp_tw_pcbs);
  bs_close(p.peer);
}

static void
test_lesson_15_linger_close_waits_until_all_is_acknowledged(void **state)
{
  struct ends p = connected_pair();
  struct linger linger = { 1, 30 };

  (void)state;
  set_waiting(p.fd);
  assert_int_equal(bs_setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
  assert_send(p.fd, "lingering");
  assert_int_equal(bs_close(p.fd), 0);
  /* It is there without another pump. */
  assert_int_equal(net_stat("pool", "TCP_SEG").value, 0);
  assert_recv(p.peer, "lingering");
  bs_close(p.peer);
}

static void
test_lesson_20_peer_window_closed_fin_arrives_after_all_data(void **state)
{
  struct ends p = connected_pair();
  size_t sent, got;

  (void)state;
  settle();
  sent = fill(p.fd);
  settle();
  sent += fill(p.fd);
  assert_true(sent > BS_TCP_WND);
  bs_close(p.fd);
  settle();
  got = drain_until(p.peer, sent);
  assert_int_equal(got, sent);
  assert_end(p.peer);
  bs_close(p.peer);
}

static void
test_lesson_15_nobody_listens_connect_gives_econnrefused(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in in = loopback(9);

  (void)state;
  assert_errno(ECONNREFUSED, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_int_equal(so_error(fd), 0);
  bs_close(fd);
}

static void
test_lesson_14_nobody_listens_nonblocking_connect_tells_by_so_error(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in in = loopback(9);

  (void)state;
  assert_errno(EINPROGRESS, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EALREADY, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_int_equal(revents_of(fd, POLLOUT), POLLOUT | POLLERR | POLLHUP);
  assert_int_equal(so_error(fd), ECONNREFUSED);
  assert_int_equal(so_error(fd), 0);
  bs_close(fd);
}

static void
test_lesson_14_nobody_answers_connect_gives_etimedout(void **state)
{
  int listener, first, second;

  (void)state;
  stop_the_clock();
  listener = listening(&ours, 1);
  first = connecting_to(&ours, listener);
  settle();
  second = connecting_to(&ours, listener);
  pass_ms(600000);
  assert_int_equal(revents_of(second, POLLOUT), POLLOUT | POLLERR | POLLHUP);
  assert_int_equal(so_error(second), ETIMEDOUT);
  bs_close(first);
  bs_close(second);
  bs_close(listener);
}

static void
test_connect_timed_out_by_sndtimeo_goes_on(void **state)
{
  int listener = listening(&ours, 1), first, second;
  struct timeval tv = { 0, 1000 };
  struct sockaddr_in in = name_of(&ours, listener);

  (void)state;
  first = connecting_to(&ours, listener);
  settle();
  second = bs_socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bs_setsockopt(second, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
  assert_errno(EINPROGRESS, bs_connect(second, (struct sockaddr *)&in, sizeof(in)));
  assert_errno(EALREADY, bs_connect(second, (struct sockaddr *)&in, sizeof(in)));
  bs_close(first);
  bs_close(second);
  bs_close(listener);
}

static void
test_refused_socket_connects_elsewhere(void **state)
{
  int listener = listening(&ours, 1);
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in in = loopback(9);

  (void)state;
  set_int(fd, IPPROTO_IP, IP_TTL, 33);
  assert_errno(ECONNREFUSED, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_int_equal(connect_to(&ours, fd, listener), 0);
  assert_int_equal(get_int(fd, IPPROTO_IP, IP_TTL), 33);
  bs_close(fd);
  bs_close(listener);
}

static void
test_refused_bound_port_is_kept(void **state)
{
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in in = loopback(4711);

  (void)state;
  assert_int_equal(bs_bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
  in = loopback(9);
  assert_errno(ECONNREFUSED, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_int_equal(ntohs(name_of(&ours, fd).sin_port), 4711);
  bs_close(fd);
}

static void
test_buffers_full_nonblocking_send_gives_eagain_and_poll_agrees(void **state)
{
  struct ends p = connected_pair();
  char buf[1];

  (void)state;
  assert_true(fill(p.fd) > 0);
  settle();
  (void)fill(p.fd);
  assert_errno(EAGAIN, bs_send(p.fd, buf, 1, 0));
  assert_int_equal(revents_of(p.fd, POLLOUT), 0);
  (void)drain(p.peer);
  assert_int_equal(revents_of(p.fd, POLLOUT), POLLOUT);
  assert_int_equal(bs_send(p.fd, buf, 1, 0), 1);
  bs_close(p.fd);
  (void)drain(p.peer);
  bs_close(p.peer);
}

static void
test_lesson_02_one_byte_writes_fill_the_segments_send_gives_eagain_and_poll_agrees(void **state)
{
  struct ends p = connected_pair();
  size_t sent = 0;
  ssize_t n;

  (void)state;
  /* Without Nagle each byte is a segment of its own, and those run out long before the bytes. */
  set_int(p.fd, IPPROTO_TCP, OPT_NODELAY, 1);
  while ((n = bs_send(p.fd, "x", 1, MSG_DONTWAIT)) == 1) {
    sent++;
    assert_true(sent <= 1000000);
  }
  assert_int_equal(errno, EAGAIN);
  assert_int_equal(revents_of(p.fd, POLLOUT), 0);
  assert_int_equal(drain_until(p.peer, sent), sent);
  assert_becomes(p.fd, POLLOUT);
  close_pair(&p);
}

static void
test_blocking_send_longer_than_all_buffers_waits(void **state)
{
  struct ends p = connected_pair();
  struct timeval tv = { 0, 1000 };
  static char block[4 * 1024 * 1024];
  ssize_t n;

  (void)state;
  set_waiting(p.fd);
  assert_int_equal(bs_setsockopt(p.fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
  n = bs_send(p.fd, block, sizeof(block), 0);
  assert_in_range(n, BS_TCP_SND_BUF, sizeof(block) - 1);
  /* On a slow machine the time may be over before the peer's buffer is full too. */
  while ((n = bs_send(p.fd, block, sizeof(block), 0)) > 0) {
  }
  assert_int_equal(n, -1);
  assert_int_equal(errno, EAGAIN);
  assert_true(drain(p.peer) > 0);
  close_pair(&p);
}

static void
test_peer_resets_during_blocking_send_tells_it_next(void **state)
{
  struct ends p = connected_pair();
  size_t sent = fill(p.fd);
  char buf[1];

  (void)state;
  settle();
  assert_true(sent > 0);
  close_with_reset(&ours, p.peer);
  settle();
  assert_errno(ECONNRESET, bs_send(p.fd, buf, 1, 0));
  assert_errno(EPIPE, bs_send(p.fd, buf, 1, 0));
  bs_close(p.fd);
}

static void
test_msg_more_all_data_arrives(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_int_equal(bs_send(p.fd, "head", 4, MSG_MORE), 4);
  assert_int_equal(bs_send(p.fd, "tail", 4, 0), 4);
  assert_recv(p.peer, "headtail");
  close_pair(&p);
}

static void
test_half_closed_the_other_half_still_works(void **state)
{
  struct ends p = connected_pair();

  (void)state;
  assert_int_equal(bs_shutdown(p.fd, SHUT_WR), 0);
  assert_end(p.peer);
  assert_send(p.peer, "still here");
  assert_recv(p.fd, "still here");
  close_pair(&p);
}

static void
test_unacknowledged_bytes_tiocoutq_counts_them(void **state)
{
  struct ends p = connected_pair();
  int value = -1;

  (void)state;
  assert_send(p.fd, "12345");
  assert_int_equal(bs_ioctl(p.fd, TIOCOUTQ, &value), 0);
  assert_true(value >= 5);
  settle();
  /* The peer may delay its ACK, but not for ever. */
  while (value != 0) {
    assert_int_equal(bs_net_sleep(1000), 0);
    assert_int_equal(bs_ioctl(p.fd, TIOCOUTQ, &value), 0);
  }
  assert_recv(p.peer, "12345");
  close_pair(&p);
}

static void
test_lesson_21_tls_record_fits_through_the_window(void **state)
{
  struct ends p = connected_pair();
  static char record[16384 + 256], got[sizeof(record)];
  bs_time_t deadline = bs_now() + PATIENCE_US;
  int queued, times;

  (void)state;
  if (BS_TCP_WND < sizeof(record)) {
    close_pair(&p);
    skip();
  }
  memset(record, 3, sizeof(record));
  set_waiting(p.fd);
  /* Until the window that the handshake announced is used up, and the one that the reader opens counts. */
  for (times = 0; times < 2 + BS_TCP_WND / (int)sizeof(record); times++) {
    assert_int_equal(bs_send(p.fd, record, sizeof(record), 0), sizeof(record));
    for (queued = 0; queued < (int)sizeof(record);) {
      assert_true(bs_now() < deadline);
      assert_int_equal(bs_net_sleep(1000), 0);
      assert_int_equal(bs_ioctl(p.peer, FIONREAD, &queued), 0);
    }
    assert_int_equal(bs_recv(p.peer, got, sizeof(got), 0), sizeof(record));
    assert_memory_equal(got, record, sizeof(record));
  }
  close_pair(&p);
}

static void
test_lesson_19_all_connections_live_new_one_kills_none(void **state)
{
  static int client[BS_TCP_PCBS], server[BS_TCP_PCBS];
  int listener = listening(&ours, 16), late;
  unsigned n = 0, i;

  (void)state;
  if (BS_POOLS_MALLOC) {
    bs_close(listener);
    skip();
  }
  for (;;) {
    int fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0) {
      break;
    }
    assert_errno(EINPROGRESS, connect_to(&ours, fd, listener));
    settle();
    client[n] = fd;
    server[n] = bs_accept(listener, NULL, NULL);
    if (server[n] < 0) {
      bs_close(fd);
      break;
    }
    n++;
  }
  assert_true(n >= BS_MAX_SOCKETS / 2 - 2 || n >= BS_TCP_PCBS / 2 - 2);
  late = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (late >= 0) {
    (void)connect_to(&ours, late, listener);
    settle();
    bs_close(late);
  }
  for (i = 0; i < n; i++) {
    assert_send(client[i], "alive");
    assert_recv(server[i], "alive");
    close_with_reset(&ours, client[i]);
    bs_close(server[i]);
  }
  bs_close(listener);
}

static void
test_lesson_09_listening_data_calls_give_errors(void **state)
{
  int listener = listening(&ours, 1);
  char buf[1];

  (void)state;
  assert_errno(ENOTCONN, bs_recv(listener, buf, 1, 0));
  assert_errno(EPIPE, bs_send(listener, buf, 1, 0));
  bs_close(listener);
}

static void
test_interface_down_connection_dies_with_enetdown(void **state)
{
  char why[BS_LINK_WHY];
  int index, fd;
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };

  (void)state;
  index = bs_net_up("loop", why);
  assert_true(index > 0);
  assert_int_equal(bs_net_ip4(index, "192.0.2.1/24"), 0);
  in.sin_addr.s_addr = htonl(0xc0000202);
  fd = bs_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  assert_int_equal(bs_connect(fd, (struct sockaddr *)&in, sizeof(in)), -1);
  if (errno == EINPROGRESS) {
    assert_int_equal(bs_net_down(index), 0);
    assert_int_equal(so_error(fd), ENETDOWN);
  } else {
    assert_int_equal(errno, ENETUNREACH);
  }
  bs_close(fd);
}

static void
test_all_interfaces_down_connect_gives_enetdown(void **state)
{
  int index = bs_net_up("loop", NULL);
  int fd = bs_socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(9) };

  (void)state;
  in.sin_addr.s_addr = htonl(0xc0000202);
  assert_errno(ENETUNREACH, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  assert_int_equal(bs_net_down(index), 0);
  assert_errno(ENETDOWN, bs_connect(fd, (struct sockaddr *)&in, sizeof(in)));
  bs_close(fd);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_connected_both_ends_know_each_other),
    leak_free(test_connected_data_passes_both_ways),
    leak_free(test_lesson_13_several_segments_queued_recv_returns_all),
    leak_free(test_lesson_13_part_queued_waitall_waits_for_the_rest),
    leak_free(test_peer_closed_waitall_returns_what_came),
    leak_free(test_lesson_12_waitall_times_out_nothing_is_lost),
    leak_free(test_data_queued_peek_leaves_it),
    leak_free(test_data_queued_msg_trunc_drops_what_was_asked),
    leak_free(test_no_buffer_gives_efault),
    leak_free(test_data_queued_recvmsg_scatters),
    leak_free(test_connected_sendmsg_gathers),
    leak_free(test_established_recv_of_nothing_waits_and_takes_nothing),
    leak_free(test_reset_recv_of_nothing_tells_it),
    leak_free(test_lesson_24_data_then_fin_is_read_then_the_end),
    leak_free(test_lesson_24_data_then_reset_is_read_then_told_once),
    leak_free(test_lesson_10_reset_poll_is_safe),
    leak_free(test_lesson_06_closed_after_the_reply_peer_reads_it),
    leak_free(test_data_unread_close_resets),
    leak_free(test_lesson_20_linger_0_close_resets),
    leak_free(test_lesson_15_linger_close_waits_until_all_is_acknowledged),
    leak_free(test_lesson_20_peer_window_closed_fin_arrives_after_all_data),
    leak_free(test_lesson_15_nobody_listens_connect_gives_econnrefused),
    leak_free(test_lesson_14_nobody_listens_nonblocking_connect_tells_by_so_error),
    leak_free(test_lesson_14_nobody_answers_connect_gives_etimedout),
    leak_free(test_connect_timed_out_by_sndtimeo_goes_on),
    leak_free(test_refused_socket_connects_elsewhere),
    leak_free(test_refused_bound_port_is_kept),
    leak_free(test_buffers_full_nonblocking_send_gives_eagain_and_poll_agrees),
    leak_free(test_lesson_02_one_byte_writes_fill_the_segments_send_gives_eagain_and_poll_agrees),
    leak_free(test_blocking_send_longer_than_all_buffers_waits),
    leak_free(test_peer_resets_during_blocking_send_tells_it_next),
    leak_free(test_msg_more_all_data_arrives),
    leak_free(test_half_closed_the_other_half_still_works),
    leak_free(test_unacknowledged_bytes_tiocoutq_counts_them),
    leak_free(test_lesson_21_tls_record_fits_through_the_window),
    leak_free(test_lesson_19_all_connections_live_new_one_kills_none),
    leak_free(test_lesson_09_listening_data_calls_give_errors),
    leak_free(test_interface_down_connection_dies_with_enetdown),
    leak_free(test_all_interfaces_down_connect_gives_enetdown),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
