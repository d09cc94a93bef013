/**
 * The date, from the clock with a battery (MC146818, in the CMOS memory).
 */
#include "i386/io.h"
#include "x86/x86.h"

#define CMOS_INDEX    0x70
#define CMOS_DATA     0x71
#define CMOS_A        0x0a
#define CMOS_B        0x0b
#define CMOS_UPDATING 0x80
#define CMOS_BINARY   0x04
#define CMOS_24_HOURS 0x02
#define CMOS_PM       0x80

static uint8_t
read_cmos(uint8_t reg)
{
  io_out8(CMOS_INDEX, reg);
  return io_in8(CMOS_DATA);
}

static int
cmos_number(uint8_t value, uint8_t format)
{
  return (format & CMOS_BINARY) ? value : (value >> 4) * 10 + (value & 15);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; years that begin in March, so that the leap day is last. */
static int64_t
days_since_1970(int year, int month, int day)
{
  int64_t y = month > 2 ? year : year - 1;
  int m = month > 2 ? month - 3 : month + 9;

  return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

uint64_t
x86_rtc_read(void)
{
  static const uint8_t regs[] = { 0, 2, 4, 7, 8, 9 };
  uint8_t raw[sizeof(regs)], again[sizeof(regs)];
  uint8_t format, hour;
  int year, hours;
  bool same;
  unsigned i, tries;

  /* Two readings that agree were not torn by an update. */
  for (tries = 0, same = false; tries < 10000 && !same; tries++) {
    if (read_cmos(CMOS_A) & CMOS_UPDATING) {
      continue;
    }
    for (i = 0; i < sizeof(regs); i++) {
      raw[i] = read_cmos(regs[i]);
    }
    for (i = 0, same = true; i < sizeof(regs); i++) {
      again[i] = read_cmos(regs[i]);
      same = same && again[i] == raw[i];
    }
  }
  format = read_cmos(CMOS_B);
  hour = raw[2];
  hours = cmos_number((uint8_t)(hour & ~((format & CMOS_24_HOURS) ? 0 : CMOS_PM)), format);
  if (!(format & CMOS_24_HOURS)) {
    hours = hours % 12 + ((hour & CMOS_PM) ? 12 : 0);
  }
  year = cmos_number(raw[5], format);
  year += year < 80 ? 2000 : 1900;
  return (uint64_t)(days_since_1970(year, cmos_number(raw[4], format), cmos_number(raw[3], format)) * 86400 +
                    hours * 3600 + cmos_number(raw[1], format) * 60 + cmos_number(raw[0], format));
}
