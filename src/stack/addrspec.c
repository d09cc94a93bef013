/**
 * Addresses as users write them.
 */
#include "stack/addrspec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "baresock/net.h"

/* Copy what stands before @p end. */
static int
cut(char *to, const char *from, size_t len)
{
  if (len >= BS_ADDR_TEXT) {
    return -EINVAL;
  }
  memcpy(to, from, len);
  to[len] = '\0';
  return 0;
}

/* A number of digits only: strtoul() would also take signs and spaces. */
static int
parse_number(const char *text, unsigned long most, unsigned long *value)
{
  const char *p;

  for (p = text; *p != '\0'; p++) {
    if (!isdigit((unsigned char)*p)) {
      return -EINVAL;
    }
  }
  if (p == text || p - text > 5) {
    return -EINVAL;
  }
  *value = strtoul(text, NULL, 10);
  return *value <= most ? 0 : -EINVAL;
}

static int
parse_addr(const char *text, size_t len, u8_t type, ip_addr_t *addr)
{
  char part[BS_ADDR_TEXT];

  /* lwIP ends at these, whatever follows. */
  if (cut(part, text, len) < 0 || strpbrk(part, " \t\r\n\v\f[]") != NULL || !ipaddr_aton(part, addr)) {
    return -EINVAL;
  }
  /* lwIP takes "10.1" as inet_aton() does; in a configuration that is more likely a slip. */
  if (IP_IS_V4_VAL(*addr)) {
    const char *p;
    int dots = 0;

    for (p = part; *p != '\0'; p++) {
      dots += *p == '.';
    }
    if (dots != 3) {
      return -EINVAL;
    }
  }
  return type == IPADDR_TYPE_ANY || IP_GET_TYPE(addr) == type ? 0 : -EINVAL;
}

int
addr_spec_parse(const char *text, u8_t type, struct addr_spec *spec)
{
  const char *slash = strchr(text, '/');
  const char *comma = strchr(text, ',');
  const char *end = comma != NULL ? comma : text + strlen(text);
  unsigned long len;
  char part[BS_ADDR_TEXT];

  if (slash == NULL || slash > end || parse_addr(text, (size_t)(slash - text), type, &spec->addr) < 0) {
    return -EINVAL;
  }
  if (cut(part, slash + 1, (size_t)(end - slash - 1)) < 0 ||
      parse_number(part, type == IPADDR_TYPE_V4 ? 32 : 128, &len) < 0 || len == 0) {
    return -EINVAL;
  }
  spec->prefix_len = (unsigned)len;
  spec->has_gateway = comma != NULL;
  if (comma != NULL) {
    return parse_addr(comma + 1, strlen(comma + 1), type, &spec->gateway);
  }
  return 0;
}

/* The end of the address that @p text begins with, and where its port begins, NULL for none. */
static const char *
find_port(const char *text, const char *end, const char **port)
{
  const char *colon = memchr(text, ':', (size_t)(end - text));

  *port = NULL;
  if (*text == '[') {
    const char *bracket = memchr(text, ']', (size_t)(end - text));

    if (bracket != NULL && bracket + 1 < end && bracket[1] == ':') {
      *port = bracket + 2;
    }
    return bracket;
  }
  /* Two colons are an IPv6 address without a port. */
  if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL) {
    *port = colon + 1;
    return colon;
  }
  return end;
}

int
server_spec_parse(const char **text, ip_addr_t *addr, u16_t *port, u16_t default_port)
{
  const char *comma = strchr(*text, ',');
  const char *end = comma != NULL ? comma : *text + strlen(*text);
  const char *start = **text == '[' ? *text + 1 : *text;
  const char *port_text;
  const char *addr_end = find_port(*text, end, &port_text);
  unsigned long number = default_port;
  char part[BS_ADDR_TEXT];

  if (addr_end == NULL || parse_addr(start, (size_t)(addr_end - start), IPADDR_TYPE_ANY, addr) < 0) {
    return -EINVAL;
  }
  if (**text == '[' && port_text == NULL && addr_end + 1 != end) {
    return -EINVAL;
  }
  if (port_text != NULL &&
      (cut(part, port_text, (size_t)(end - port_text)) < 0 || parse_number(part, 65535, &number) < 0 || number == 0)) {
    return -EINVAL;
  }
  *port = (u16_t)number;
  *text = comma != NULL ? comma + 1 : end;
  /* A comma promises another one. */
  return comma != NULL && **text == '\0' ? -EINVAL : 0;
}
