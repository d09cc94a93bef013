#include "resolve_cache.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct entry {
  char name[RESOLVE_NAME_SIZE]; /* "" when the entry is free */
  enum resolve_type type;
  bs_time_t stored;
  bs_time_t expires;
  struct resolve_answer answer;
};

static struct entry entries[BS_RESOLVE_CACHE];

static struct entry *
entry_find(const char *name, enum resolve_type type)
{
  for (unsigned i = 0; i < BS_RESOLVE_CACHE; i++) {
    struct entry *e = &entries[i];

    if (e->name[0] != '\0' && e->type == type && strcasecmp(e->name, name) == 0) {
      return e;
    }
  }
  return NULL;
}

/* A place for a new answer: a free one, one that has expired, else the oldest. */
static struct entry *
entry_make_room(bs_time_t now)
{
  struct entry *oldest = &entries[0];

  for (unsigned i = 0; i < BS_RESOLVE_CACHE; i++) {
    struct entry *e = &entries[i];

    if (e->name[0] == '\0' || e->expires <= now) {
      return e;
    }
    if (e->stored < oldest->stored) {
      oldest = e;
    }
  }
  return oldest;
}

const struct resolve_answer *
resolve_cache_get(const char *name, enum resolve_type type, bs_time_t now)
{
  struct entry *e = entry_find(name, type);

  if (e == NULL) {
    return NULL;
  }
  if (e->expires <= now) {
    e->name[0] = '\0';
    return NULL;
  }
  return &e->answer;
}

void
resolve_cache_put(const char *name, enum resolve_type type, const struct resolve_answer *answer, bs_time_t now)
{
  struct entry *e;

  if (answer->ttl_s == 0 || (answer->code != 0 && answer->code != EAI_NONAME && answer->code != EAI_NODATA)) {
    return;
  }
  e = entry_find(name, type);
  if (e == NULL) {
    e = entry_make_room(now);
  }
  snprintf(e->name, sizeof(e->name), "%s", name);
  e->type = type;
  e->stored = now;
  e->expires = now + (bs_time_t)answer->ttl_s * 1000000;
  e->answer = *answer;
}

void
resolve_cache_flush(void)
{
  for (unsigned i = 0; i < BS_RESOLVE_CACHE; i++) {
    entries[i].name[0] = '\0';
  }
}
