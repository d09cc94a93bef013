#include "services.h"

#include <stddef.h>
#include <string.h>

#define BOTH (SERVICE_TCP | SERVICE_UDP)

struct service {
  const char *name;
  uint16_t port;
  uint8_t protocols;
};

/* By IANA's registry, where a port's first line is its official name; protocols as they are used today. */
static const struct service services[] = {
  { "echo", 7, BOTH },
  { "discard", 9, BOTH },
  { "systat", 11, SERVICE_TCP },
  { "daytime", 13, BOTH },
  { "qotd", 17, SERVICE_TCP },
  { "chargen", 19, BOTH },
  { "ftp-data", 20, SERVICE_TCP },
  { "ftp", 21, SERVICE_TCP },
  { "ssh", 22, SERVICE_TCP },
  { "telnet", 23, SERVICE_TCP },
  { "smtp", 25, SERVICE_TCP },
  { "mail", 25, SERVICE_TCP },
  { "time", 37, BOTH },
  { "whois", 43, SERVICE_TCP },
  { "domain", 53, BOTH },
  { "bootps", 67, SERVICE_UDP },
  { "bootpc", 68, SERVICE_UDP },
  { "tftp", 69, SERVICE_UDP },
  { "gopher", 70, SERVICE_TCP },
  { "finger", 79, SERVICE_TCP },
  { "http", 80, SERVICE_TCP },
  { "www", 80, SERVICE_TCP },
  { "kerberos", 88, BOTH },
  { "pop3", 110, SERVICE_TCP },
  { "sunrpc", 111, BOTH },
  { "auth", 113, SERVICE_TCP },
  { "nntp", 119, SERVICE_TCP },
  { "ntp", 123, SERVICE_UDP },
  { "netbios-ns", 137, SERVICE_UDP },
  { "netbios-ssn", 139, SERVICE_TCP },
  { "imap2", 143, SERVICE_TCP },
  { "imap", 143, SERVICE_TCP },
  { "snmp", 161, BOTH },
  { "snmp-trap", 162, BOTH },
  { "bgp", 179, SERVICE_TCP },
  { "irc", 194, BOTH },
  { "ldap", 389, BOTH },
  { "https", 443, BOTH },
  { "microsoft-ds", 445, BOTH },
  { "submissions", 465, SERVICE_TCP },
  { "syslog", 514, SERVICE_UDP },
  { "printer", 515, SERVICE_TCP },
  { "uucp", 540, SERVICE_TCP },
  { "rtsp", 554, BOTH },
  { "submission", 587, SERVICE_TCP },
  { "ipp", 631, SERVICE_TCP },
  { "ldaps", 636, BOTH },
  { "domain-s", 853, BOTH },
  { "rsync", 873, SERVICE_TCP },
  { "ftps", 990, SERVICE_TCP },
  { "telnets", 992, SERVICE_TCP },
  { "imaps", 993, SERVICE_TCP },
  { "pop3s", 995, SERVICE_TCP },
  { "socks", 1080, SERVICE_TCP },
  { "mqtt", 1883, SERVICE_TCP },
  { "nfs", 2049, BOTH },
  { "mysql", 3306, SERVICE_TCP },
  { "postgresql", 5432, SERVICE_TCP },
  { "sip", 5060, BOTH },
  { "mdns", 5353, SERVICE_UDP },
  { "coap", 5683, SERVICE_UDP },
  { "ircd", 6667, SERVICE_TCP },
  { "ircs-u", 6697, SERVICE_TCP },
  { "http-alt", 8080, BOTH },
  { "secure-mqtt", 8883, SERVICE_TCP },
  { "git", 9418, SERVICE_TCP },
};

uint16_t
services_port(const char *name, unsigned protocol)
{
  for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
    if (services[i].protocols & protocol && strcmp(services[i].name, name) == 0) {
      return services[i].port;
    }
  }
  return 0;
}

const char *
services_name(uint16_t port, unsigned protocol)
{
  for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
    if (services[i].protocols & protocol && services[i].port == port) {
      return services[i].name;
    }
  }
  return NULL;
}
