#include "hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "port.h"
#include "stack/iptext.h"

/* What stands before the place where the file is read next. */
enum delimiter { AFTER_WORD, AFTER_LINE, AFTER_FILE };

/* Where the reading of a file stands. */
struct reader {
  FILE *file;
  enum delimiter after;
};

static const char localhost[] = "localhost";
static const char localhost_addr[][10] = { "127.0.0.1", "::1" };

static FILE *
hosts_open(void)
{
  const char *path = getenv("BARESOCK_HOSTS");

  if (path == NULL || path[0] == '\0') {
    path = port_hosts_file();
  }
  return path != NULL ? fopen(path, "r") : NULL;
}

/* The next character of this line; a newline at its end, at a comment and at the end of the file. */
static int
next_char(struct reader *r)
{
  int c = getc(r->file);

  if (c == '#') {
    do {
      c = getc(r->file);
    } while (c != '\n' && c != EOF);
  }
  if (c == EOF) {
    r->after = AFTER_FILE;
    return '\n';
  }
  if (c == '\n') {
    r->after = AFTER_LINE;
  }
  return c;
}

/*
 * Take the next word of this line; false at its end. A word that doesn't fit is no name that anyone could ask for,
 * and becomes "". Lines may be of any length, and end as on UNIX or DOS.
 */
static bool
next_word(struct reader *r, char *word)
{
  size_t len = 0;

  while (r->after == AFTER_WORD) {
    int c = next_char(r);

    if (strchr(" \t\r\n", c) == NULL) {
      if (len < RESOLVE_NAME_SIZE) {
        word[len] = (char)c;
      }
      len++;
    } else if (len > 0) {
      word[len < RESOLVE_NAME_SIZE ? len : 0] = '\0';
      return true;
    }
  }
  return false;
}

/* Go to the next line; false at the end of the file. */
static bool
next_line(struct reader *r)
{
  char word[RESOLVE_NAME_SIZE];

  while (next_word(r, word)) {
  }
  if (r->after == AFTER_FILE) {
    return false;
  }
  r->after = AFTER_WORD;
  return true;
}

static bool
address_read_text(const char *text, ip_addr_t *addr)
{
  uint8_t octet[16];

  memset(addr, 0, sizeof(*addr));
  if (iptext_read4(text, octet)) {
    IP_SET_TYPE_VAL(*addr, IPADDR_TYPE_V4);
    memcpy(&ip_2_ip4(addr)->addr, octet, 4);
    return true;
  }
#if BS_IPV6
  if (iptext_read6(text, octet)) {
    IP_SET_TYPE_VAL(*addr, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(addr)->addr, octet, 16);
    return true;
  }
#endif
  return false;
}

static void
answer_add(struct resolve_answer *answer, const char *text)
{
  if (answer->count < BS_RESOLVE_ADDRS && address_read_text(text, &answer->addr[answer->count])) {
    answer->count++;
  }
}

/* The length of a name without the dot that it may end with. */
static size_t
name_length(const char *name)
{
  size_t len = strlen(name);

  return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

static bool
is_localhost(const char *name, size_t len)
{
  size_t tail = sizeof(localhost) - 1;

  if (len < tail || strncasecmp(name + len - tail, localhost, tail) != 0) {
    return false;
  }
  return len == tail || name[len - tail - 1] == '.';
}

/* Read a line's names; when @p name is one of them, take the line's address, and its first name if it is the first. */
static void
line_find(struct reader *r, const char *addr, const char *name, size_t len, struct resolve_answer *answer)
{
  char first[RESOLVE_NAME_SIZE] = "";
  char word[RESOLVE_NAME_SIZE];

  while (next_word(r, word)) {
    if (first[0] == '\0') {
      memcpy(first, word, sizeof(first));
    }
    if (strlen(word) == len && strncasecmp(word, name, len) == 0) {
      if (answer->count == 0) {
        memcpy(answer->name, first, sizeof(first));
      }
      answer_add(answer, addr);
      return;
    }
  }
}

bool
hosts_find(const char *name, struct resolve_answer *answer)
{
  struct reader r = { NULL, AFTER_WORD };
  char addr[RESOLVE_NAME_SIZE];
  size_t len = name_length(name);

  memset(answer, 0, sizeof(*answer));
  if (len == 0 || len >= RESOLVE_NAME_SIZE) {
    return false;
  }
  if (is_localhost(name, len)) {
    memcpy(answer->name, name, len);
    answer_add(answer, localhost_addr[0]);
    answer_add(answer, localhost_addr[1]);
    return true;
  }
  r.file = hosts_open();
  if (r.file == NULL) {
    return false;
  }
  do {
    if (next_word(&r, addr)) {
      line_find(&r, addr, name, len, answer);
    }
  } while (next_line(&r));
  fclose(r.file);
  return answer->count > 0;
}

bool
hosts_find_name(const ip_addr_t *addr, char *name)
{
  struct reader r = { hosts_open(), AFTER_WORD };
  bool found = false;
  char text[RESOLVE_NAME_SIZE];
  ip_addr_t entry;

  if (r.file != NULL) {
    do {
      found = next_word(&r, text) && address_read_text(text, &entry) && resolve_addr_same(&entry, addr) &&
              next_word(&r, name) && name[0] != '\0';
    } while (!found && next_line(&r));
    fclose(r.file);
  }
  for (unsigned i = 0; !found && i < 2; i++) {
    if (address_read_text(localhost_addr[i], &entry) && resolve_addr_same(&entry, addr)) {
      strcpy(name, localhost);
      found = true;
    }
  }
  return found;
}
