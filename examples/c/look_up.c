/*
 * Look names up, and addresses: look_up NAME_OR_ADDRESS...
 */
#include <stdio.h>
#include <string.h>

#include <baresock/netdb.h>

static void
print_address(const char *name, const struct addrinfo *ai)
{
  char addr[NI_MAXHOST];
  char host[NI_MAXHOST];

  bs_getnameinfo(ai->ai_addr, ai->ai_addrlen, addr, sizeof(addr), NULL, 0, NI_NUMERICHOST);
  /* And back. Without a name in DNS that is the address again. */
  if (bs_getnameinfo(ai->ai_addr, ai->ai_addrlen, host, sizeof(host), NULL, 0, 0) != 0 || strcmp(host, addr) == 0) {
    host[0] = '\0';
  }
  printf("%s %s %s %s\n", name, ai->ai_family == AF_INET6 ? "IPv6" : "IPv4", addr, host);
}

int
main(int argc, char **argv)
{
  /* Each address once, whatever it is used for: one type of socket is enough. */
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *list;
  int failed = 0;

  for (int i = 1; i < argc; i++) {
    int error = bs_getaddrinfo(argv[i], NULL, &hints, &list);

    if (error != 0) {
      printf("%s: %s\n", argv[i], bs_gai_strerror(error));
      failed = 1;
      continue;
    }
    for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next) {
      print_address(argv[i], ai);
    }
    bs_freeaddrinfo(list);
  }
  return failed;
}
