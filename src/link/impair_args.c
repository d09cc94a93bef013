/**
 * The parameters of impair, in the words of tc-netem.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "link/args.h"
#include "link/impair.h"
#include "link/kinds.h"

/* Numbers are read in millionths. */
#define MILLION 1000000u

#define SEED_MOST  INT32_MAX
#define QUEUE_MOST 65535

#define TIME_MOST_S 60u
#define RATE_LEAST  1000u
#define RATE_MOST   100000000000u

struct unit {
  const char *name;
  uint64_t factor;
};

static const struct unit percent[] = { { "%", IMPAIR_ALWAYS / 100 }, { NULL, 0 } };
static const struct unit times[] = { { "us", 1 }, { "ms", 1000 }, { "s", MILLION }, { NULL, 0 } };
static const struct unit rates[] = {
  { "bit", 1 }, { "kbit", 1000 }, { "mbit", MILLION }, { "gbit", 1000u * MILLION }, { NULL, 0 },
};

/* Read a number with up to six decimals. @return it in millionths, or -1 when there is none or it is beyond a million */
static int64_t
read_decimal(const char *text, const char **end)
{
  int64_t number = link_read_number(text, 0, MILLION, end);
  int64_t place = MILLION;

  if (number < 0) {
    return -1;
  }
  number *= MILLION;
  if (**end == '.') {
    const char *at = *end + 1;

    while (*at >= '0' && *at <= '9' && place > 1) {
      place /= 10;
      number += (*at++ - '0') * place;
    }
    if (place == MILLION) {
      return -1;
    }
    *end = at;
  }
  return number;
}

/* Read a number with one of these units. @return false when it is none, or beyond @p most */
static bool
read_quantity(const char *text, const struct unit *unit, uint64_t most, uint64_t *quantity)
{
  const char *end;
  int64_t number = read_decimal(text, &end);

  if (number < 0) {
    return false;
  }
  while (unit->name != NULL && strcasecmp(unit->name, end) != 0) {
    unit++;
  }
  /* The largest, a million gigabits in millionths, does not fit. */
  if (unit->name == NULL || (uint64_t)number / MILLION > most / unit->factor) {
    return false;
  }
  *quantity = (uint64_t)number / MILLION * unit->factor + (uint64_t)number % MILLION * unit->factor / MILLION;
  return *quantity <= most;
}

static int
read_chance(const struct bs_link_arg *arg, uint32_t *chance, char *why)
{
  uint64_t quantity;

  if (!read_quantity(arg->value, percent, IMPAIR_ALWAYS, &quantity)) {
    return link_refuse(why, EINVAL, "%s=%.24s is not a percentage from 0%% to 100%%: write it as %s=0.5%%", arg->key,
                       arg->value, arg->key);
  }
  *chance = (uint32_t)quantity;
  return 0;
}

static int
read_time(const struct bs_link_arg *arg, bs_time_t *time, char *why)
{
  if (!read_quantity(arg->value, times, (uint64_t)TIME_MOST_S * MILLION, time)) {
    return link_refuse(why, EINVAL, "%s=%.24s is not a time in us, ms or s up to %us: write it as %s=20ms", arg->key,
                       arg->value, TIME_MOST_S, arg->key);
  }
  return 0;
}

static int
read_rate(const char *text, uint64_t *rate, char *why)
{
  if (!read_quantity(text, rates, RATE_MOST, rate) || *rate < RATE_LEAST) {
    return link_refuse(why, EINVAL,
                       "rate=%.24s is not a number of bit, kbit, mbit or gbit from 1kbit to 100gbit: write it as "
                       "rate=10mbit",
                       text);
  }
  return 0;
}

static int
read_integer(const struct bs_link_arg *arg, long least, long most, long *number, char *why)
{
  const char *end;

  *number = link_read_number(arg->value, least, most, &end);
  if (*number < 0 || *end != '\0') {
    return link_refuse(why, EINVAL, "%s=%.24s is not a number from %ld to %ld: write it as %s=100", arg->key,
                       arg->value, least, most, arg->key);
  }
  return 0;
}

static int
read_only(struct impair_params *params, const char *text, char *why)
{
  params->tx = strcmp(text, "tx") == 0;
  params->rx = strcmp(text, "rx") == 0;
  if (!params->tx && !params->rx) {
    return link_refuse(why, EINVAL,
                       "only=%.24s is no direction: write only=tx for what is sent, only=rx for what is received, or "
                       "leave it out",
                       text);
  }
  return 0;
}

static int
read_arg(struct impair_params *params, const struct bs_link_arg *arg, char *why)
{
  const struct {
    const char *key;
    uint32_t *chance;
  } chances[] = { { "loss", &params->loss },
                  { "reorder", &params->reorder },
                  { "duplicate", &params->duplicate },
                  { "corrupt", &params->corrupt } };
  long number;
  int err;
  unsigned i;

  for (i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
    if (link_arg_is(arg, chances[i].key)) {
      return read_chance(arg, chances[i].chance, why);
    }
  }
  if (link_arg_is(arg, "delay")) {
    return read_time(arg, &params->delay, why);
  }
  if (link_arg_is(arg, "jitter")) {
    return read_time(arg, &params->jitter, why);
  }
  if (link_arg_is(arg, "rate")) {
    return read_rate(arg->value, &params->rate, why);
  }
  if (link_arg_is(arg, "only")) {
    return read_only(params, arg->value, why);
  }
  if (link_arg_is(arg, "queue")) {
    err = read_integer(arg, 2, QUEUE_MOST, &number, why);
    params->queue = (unsigned)number;
    return err;
  }
  if (link_arg_is(arg, "seed")) {
    err = read_integer(arg, 0, SEED_MOST, &number, why);
    params->seed = (uint32_t)number;
    return err;
  }
  return link_refuse(
      why, EINVAL,
      "impair has no parameter %.24s%s%.24s: there are loss, delay, jitter, reorder, duplicate, corrupt, "
      "rate, only, queue, seed",
      arg->key != NULL ? arg->key : "", arg->key != NULL ? "=" : "", arg->value);
}

int
impair_read_params(struct impair_params *params, const struct bs_link_args *args, char *why)
{
  unsigned i;

  memset(params, 0, sizeof(*params));
  params->tx = params->rx = true;
  params->queue = BS_IMPAIR_QUEUE;
  params->seed = 1;
  for (i = 0; i < args->count; i++) {
    int err = read_arg(params, &args->arg[i], why);

    if (err < 0) {
      return err;
    }
  }
  if (args->count == 0) {
    return link_refuse(why, EINVAL, "impair needs to be told what to do to frames: write it as impair:loss=2%%");
  }
  if (params->jitter > params->delay) {
    return link_refuse(why, EINVAL, "the jitter is larger than the delay: write it as delay=20ms,jitter=5ms");
  }
  return 0;
}
