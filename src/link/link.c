/**
 * The kinds of links that are known, and link strings.
 */
#include "baresock/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "link/args.h"
#include "port.h"

/* One link or filter of a link string; its texts lie unquoted in text[]. */
struct part {
  char text[BS_LINK_STRING];
  const char *name;
  struct bs_link_args args;
};

static const struct bs_link_ops *kinds[BS_LINK_KINDS];
static unsigned kinds_known;

/* The port's links come first, whoever asks first. */
static void
ask_port(void)
{
  static bool asked;

  if (!asked) {
    asked = true;
    port_register_links();
  }
}

static const struct bs_link_ops *
find_kind(const char *name)
{
  unsigned i;

  for (i = 0; i < kinds_known; i++) {
    if (strcmp(kinds[i]->name, name) == 0) {
      return kinds[i];
    }
  }
  return NULL;
}

int
bs_link_register(const struct bs_link_ops *ops)
{
  ask_port();
  if (find_kind(ops->name) != NULL) {
    errno = EEXIST;
    return -1;
  }
  if (kinds_known == BS_LINK_KINDS) {
    errno = ENOBUFS;
    return -1;
  }
  kinds[kinds_known++] = ops;
  return 0;
}

const struct bs_link_ops *
bs_link_kind(unsigned index)
{
  ask_port();
  return index < kinds_known ? kinds[index] : NULL;
}

/* "loop, slirp, wire" into names. What does not fit is left out as a whole. */
static void
list_kinds(bool filters, char *names, size_t size)
{
  size_t used = 0;
  unsigned i;

  names[0] = '\0';
  for (i = 0; i < kinds_known; i++) {
    size_t len = strlen(kinds[i]->name) + 2;

    if (kinds[i]->filter == filters && used + len < size) {
      used += (size_t)snprintf(names + used, size - used, "%s%s", used != 0 ? ", " : "", kinds[i]->name);
    }
  }
}

static int
refuse_kind(const char *name, bool first, char *why)
{
  char names[BS_LINK_WHY / 2];

  list_kinds(!first, names, sizeof(names));
  return link_refuse(why, ENODEV, "there is no %s \"%.32s\": known are %s", first ? "link" : "filter", name,
                     names[0] != '\0' ? names : "none");
}

/* Copy up to an unquoted character of stops, unquoted and with an end; @return that character, or '\0' at the end.
 * A backslash before anything that needs no quoting stands for itself, so that DOS paths can be written. */
static char
read_token(const char **from, char **to, const char *stops)
{
  const char *at = *from;
  char stop;

  while (*at != '\0' && strchr(stops, *at) == NULL) {
    if (*at == '\\' && at[1] != '\0' && strchr("+,=\\", at[1]) != NULL) {
      at++;
    }
    *(*to)++ = *at++;
  }
  stop = *at;
  *(*to)++ = '\0';
  *from = stop != '\0' ? at + 1 : at;
  return stop;
}

/* Read one VALUE or KEY=VALUE. */
static int
read_arg(const char **from, char **to, struct part *part, char *stop, char *why)
{
  struct bs_link_arg *arg;

  if (part->args.count == BS_LINK_ARGS) {
    return link_refuse(why, EINVAL, "%.32s has more than %d parameters: leave some out", part->name, BS_LINK_ARGS);
  }
  arg = &part->args.arg[part->args.count++];
  arg->key = NULL;
  arg->value = *to;
  *stop = read_token(from, to, "=,+");
  if (*stop == '=') {
    arg->key = arg->value;
    arg->value = *to;
    *stop = read_token(from, to, ",+");
  }
  if (arg->value[0] == '\0' || (arg->key != NULL && arg->key[0] == '\0')) {
    return link_refuse(why, EINVAL, "parameter %u of %.32s is empty: write VALUE or KEY=VALUE, or leave it out",
                       part->args.count, part->name);
  }
  return 0;
}

/* Read NAME[:PARAMETER,...] up to an unquoted '+'. @return 1: more follow; 0: it was the last; or a negative errno */
static int
read_part(const char **from, struct part *part, char *why)
{
  char *to = part->text;
  char stop;

  part->name = to;
  part->args.count = 0;
  stop = read_token(from, &to, ":+");
  if (part->name[0] == '\0') {
    return link_refuse(why, EINVAL, "a name is missing: write a link, then +FILTER for each filter on it");
  }
  if (stop == ':') {
    do {
      int err = read_arg(from, &to, part, &stop, why);

      if (err < 0) {
        return err;
      }
    } while (stop == ',');
  }
  return stop == '+' ? 1 : 0;
}

/* The kind of a part, if such a one may stand there. */
static int
look_up(const struct part *part, bool first, const struct bs_link_ops **ops, char *why)
{
  *ops = find_kind(part->name);
  if (*ops == NULL) {
    return refuse_kind(part->name, first, why);
  }
  if (first && (*ops)->filter) {
    return link_refuse(why, EINVAL, "%s is a filter: name the link that it stands on first, as in %.32s+%s", part->name,
                       port_default_link(), part->name);
  }
  if (!first && !(*ops)->filter) {
    return link_refuse(why, EINVAL, "%s is a link and can't stand on another: only filters follow a +", part->name);
  }
  return 0;
}

/* Walk a link string: only check it (opened is NULL), or open what it names, the lowest first. */
static int
walk(const char *string, struct bs_link **opened, char *why)
{
  struct bs_link *top = NULL;
  bool first = true;
  int more;

  do {
    const struct bs_link_ops *ops;
    struct bs_link *link = NULL;
    struct part part;
    int err;

    more = read_part(&string, &part, why);
    err = more < 0 ? more : look_up(&part, first, &ops, why);
    if (err == 0 && opened != NULL) {
      err = ops->open(&part.args, top, &link, why);
    }
    if (err < 0) {
      bs_link_close(top);
      return err;
    }
    if (link != NULL) {
      link->ops = ops;
      link->below = top;
      top = link;
    }
    first = false;
  } while (more > 0);

  if (opened != NULL) {
    *opened = top;
  }
  return 0;
}

struct bs_link *
bs_link_open(const char *string, char *why)
{
  char unread[BS_LINK_WHY];
  struct bs_link *link = NULL;
  int err;

  ask_port();
  if (why == NULL) {
    why = unread;
  }
  why[0] = '\0';
  if (strlen(string) >= BS_LINK_STRING) {
    err = link_refuse(why, EINVAL, "the link string is longer than %d bytes: shorten its paths", BS_LINK_STRING - 1);
  } else {
    /* All of it is checked before anything is opened: a slip in the last filter must not open a port. */
    err = walk(string, NULL, why);
    if (err == 0) {
      err = walk(string, &link, why);
    }
  }
  if (err < 0) {
    errno = -err;
    return NULL;
  }
  return link;
}

void
bs_link_close(struct bs_link *link)
{
  if (link != NULL) {
    link->ops->close(link);
  }
}
