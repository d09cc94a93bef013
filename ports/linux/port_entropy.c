/**
 * Randomness and files on Linux.
 */
#include <errno.h>
#include <sys/random.h>

#include "port.h"

int
port_entropy(void *buf, size_t len)
{
  unsigned char *to = buf;

  while (len > 0) {
    ssize_t n = getrandom(to, len, 0);

    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return -EIO;
    }
    to += n;
    len -= (size_t)n;
  }
  return 0;
}

const char *
port_hosts_file(void)
{
  return "/etc/hosts";
}
