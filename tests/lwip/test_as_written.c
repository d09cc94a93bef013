/**
 * lwIP's own unit tests pass on the lwIP that is built here, with its patches, and with the few options that they take
 * for granted (lwipopts.h); the others are ours.
 */
#include "suites.h"

#include <stddef.h>

int
main(void)
{
  static const struct lwip_failure none[] = { { NULL, NULL } };

  return lwip_suites_run(none);
}
