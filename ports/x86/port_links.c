/**
 * The links of a bare x86 machine.
 */
#include "link/kinds.h"
#include "port.h"

void
port_register_links(void)
{
  bs_link_register(&link_e1000_ops);
  bs_link_register(&link_loop_ops);
  bs_link_register(&link_impair_ops);
}

const char *
port_default_link(void)
{
  return "e1000";
}

const char *
port_hosts_file(void)
{
  return NULL;
}
