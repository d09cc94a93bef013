/**
 * The life of lwIP: start, pump, wait, clock.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"

#include "port.h"
#include "stack/ack.h"
#include "stack/interface.h"
#include "stack/isn.h"
#include "stack/resolve.h"
#include "stack/stack.h"

/* How soon a wait ends that could not wait for everything. */
#define CROWDED_WAIT_US 1000u

/* How often a program that never waits moves the network on. */
#define PUMP_INTERVAL_US 1000u
/* What is sent to ourselves waits for the pump, at most so much as there are frame buffers: a burst is taken on its way. */
#define PUMP_CALLS (BS_PBUF_POOL / 2)

/* The pump asks one question for two reasons not to run. */
static enum { UNINITIALIZED, READY, PUMPING } state;
static bs_time_t pumped_at; /* when the last pump began */
static unsigned unpumped_calls;
static bs_time_t (*clock_now)(void) = port_clock;
static uint32_t crowded_waits;

/* --- clock and chance --- */

bs_time_t
stack_now(void)
{
  return clock_now();
}

bs_time_t
bs_now(void)
{
  return clock_now();
}

void
bs_set_clock(bs_time_t (*clock)(void))
{
  clock_now = clock != NULL ? clock : port_clock;
}

bs_time_t
stack_after_ms(uint32_t ms)
{
  return stack_now() + (bs_time_t)ms * 1000;
}

/* lwIP's clock, in milliseconds. */
u32_t
sys_now(void)
{
  return (u32_t)(stack_now() / 1000);
}

uint32_t
stack_random(void)
{
  static uint32_t pool[64];
  static unsigned left;

  if (left == 0) {
    if (port_entropy(pool, sizeof(pool)) != 0) {
      stack_assert_failed("the machine's source of randomness failed", __FILE__, __LINE__);
    }
    left = LWIP_ARRAYSIZE(pool);
  }
  return pool[--left];
}

void
stack_assert_failed(const char *what, const char *file, int line)
{
  fprintf(stderr, "baresock: broken invariant: %s (%s:%d)\n", what, file, line);
  abort();
}

#if BS_CHECK_THREAD
void
stack_check_thread(void)
{
  static uintptr_t owner;

  if (owner == 0) {
    owner = port_thread();
  }
  LWIP_ASSERT("baresock is called from one thread only", owner == port_thread());
}
#endif

/* --- start --- */

bool
stack_is_up(void)
{
  return state != UNINITIALIZED;
}

int
stack_init(void)
{
  u8_t secret[ISN_SECRET];

  if (state != UNINITIALIZED) {
    return 0;
  }
  if (port_entropy(secret, sizeof(secret)) != 0) {
    return -EIO;
  }
  state = READY;
  isn_init(secret, stack_random());
  lwip_init();
#if LWIP_IPV6
  /* There are no routers on the loopback, which is the only interface so far. */
  netif_list->rs_count = 0;
#endif
  return 0;
}

int
bs_net_init(void)
{
  int result = stack_init();

  if (result < 0) {
    errno = -result;
    return -1;
  }
  return 0;
}

const char *
bs_version(void)
{
  return BS_VERSION;
}

/* --- pump --- */

static void (*after_pump)(void);

/* What we send to ourselves. */
static unsigned
pump_loopback(void)
{
  struct netif *netif;
  unsigned handled = 0;

  NETIF_FOREACH (netif) {
    if (netif->loop_first != NULL) {
      timers_kick();
      netif_poll(netif);
      handled++;
    }
  }
  return handled;
}

unsigned
stack_pump(void)
{
  unsigned handled = 0;

  pumped_at = stack_now();
  unpumped_calls = 0;
  if (state != READY) {
    return 0;
  }
  state = PUMPING;
  handled += interfaces_pump();
  handled += pump_loopback();
  if (ack_flush() > 0) {
    /* An ACK to ourselves arrives in the same pump as what it is for. */
    handled += 1 + pump_loopback();
  }
  handled += timers_run(pumped_at);
  handled += resolve_run();
  handled += interfaces_follow();
  if (after_pump != NULL) {
    after_pump();
  }
  state = READY;
  return handled;
}

void
stack_after_pump(void (*call)(void))
{
  after_pump = call;
}

int
bs_net_pump(void)
{
  return (int)stack_pump();
}

/* --- wait --- */

uint32_t
stack_crowded_waits(void)
{
  return crowded_waits;
}

static bs_time_t
next_due(bs_time_t deadline)
{
  deadline = LWIP_MIN(deadline, timers_next_due());
  deadline = LWIP_MIN(deadline, interfaces_next_due());
  return LWIP_MIN(deadline, resolve_next_due());
}

/* Whether to look at the port though the network keeps us busy: an interruption must not wait for its end. */
static bool
must_look(bs_time_t now)
{
  static bs_time_t last;

  if (now - last < PUMP_INTERVAL_US) {
    return false;
  }
  last = now;
  return true;
}

int
stack_wait(struct bs_waitset *callers, bs_time_t deadline)
{
  static struct bs_wait_source room[BS_WAIT_SOURCES];
  struct bs_waitset set = { room, 0, BS_WAIT_SOURCES, 0 };
  unsigned own = callers != NULL ? callers->count : 0;
  bool late = deadline != BS_TIME_NEVER && stack_now() >= deadline;
  bool busy;
  bs_time_t due = 0;
  unsigned i;
  int result;

  LWIP_ASSERT("a wait inside the pump", state != PUMPING);
  busy = stack_pump() > 0;
  if ((busy || late) && own == 0 && !must_look(pumped_at)) {
    return late ? -ETIMEDOUT : 0;
  }
  for (i = 0; i < own; i++) {
    (void)bs_waitset_add(&set, callers->source[i].handle, callers->source[i].events);
  }
  if (!busy && !late) {
    due = next_due(deadline);
    interfaces_prepare(&set, &due);
    if (set.dropped > 0) {
      crowded_waits++;
      due = LWIP_MIN(due, stack_now() + CROWDED_WAIT_US);
    }
  }
  /* A test's clock moves by itself, and no port could sleep by it. */
  result = port_wait(&set, clock_now == port_clock ? due : 0);
  for (i = 0; i < own && i < set.count; i++) {
    callers->source[i].revents = set.source[i].revents;
  }
  if (result == 0) {
    (void)stack_pump();
  }
  return result == 0 && late ? -ETIMEDOUT : result;
}

void
stack_pump_now_and_then(void)
{
  unpumped_calls++;
  if (unpumped_calls >= PUMP_CALLS || stack_now() - pumped_at >= PUMP_INTERVAL_US) {
    (void)stack_pump();
  }
}

int
bs_net_sleep(uint64_t microseconds)
{
  bs_time_t now = stack_now();
  bs_time_t deadline = microseconds < BS_TIME_NEVER - now ? now + microseconds : BS_TIME_NEVER;
  int result = stack_init();

  while (result == 0) {
    result = stack_wait(NULL, deadline);
  }
  if (result == -ETIMEDOUT) {
    return 0;
  }
  errno = -result;
  return -1;
}
