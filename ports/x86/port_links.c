/**
 * The links of a bare x86 machine.
 */
#include "link/kinds.h"
#include "port.h"

void
port_register_links(void)
{
  bs_link_register(&link_e1000_ops);
  bs_link_register(&link_ne2000_ops);
  bs_link_register(&link_loop_ops);
  bs_link_register(&link_impair_ops);
}

/* The card that is there; where there is none, the error names the kind that most old machines have. */
const char *
port_default_link(void)
{
  return link_e1000_is_there() ? "e1000" : "ne2000";
}

const char *
port_hosts_file(void)
{
  return NULL;
}

const char *
port_setting(const char *name)
{
  (void)name;
  return NULL;
}
