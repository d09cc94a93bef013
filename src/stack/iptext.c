#include "iptext.h"

#include <string.h>

static bool
is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* The value of a digit in that base, or -1. */
static int
digit_value(char c, int base)
{
  int value = -1;

  if (is_digit(c)) {
    value = c - '0';
  } else if (c >= 'a' && c <= 'f') {
    value = c - 'a' + 10;
  } else if (c >= 'A' && c <= 'F') {
    value = c - 'A' + 10;
  }
  return value < base ? value : -1;
}

bool
iptext_read4(const char *text, uint8_t addr[4])
{
  uint8_t octet[4];

  for (unsigned i = 0; i < 4; i++) {
    unsigned value = 0;

    if (i > 0 && *text++ != '.') {
      return false;
    }
    if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1]))) {
      return false;
    }
    while (is_digit(*text)) {
      value = value * 10 + (unsigned)(*text++ - '0');
      if (value > 255) {
        return false;
      }
    }
    octet[i] = (uint8_t)value;
  }
  if (*text != '\0') {
    return false;
  }
  memcpy(addr, octet, 4);
  return true;
}

/* One number of a classic form; moves *text behind it. */
static bool
read_number(const char **text, uint32_t *number)
{
  const char *at = *text;
  uint64_t value = 0;
  int base = 10;
  int digit;

  if (!is_digit(*at)) {
    return false;
  }
  if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
    base = 16;
    at += 2;
    if (digit_value(*at, base) < 0) {
      return false;
    }
  } else if (at[0] == '0') {
    base = 8;
  }
  while ((digit = digit_value(*at, base)) >= 0) {
    value = value * (unsigned)base + (unsigned)digit;
    if (value > UINT32_MAX) {
      return false;
    }
    at++;
  }
  *number = (uint32_t)value;
  *text = at;
  return true;
}

bool
iptext_read4_classic(const char *text, uint8_t addr[4])
{
  uint32_t part[4];
  uint32_t value = 0;
  unsigned count = 0;

  for (;;) {
    if (!read_number(&text, &part[count++])) {
      return false;
    }
    if (*text == '\0') {
      break;
    }
    if (*text++ != '.' || count == 4 || part[count - 1] > 255) {
      return false;
    }
  }
  /* The last number has as many bits as the others left. */
  if (count > 1 && part[count - 1] >> (32 - 8 * (count - 1)) != 0) {
    return false;
  }
  for (unsigned i = 0; i + 1 < count; i++) {
    value |= part[i] << (24 - 8 * i);
  }
  value |= part[count - 1];
  for (unsigned i = 0; i < 4; i++) {
    addr[i] = (uint8_t)(value >> (24 - 8 * i));
  }
  return true;
}

/* One group of up to four hexadecimal digits; moves *text behind it. */
static bool
read_group(const char **text, uint8_t group[2])
{
  unsigned value = 0;
  unsigned digits = 0;
  int digit;

  while ((digit = digit_value(**text, 16)) >= 0) {
    if (++digits > 4) {
      return false;
    }
    value = value << 4 | (unsigned)digit;
    (*text)++;
  }
  group[0] = (uint8_t)(value >> 8);
  group[1] = (uint8_t)value;
  return digits > 0;
}

bool
iptext_read6(const char *text, uint8_t addr[16])
{
  uint8_t octet[16] = { 0 };
  size_t used = 0;
  size_t gap = 0;
  bool has_gap = false;

  if (text[0] == ':') {
    /* A colon at the beginning is half of "::"; the loop takes the other half. */
    if (*++text != ':') {
      return false;
    }
  }
  while (*text != '\0') {
    const char *group = text;

    if (*text == ':') {
      if (has_gap) {
        return false;
      }
      has_gap = true;
      gap = used;
      text++;
      continue;
    }
    if (used == 16 || !read_group(&text, octet + used)) {
      return false;
    }
    if (*text == '.') {
      if (used > 12 || !iptext_read4(group, octet + used)) {
        return false;
      }
      used += 4;
      break;
    }
    used += 2;
    if (*text == ':') {
      if (*++text == '\0') {
        return false;
      }
    } else if (*text != '\0') {
      return false;
    }
  }
  if (has_gap ? used == 16 : used != 16) {
    return false;
  }
  memset(addr, 0, 16);
  memcpy(addr, octet, has_gap ? gap : used);
  if (has_gap) {
    memcpy(addr + 16 - (used - gap), octet + gap, used - gap);
  }
  return true;
}

size_t
iptext_write4(const uint8_t addr[4], char *text)
{
  char *at = text;

  for (unsigned i = 0; i < 4; i++) {
    if (i > 0) {
      *at++ = '.';
    }
    if (addr[i] >= 100) {
      *at++ = (char)('0' + addr[i] / 100);
    }
    if (addr[i] >= 10) {
      *at++ = (char)('0' + addr[i] / 10 % 10);
    }
    *at++ = (char)('0' + addr[i] % 10);
  }
  *at = '\0';
  return (size_t)(at - text);
}

/* The first of the longest runs of zero groups; a single group is none (RFC 5952 4.2). */
static void
longest_zeros(const unsigned group[8], unsigned *start, unsigned *length)
{
  *start = 8;
  *length = 1;
  for (unsigned i = 0; i < 8; i++) {
    unsigned run = 0;

    while (i + run < 8 && group[i + run] == 0) {
      run++;
    }
    if (run > *length) {
      *start = i;
      *length = run;
    }
  }
  if (*start == 8) {
    *length = 0;
  }
}

static char *
write_group(char *at, unsigned group)
{
  bool started = false;

  for (int shift = 12; shift >= 0; shift -= 4) {
    unsigned digit = group >> shift & 15;

    if (digit != 0 || started || shift == 0) {
      *at++ = "0123456789abcdef"[digit];
      started = true;
    }
  }
  return at;
}

size_t
iptext_write6(const uint8_t addr[16], char *text)
{
  unsigned group[8];
  unsigned start;
  unsigned length;
  char *at = text;

  for (unsigned i = 0; i < 8; i++) {
    group[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
  }
  longest_zeros(group, &start, &length);
  for (unsigned i = 0; i < 8; i++) {
    if (length > 0 && i == start) {
      *at++ = ':';
      i += length - 1;
      if (i == 7) {
        *at++ = ':';
      }
      continue;
    }
    if (i > 0) {
      *at++ = ':';
    }
    /* An address that holds an IPv4 one shows it: mapped (::ffff:a.b.c.d) or, as of old, compatible (::a.b.c.d). */
    if (i == 6 && start == 0 && (length == 6 || (length == 5 && group[5] == 0xffff))) {
      return (size_t)(at - text) + iptext_write4(addr + 12, at);
    }
    at = write_group(at, group[i]);
  }
  *at = '\0';
  return (size_t)(at - text);
}
