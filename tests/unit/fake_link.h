/**
 * What links made by hand have in common: they are Ethernet, up, and have nothing to close.
 */
#ifndef TESTS_FAKE_LINK_H
#define TESTS_FAKE_LINK_H

#include <stdint.h>
#include <string.h>

#include "baresock/link.h"

static inline void
fake_link_close(struct bs_link *link)
{
  (void)link;
}

static inline void
fake_link_status(const struct bs_link *link, struct bs_link_status *status)
{
  static const uint8_t mac[6] = { 0x52, 0x54, 0, 0, 0, 1 };

  (void)link;
  memset(status, 0, sizeof(*status));
  memcpy(status->mac, mac, sizeof(mac));
  status->mtu = 1500;
  status->up = true;
  status->frames = true;
}

#endif /* TESTS_FAKE_LINK_H */
