/**
 * The links of a DOS machine.
 */
#include <string.h>

#include "dos/dos.h"
#include "link/kinds.h"
#include "port.h"

#define HOSTS_PATH 260

void
port_register_links(void)
{
  bs_link_register(&link_pktdrv_ops);
  bs_link_register(&link_ne2000_ops);
  bs_link_register(&link_loop_ops);
  bs_link_register(&link_capture_ops);
  bs_link_register(&link_impair_ops);
}

/* A packet driver has the card, where there is one. Where there is neither, the error names what most people load. */
const char *
port_default_link(void)
{
  return link_pktdrv_is_there() || !link_ne2000_is_there() ? dos_packet_driver() : "ne2000";
}

/* Next to the program. */
const char *
port_hosts_file(void)
{
  static char path[HOSTS_PATH];
  const char *program = dos_program();
  size_t len = dos_folder_len(program);

  if (len + sizeof("HOSTS") > sizeof(path)) {
    return NULL;
  }
  memcpy(path, program, len);
  strcpy(path + len, "HOSTS");
  return path;
}
