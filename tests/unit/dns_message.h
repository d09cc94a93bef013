/**
 * DNS messages as a server writes them, for tests.
 */
#ifndef TESTS_DNS_MESSAGE_H
#define TESTS_DNS_MESSAGE_H

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_AAAA = 28 };
enum { RCODE_OK, RCODE_FORMERR, RCODE_SERVFAIL, RCODE_NXDOMAIN, RCODE_NOTIMP, RCODE_REFUSED };
enum { SECTION_ANSWER = 6, SECTION_AUTHORITY = 8 };

struct dns_message {
  uint8_t data[1024];
  size_t len;
};

static inline void
msg_u16(struct dns_message *m, unsigned value)
{
  m->data[m->len++] = (uint8_t)(value >> 8);
  m->data[m->len++] = (uint8_t)value;
}

static inline void
msg_u32(struct dns_message *m, uint32_t value)
{
  msg_u16(m, value >> 16);
  msg_u16(m, value & 0xffff);
}

static inline void
msg_name(struct dns_message *m, const char *name)
{
  while (*name != '\0') {
    size_t n = strcspn(name, ".");

    m->data[m->len++] = (uint8_t)n;
    memcpy(m->data + m->len, name, n);
    m->len += n;
    name += n + (name[n] == '.');
  }
  m->data[m->len++] = 0;
}

/* Begin a reply to a query: its header and question, as a recursive server. */
static inline void
msg_reply(struct dns_message *m, const uint8_t *query, size_t len, unsigned rcode)
{
  memcpy(m->data, query, len);
  m->len = len;
  m->data[2] = 0x81;
  m->data[3] = (uint8_t)(0x80 | rcode);
}

/* Begin a record and count it; the data follows. A NULL owner is a pointer to the question's name. */
static inline void
msg_record(struct dns_message *m, unsigned section, const char *owner, unsigned type, uint32_t ttl, size_t data_len)
{
  m->data[section + 1]++;
  if (owner == NULL) {
    msg_u16(m, 0xc00c);
  } else {
    msg_name(m, owner);
  }
  msg_u16(m, type);
  msg_u16(m, 1);
  msg_u32(m, ttl);
  msg_u16(m, (unsigned)data_len);
}

static inline void
msg_address(struct dns_message *m, const char *owner, uint32_t ttl, const char *text)
{
  int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
  size_t size = family == AF_INET6 ? 16 : 4;

  msg_record(m, SECTION_ANSWER, owner, family == AF_INET6 ? TYPE_AAAA : TYPE_A, ttl, size);
  assert_int_equal(inet_pton(family, text, m->data + m->len), 1);
  m->len += size;
}

/* A CNAME or PTR record. */
static inline void
msg_alias(struct dns_message *m, const char *owner, unsigned type, uint32_t ttl, const char *target)
{
  msg_record(m, SECTION_ANSWER, owner, type, ttl, strlen(target) + 2);
  msg_name(m, target);
}

static inline void
msg_soa(struct dns_message *m, uint32_t ttl, uint32_t minimum)
{
  msg_record(m, SECTION_AUTHORITY, "test", TYPE_SOA, ttl, 4 + 4 + 20);
  msg_name(m, "ns");
  msg_name(m, "me");
  for (unsigned i = 0; i < 4; i++) {
    msg_u32(m, i);
  }
  msg_u32(m, minimum);
}

#endif /* TESTS_DNS_MESSAGE_H */
