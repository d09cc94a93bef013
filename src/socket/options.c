/**
 * getsockopt() and setsockopt(): the one table of options.
 *
 * Most are integers, with a function to get and one to set; a missing one makes the option read-only (ENOPROTOOPT).
 * Those of another shape have their own pair below.
 */
#include "socket/options.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "baresock/socket.h"
#include "socket/call.h"
#include "socket/local.h"
#include "socket/multicast.h"
#include "stack/stack.h"

/* <netinet/tcp.h> can't stand beside lwIP's headers; test_options.c compares these with it. */
#define OPT_TCP_NODELAY   1
#define OPT_TCP_MAXSEG    2
#define OPT_TCP_KEEPIDLE  4
#define OPT_TCP_KEEPINTVL 5
#define OPT_TCP_KEEPCNT   6

/* --- what options do to a PCB --- */

static bool
is_stream(const struct sock *s)
{
  return s->ops == &stream_ops;
}

/* A listening socket's control block is smaller: what it lacks must not be touched. */
static struct tcp_pcb *
full_tcp_pcb(const struct sock *s)
{
  return is_stream(s) && s->state != SOCK_LISTENING ? s->pcb.tcp : NULL;
}

#define MS_PER_S 1000u

void
options_init(struct sock *s)
{
  s->options.rcvbuf = is_stream(s) ? TCP_WND : BS_DGRAM_RCVBUF;
  s->options.keep_idle_s = TCP_KEEPIDLE_DEFAULT / MS_PER_S;
  s->options.keep_interval_s = TCP_KEEPINTVL_DEFAULT / MS_PER_S;
  s->options.keep_count = TCP_KEEPCNT_DEFAULT;
  s->options.ttl = IP_DEFAULT_TTL;
}

void
options_apply(struct sock *s)
{
  const struct sock_options *options = &s->options;
  struct tcp_pcb *tcp = full_tcp_pcb(s);

  if (s->pcb.any != NULL) {
    s->pcb.any->so_options = options->flags & SOCK_O_LWIP;
    s->pcb.any->ttl = options->ttl;
    s->pcb.any->tos = options->tos;
  }
  if (tcp != NULL) {
    tcp->keep_idle = options->keep_idle_s * MS_PER_S;
    tcp->keep_intvl = options->keep_interval_s * MS_PER_S;
    tcp->keep_cnt = options->keep_count;
    if (options->flags & SOCK_O_NODELAY) {
      tcp_nagle_disable(tcp);
    } else {
      tcp_nagle_enable(tcp);
    }
  }
}

/* --- integers that are kept in struct sock_options --- */

static int
get_flag(struct sock *s, unsigned flag)
{
  return (s->options.flags & flag) != 0;
}

static int
set_flag(struct sock *s, unsigned flag, int on)
{
  s->options.flags = (uint8_t)(on ? s->options.flags | flag : s->options.flags & ~flag);
  return 0;
}

static int
get_byte(struct sock *s, unsigned where)
{
  return ((const uint8_t *)&s->options)[where];
}

static int
set_byte(struct sock *s, unsigned where, int value)
{
  ((uint8_t *)&s->options)[where] = (uint8_t)value;
  return 0;
}

/* The bits of IP_TOS that belong to the transport protocol (RFC 3168 5). */
#define TOS_ECN 3

static int
set_tos(struct sock *s, unsigned where, int value)
{
  if (is_stream(s)) {
    value = (value & ~TOS_ECN) | (get_byte(s, where) & TOS_ECN);
  }
  return set_byte(s, where, value);
}

static int
set_ttl(struct sock *s, unsigned where, int value)
{
  /* -1 stands for the default. */
  if (value == -1) {
    value = IP_DEFAULT_TTL;
  }
  return value < 1 || value > UCHAR_MAX ? -EINVAL : set_byte(s, where, value);
}

#if LWIP_IPV6
/* As Linux, which takes 0 over IPv6 only. */
static int
set_hops(struct sock *s, unsigned where, int value)
{
  return value == 0 ? set_byte(s, where, value) : set_ttl(s, where, value);
}
#endif

/* As Linux limits them. */
#define KEEP_SECONDS_MOST 32767
#define KEEP_COUNT_MOST   127

static int
set_count(struct sock *s, unsigned where, int value)
{
  return value < 1 || value > KEEP_COUNT_MOST ? -EINVAL : set_byte(s, where, value);
}

static uint16_t *
seconds(struct sock *s, unsigned where)
{
  return (uint16_t *)(void *)((char *)&s->options + where);
}

static int
get_seconds(struct sock *s, unsigned where)
{
  return *seconds(s, where);
}

static int
set_seconds(struct sock *s, unsigned where, int value)
{
  if (value < 1 || value > KEEP_SECONDS_MOST) {
    return -EINVAL;
  }
  *seconds(s, where) = (uint16_t)value;
  return 0;
}

/* --- other integers --- */

static int
get_rcvbuf(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return (int)s->options.rcvbuf;
}

/* What was announced to the peer can't be taken back: less is announced later. */
static void
resize_window(struct sock *s, uint32_t size)
{
  if (size < s->options.rcvbuf) {
    s->window_debt += s->options.rcvbuf - size;
  } else {
    stream_open_window(s, size - s->options.rcvbuf);
  }
}

static int
set_rcvbuf(struct sock *s, unsigned unused, int value)
{
  int least = is_stream(s) ? BS_TCP_MSS : 1;
  int most = is_stream(s) ? TCP_WND : BS_DGRAM_RCVBUF_MAX;
  uint32_t size = (uint32_t)LWIP_MIN(LWIP_MAX(value, least), most);

  LWIP_UNUSED_ARG(unused);
  if (is_stream(s) && s->state == SOCK_CONNECTED) {
    resize_window(s, size);
  }
  s->options.rcvbuf = size;
  return 0;
}

static int
get_sndbuf(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return is_stream(s) ? TCP_SND_BUF : BS_DGRAM_RCVBUF;
}

/* POSIX lets the system choose: the buffer is BS_TCP_SND_BUF, and only taken when it is filled. */
static int
set_sndbuf(struct sock *s, unsigned unused, int value)
{
  LWIP_UNUSED_ARG(s);
  LWIP_UNUSED_ARG(unused);
  LWIP_UNUSED_ARG(value);
  return 0;
}

static int
get_error(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return -sock_take_error(s);
}

static int
get_type(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return s->ops->type;
}

static int
get_domain(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return s->family;
}

static int
get_protocol(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return s->ops->protocol;
}

static int
get_acceptconn(struct sock *s, unsigned unused)
{
  LWIP_UNUSED_ARG(unused);
  return s->state == SOCK_LISTENING;
}

static int
get_maxseg(struct sock *s, unsigned unused)
{
  struct tcp_pcb *pcb = full_tcp_pcb(s);

  LWIP_UNUSED_ARG(unused);
  return pcb != NULL ? tcp_mss(pcb) : BS_TCP_MSS;
}

#if LWIP_IPV6
static int
set_v6only(struct sock *s, unsigned flag, int on)
{
  if (s->family != AF_INET6) {
    return -ENOPROTOOPT;
  }
  if (s->state != SOCK_NEW || s->local.port != 0) {
    return -EINVAL;
  }
  set_flag(s, flag, on);
  IP_SET_TYPE_VAL(s->pcb.any->local_ip, local_type(s));
  IP_SET_TYPE_VAL(s->pcb.any->remote_ip, local_type(s));
  return 0;
}
#endif

/* --- the table --- */

#define STREAM 1u
#define DGRAM  2u
#define BOTH   (STREAM | DGRAM)

#define AT(member) offsetof(struct sock_options, member)

static const struct int_option {
  uint8_t level;
  uint8_t name;
  uint8_t types;
  uint8_t arg; /* for both functions: a flag, or which member */
  int (*get)(struct sock *s, unsigned arg);
  int (*set)(struct sock *s, unsigned arg, int value);
} int_options[] = {
  { SOL_SOCKET, SO_REUSEADDR, BOTH, SOF_REUSEADDR, get_flag, set_flag },
  { SOL_SOCKET, SO_REUSEPORT, BOTH, SOF_REUSEADDR, get_flag, set_flag },
  { SOL_SOCKET, SO_KEEPALIVE, BOTH, SOF_KEEPALIVE, get_flag, set_flag },
  { SOL_SOCKET, SO_BROADCAST, BOTH, SOF_BROADCAST, get_flag, set_flag },
  { SOL_SOCKET, SO_RCVBUF, BOTH, 0, get_rcvbuf, set_rcvbuf },
  { SOL_SOCKET, SO_SNDBUF, BOTH, 0, get_sndbuf, set_sndbuf },
  { SOL_SOCKET, SO_ERROR, BOTH, 0, get_error, NULL },
  { SOL_SOCKET, SO_TYPE, BOTH, 0, get_type, NULL },
  { SOL_SOCKET, SO_DOMAIN, BOTH, 0, get_domain, NULL },
  { SOL_SOCKET, SO_PROTOCOL, BOTH, 0, get_protocol, NULL },
  { SOL_SOCKET, SO_ACCEPTCONN, BOTH, 0, get_acceptconn, NULL },
  { IPPROTO_TCP, OPT_TCP_NODELAY, STREAM, SOCK_O_NODELAY, get_flag, set_flag },
  { IPPROTO_TCP, OPT_TCP_MAXSEG, STREAM, 0, get_maxseg, NULL },
  { IPPROTO_TCP, OPT_TCP_KEEPIDLE, STREAM, AT(keep_idle_s), get_seconds, set_seconds },
  { IPPROTO_TCP, OPT_TCP_KEEPINTVL, STREAM, AT(keep_interval_s), get_seconds, set_seconds },
  { IPPROTO_TCP, OPT_TCP_KEEPCNT, STREAM, AT(keep_count), get_byte, set_count },
  { IPPROTO_IP, IP_TTL, BOTH, AT(ttl), get_byte, set_ttl },
  { IPPROTO_IP, IP_TOS, BOTH, AT(tos), get_byte, set_tos },
  { IPPROTO_IP, IP_MULTICAST_TTL, DGRAM, 0, multicast_get_hops, multicast_set_hops },
  { IPPROTO_IP, IP_MULTICAST_LOOP, DGRAM, 0, multicast_get_loop, multicast_set_loop },
#if LWIP_IPV6
  { IPPROTO_IPV6, IPV6_V6ONLY, BOTH, SOCK_O_V6ONLY, get_flag, set_v6only },
  { IPPROTO_IPV6, IPV6_UNICAST_HOPS, BOTH, AT(ttl), get_byte, set_hops },
  { IPPROTO_IPV6, IPV6_MULTICAST_HOPS, DGRAM, 0, multicast_get_hops, multicast_set_hops },
  { IPPROTO_IPV6, IPV6_MULTICAST_LOOP, DGRAM, 0, multicast_get_loop, multicast_set_loop },
  { IPPROTO_IPV6, IPV6_MULTICAST_IF, DGRAM, 0, multicast_get_index, multicast_set_index },
#endif
};

static const struct int_option *
find(const struct sock *s, int level, int name)
{
  unsigned type = is_stream(s) ? STREAM : DGRAM;
  const struct int_option *o;

  for (o = int_options; o < int_options + LWIP_ARRAYSIZE(int_options); o++) {
    if (o->level == level && o->name == name && (o->types & type)) {
      return o;
    }
  }
  return NULL;
}

static int
set_int(struct sock *s, const struct int_option *option, const void *value, socklen_t len)
{
  int result, n;

  if (len >= sizeof(n)) {
    memcpy(&n, value, sizeof(n));
  } else if (option->level == IPPROTO_IP && len >= 1) {
    /* As Linux: at this level it may be a byte. */
    n = *(const unsigned char *)value;
  } else {
    return -EINVAL;
  }
  /* For keep-alive: an idle connection's timer may be parked. */
  timers_kick();
  result = option->set(s, option->arg, n);
  options_apply(s);
  return result;
}

/* --- options of another shape --- */

#define US_PER_S  1000000
#define US_PER_MS 1000

/* A timeval as two longs. On Linux it is that; where time_t is longer, programs still pack it so (Python's "ll"). */
struct long_timeval {
  long tv_sec;
  long tv_usec;
};

#define IS_LONG_TIMEVAL(len) \
  (sizeof(struct timeval) != sizeof(struct long_timeval) && (len) == sizeof(struct long_timeval))

static int
set_timeout(uint32_t *timeout_ms, const void *value, socklen_t len)
{
  struct timeval tv;

  if (IS_LONG_TIMEVAL(len)) {
    struct long_timeval longs;

    memcpy(&longs, value, sizeof(longs));
    tv.tv_sec = longs.tv_sec;
    tv.tv_usec = longs.tv_usec;
  } else if (len >= sizeof(tv)) {
    memcpy(&tv, value, sizeof(tv));
  } else {
    return -EINVAL;
  }
  if (tv.tv_usec < 0 || tv.tv_usec >= US_PER_S) {
    return -EDOM;
  }
  if (tv.tv_sec < 0) {
    /* As Linux: a negative one does not wait at all. Here the shortest wait stands for that. */
    *timeout_ms = 1;
  } else if (tv.tv_sec >= (time_t)(UINT32_MAX / MS_PER_S)) {
    *timeout_ms = UINT32_MAX;
  } else {
    *timeout_ms = (uint32_t)tv.tv_sec * MS_PER_S + ((uint32_t)tv.tv_usec + US_PER_MS - 1) / US_PER_MS;
  }
  return 0;
}

/* As the kernel: cut to the room there is, and the length told. */
static int
give(void *value, socklen_t *len, const void *full, socklen_t full_len)
{
  *len = LWIP_MIN(*len, full_len);
  memcpy(value, full, *len);
  return 0;
}

static int
get_timeout(uint32_t timeout_ms, void *value, socklen_t *len)
{
  struct timeval tv = { .tv_sec = (time_t)(timeout_ms / MS_PER_S),
                        .tv_usec = (suseconds_t)(timeout_ms % MS_PER_S) * US_PER_MS };
  struct long_timeval longs = { .tv_sec = (long)tv.tv_sec, .tv_usec = (long)tv.tv_usec };

  return IS_LONG_TIMEVAL(*len) ? give(value, len, &longs, sizeof(longs)) : give(value, len, &tv, sizeof(tv));
}

static int
get_linger(struct sock *s, void *value, socklen_t *len)
{
  struct linger linger = { .l_onoff = get_flag(s, SOCK_O_LINGER), .l_linger = s->linger_s };

  return give(value, len, &linger, sizeof(linger));
}

static int
set_linger(struct sock *s, const void *value, socklen_t len)
{
  struct linger linger;

  if (len < sizeof(linger)) {
    return -EINVAL;
  }
  memcpy(&linger, value, sizeof(linger));
  if (linger.l_onoff) {
    s->linger_s = (uint16_t)LWIP_MIN(LWIP_MAX(linger.l_linger, 0), UINT16_MAX);
  }
  return set_flag(s, SOCK_O_LINGER, linger.l_onoff);
}

/* --- the calls --- */

/* Whether any option of this level can be asked for. As Linux, which says no to the others in other words over IPv4. */
static bool
has_level(const struct sock *s, int level)
{
  return level == SOL_SOCKET || level == IPPROTO_IP || level == s->ops->protocol || s->family == AF_INET6;
}

static int
get(struct sock *s, int level, int name, void *value, socklen_t *len)
{
  const struct int_option *option = find(s, level, name);
  int n;

  if (value == NULL || len == NULL) {
    return -EFAULT;
  }
  if (!has_level(s, level)) {
    return -EOPNOTSUPP;
  }
  if (option != NULL) {
    n = option->get(s, option->arg);
    return give(value, len, &n, sizeof(n));
  }
  if (level != SOL_SOCKET) {
    return multicast_get(s, level, name, value, len);
  }
  switch (name) {
  case SO_LINGER:
    return get_linger(s, value, len);
  case SO_RCVTIMEO:
    return get_timeout(s->options.rcv_timeout_ms, value, len);
  case SO_SNDTIMEO:
    return get_timeout(s->options.snd_timeout_ms, value, len);
  default:
    return -ENOPROTOOPT;
  }
}

int
bs_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? get(s, level, name, value, len) : -EBADF);
}

static int
set(struct sock *s, int level, int name, const void *value, socklen_t len)
{
  const struct int_option *option = find(s, level, name);

  if (value == NULL) {
    return -EFAULT;
  }
  if (option != NULL) {
    return option->set != NULL ? set_int(s, option, value, len) : -ENOPROTOOPT;
  }
  if (level != SOL_SOCKET) {
    return multicast_set(s, level, name, value, len);
  }
  switch (name) {
  case SO_LINGER:
    return set_linger(s, value, len);
  case SO_RCVTIMEO:
    return set_timeout(&s->options.rcv_timeout_ms, value, len);
  case SO_SNDTIMEO:
    return set_timeout(&s->options.snd_timeout_ms, value, len);
  default:
    return -ENOPROTOOPT;
  }
}

int
bs_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
  struct sock *s = call_find(fd);

  return call_int_result(s != NULL ? set(s, level, name, value, len) : -EBADF);
}
