/**
 * lwIP's own unit tests pass with our options, but for those that take other ones for granted.
 */
#include "suites.h"

#include <stddef.h>

#define ANNOUNCED "announcements of the address are counted, and ours is used at once (LWIP_DHCP_DOES_ACD_CHECK)"
#define WINDOW    "ten segments fill the window, which is larger here (TCP_WND)"
#define BUFFER    "a kilobyte takes two buffers, and here one holds a whole frame (PBUF_POOL_BUFSIZE)"

int
main(void)
{
  static const struct lwip_failure must_fail[] = {
    { "test_ip4_frag", ANNOUNCED },
    { "test_127_0_0_1", ANNOUNCED },
    { "test_ip4_icmp_replylen_short", ANNOUNCED },
    { "test_ip4_icmp_replylen_first_8", ANNOUNCED },
    { "test_dhcp", ANNOUNCED },
    { "test_dhcp_nak", ANNOUNCED },
    { "test_udp_broadcast_rx_with_2_netifs", "one socket hears a broadcast, and here all do (SO_REUSE_RXTOALL)" },
    { "test_tcp_fast_rexmit_wraparound", WINDOW },
    { "test_tcp_tx_full_window_lost_from_unacked", WINDOW },
    { "test_tcp_tx_full_window_lost_from_unsent", WINDOW },
    { "test_tcp_rto_tracking", WINDOW },
    { "test_tcp_rto_rexmit_wraparound", "the first time-out is three seconds, here one (LWIP_TCP_RTO_TIME)" },
    { "test_pbuf_copy_zero_pbuf", BUFFER },
    { "test_pbuf_take_at_edge", BUFFER },
    { "test_pbuf_get_put_at_edge", BUFFER },
    { NULL, NULL },
  };

  return lwip_suites_run(must_fail);
}
