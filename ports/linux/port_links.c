/**
 * The links of Linux.
 */
#include "link/kinds.h"
#include "port.h"

void
port_register_links(void)
{
  /* Cannot fail: these are the first, and their names differ. */
  bs_link_register(&link_slirp_ops);
  bs_link_register(&link_tap_ops);
  bs_link_register(&link_wire_ops);
  bs_link_register(&link_loop_ops);
  bs_link_register(&link_capture_ops);
  bs_link_register(&link_impair_ops);
}

const char *
port_default_link(void)
{
  return "slirp";
}

const char *
port_setting(const char *name)
{
  (void)name;
  return NULL;
}
