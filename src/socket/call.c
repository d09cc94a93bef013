/**
 * What the public calls have in common: the boundary to errno, and the one place where they wait.
 */
#include "socket/call.h"

#include <errno.h>

#include "lwip/netif.h"

#include "stack/interface.h"
#include "stack/stack.h"

int
call_int_result(int result)
{
  return (int)call_result(result);
}

struct sock *
call_find(int fd)
{
  return sock_find(fd);
}

int
call_wait_to_retry(const struct sock *s, int flags, uint32_t timeout_ms, struct call_wait *wait)
{
  int result;

  if (call_must_not_wait(s, flags)) {
    result = !wait->pumped && stack_pump() > 0 ? -ETIMEDOUT : -EAGAIN;
  } else {
    if (wait->deadline == 0) {
      wait->deadline = call_deadline(timeout_ms);
    }
    result = stack_wait(NULL, wait->deadline);
  }
  if (result == -ETIMEDOUT) {
    /* The last pump may have brought it. */
    result = wait->pumped ? -EAGAIN : 0;
    wait->pumped = true;
  }
  return result;
}

/* "This host" (RFC 1122 3.2.1.3) is the loopback, as on Linux. */
static void
any_to_loopback(ip_addr_t *ip)
{
  if (!ip_addr_isany(ip)) {
    return;
  }
#if LWIP_IPV6
  if (IP_IS_V6(ip)) {
    ip_addr_set_loopback(true, ip);
    return;
  }
#endif
  ip_addr_set_loopback(false, ip);
}

#if LWIP_IPV6
/* fe80:: and ff02:: without a scope id mean the default interface, as there is mostly just one. */
static void
choose_zone(ip_addr_t *ip)
{
  if (IP_IS_V6(ip) && ip6_addr_lacks_zone(ip_2_ip6(ip), IP6_UNKNOWN) && netif_default != NULL) {
    ip6_addr_assign_zone(ip_2_ip6(ip), IP6_UNKNOWN, netif_default);
  }
}
#endif

static int
bring_up_for(ip_addr_t *ip)
{
  int result = interface_autostart();

#if LWIP_IPV6
  if (result == 0) {
    choose_zone(ip);
  }
#else
  LWIP_UNUSED_ARG(ip);
#endif
  return result;
}

int
call_prepare_goal(const struct sock *s, struct name *to)
{
  if ((s->options.flags & SOCK_O_V6ONLY) && IP_IS_V4_VAL(to->ip)) {
    return -ENETUNREACH;
  }
  any_to_loopback(&to->ip);
  return ip_addr_isloopback(&to->ip) ? 0 : bring_up_for(&to->ip);
}
