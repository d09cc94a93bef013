/**
 * Read parameters of link strings, and say in one sentence what is wrong with them.
 */
#include "link/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
link_refuse(char *why, int err, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  vsnprintf(why, BS_LINK_WHY, format, args);
  va_end(args);
  return -err;
}

int
link_refuse_arg(char *why, const struct bs_link_ops *ops, const struct bs_link_arg *arg)
{
  return link_refuse(why, EINVAL, "%s has no parameter %.24s%s%.24s: use %s", ops->name,
                     arg->key != NULL ? arg->key : "", arg->key != NULL ? "=" : "", arg->value, ops->usage);
}

bool
link_arg_is(const struct bs_link_arg *arg, const char *key)
{
  return arg->key != NULL && strcmp(arg->key, key) == 0;
}

long
link_read_number(const char *text, long min, long max, const char **end)
{
  long number = 0;
  const char *at;

  /* Digits only: strtol() would take spaces and signs as well. */
  for (at = text; *at >= '0' && *at <= '9'; at++) {
    number = number * 10 + (*at - '0');
    if (number > max) {
      return -1;
    }
  }
  *end = at;
  return at != text && number >= min ? number : -1;
}

static int
hex_digit(char c)
{
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
link_read_mac(const char *text, uint8_t mac[LINK_MAC_LEN], char *why)
{
  const char *at = text;
  unsigned any = 0;
  int i;

  for (i = 0; i < LINK_MAC_LEN; i++) {
    int high = hex_digit(at[0]);
    int low = high < 0 ? -1 : hex_digit(at[1]);

    if (low < 0 || at[2] != (i < LINK_MAC_LEN - 1 ? ':' : '\0')) {
      return link_refuse(why, EINVAL, "mac=%.24s is not six pairs of hex digits: write it as mac=52:54:00:12:34:56",
                         text);
    }
    mac[i] = (uint8_t)(high << 4 | low);
    any |= mac[i];
    at += 3;
  }
  if ((mac[0] & 1) != 0 || any == 0) {
    return link_refuse(why, EINVAL,
                       "mac=%.24s is not the address of one station: take an even first byte, as in "
                       "mac=52:54:00:12:34:56",
                       text);
  }
  return 0;
}

void
link_make_mac(uint8_t mac[LINK_MAC_LEN], const char *text)
{
  uint32_t hash = 2166136261u; /* FNV-1a */

  for (; *text != '\0'; text++) {
    hash = (hash ^ (uint8_t)*text) * 16777619u;
  }
  mac[0] = 0x52; /* locally administered, one station */
  mac[1] = 0x54;
  mac[2] = (uint8_t)(hash >> 24);
  mac[3] = (uint8_t)(hash >> 16);
  mac[4] = (uint8_t)(hash >> 8);
  mac[5] = (uint8_t)hash;
}

size_t
link_frame_len(const struct iovec *iov, int count)
{
  size_t len = 0;
  int i;

  for (i = 0; i < count; i++) {
    len += iov[i].iov_len;
  }
  return len;
}
