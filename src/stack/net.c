/**
 * Which interfaces there are: up, down, and what they share of a pump.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/dhcp.h"

#include "port.h"
#include "stack/interface.h"
#include "stack/stack.h"

static struct interface interfaces[BS_MAX_INTERFACES];

/* The program said something about interfaces: the default link does not come up by itself. */
static bool configured;
static bool going_down;

/* Why no interface came up. */
static char last_why[BS_LINK_WHY];

int
net_result(int result)
{
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return result;
}

/* --- finding one --- */

int
interface_index(const struct interface *iface)
{
  return netif_get_index(&iface->netif);
}

struct interface *
interface_find(int index)
{
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link != NULL && (index == 0 || interface_index(&interfaces[i]) == index)) {
      return &interfaces[i];
    }
  }
  return NULL;
}

struct interface *
interface_get(unsigned i)
{
  unsigned n;

  for (n = 0; n < BS_MAX_INTERFACES; n++) {
    if (interfaces[n].link != NULL && i-- == 0) {
      return &interfaces[n];
    }
  }
  return NULL;
}

int
bs_net_default(void)
{
  const struct interface *iface = interface_find(0);

  return iface != NULL ? interface_index(iface) : 0;
}

/* The interface a call is about; the default one comes up when there is none. */
int
interface_need(int index, struct interface **iface)
{
  *iface = interface_find(index);
  if (*iface == NULL && index == 0) {
    int result = bs_net_up(NULL, NULL);

    if (result < 0) {
      return -errno;
    }
    *iface = interface_find(result);
  }
  return *iface != NULL ? 0 : -ENODEV;
}

/* --- up and down --- */

const char *
net_setting(const char *name)
{
  const char *value = getenv(name);

  return value != NULL && value[0] != '\0' ? value : port_setting(name);
}

static const char *
setting(const char *name, const char *otherwise)
{
  const char *value = net_setting(name);

  return value != NULL ? value : otherwise;
}

static int
configure(struct interface *iface, char *why)
{
  struct bs_link_status status;
  const char *none = "off";
  const char *spec;

  memset(&status, 0, sizeof(status));
  iface->link->ops->status(iface->link, &status);
  spec = setting("BARESOCK_IP4", status.frames ? "dhcp" : none);
  if (interface_set_ip4(iface, spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_IP4=%.60s must be dhcp, off, or like 10.0.0.2/24,10.0.0.1", spec);
    return -EINVAL;
  }
#if LWIP_IPV6
  spec = setting("BARESOCK_IP6", status.frames ? "auto" : none);
  if (interface_set_ip6(iface, spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_IP6=%.60s must be auto, off, or like fd00::2/64,fd00::1", spec);
    return -EINVAL;
  }
#endif
  spec = setting("BARESOCK_DNS", NULL);
  if (spec != NULL && !dns_is_set() && bs_net_dns(spec) < 0) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_DNS=%.60s must be up to %d servers like 9.9.9.9,10.0.0.1:5353", spec,
             BS_DNS_SERVERS);
    return -EINVAL;
  }
  spec = setting("BARESOCK_HOSTNAME", NULL);
  if (spec != NULL && !hostname_is_valid(spec)) {
    snprintf(why, BS_LINK_WHY, "BARESOCK_HOSTNAME=%.60s must be letters, digits, dots and hyphens", spec);
    return -EINVAL;
  }
  return 0;
}

/* Give back the lease and close the link. */
static void
take_down(struct interface *iface)
{
  interface_stop_ip4(iface);
  dhcp_cleanup(&iface->netif);
  interface_detach(iface);
}

static int
bring_up(const char *string, char *why)
{
  struct interface *iface = NULL;
  struct bs_link *link;
  unsigned i;
  int result = stack_init();

  if (result < 0) {
    snprintf(why, BS_LINK_WHY, "the machine has no source of randomness");
    return result;
  }
  for (i = 0; i < BS_MAX_INTERFACES && iface == NULL; i++) {
    iface = interfaces[i].link == NULL ? &interfaces[i] : NULL;
  }
  if (iface == NULL) {
    snprintf(why, BS_LINK_WHY, "%d interfaces are up already: take one down first", BS_MAX_INTERFACES);
    return -ENOBUFS;
  }
  link = bs_link_open(string, why);
  if (link == NULL) {
    return -errno;
  }
  result = interface_attach(iface, link);
  if (result < 0) {
    snprintf(why, BS_LINK_WHY, "no memory for another interface");
    bs_link_close(link);
    return result;
  }
  snprintf(iface->string, sizeof(iface->string), "%s", string);
  if (interface_find(0) == iface) {
    netif_set_default(&iface->netif);
  }
  result = configure(iface, why);
  if (result < 0) {
    take_down(iface);
    return result;
  }
  return interface_index(iface);
}

int
bs_net_up(const char *link, char *why)
{
  int result;

  configured = true;
  last_why[0] = '\0';
  result = bring_up(link != NULL ? link : setting("BARESOCK_LINK", port_default_link()), last_why);
  if (result < 0 && why != NULL) {
    strcpy(why, last_why);
  }
  return net_result(result);
}

const char *
bs_net_why(void)
{
  return last_why;
}

int
bs_net_down(int index)
{
  struct interface *iface = interface_find(index);
  struct interface *next;

  if (iface == NULL) {
    return net_result(-ENODEV);
  }
  timers_kick();
  going_down = true;
  take_down(iface);
  going_down = false;
  next = interface_find(0);
  if (next != NULL) {
    netif_set_default(&next->netif);
  }
  interface_tell_change();
  return 0;
}

bool
interface_is_going_down(void)
{
  return going_down;
}

int
interface_autostart(void)
{
  int result = stack_init();

  if (result == 0 && !configured && bs_net_up(NULL, NULL) < 0) {
    result = -errno;
  }
  return result;
}

void
interfaces_reset(void)
{
  struct interface *iface;

  while ((iface = interface_find(0)) != NULL) {
    (void)bs_net_down(interface_index(iface));
  }
  (void)bs_net_dns("");
  configured = false;
}

/* --- their part of a pump and a wait --- */

unsigned
interfaces_pump(void)
{
  unsigned handled = 0;
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    if (interfaces[i].link != NULL) {
      handled += interface_pump(&interfaces[i]);
    }
  }
  return handled;
}

void
interfaces_prepare(struct bs_waitset *set, bs_time_t *deadline)
{
  unsigned i;

  for (i = 0; i < BS_MAX_INTERFACES; i++) {
    struct bs_link *link = interfaces[i].link;

    if (link != NULL && link->ops->prepare != NULL) {
      link->ops->prepare(link, set, interfaces[i].held_count > 0, deadline);
    }
  }
}
