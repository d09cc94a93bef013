/**
 * The links of a DOS machine.
 */
#include "link/kinds.h"
#include "port.h"

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
  return link_pktdrv_is_there() || !link_ne2000_is_there() ? "pktdrv" : "ne2000";
}

const char *
port_hosts_file(void)
{
  return "HOSTS";
}
