/**
 * Time: DOS's interrupts of the timer, counted by a handler of ours (the BIOS's own count begins anew at midnight), and
 * between two of them the timer itself.
 *
 * The BIOS has the timer count down twice in each period (mode 3), which hides in which half it is. In mode 2 it counts
 * once, with interrupts at the same rate; the BIOS's mode comes back when the program ends.
 */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "dos/dos.h"
#include "i386/io.h"
#include "port.h"

#define TIMER_HZ 1193182u
#define PERIOD   65536u
#define CHANNEL0 0x40
#define CONTROL  0x43
#define LATCH0   0x00
#define RATE0    0x34
#define SQUARE0  0x36
#define PIC1     0x20
#define PIC_IRR  0x0a
#define TICK_US  (PERIOD * 1000000ull / TIMER_HZ)

static bool running;
static bs_time_t told;

static void
set_timer(uint8_t mode)
{
  uint32_t flags = io_disable();

  io_out8(CONTROL, mode);
  io_out8(CHANNEL0, 0);
  io_out8(CHANNEL0, 0);
  io_restore(flags);
}

void
dos_clock_init(void)
{
  set_timer(RATE0);
  running = true;
}

void
dos_clock_exit(void)
{
  if (running) {
    set_timer(SQUARE0);
    running = false;
  }
}

/* How much of its period the timer has counted, and whether the interrupt of its end waits to be served. */
static uint32_t
read_timer(bool *pending)
{
  uint32_t flags = io_disable();
  uint16_t left;

  io_out8(CONTROL, LATCH0);
  left = io_in8(CHANNEL0);
  left = (uint16_t)(left | io_in8(CHANNEL0) << 8);
  io_out8(PIC1, PIC_IRR);
  *pending = (io_in8(PIC1) & 1) != 0;
  io_restore(flags);
  return (uint16_t)-left;
}

bs_time_t
port_clock(void)
{
  uint32_t ticks, counted;
  uint64_t counts;
  bs_time_t now;
  bool pending;

  do {
    ticks = dos_loader->ticks;
    counted = read_timer(&pending);
  } while (ticks != dos_loader->ticks);
  counts = (uint64_t)ticks * PERIOD + counted;
  /* The latch was read after the end of the period, if it shows a beginning. */
  if (pending && counted < PERIOD / 2) {
    counts += PERIOD;
  }
  /* In two parts: as one product it would be too long after half a year. */
  now = counts / TIMER_HZ * 1000000 + counts % TIMER_HZ * 1000000 / TIMER_HZ;
  if (now < told) {
    now = told;
  }
  told = now;
  return now;
}

bool
dos_tick_before(bs_time_t when)
{
  bool pending;
  uint32_t left = PERIOD - read_timer(&pending);

  return pending || port_clock() + (uint64_t)left * 1000000 / TIMER_HZ < when;
}

/* --- the date: DOS's, which others may set meanwhile --- */

/* Seconds by DOS's clock, and the hundredths beyond. */
static int64_t
read_dos_clock(uint32_t *hundredths)
{
  struct dos_regs date = { .ax = 0x2a00 }, again = { .ax = 0x2a00 }, clock = { .ax = 0x2c00 };
  struct tm tm = { .tm_isdst = -1 };

  /* Not over midnight. */
  do {
    date.ax = clock.ax = again.ax = 0;
    date.ah = again.ah = 0x2a;
    clock.ah = 0x2c;
    (void)dos_call(&date);
    (void)dos_call(&clock);
    (void)dos_call(&again);
  } while (date.dx != again.dx);
  tm.tm_year = date.cx - 1900;
  tm.tm_mon = date.dh - 1;
  tm.tm_mday = date.dl;
  tm.tm_hour = clock.ch;
  tm.tm_min = clock.cl;
  tm.tm_sec = clock.dh;
  *hundredths = clock.dl;
  return mktime(&tm);
}

uint64_t
dos_wall_clock(void)
{
  static uint64_t offset;
  static bool known;
  uint32_t hundredths;
  uint64_t dos = (uint64_t)read_dos_clock(&hundredths) * 1000000 + hundredths * 10000;
  uint64_t now = offset + port_clock();

  /* Ours is finer and goes on evenly, as long as the two agree. */
  if (!known || now + 2 * TICK_US < dos || dos + 2 * TICK_US < now) {
    offset = dos - port_clock();
    known = true;
  }
  return offset + port_clock();
}

int
dos_set_wall_clock(uint64_t us)
{
  time_t seconds = (time_t)(us / 1000000);
  struct dos_regs date = { .ax = 0x2b00 }, clock = { .ax = 0x2d00 };
  struct tm tm;

  if (localtime_r(&seconds, &tm) == NULL) {
    return -EINVAL;
  }
  date.cx = (uint16_t)(tm.tm_year + 1900);
  date.dh = (uint8_t)(tm.tm_mon + 1);
  date.dl = (uint8_t)tm.tm_mday;
  clock.ch = (uint8_t)tm.tm_hour;
  clock.cl = (uint8_t)tm.tm_min;
  clock.dh = (uint8_t)tm.tm_sec;
  clock.dl = (uint8_t)(us % 1000000 / 10000);
  (void)dos_call(&date);
  if (date.al != 0) {
    return -EINVAL;
  }
  (void)dos_call(&clock);
  return clock.al != 0 ? -EINVAL : 0;
}

clock_t
clock(void)
{
  return (clock_t)(port_clock() / (1000000 / CLOCKS_PER_SEC));
}

/* What picolibc's time() asks. */
int
gettimeofday(struct timeval *tv, void *zone)
{
  uint64_t now = dos_wall_clock();

  (void)zone;
  tv->tv_sec = (time_t)(now / 1000000);
  tv->tv_usec = (suseconds_t)(now % 1000000);
  return 0;
}
