/**
 * Sleep until an interrupt has something.
 */
#include <errno.h>

#include "i386/io.h"
#include "link/nic.h"
#include "port.h"
#include "x86/x86.h"

#define CONSOLE 0

static volatile bool interrupted;
static volatile bool woken;

uintptr_t
port_thread(void)
{
  return 1;
}

void
port_interrupt(void)
{
  interrupted = true;
}

void
nic_wake(void)
{
  woken = true;
}

/* Whether a source is ready; what each is, is written down. */
static bool
look(struct bs_waitset *set)
{
  bool ready = false;
  unsigned i;

  for (i = 0; i < set->count; i++) {
    struct bs_wait_source *source = &set->source[i];

    source->revents = 0;
    if (source->handle != CONSOLE) {
      source->revents = BS_WAIT_INVAL;
    } else {
      source->revents = (short)(source->events & BS_WAIT_WRITE);
      if ((source->events & BS_WAIT_READ) && x86_console_ready()) {
        source->revents = (short)(source->revents | BS_WAIT_READ);
      }
    }
    ready = ready || source->revents != 0;
  }
  return ready;
}

int
port_wait(struct bs_waitset *set, bs_time_t deadline)
{
  bool told;

  (void)io_disable();
  while (!look(set) && !woken && !interrupted && port_clock() < deadline) {
    x86_clock_alarm(deadline);
    /* Interrupts come in only after hlt has begun: none is slept through. */
    __asm__ volatile("sti; hlt; cli" : : : "memory");
  }
  woken = false;
  told = interrupted;
  interrupted = false;
  __asm__ volatile("sti" : : : "memory");
  return told ? -EINTR : 0;
}
