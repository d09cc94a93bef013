/**
 * The table of sockets: slots, descriptors, generations.
 */
#include <stdlib.h>
#include <string.h>

#include "socket/sock.h"
#include "stack/icmp_error.h"
#include "stack/interface.h"
#include "stack/stack.h"

struct sock sock_table[BS_MAX_SOCKETS];
static struct sock *free_slots;
static unsigned used_slots; /* slots that were ever used: the rest has never been in free_slots */

struct sock_counters sock_counters;

static bool
count_stat(unsigned number, struct bs_net_stat *stat)
{
  static const struct {
    const char *name;
    const uint32_t *value;
  } counts[] = {
    { "socket_none_left", &sock_counters.no_slot },
    { "backlog_full", &sock_counters.backlog_full },
    { "datagram_no_room", &sock_counters.datagram_no_room },
    { "datagram_no_memory", &sock_counters.datagram_no_memory },
    { "membership_none_left", &sock_counters.no_membership },
    { "exit_resets", &sock_counters.exit_resets },
  };

  if (number < LWIP_ARRAYSIZE(counts)) {
    stat->group = "limit";
    stat->name = counts[number].name;
    stat->value = *counts[number].value;
    return true;
  }
  if (number == LWIP_ARRAYSIZE(counts)) {
    stat->group = "pool";
    stat->name = "SOCKET";
    stat->value = sock_counters.open;
    stat->most = sock_counters.most;
    stat->size = BS_MAX_SOCKETS;
    stat->failed = sock_counters.no_slot;
    return true;
  }
  return false;
}

static void
interfaces_changed(void)
{
  struct sock *s;
  unsigned i;

  for (i = 0; (s = sock_each(&i)) != NULL; i++) {
    if (s->flags & SOCK_F_WAIT_ROUTE) {
      s->flags = (uint16_t)(s->flags & ~SOCK_F_WAIT_ROUTE);
      if (s->state == SOCK_CONNECTING) {
        stream_route_changed(s);
      }
    }
  }
}

static void
shut_down_at_exit(void)
{
  (void)bs_net_shutdown();
}

/* With the first socket: tell the floor below what this one has to say, and see to the end of the program. */
static void
set_up_floor(void)
{
  static bool done;

  if (!done) {
    done = true;
    stat_next_floor = count_stat;
    interface_on_change(interfaces_changed);
    icmp_error_on(sock_unreachable);
    (void)atexit(shut_down_at_exit);
  }
}

struct sock *
sock_new(const struct sock_ops *ops, int family)
{
  struct sock *s = free_slots;
  uint32_t generation;

  set_up_floor();
  if (s != NULL) {
    free_slots = s->next;
  } else if (used_slots < BS_MAX_SOCKETS) {
    s = &sock_table[used_slots++];
  } else {
    sock_counters.no_slot++;
    return NULL;
  }
  generation = s->generation;
  memset(s, 0, sizeof(*s));
  s->generation = generation + 1;
  s->ops = ops;
  s->family = (uint8_t)family;
  s->state = SOCK_NEW;
  ip_addr_set_any(family == AF_INET6, &s->local.ip);
  sock_counters.open++;
  sock_counters.most = LWIP_MAX(sock_counters.most, sock_counters.open);
  return s;
}

void
sock_free(struct sock *s)
{
  s->ops = NULL;
  s->generation++;
  s->next = free_slots;
  free_slots = s;
  sock_counters.open--;
}

int
sock_fd(const struct sock *s)
{
  return BS_FD_BASE + (int)(s - sock_table);
}

struct sock *
sock_each(unsigned *i)
{
  for (; *i < used_slots; (*i)++) {
    if (sock_table[*i].ops != NULL) {
      return &sock_table[*i];
    }
  }
  return NULL;
}
