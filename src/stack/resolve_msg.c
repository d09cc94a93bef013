#include "resolve_msg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER_SIZE   12
#define LABEL_MAX     63
#define CLASS_IN      1
#define TYPE_CNAME    5
#define TYPE_SOA      6
#define FLAG_RESPONSE 0x8000
#define FLAG_OPCODE   0x7800
#define FLAG_AA       0x0400
#define FLAG_TC       0x0200
#define FLAG_RD       0x0100
#define FLAG_RA       0x0080
#define RCODE_MASK    0x000f

enum { RCODE_OK = 0, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3 };

/* A place in a message. Every read goes through it, and none goes past the end. */
struct cursor {
  const uint8_t *msg;
  size_t len;
  size_t at;
};

/* A section: where it begins and how many records it has. */
struct section {
  struct cursor start;
  unsigned count;
};

struct record {
  char owner[RESOLVE_NAME_SIZE];
  uint16_t type;
  uint16_t class;
  uint32_t ttl_s;
  struct cursor data;
  size_t data_len;
};

static uint16_t
get16(const uint8_t *at)
{
  return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t
get32(const uint8_t *at)
{
  return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void
put16(uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static uint32_t
min32(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

/* Step over @p count bytes and give where they were; NULL when there are not that many. */
static const uint8_t *
take(struct cursor *c, size_t count)
{
  const uint8_t *at = c->msg + c->at;

  if (c->len - c->at < count) {
    return NULL;
  }
  c->at += count;
  return at;
}

/* Names of hosts are printable; a dot or a backslash inside a label would make the text ambiguous. */
static bool
label_is_text(const char *label, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (label[i] <= ' ' || label[i] > '~' || label[i] == '.' || label[i] == '\\') {
      return false;
    }
  }
  return true;
}

/*
 * Read a name, compressed or not. Each pointer must lead to before the piece that it ends, so that no chain of
 * them can go round (RFC 1035 4.1.4 speaks of a prior occurrence).
 *
 * A name that is no text becomes "", which is the same as no other name.
 */
static int
name_read(struct cursor *c, char *text)
{
  size_t at = c->at;
  size_t piece = at;
  size_t used = 0;
  bool jumped = false;
  bool is_text = true;

  for (;;) {
    size_t n;

    if (at >= c->len) {
      return -EBADMSG;
    }
    n = c->msg[at];
    if (n == 0) {
      break;
    }
    if ((n & 0xc0) == 0xc0) {
      size_t target;

      if (at + 1 >= c->len) {
        return -EBADMSG;
      }
      target = get16(c->msg + at) & 0x3fff;
      if (target >= piece) {
        return -EBADMSG;
      }
      if (!jumped) {
        c->at = at + 2;
        jumped = true;
      }
      at = piece = target;
      continue;
    }
    if (n > LABEL_MAX || c->len - at <= n || used + 1 + n >= RESOLVE_NAME_SIZE + (used == 0)) {
      return -EBADMSG;
    }
    if (used > 0) {
      text[used++] = '.';
    }
    memcpy(text + used, c->msg + at + 1, n);
    is_text = is_text && label_is_text(text + used, n);
    used += n;
    at += 1 + n;
  }
  if (!jumped) {
    c->at = at + 1;
  }
  text[is_text ? used : 0] = '\0';
  return 0;
}

/* Without regard to case (RFC 4343); the name asked for may have a dot at its end. */
static bool
name_same(const char *a, const char *b)
{
  size_t len = strlen(a);

  if (len > 0 && a[len - 1] == '.') {
    len--;
  }
  return len > 0 && strlen(b) == len && strncasecmp(a, b, len) == 0;
}

/* Write a name as labels; its length, or a negative errno. */
static int
name_write(uint8_t *to, size_t size, const char *name)
{
  size_t used = 0;
  size_t len = strlen(name);

  if (len > 0 && name[len - 1] == '.') {
    len--;
  }
  if (len == 0 || len >= RESOLVE_NAME_SIZE) {
    return -EINVAL;
  }
  if (size < len + 2) {
    return -ENOBUFS;
  }
  while (len > 0) {
    const char *dot = memchr(name, '.', len);
    size_t n = dot ? (size_t)(dot - name) : len;

    if (n == 0 || n > LABEL_MAX || n + 1 == len || !label_is_text(name, n)) {
      return -EINVAL;
    }
    to[used] = (uint8_t)n;
    memcpy(to + used + 1, name, n);
    used += n + 1;
    name += n + (dot != NULL);
    len -= n + (dot != NULL);
  }
  to[used++] = 0;
  return (int)used;
}

int
resolve_msg_build(uint8_t *msg, size_t size, uint16_t id, const char *name, enum resolve_type type)
{
  int n;

  if (size < HEADER_SIZE + 4) {
    return -ENOBUFS;
  }
  memset(msg, 0, HEADER_SIZE);
  put16(msg, id);
  put16(msg + 2, FLAG_RD);
  put16(msg + 4, 1);
  n = name_write(msg + HEADER_SIZE, size - HEADER_SIZE - 4, name);
  if (n < 0) {
    return n;
  }
  put16(msg + HEADER_SIZE + n, (uint16_t)type);
  put16(msg + HEADER_SIZE + n + 2, CLASS_IN);
  return HEADER_SIZE + n + 4;
}

static int
record_read(struct cursor *c, struct record *r)
{
  const uint8_t *fixed;

  if (name_read(c, r->owner) < 0 || (fixed = take(c, 10)) == NULL) {
    return -EBADMSG;
  }
  r->type = get16(fixed);
  r->class = get16(fixed + 2);
  r->ttl_s = get32(fixed + 4);
  /* RFC 2181 section 8: with the highest bit set it counts as 0. */
  if (r->ttl_s > INT32_MAX) {
    r->ttl_s = 0;
  }
  r->data_len = get16(fixed + 8);
  r->data = *c;
  return take(c, r->data_len) ? 0 : -EBADMSG;
}

/* Whether the record's data is exactly one name; it is put into @p name. */
static bool
record_name(const struct record *r, char *name)
{
  struct cursor c = r->data;

  return name_read(&c, name) == 0 && c.at == r->data.at + r->data_len;
}

/* Step over a section. One that ends early is malformed, but for a truncated message: there it ends where it ends. */
static int
section_read(struct cursor *c, struct section *s, unsigned count, bool truncated)
{
  s->start = *c;
  for (s->count = 0; s->count < count; s->count++) {
    struct record r;

    if (record_read(c, &r) < 0) {
      return truncated ? 0 : -EBADMSG;
    }
  }
  return 0;
}

/* Replace @p name by the one that its CNAME names. @return 1, 0 when it has none, -EBADMSG */
static int
follow_cname(const struct section *s, struct resolve_answer *answer)
{
  struct cursor c = s->start;

  for (unsigned i = 0; i < s->count; i++) {
    struct record r;

    record_read(&c, &r);
    if (r.type == TYPE_CNAME && r.class == CLASS_IN && name_same(answer->name, r.owner)) {
      answer->ttl_s = min32(answer->ttl_s, r.ttl_s);
      return record_name(&r, answer->name) ? 1 : -EBADMSG;
    }
  }
  return 0;
}

/* Put the data of an address record into the answer, if there is room. */
static int
take_address(const struct record *r, struct resolve_answer *answer)
{
  ip_addr_t addr;

  memset(&addr, 0, sizeof(addr));
  if (r->data_len != (r->type == RESOLVE_A ? 4 : 16)) {
    return -EBADMSG;
  }
  if (r->type == RESOLVE_A) {
    IP_SET_TYPE_VAL(addr, IPADDR_TYPE_V4);
    memcpy(&ip_2_ip4(&addr)->addr, r->data.msg + r->data.at, 4);
#if BS_IPV6
  } else {
    IP_SET_TYPE_VAL(addr, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(&addr)->addr, r->data.msg + r->data.at, 16);
#endif
  }
  if (answer->count < BS_RESOLVE_ADDRS) {
    answer->addr[answer->count++] = addr;
  }
  return 0;
}

/* Collect the records of the type asked for. @return how many there were, or -EBADMSG */
static int
take_records(const struct section *s, enum resolve_type type, struct resolve_answer *answer)
{
  struct cursor c = s->start;
  int found = 0;

  for (unsigned i = 0; i < s->count; i++) {
    struct record r;

    record_read(&c, &r);
    if (r.type != (uint16_t)type || r.class != CLASS_IN || !name_same(answer->name, r.owner)) {
      continue;
    }
    answer->ttl_s = min32(answer->ttl_s, r.ttl_s);
    found++;
    if (type == RESOLVE_PTR) {
      /* An address has one name; more than one record is a mistake that others make too. The first counts. */
      return record_name(&r, answer->name) ? found : -EBADMSG;
    }
    if (take_address(&r, answer) < 0) {
      return -EBADMSG;
    }
  }
  return found;
}

/* How long "there is none" holds: RFC 2308 section 5. Without a SOA record it must not be kept. */
static uint32_t
negative_ttl(const struct section *authority)
{
  struct cursor c = authority->start;

  for (unsigned i = 0; i < authority->count; i++) {
    struct record r;
    char skipped[RESOLVE_NAME_SIZE];
    const uint8_t *numbers;

    record_read(&c, &r);
    if (r.type != TYPE_SOA || r.class != CLASS_IN) {
      continue;
    }
    if (name_read(&r.data, skipped) == 0 && name_read(&r.data, skipped) == 0 && (numbers = take(&r.data, 20)) != NULL) {
      return min32(min32(r.ttl_s, get32(numbers + 16)), BS_RESOLVE_NEGATIVE_MAX_S);
    }
  }
  return 0;
}

/* Whether the message answers this query. */
static bool
question_matches(struct cursor *c, const char *name, enum resolve_type type)
{
  char asked[RESOLVE_NAME_SIZE];
  const uint8_t *fixed;

  if (name_read(c, asked) < 0 || (fixed = take(c, 4)) == NULL) {
    return false;
  }
  return name_same(name, asked) && get16(fixed) == (uint16_t)type && get16(fixed + 2) == CLASS_IN;
}

/* Read the records of an answer whose server knew what to say. */
static int
answer_read(struct cursor *c, const uint8_t *header, enum resolve_type type, struct resolve_answer *answer)
{
  uint16_t flags = get16(header + 2);
  struct section answers;
  struct section authority;
  int found;

  if (section_read(c, &answers, get16(header + 6), flags & FLAG_TC) < 0) {
    return -EBADMSG;
  }
  /* The rest only tells how long to keep a "no": when it is malformed, that is not at all. */
  section_read(c, &authority, get16(header + 8), true);

  for (unsigned steps = 0; (found = follow_cname(&answers, answer)) > 0; steps++) {
    if (steps == BS_RESOLVE_CHAIN) {
      answer->code = EAI_FAIL;
      return 0;
    }
  }
  if (found == 0) {
    found = take_records(&answers, type, answer);
  }
  if (found < 0) {
    return -EBADMSG;
  }
  if ((flags & RCODE_MASK) == RCODE_NXDOMAIN) {
    answer->code = EAI_NONAME;
  } else if (found > 0) {
    answer->code = type == RESOLVE_PTR && answer->name[0] == '\0' ? EAI_NONAME : 0;
    return 0;
  } else if (answers.count == 0 && !(flags & (FLAG_AA | FLAG_RA))) {
    /* It only refers us to other servers: not a resolver. */
    answer->code = EAI_FAIL;
    return 0;
  } else {
    answer->code = EAI_NODATA;
  }
  answer->count = 0;
  answer->ttl_s = flags & FLAG_TC ? 0 : min32(answer->ttl_s, negative_ttl(&authority));
  return 0;
}

int
resolve_msg_parse(const uint8_t *msg, size_t len, uint16_t id, const char *name, enum resolve_type type,
                  struct resolve_answer *answer)
{
  struct cursor c = { msg, len, 0 };
  const uint8_t *header = take(&c, HEADER_SIZE);
  uint16_t flags;

  if (header == NULL) {
    return -EBADMSG;
  }
  flags = get16(header + 2);
  if (get16(header) != id || (flags & (FLAG_RESPONSE | FLAG_OPCODE)) != FLAG_RESPONSE || get16(header + 4) != 1 ||
      !question_matches(&c, name, type)) {
    return -ENOMSG;
  }
  answer->code = 0;
  answer->count = 0;
  answer->ttl_s = BS_RESOLVE_TTL_MAX_S;
  snprintf(answer->name, sizeof(answer->name), "%s", name);

  switch (flags & RCODE_MASK) {
  case RCODE_OK:
  case RCODE_NXDOMAIN:
    return answer_read(&c, header, type, answer);
  case RCODE_SERVFAIL:
    answer->code = EAI_AGAIN;
    return 0;
  default:
    answer->code = EAI_FAIL;
    return 0;
  }
}

bool
resolve_addr_same(const ip_addr_t *a, const ip_addr_t *b)
{
#if BS_IPV6
  return ip_addr_zoneless_eq(a, b);
#else
  return ip_addr_eq(a, b);
#endif
}

void
resolve_msg_reverse(const ip_addr_t *addr, char *name)
{
#if BS_IPV6
  if (IP_IS_V6(addr)) {
    const uint8_t *octet = (const uint8_t *)ip_2_ip6(addr)->addr;

    for (unsigned i = 0; i < 16; i++) {
      *name++ = "0123456789abcdef"[octet[15 - i] & 15];
      *name++ = '.';
      *name++ = "0123456789abcdef"[octet[15 - i] >> 4];
      *name++ = '.';
    }
    strcpy(name, "ip6.arpa");
    return;
  }
#endif
  const uint8_t *octet = (const uint8_t *)&ip_2_ip4(addr)->addr;

  snprintf(name, RESOLVE_NAME_SIZE, "%u.%u.%u.%u.in-addr.arpa", octet[3], octet[2], octet[1], octet[0]);
}
