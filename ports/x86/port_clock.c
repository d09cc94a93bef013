/**
 * Time: the 8254's channel 2 counts freely, its channel 0 gives interrupts.
 *
 * Channel 2 wraps every 55 ms, so that an alarm comes at least every 50 ms and adds up what has passed. Between two
 * alarms the time-stamp counter, where there is one, saves reading the timer through its slow ports: its rate is
 * measured from each alarm to the next.
 */
#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

#include "i386/cpu.h"
#include "i386/io.h"
#include "link/nic.h"
#include "port.h"
#include "x86/x86.h"

#define TIMER_HZ  1193182u
#define TIMER_IRQ 0
#define CHANNEL0  0x40
#define CHANNEL2  0x42
#define CONTROL   0x43
#define GATE      0x61
#define LATCH2    0x80
#define ONE_SHOT0 0x30   /* mode 0: interrupt on terminal count */
#define RATE2     0xb4   /* mode 2: count down and start again */
#define ALARM_MAX 50000u /* us */
#define ALARM_MIN 20u    /* us: less has passed before it is programmed */

/* Counts of channel 2 since the start, up to the last time it was read, and what it showed then. */
static uint64_t counts;
static uint16_t shown;

/* At the last alarm: the time, the time-stamp counter, and microseconds for each of its counts, in 2^-32. */
static struct {
  bs_time_t time;
  uint32_t tsc;
  uint32_t rate;
} alarm;

static bool has_tsc;
static volatile unsigned alarms;
static bs_time_t told;
static uint64_t wall_offset;

static uint32_t
read_tsc(void)
{
  uint32_t low;

  __asm__ volatile("rdtsc" : "=a"(low) : : "edx");
  return low;
}

/* Interrupts are off. */
static bs_time_t
read_timer(void)
{
  uint16_t now;

  io_out8(CONTROL, LATCH2);
  now = io_in8(CHANNEL2);
  now = (uint16_t)(now | io_in8(CHANNEL2) << 8);
  counts += (uint16_t)(shown - now);
  shown = now;
  /* In two parts: as one product it would be too long after half a year. */
  return counts / TIMER_HZ * 1000000 + counts % TIMER_HZ * 1000000 / TIMER_HZ;
}

static void
program_alarm(uint32_t us)
{
  uint32_t count = us * (TIMER_HZ / 1000) / 1000;

  io_out8(CONTROL, ONE_SHOT0);
  io_out8(CHANNEL0, (uint8_t)count);
  io_out8(CHANNEL0, (uint8_t)(count >> 8));
}

static void
on_alarm(void *arg)
{
  bs_time_t now = read_timer();

  (void)arg;
  alarms++;
  if (has_tsc) {
    uint32_t tsc = read_tsc();
    uint32_t cycles = tsc - alarm.tsc;
    uint64_t passed = now - alarm.time;

    /* A short while would be measured badly. */
    if (passed >= ALARM_MAX / 10) {
      alarm.rate = cycles > passed ? (uint32_t)((passed << 32) / cycles) : 0;
      alarm.time = now;
      alarm.tsc = tsc;
    }
  }
  program_alarm(ALARM_MAX);
}

void
x86_clock_alarm(bs_time_t when)
{
  bs_time_t now = port_clock();
  bs_time_t left = when > now ? when - now : 0;

  program_alarm(left > ALARM_MAX ? ALARM_MAX : left < ALARM_MIN ? ALARM_MIN : (uint32_t)left);
}

bs_time_t
port_clock(void)
{
  uint32_t flags = io_disable();
  bs_time_t now;

  if (alarm.rate != 0) {
    uint32_t cycles = read_tsc() - alarm.tsc;

    now = alarm.time + (((uint64_t)cycles * alarm.rate) >> 32);
  } else {
    now = read_timer();
  }
  /* What the time-stamp counter was ahead is waited for. */
  if (now < told) {
    now = told;
  }
  told = now;
  io_restore(flags);
  return now;
}

unsigned
x86_clock_alarms(void)
{
  return alarms;
}

uint32_t
x86_clock_cycles(void)
{
  uint32_t flags, count;

  if (has_tsc) {
    return read_tsc();
  }
  flags = io_disable();
  (void)read_timer();
  count = (uint32_t)counts;
  io_restore(flags);
  return count;
}

/* --- the date --- */

uint64_t
x86_clock_wall(void)
{
  return wall_offset + port_clock();
}

void
x86_clock_set_wall(uint64_t us)
{
  wall_offset = us - port_clock();
}

void
x86_clock_init(void)
{
  has_tsc = (i386_cpu_features() & I386_CPU_TSC) != 0;
  io_out8(GATE, (uint8_t)((io_in8(GATE) & ~2) | 1));
  io_out8(CONTROL, RATE2);
  io_out8(CHANNEL2, 0);
  io_out8(CHANNEL2, 0);
  (void)read_timer();
  counts = 0;
  alarm.tsc = has_tsc ? read_tsc() : 0;
  (void)nic_irq_attach(TIMER_IRQ, on_alarm, NULL);
  program_alarm(ALARM_MAX);
  wall_offset = x86_rtc_read() * 1000000;
}

/* There is one program, which has all of the processor's time. */
clock_t
clock(void)
{
  return (clock_t)(port_clock() / (1000000 / CLOCKS_PER_SEC));
}

/* What picolibc's time() asks. */
int
gettimeofday(struct timeval *tv, void *zone)
{
  uint64_t now = x86_clock_wall();

  (void)zone;
  tv->tv_sec = (time_t)(now / 1000000);
  tv->tv_usec = (suseconds_t)(now % 1000000);
  return 0;
}
