/**
 * Sleep until an interrupt has something.
 */
#include <errno.h>

#include "dos/dos.h"
#include "link/nic.h"
#include "port.h"

#define CONSOLE 0

static bool interrupted;

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
      if ((source->events & BS_WAIT_READ) && dos_console_ready()) {
        source->revents = (short)(source->revents | BS_WAIT_READ);
      }
    }
    ready = ready || source->revents != 0;
  }
  return ready;
}

/* Give the processor away until something interrupts. */
static void
idle(void)
{
  struct dos_regs regs = { .cs = dos_loader->segment, .ip = dos_loader->idle };

  dos_far_call(&regs);
}

int
port_wait(struct bs_waitset *set, bs_time_t deadline)
{
  bool woken = false;
  bool told;

  for (;;) {
    woken = woken || dos_loader->wake;
    dos_loader->wake = 0;
    nic_poll();
    interrupted = dos_broke() || interrupted;
    if (look(set) || woken || interrupted || port_clock() >= deadline) {
      break;
    }
    /* Who waits for what is printed to a file sees it, and a machine that is switched off has lost nothing. */
    dos_flush_output();
    /* The next interrupt of the timer may be 55 ms away: what is due before it is waited for awake. */
    if (dos_tick_before(deadline)) {
      idle();
    }
  }
  told = interrupted;
  interrupted = false;
  return told ? -EINTR : 0;
}
