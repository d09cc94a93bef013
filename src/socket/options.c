/**
 * Socket options: the one table.
 *
 * Most are integers, with a function to get and one to set; a missing one makes the option write-only or read-only
 * (ENOPROTOOPT). Those of another shape have their own pair below.
 */
#include "socket/options.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

#include "socket/local.h"
#include "socket/multicast.h"
#include "stack/stack.h"

/* <netinet/tcp.h> can't stand beside lwIP's headers; test_options.c compares these with it. */
#define OPT_TCP_NODELAY   1
#define OPT_TCP_MAXSEG    2
#define OPT_TCP_KEEPIDLE  4
#define OPT_TCP_KEEPINTVL 5
#define OPT_TCP_KEEPCNT   6

#define STREAM 1u
#define DGRAM  2u
#define BOTH   (STREAM | DGRAM)

struct int_option {
  int level;
  int name;
  unsigned types;
  int (*get)(struct sock *s);
  int (*set)(struct sock *s, int value);
};

/* --- SOL_SOCKET --- */

static bool
is_stream(const struct sock *s)
{
  return s->ops->type == SOCK_STREAM;
}

/* What all PCBs have in common; NULL when lwIP has none any more. A union member is as good as the other. */
static struct ip_pcb *
ip_pcb(struct sock *s)
{
  return (struct ip_pcb *)(void *)s->pcb.tcp;
}

/* A listening socket's control block is smaller: what it lacks must not be touched. */
static struct tcp_pcb *
full_tcp_pcb(struct sock *s)
{
  return is_stream(s) && s->state != SOCK_LISTENING ? s->pcb.tcp : NULL;
}

#define MS_PER_S 1000u

void
options_init(struct sock *s)
{
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

  if (ip_pcb(s) != NULL) {
    ip_pcb(s)->so_options = options->ip;
    ip_pcb(s)->ttl = options->ttl;
    ip_pcb(s)->tos = options->tos;
  }
  if (tcp != NULL) {
    tcp->keep_idle = options->keep_idle_s * MS_PER_S;
    tcp->keep_intvl = options->keep_interval_s * MS_PER_S;
    tcp->keep_cnt = options->keep_count;
    if (options->nodelay) {
      tcp_nagle_disable(tcp);
    } else {
      tcp_nagle_enable(tcp);
    }
  }
}

static int
get_flag(struct sock *s, u8_t flag)
{
  return (s->options.ip & flag) != 0;
}

static int
set_flag(struct sock *s, u8_t flag, int value)
{
  s->options.ip = (uint8_t)(value ? s->options.ip | flag : s->options.ip & ~flag);
  options_apply(s);
  return 0;
}

static int
get_reuseaddr(struct sock *s)
{
  return get_flag(s, SOF_REUSEADDR);
}

static int
set_reuseaddr(struct sock *s, int value)
{
  return set_flag(s, SOF_REUSEADDR, value);
}

static int
get_keepalive(struct sock *s)
{
  return get_flag(s, SOF_KEEPALIVE);
}

static int
set_keepalive(struct sock *s, int value)
{
  /* An idle connection's timer may be parked. */
  timers_kick();
  return set_flag(s, SOF_KEEPALIVE, value);
}

static int
get_broadcast(struct sock *s)
{
  return get_flag(s, SOF_BROADCAST);
}

static int
set_broadcast(struct sock *s, int value)
{
  return set_flag(s, SOF_BROADCAST, value);
}

static int
get_rcvbuf(struct sock *s)
{
  return (int)s->rcvbuf;
}

/* What was announced to the peer can't be taken back: less is announced later. */
static void
resize_window(struct sock *s, uint32_t size)
{
  if (size < s->rcvbuf) {
    s->window_debt += s->rcvbuf - size;
  } else {
    stream_open_window(s, size - s->rcvbuf);
  }
}

static int
set_rcvbuf(struct sock *s, int value)
{
  uint32_t least = is_stream(s) ? BS_TCP_MSS : 1;
  uint32_t most = is_stream(s) ? TCP_WND : BS_DGRAM_RCVBUF_MAX;
  uint32_t size = LWIP_MIN(LWIP_MAX((uint32_t)LWIP_MAX(value, 0), least), most);

  if (is_stream(s) && s->state == SOCK_CONNECTED) {
    resize_window(s, size);
  }
  s->rcvbuf = size;
  return 0;
}

static int
get_sndbuf(struct sock *s)
{
  return is_stream(s) ? TCP_SND_BUF : BS_DGRAM_RCVBUF;
}

/* POSIX lets the system choose: the buffer is BS_TCP_SND_BUF, and only taken when it is filled. */
static int
set_sndbuf(struct sock *s, int value)
{
  LWIP_UNUSED_ARG(s);
  LWIP_UNUSED_ARG(value);
  return 0;
}

static int
get_error(struct sock *s)
{
  int error = s->error;

  s->error = 0;
  return error;
}

static int
get_type(struct sock *s)
{
  return s->ops->type;
}

static int
get_domain(struct sock *s)
{
  return s->family;
}

static int
get_protocol(struct sock *s)
{
  return s->ops->protocol;
}

static int
get_acceptconn(struct sock *s)
{
  return s->state == SOCK_LISTENING;
}

/* --- IPPROTO_TCP --- */

static int
get_nodelay(struct sock *s)
{
  return s->options.nodelay;
}

static int
set_nodelay(struct sock *s, int value)
{
  s->options.nodelay = value != 0;
  options_apply(s);
  return 0;
}

static int
get_maxseg(struct sock *s)
{
  struct tcp_pcb *pcb = full_tcp_pcb(s);

  return pcb != NULL ? tcp_mss(pcb) : BS_TCP_MSS;
}

static int
get_keepidle(struct sock *s)
{
  return s->options.keep_idle_s;
}

static int
get_keepintvl(struct sock *s)
{
  return s->options.keep_interval_s;
}

static int
get_keepcnt(struct sock *s)
{
  return s->options.keep_count;
}

/* As Linux limits them. */
#define KEEP_SECONDS_MOST 32767
#define KEEP_COUNT_MOST   127

static int
set_keep_seconds(struct sock *s, uint16_t *seconds, int value)
{
  if (value < 1 || value > KEEP_SECONDS_MOST) {
    return -EINVAL;
  }
  *seconds = (uint16_t)value;
  options_apply(s);
  return 0;
}

static int
set_keepidle(struct sock *s, int value)
{
  return set_keep_seconds(s, &s->options.keep_idle_s, value);
}

static int
set_keepintvl(struct sock *s, int value)
{
  return set_keep_seconds(s, &s->options.keep_interval_s, value);
}

static int
set_keepcnt(struct sock *s, int value)
{
  if (value < 1 || value > KEEP_COUNT_MOST) {
    return -EINVAL;
  }
  s->options.keep_count = (uint8_t)value;
  options_apply(s);
  return 0;
}

/* --- IPPROTO_IP, IPPROTO_IPV6 --- */

static int
get_ttl(struct sock *s)
{
  return s->options.ttl;
}

static int
set_ttl(struct sock *s, int value)
{
  /* -1 stands for the default. */
  if (value == -1) {
    value = IP_DEFAULT_TTL;
  }
  if (value < 1 || value > UCHAR_MAX) {
    return -EINVAL;
  }
  s->options.ttl = (uint8_t)value;
  options_apply(s);
  return 0;
}

static int
get_tos(struct sock *s)
{
  return s->options.tos;
}

static int
set_tos(struct sock *s, int value)
{
  s->options.tos = (uint8_t)value;
  options_apply(s);
  return 0;
}

#if LWIP_IPV6
static int
get_v6only(struct sock *s)
{
  return (s->flags & SOCK_F_V6ONLY) != 0;
}

static int
set_v6only(struct sock *s, int value)
{
  if (s->family != AF_INET6) {
    return -ENOPROTOOPT;
  }
  if (s->state != SOCK_NEW || s->local.port != 0) {
    return -EINVAL;
  }
  s->flags = (uint16_t)(value ? s->flags | SOCK_F_V6ONLY : s->flags & ~SOCK_F_V6ONLY);
  IP_SET_TYPE_VAL(ip_pcb(s)->local_ip, local_type(s));
  IP_SET_TYPE_VAL(ip_pcb(s)->remote_ip, local_type(s));
  return 0;
}
#endif

/* --- the table --- */

static const struct int_option int_options[] = {
  { SOL_SOCKET, SO_REUSEADDR, BOTH, get_reuseaddr, set_reuseaddr },
  { SOL_SOCKET, SO_REUSEPORT, BOTH, get_reuseaddr, set_reuseaddr },
  { SOL_SOCKET, SO_KEEPALIVE, BOTH, get_keepalive, set_keepalive },
  { SOL_SOCKET, SO_BROADCAST, BOTH, get_broadcast, set_broadcast },
  { SOL_SOCKET, SO_RCVBUF, BOTH, get_rcvbuf, set_rcvbuf },
  { SOL_SOCKET, SO_SNDBUF, BOTH, get_sndbuf, set_sndbuf },
  { SOL_SOCKET, SO_ERROR, BOTH, get_error, NULL },
  { SOL_SOCKET, SO_TYPE, BOTH, get_type, NULL },
  { SOL_SOCKET, SO_DOMAIN, BOTH, get_domain, NULL },
  { SOL_SOCKET, SO_PROTOCOL, BOTH, get_protocol, NULL },
  { SOL_SOCKET, SO_ACCEPTCONN, BOTH, get_acceptconn, NULL },
  { IPPROTO_TCP, OPT_TCP_NODELAY, STREAM, get_nodelay, set_nodelay },
  { IPPROTO_TCP, OPT_TCP_MAXSEG, STREAM, get_maxseg, NULL },
  { IPPROTO_TCP, OPT_TCP_KEEPIDLE, STREAM, get_keepidle, set_keepidle },
  { IPPROTO_TCP, OPT_TCP_KEEPINTVL, STREAM, get_keepintvl, set_keepintvl },
  { IPPROTO_TCP, OPT_TCP_KEEPCNT, STREAM, get_keepcnt, set_keepcnt },
  { IPPROTO_IP, IP_TTL, BOTH, get_ttl, set_ttl },
  { IPPROTO_IP, IP_TOS, BOTH, get_tos, set_tos },
#if LWIP_IPV6
  { IPPROTO_IPV6, IPV6_V6ONLY, BOTH, get_v6only, set_v6only },
  { IPPROTO_IPV6, IPV6_UNICAST_HOPS, BOTH, get_ttl, set_ttl },
#endif
};

static const struct int_option *
find(const struct sock *s, int level, int name)
{
  unsigned type = is_stream(s) ? STREAM : DGRAM;
  size_t i;

  for (i = 0; i < LWIP_ARRAYSIZE(int_options); i++) {
    if (int_options[i].level == level && int_options[i].name == name && (int_options[i].types & type)) {
      return &int_options[i];
    }
  }
  return NULL;
}

/* --- options of another shape --- */

#define US_PER_MS 1000

static int
set_timeout(uint32_t *timeout_ms, const void *value, socklen_t len)
{
  struct timeval tv;
  uint64_t ms;

  if (len < sizeof(tv)) {
    return -EINVAL;
  }
  memcpy(&tv, value, sizeof(tv));
  if (tv.tv_usec < 0 || tv.tv_usec >= 1000000) {
    return -EDOM;
  }
  /* As Linux: a negative one does not wait at all. Here the shortest wait stands for that. */
  if (tv.tv_sec < 0) {
    *timeout_ms = 1;
    return 0;
  }
  ms = (uint64_t)tv.tv_sec * MS_PER_S + ((uint64_t)tv.tv_usec + US_PER_MS - 1) / US_PER_MS;
  *timeout_ms = (uint32_t)LWIP_MIN(ms, UINT32_MAX);
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
  struct timeval tv;

  tv.tv_sec = (time_t)(timeout_ms / MS_PER_S);
  tv.tv_usec = (suseconds_t)(timeout_ms % MS_PER_S) * US_PER_MS;
  return give(value, len, &tv, sizeof(tv));
}

static int
get_linger(const struct sock *s, void *value, socklen_t *len)
{
  struct linger linger = { .l_onoff = (s->flags & SOCK_F_LINGER) != 0, .l_linger = s->linger_s };

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
  s->flags = (uint16_t)(linger.l_onoff ? s->flags | SOCK_F_LINGER : s->flags & ~SOCK_F_LINGER);
  s->linger_s = (uint16_t)LWIP_MIN(LWIP_MAX(linger.l_linger, 0), UINT16_MAX);
  return 0;
}

int
option_get(struct sock *s, int level, int name, void *value, socklen_t *len)
{
  const struct int_option *option = find(s, level, name);
  int n;

  if (value == NULL || len == NULL) {
    return -EFAULT;
  }
  if (option != NULL && option->get != NULL) {
    n = option->get(s);
    return give(value, len, &n, sizeof(n));
  }
  if (level == SOL_SOCKET) {
    switch (name) {
    case SO_LINGER:
      return get_linger(s, value, len);
    case SO_RCVTIMEO:
      return get_timeout(s->rcv_timeout_ms, value, len);
    case SO_SNDTIMEO:
      return get_timeout(s->snd_timeout_ms, value, len);
    default:
      break;
    }
  }
  return multicast_get(s, level, name, value, len);
}

int
option_set(struct sock *s, int level, int name, const void *value, socklen_t len)
{
  const struct int_option *option = find(s, level, name);
  int n;

  if (value == NULL) {
    return -EFAULT;
  }
  if (option != NULL && option->set != NULL) {
    if (len < sizeof(n)) {
      return -EINVAL;
    }
    memcpy(&n, value, sizeof(n));
    return option->set(s, n);
  }
  if (level == SOL_SOCKET) {
    switch (name) {
    case SO_LINGER:
      return set_linger(s, value, len);
    case SO_RCVTIMEO:
      return set_timeout(&s->rcv_timeout_ms, value, len);
    case SO_SNDTIMEO:
      return set_timeout(&s->snd_timeout_ms, value, len);
    default:
      break;
    }
  }
  return multicast_set(s, level, name, value, len);
}
