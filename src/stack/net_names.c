/**
 * Who answers for names: the DNS servers, and what this machine is called.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dns.h"

#include "stack/addrspec.h"
#include "stack/interface.h"
#include "stack/iptext.h"
#include "stack/resolve.h"
#include "stack/stack.h"

#define DNS_PORT 53

static char hostname[BS_HOSTNAME_MAX];
static struct {
  ip_addr_t addr;
  u16_t port;
} dns_servers[BS_DNS_SERVERS];
static unsigned dns_count;

bool
dns_is_set(void)
{
  return dns_count > 0;
}

int
bs_net_dns(const char *spec)
{
  struct {
    ip_addr_t addr;
    u16_t port;
  } read[BS_DNS_SERVERS];
  unsigned count = 0;
  const char *text = spec;

  while (*text != '\0') {
    if (count == BS_DNS_SERVERS) {
      return net_result(-E2BIG);
    }
    if (server_spec_parse(&text, &read[count].addr, &read[count].port, DNS_PORT) < 0) {
      return net_result(-EINVAL);
    }
    count++;
  }
  for (dns_count = 0; dns_count < count; dns_count++) {
    ip_addr_copy(dns_servers[dns_count].addr, read[dns_count].addr);
    dns_servers[dns_count].port = read[dns_count].port;
  }
  resolve_cache_flush();
  return 0;
}

bool
interface_dns_server(unsigned index, ip_addr_t *addr, u16_t *port)
{
  unsigned i;

  if (dns_count > 0) {
    if (index >= dns_count) {
      return false;
    }
    ip_addr_copy(*addr, dns_servers[index].addr);
    *port = dns_servers[index].port;
    return true;
  }
  /* Those that DHCP and router advertisements named, which may leave gaps. */
  for (i = 0; i < DNS_MAX_SERVERS; i++) {
    const ip_addr_t *server = dns_getserver((u8_t)i);

    if (!ip_addr_isany(server) && index-- == 0) {
      ip_addr_copy(*addr, *server);
      *port = DNS_PORT;
      return true;
    }
  }
  return false;
}

int
bs_net_dns_server(unsigned index, char *text)
{
  char addr[IPTEXT_SIZE];
  ip_addr_t server;
  u16_t port;

  if (stack_init() < 0 || !interface_dns_server(index, &server, &port)) {
    return net_result(-ENOENT);
  }
#if LWIP_IPV6
  if (IP_IS_V6_VAL(server)) {
    (void)iptext_write6((const uint8_t *)ip_2_ip6(&server)->addr, addr);
  } else
#endif
  {
    ip4addr_ntoa_r(ip_2_ip4(&server), addr, sizeof(addr));
  }
  if (port == DNS_PORT) {
    snprintf(text, BS_ADDR_TEXT, "%s", addr);
  } else {
    snprintf(text, BS_ADDR_TEXT, IP_IS_V6_VAL(server) ? "[%s]:%u" : "%s:%u", addr, (unsigned)port);
  }
  return 0;
}

/* Letters, digits, dots, and hyphens that are not at an end (RFC 1123 2.1). */
bool
hostname_is_valid(const char *name)
{
  size_t len = strlen(name);

  return len > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == len &&
         name[0] != '-' && name[0] != '.' && name[len - 1] != '-';
}

int
bs_net_hostname(const char *name)
{
  if (strlen(name) >= sizeof(hostname)) {
    return net_result(-ENAMETOOLONG);
  }
  if (!hostname_is_valid(name)) {
    return net_result(-EINVAL);
  }
  strcpy(hostname, name);
  return 0;
}

const char *
bs_net_get_hostname(void)
{
  const char *name = net_setting("BARESOCK_HOSTNAME");

  if (hostname[0] == '\0' && (name == NULL || bs_net_hostname(name) < 0)) {
    strcpy(hostname, "baresock");
  }
  return hostname;
}
