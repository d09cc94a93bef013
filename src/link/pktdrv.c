/**
 * pktdrv: a packet driver, as DOS has them for every card, by its software interrupt (FTP Software's Packet Driver
 * Specification 1.09 and later).
 *
 * Its receiver is real-mode code of the loader, which puts frames into a ring in conventional memory; what is here reads
 * the ring. No driver calls into protected mode, and none is called but from the program's own course.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dos/dos.h"
#include "link/args.h"
#include "link/kinds.h"

#define FIRST_INTERRUPT 0x60u
#define LAST_INTERRUPT  0x80u
#define EMS_INTERRUPT   0x67u

#define SIGNATURE        "PKT DRVR"
#define SIGNATURE_OFFSET 3

#define FRAME_MIN 60u
#define MTU_MIN   576

#define INTERRUPT_MIN 0x20
#define INTERRUPT_MAX 0xff

#define CLASS_ETHERNET 1
#define ANY_TYPE       0xffff

/* Functions, in AH. */
#define DRIVER_INFO    0x01
#define ACCESS_TYPE    0x02
#define RELEASE_TYPE   0x03
#define SEND_PKT       0x04
#define GET_ADDRESS    0x06
#define SET_RCV_MODE   0x14
#define GET_RCV_MODE   0x15
#define SET_MULTICAST  0x16
#define GET_STATISTICS 0x18

#define MODE_BROADCAST     3
#define MODE_MULTICAST     4
#define MODE_ALL_MULTICAST 5
#define MODE_PROMISCUOUS   6

#define BAD_TYPE   5
#define TYPE_INUSE 10

#define GROUPS_MAX ((int)(BS_FRAME_MAX / LINK_MAC_LEN))

/* Types for which frames are asked for one by one where a driver gives no others. */
static const uint8_t types[][2] = { { 0x08, 0x06 }, { 0x08, 0x00 }, { 0x86, 0xdd } };

#define HANDLES (sizeof(types) / sizeof(types[0]))

/* What a driver counts since it was loaded. */
struct counters {
  uint32_t errors; /* of received frames */
  uint32_t lost;   /* frames for which it, or a receiver, had no room */
};

struct pktdrv_link {
  struct bs_link link;
  struct bs_link_status status;
  uint8_t number; /* of the interrupt */
  uint8_t mode;   /* of receiving, and what it was before */
  uint8_t old_mode;
  uint16_t handle[HANDLES];
  unsigned handles;
  uint16_t memory; /* conventional: room for a frame to be sent, then the ring */
  struct counters before;
};

/* The one that uses the loader's ring; to be released when the program ends, whatever ends it. */
static struct pktdrv_link *active;

/* --- calls --- */

static const char *
error_text(uint8_t error)
{
  static const char *const texts[] = {
    "it knows no such handle",                                                                   /* BAD_HANDLE */
    "it has no interface of class Ethernet",                                                     /* NO_CLASS */
    "it has no interface of that type",                                                          /* NO_TYPE */
    "it has no interface of that number",                                                        /* NO_NUMBER */
    "it can't receive frames of that type",                                                      /* BAD_TYPE */
    "it can't receive multicasts",                                                               /* NO_MULTICAST */
    "it can't be unloaded now",                                                                  /* CANT_TERMINATE */
    "it has no such receive mode",                                                               /* BAD_MODE */
    "it has no room for another program: end one that uses it",                                  /* NO_SPACE */
    "another program receives these frames: end it, or a driver of its own that it left behind", /* TYPE_INUSE */
    "it does not know the call",                                                                 /* BAD_COMMAND */
    "it could not send the frame",                                                               /* CANT_SEND */
    "its address can't be changed while others use it",                                          /* CANT_SET */
    "it takes no such address",                                                                  /* BAD_ADDRESS */
    "its card can't be reset",                                                                   /* CANT_RESET */
  };

  return error >= 1 && error <= sizeof(texts) / sizeof(texts[0]) ? texts[error - 1] : "it gives an unknown error";
}

/* @return 0, or the driver's error */
static uint8_t
call(uint8_t number, struct dos_regs *regs)
{
  regs->flags = 0;
  dos_interrupt(number, regs);
  if (!(regs->flags & DOS_CARRY)) {
    return 0;
  }
  return regs->dh != 0 ? regs->dh : 0xff;
}

static bool
is_driver(unsigned number)
{
  const volatile uint16_t *vector = dos_linear(4 * number);

  return number != EMS_INTERRUPT && vector[1] != 0 &&
         memcmp(dos_pointer(vector[1], (uint16_t)(vector[0] + SIGNATURE_OFFSET)), SIGNATURE, sizeof(SIGNATURE)) == 0;
}

/* Some drivers tell of themselves only to who has a handle: then the class is found out by access_type(). */
static bool
is_ethernet(uint8_t number)
{
  struct dos_regs regs = { .ax = DRIVER_INFO << 8 | 0xff };

  return call(number, &regs) != 0 || regs.ch == CLASS_ETHERNET;
}

/* @return the interrupt of the first driver for Ethernet, or 0 */
static uint8_t
find_driver(void)
{
  unsigned number;

  for (number = FIRST_INTERRUPT; number <= LAST_INTERRUPT; number++) {
    if (is_driver(number) && is_ethernet((uint8_t)number)) {
      return (uint8_t)number;
    }
  }
  return 0;
}

bool
link_pktdrv_is_there(void)
{
  return find_driver() != 0;
}

/* --- handles --- */

static void
release(struct pktdrv_link *driver)
{
  if (driver->handles > 0 && driver->old_mode != 0 && driver->mode != driver->old_mode) {
    struct dos_regs regs = { .ax = SET_RCV_MODE << 8, .bx = driver->handle[0], .cx = driver->old_mode };

    (void)call(driver->number, &regs);
  }
  /* A driver that keeps a handle finds no room. */
  dos_loader->ring_slots = 0;
  while (driver->handles > 0) {
    struct dos_regs regs = { .ax = RELEASE_TYPE << 8, .bx = driver->handle[--driver->handles] };

    (void)call(driver->number, &regs);
  }
}

static void
release_at_exit(void)
{
  if (active != NULL) {
    release(active);
    active = NULL;
  }
}

/* Have frames of a type, or of all (NULL), put into the ring. */
static uint8_t
get_handle(struct pktdrv_link *driver, const uint8_t *type)
{
  struct dos_regs regs = {
    .ax = ACCESS_TYPE << 8 | CLASS_ETHERNET,
    .bx = ANY_TYPE,
    .cx = type != NULL ? 2 : 0,
    .ds = driver->memory,
    .es = dos_loader->segment,
    .di = dos_loader->receive,
  };
  uint8_t error;

  if (type != NULL) {
    memcpy(dos_pointer(driver->memory, 0), type, 2);
  }
  error = call(driver->number, &regs);
  if (error == 0) {
    driver->handle[driver->handles++] = regs.ax;
  }
  return error;
}

/* All frames; or those that lwIP understands, where a driver or a program beside us wants it so. */
static uint8_t
get_handles(struct pktdrv_link *driver)
{
  uint8_t error = get_handle(driver, NULL);
  unsigned i;

  if (error == BAD_TYPE || error == TYPE_INUSE) {
    for (i = 0, error = 0; i < HANDLES && error == 0; i++) {
      error = get_handle(driver, types[i]);
    }
    if (error != 0) {
      release(driver);
    }
  }
  return error;
}

/* --- counters --- */

/* @return false where the driver has none */
static bool
read_counters(const struct pktdrv_link *driver, struct counters *counters)
{
  struct dos_regs regs = { .ax = GET_STATISTICS << 8, .bx = driver->handle[0] };
  const uint32_t *statistics;

  if (call(driver->number, &regs) != 0) {
    return false;
  }
  /* in and out: frames, bytes, errors; then those that were lost */
  statistics = dos_pointer(regs.ds, regs.si);
  counters->errors = statistics[4];
  counters->lost = statistics[6];
  return true;
}

/* --- opening and closing --- */

static int
read_args(const struct bs_link_args *args, struct pktdrv_link *driver, char *why)
{
  unsigned i;

  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    bool is_mtu = link_arg_is(arg, "mtu");
    char *end;
    long number = strtol(arg->value, &end, 0);

    if (!is_mtu && (arg->key != NULL || i > 0)) {
      return link_refuse_arg(why, &link_pktdrv_ops, arg);
    }
    if (*end != '\0' || number < (is_mtu ? MTU_MIN : INTERRUPT_MIN) || number > (is_mtu ? LINK_MTU : INTERRUPT_MAX)) {
      return link_refuse(why, EINVAL, "%s is no %s: write pktdrv:0x60,mtu=1500", arg->value,
                         is_mtu ? "MTU from 576 to 1500" : "interrupt of a packet driver");
    }
    if (is_mtu) {
      driver->status.mtu = (uint16_t)number;
    } else {
      driver->number = (uint8_t)number;
    }
  }
  return 0;
}

static int
find(struct pktdrv_link *driver, char *why)
{
  if (driver->number == 0) {
    driver->number = find_driver();
    if (driver->number == 0) {
      return link_refuse(why, ENODEV,
                         "no packet driver was found at interrupts 0x60 to 0x80: load the one of your network "
                         "card first");
    }
  } else if (!is_driver(driver->number)) {
    return link_refuse(why, ENODEV, "there is no packet driver at interrupt 0x%x: load it there, or write pktdrv alone",
                       driver->number);
  }
  return 0;
}

static int
set_up(struct pktdrv_link *driver, char *why)
{
  struct dos_regs regs = { 0 };
  uint8_t error;

  driver->memory = dos_allocate((BS_PKTDRV_RX + 1) * DOS_SLOT);
  if (driver->memory == 0) {
    return link_refuse(why, ENOMEM, "DOS has no %u KB of conventional memory left for frames: unload something",
                       (BS_PKTDRV_RX + 1) * DOS_SLOT / 1024);
  }
  dos_loader->ring = (uint16_t)(driver->memory + DOS_SLOT / 16);
  dos_loader->ring_slots = BS_PKTDRV_RX;
  dos_loader->ring_head = dos_loader->ring_tail = 0;
  dos_loader->ring_lost = 0;
  error = get_handles(driver);
  if (error != 0) {
    dos_free(driver->memory);
    return link_refuse(why, error == TYPE_INUSE ? EBUSY : EIO, "the packet driver at 0x%x refuses: %s", driver->number,
                       error_text(error));
  }
  regs.ax = GET_ADDRESS << 8;
  regs.bx = driver->handle[0];
  regs.cx = LINK_MAC_LEN;
  regs.es = driver->memory;
  error = call(driver->number, &regs);
  if (error != 0) {
    release(driver);
    dos_free(driver->memory);
    return link_refuse(why, EIO, "the packet driver at 0x%x does not give its card's address: %s", driver->number,
                       error_text(error));
  }
  memcpy(driver->status.mac, dos_pointer(driver->memory, 0), LINK_MAC_LEN);
  regs = (struct dos_regs){ .ax = GET_RCV_MODE << 8, .bx = driver->handle[0] };
  driver->mode = driver->old_mode = call(driver->number, &regs) == 0 ? regs.al : 0;
  (void)read_counters(driver, &driver->before);
  return 0;
}

static int
pktdrv_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct pktdrv_link *driver;
  int result;

  (void)below;
  if (active != NULL) {
    return link_refuse(why, EBUSY, "a packet driver is in use already: there can be one");
  }
  driver = calloc(1, sizeof(*driver));
  if (driver == NULL) {
    return link_refuse(why, ENOMEM, "no memory for the packet driver's link");
  }
  driver->status.mtu = LINK_MTU;
  result = read_args(args, driver, why);
  if (result == 0) {
    result = find(driver, why);
  }
  if (result == 0) {
    result = set_up(driver, why);
  }
  if (result != 0) {
    free(driver);
    return result;
  }
  driver->status.up = true;
  driver->status.frames = true;
  active = driver;
  dos_on_exit(release_at_exit);
  *link = &driver->link;
  return 0;
}

static void
pktdrv_close(struct bs_link *link)
{
  struct pktdrv_link *driver = (struct pktdrv_link *)link;

  release(driver);
  active = NULL;
  dos_free(driver->memory);
  free(driver);
}

/* --- the link's operations --- */

static int
pktdrv_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct pktdrv_link *driver = (struct pktdrv_link *)link;
  struct dos_regs regs = { .ax = SEND_PKT << 8, .ds = driver->memory };
  uint8_t *frame = dos_pointer(driver->memory, 0);
  size_t len = 0;
  int i;

  for (i = 0; i < count; i++) {
    memcpy(frame + len, iov[i].iov_base, iov[i].iov_len);
    len += iov[i].iov_len;
  }
  if (len < FRAME_MIN) {
    memset(frame + len, 0, FRAME_MIN - len);
    len = FRAME_MIN;
  }
  regs.cx = (uint16_t)len;
  if (call(driver->number, &regs) == 0) {
    driver->status.tx_frames++;
  } else {
    driver->status.tx_dropped++;
  }
  return 0;
}

static size_t
pktdrv_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct pktdrv_link *driver = (struct pktdrv_link *)link;
  uint16_t tail = dos_loader->ring_tail;
  const uint16_t *slot;
  size_t len;

  if (tail == dos_loader->ring_head) {
    return 0;
  }
  slot = dos_pointer((uint16_t)(dos_loader->ring + tail % BS_PKTDRV_RX * (DOS_SLOT / 16)), 0);
  len = *slot < cap ? *slot : cap;
  memcpy(buf, slot + 1, len);
  dos_loader->ring_tail = (uint16_t)(tail + 1);
  driver->status.rx_frames++;
  return len;
}

static void
pktdrv_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  (void)link;
  (void)set;
  (void)want_send;
  /* What came while the last frames were taken. */
  if (dos_loader->ring_tail != dos_loader->ring_head) {
    *deadline = 0;
  }
}

static bool
set_mode(struct pktdrv_link *driver, uint8_t mode)
{
  struct dos_regs regs = { .ax = SET_RCV_MODE << 8, .bx = driver->handle[0], .cx = mode };

  if (call(driver->number, &regs) != 0) {
    return false;
  }
  driver->mode = mode;
  return true;
}

/* The groups that were joined; or all of them, where the driver can't choose. */
static bool
set_groups(struct pktdrv_link *driver, const struct bs_link_filter *filter)
{
  struct dos_regs regs = { .ax = SET_MULTICAST << 8, .es = driver->memory };

  if (filter->groups > (unsigned)GROUPS_MAX) {
    return false;
  }
  regs.cx = (uint16_t)(filter->groups * LINK_MAC_LEN);
  memcpy(dos_pointer(driver->memory, 0), filter->group, regs.cx);
  return call(driver->number, &regs) == 0 && set_mode(driver, MODE_MULTICAST);
}

static int
pktdrv_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  struct pktdrv_link *driver = (struct pktdrv_link *)link;

  if (filter->promiscuous) {
    return set_mode(driver, MODE_PROMISCUOUS) ? 0 : -EOPNOTSUPP;
  }
  if (filter->groups == 0 && !filter->all_multicast) {
    return driver->mode == driver->old_mode || set_mode(driver, MODE_BROADCAST) ? 0 : -EOPNOTSUPP;
  }
  if ((!filter->all_multicast && set_groups(driver, filter)) || set_mode(driver, MODE_ALL_MULTICAST) ||
      set_mode(driver, MODE_PROMISCUOUS)) {
    return 0;
  }
  return -EOPNOTSUPP;
}

static void
pktdrv_status(const struct bs_link *link, struct bs_link_status *status)
{
  const struct pktdrv_link *driver = (const struct pktdrv_link *)link;
  struct counters now;

  *status = driver->status;
  status->rx_dropped = dos_loader->ring_lost;
  if (read_counters(driver, &now)) {
    uint32_t lost = now.lost - driver->before.lost;

    status->rx_errors = now.errors - driver->before.errors;
    /* Those that found no room in our ring are among them, but not with all drivers. */
    if (lost > status->rx_dropped) {
      status->rx_dropped = lost;
    }
  }
}

const struct bs_link_ops link_pktdrv_ops = {
  .name = "pktdrv",
  .usage = "pktdrv[:INTERRUPT,mtu=BYTES]: the packet driver there, or the first of 0x60 to 0x80",
  .open = pktdrv_open,
  .close = pktdrv_close,
  .send = pktdrv_send,
  .receive = pktdrv_receive,
  .prepare = pktdrv_prepare,
  .set_filter = pktdrv_set_filter,
  .status = pktdrv_status,
};
