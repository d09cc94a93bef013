/**
 * What the packet driver at 60h is told of multicast groups: its receive mode and its list, before, while and after a group
 * is joined.
 */
#include <netinet/in.h>
#include <stdio.h>

#include "baresock/net.h"
#include "baresock/socket.h"
#include "dos/dos.h"

#define DRIVER 0x60

/* The link's handle, which the calls want: the first that the driver knows. */
static uint16_t
find_handle(void)
{
  uint32_t handle;

  for (handle = 0; handle < 0xffff; handle++) {
    struct dos_regs regs = { .ax = 0x1500, .bx = (uint16_t)handle };

    dos_interrupt(DRIVER, &regs);
    if (!(regs.flags & DOS_CARRY)) {
      break;
    }
  }
  return (uint16_t)handle;
}

static void
tell(uint16_t handle)
{
  struct dos_regs mode = { .ax = 0x1500, .bx = handle };
  struct dos_regs list = { .ax = 0x1700 };
  const uint8_t *at;
  unsigned i;

  /* Links are told when the network has its turn. */
  (void)bs_net_sleep(1000);
  dos_interrupt(DRIVER, &mode);
  dos_interrupt(DRIVER, &list);
  printf("mode %u groups", mode.ax);
  at = dos_pointer(list.es, list.di);
  for (i = 0; !(list.flags & DOS_CARRY) && i < list.cx; i++) {
    printf("%s%02x", i % 6 == 0 ? " " : ":", at[i]);
  }
  printf("\n");
}

int
main(void)
{
  struct ip_mreq request = { .imr_multiaddr.s_addr = htonl(0xef010203) };
  uint16_t handle;
  int sock;

  if (bs_net_up("pktdrv", NULL) < 0) {
    printf("%s\n", bs_net_why());
    return 1;
  }
  handle = find_handle();
  sock = bs_socket(AF_INET, SOCK_DGRAM, 0);
  tell(handle);
  if (bs_setsockopt(sock, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) < 0) {
    printf("can't join\n");
  }
  tell(handle);
  (void)bs_setsockopt(sock, IPPROTO_IP, IP_DROP_MEMBERSHIP, &request, sizeof(request));
  tell(handle);
  return 0;
}
