/**
 * The parser of DNS answers, and the names that it gives: any bytes may come from a network.
 *
 * The first byte chooses the question; the rest is the message, with id and question made to match every other time,
 * so that the records are reached.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stack/resolve_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
  const char *name;
  enum resolve_type type;
} questions[] = {
  { "www.example.test", RESOLVE_A },
  { "www.example.test", RESOLVE_AAAA },
  { "1.2.0.192.in-addr.arpa", RESOLVE_PTR },
};

static void
parse(const uint8_t *msg, size_t len, const char *name, enum resolve_type type)
{
  struct resolve_answer answer;

  if (resolve_msg_parse(msg, len, 0x1234, name, type, &answer) == 0) {
    if (answer.count > BS_RESOLVE_ADDRS || memchr(answer.name, '\0', sizeof(answer.name)) == NULL) {
      abort();
    }
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t query[RESOLVE_MSG_SIZE];
  unsigned which;
  uint8_t *msg;
  int n;

  if (size < 8) {
    return 0;
  }
  which = data[0] % 3;
  if (data[0] & 0x80) {
    parse(data + 1, size - 1, questions[which].name, questions[which].type);
    return 0;
  }
  n = resolve_msg_build(query, sizeof(query), 0x1234, questions[which].name, questions[which].type);
  if (n < 0) {
    abort();
  }
  /* Flags and counts from the data, then the records. */
  query[2] = data[1] | 0x80;
  query[3] = data[2];
  query[7] = data[3];
  query[9] = data[4];
  msg = malloc((size_t)n + size - 5);
  if (msg != NULL) {
    memcpy(msg, query, (size_t)n);
    memcpy(msg + n, data + 5, size - 5);
    parse(msg, (size_t)n + size - 5, questions[which].name, questions[which].type);
    free(msg);
  }
  return 0;
}
