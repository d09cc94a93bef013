/**
 * ne2000: network cards of that kind, on ISA or PCI: where they are, which interrupt they have.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "i386/io.h"
#include "link/dp8390.h"
#include "link/kinds.h"
#include "link/nic.h"
#include "port.h"

#define PROM_SIZE 32u
#define QUIET_US  500u  /* in which what was on a line before is over */
#define RAISE_US  5000u /* in which an interrupt comes */

struct ne2000_link {
  struct bs_link link;
  struct dp8390 chip;
  uint8_t irq;
};

static bool
find_card(struct ne2000_link *card)
{
  static const uint16_t addresses[] = { 0x300, 0x280, 0x320, 0x340, 0x360, 0x220, 0x240 };
  /* RTL8029, and cards that call themselves compatible: Winbond 89C940, Compex RL2000, KTI ET32P2, Via 86C926. */
  static const struct {
    uint16_t vendor, device;
  } pci_ids[] = { { 0x10ec, 0x8029 }, { 0x1050, 0x0940 }, { 0x11f6, 0x1401 }, { 0x8e2e, 0x3000 }, { 0x1106, 0x0926 } };
  struct nic_pci pci;
  unsigned i;

  for (i = 0; i < sizeof(pci_ids) / sizeof(pci_ids[0]); i++) {
    if (nic_pci_find(pci_ids[i].vendor, pci_ids[i].device, 0, &pci)) {
      nic_pci_enable(&pci);
      card->chip.base = (uint16_t)pci.bar0;
      card->irq = pci.irq;
      if (dp8390_find(&card->chip)) {
        return true;
      }
    }
  }
  card->irq = 0;
  for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
    card->chip.base = addresses[i];
    if (dp8390_find(&card->chip)) {
      return true;
    }
  }
  return false;
}

struct probe {
  struct dp8390 *chip;
  volatile bool came;
};

/* Where a line's level counts, an interrupt that is not taken back comes again and again. */
static void
on_probe(void *arg)
{
  struct probe *probe = arg;

  dp8390_silence(probe->chip);
  probe->came = true;
}

static bool
comes_within(const struct probe *probe, bs_time_t us)
{
  bs_time_t deadline = port_clock() + us;

  while (!probe->came && port_clock() < deadline) {
    nic_poll();
  }
  return probe->came;
}

/* Whether an interrupt comes when the card raises one, and none when it does not. */
static bool
is_cards_line(struct probe *probe)
{
  bool came;

  /* One may have waited since before there was a handler. */
  (void)comes_within(probe, QUIET_US);
  probe->came = false;
  if (comes_within(probe, QUIET_US)) {
    return false;
  }
  dp8390_raise(probe->chip);
  came = comes_within(probe, RAISE_US);
  dp8390_stop(probe->chip);
  return came;
}

/* Have the card raise its interrupt, and see where one comes: line by line, as the machine has room for few handlers.
 * @return 0 when none does */
static uint8_t
find_irq(struct ne2000_link *card)
{
  static const uint8_t lines[] = { 9, 3, 5, 10, 11, 12, 15, 7 };
  struct probe probe = { .chip = &card->chip };
  unsigned i;

  for (i = 0; i < sizeof(lines); i++) {
    bool found;

    if (nic_irq_attach(lines[i], on_probe, &probe) != 0) {
      continue;
    }
    found = is_cards_line(&probe) && is_cards_line(&probe);
    nic_irq_detach(lines[i], &probe);
    if (found) {
      return lines[i];
    }
  }
  return 0;
}

static int
read_args(const struct bs_link_args *args, struct ne2000_link *card, uint8_t mac[LINK_MAC_LEN], char *why)
{
  unsigned i, place = 0;
  int result;

  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    char *end;
    long number;

    if (link_arg_is(arg, "mac")) {
      result = link_read_mac(arg->value, mac, why);
      if (result != 0) {
        return result;
      }
      continue;
    }
    if (arg->key != NULL || place > 1) {
      return link_refuse_arg(why, &link_ne2000_ops, arg);
    }
    number = strtol(arg->value, &end, 0);
    if (*end != '\0' || end == arg->value || number < (place == 0 ? 0x20 : 2) || number > (place == 0 ? 0xffe0 : 15) ||
        (place == 0 && number % 32 != 0)) {
      return link_refuse(why, EINVAL, "%s is no %s: write ne2000:0x300,10", arg->value,
                         place == 0 ? "I/O address (a multiple of 0x20)" : "interrupt (3 to 15)");
    }
    if (place++ == 0) {
      card->chip.base = (uint16_t)number;
    } else {
      /* Line 2 of a PC's first cards is line 9 since the second controller came between. */
      card->irq = number == 2 ? 9 : (uint8_t)number;
    }
  }
  return 0;
}

/* The address is in the PROM, each byte twice where the card is 16 bits wide. */
static bool
read_address(struct ne2000_link *card, const uint8_t wanted[LINK_MAC_LEN])
{
  static const uint8_t none[LINK_MAC_LEN];
  uint8_t prom[PROM_SIZE] = { 0 };
  unsigned i;

  if (!dp8390_read_prom(&card->chip, prom, sizeof(prom))) {
    return false;
  }
  for (i = 0; i < LINK_MAC_LEN; i++) {
    card->chip.status.mac[i] = prom[2 * i];
  }
  if (memcmp(wanted, none, sizeof(none)) != 0) {
    memcpy(card->chip.status.mac, wanted, LINK_MAC_LEN);
  }
  return true;
}

static void
on_interrupt(void *arg)
{
  dp8390_interrupt(&((struct ne2000_link *)arg)->chip);
}

static int
set_up(struct ne2000_link *card, const uint8_t mac[LINK_MAC_LEN], char *why)
{
  if (card->chip.base == 0) {
    if (!find_card(card)) {
      return link_refuse(why, ENODEV, "no NE2000 network card was found: give its address, as in ne2000:0x300,10");
    }
  } else if (!dp8390_find(&card->chip)) {
    return link_refuse(why, ENODEV, "there is no NE2000 network card at 0x%x, or it is not in a slot of 16 bits",
                       card->chip.base);
  }
  if (card->irq == 0 && (card->irq = find_irq(card)) == 0) {
    return link_refuse(why, EIO,
                       "the network card at 0x%x gives no interrupt: name the one it is set to, as in ne2000:0x%x,10",
                       card->chip.base, card->chip.base);
  }
  if (!read_address(card, mac)) {
    return link_refuse(why, EIO, "the network card at 0x%x does not give its address: start the machine anew",
                       card->chip.base);
  }
  /* Only now: on a line that is shared, the handler may be called at once. */
  if (nic_irq_attach(card->irq, on_interrupt, card) != 0) {
    return link_refuse(why, EINVAL, "interrupt %u can't be had", card->irq);
  }
  return 0;
}

static int
ne2000_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct ne2000_link *card = calloc(1, sizeof(*card));
  uint8_t mac[LINK_MAC_LEN] = { 0 };
  int result;

  (void)below;
  if (card == NULL || (card->chip.frame = calloc(BS_NIC_RX, sizeof(card->chip.frame[0]))) == NULL) {
    free(card);
    return link_refuse(why, ENOMEM, "no memory for the frames of the network card");
  }
  result = read_args(args, card, mac, why);
  if (result == 0) {
    result = set_up(card, mac, why);
  }
  if (result != 0) {
    free(card->chip.frame);
    free(card);
    return result;
  }
  card->chip.status.mtu = LINK_MTU;
  card->chip.status.up = true;
  card->chip.status.frames = true;
  dp8390_start(&card->chip);
  *link = &card->link;
  return 0;
}

static void
ne2000_close(struct bs_link *link)
{
  struct ne2000_link *card = (struct ne2000_link *)link;
  uint32_t flags = io_disable();

  /* In one go: a card without a handler may not raise a line that is shared, and a handler may not find it stopped. */
  dp8390_stop(&card->chip);
  nic_irq_detach(card->irq, card);
  io_restore(flags);
  free(card->chip.frame);
  free(card);
}

/* --- the link's operations --- */

static int
ne2000_send(struct bs_link *link, const struct iovec *iov, int count)
{
  return dp8390_send(&((struct ne2000_link *)link)->chip, iov, count);
}

static size_t
ne2000_receive(struct bs_link *link, void *buf, size_t cap)
{
  nic_poll();
  return dp8390_receive(&((struct ne2000_link *)link)->chip, buf, cap);
}

static void
ne2000_prepare(struct bs_link *link, struct bs_waitset *set, bool want_send, bs_time_t *deadline)
{
  bs_time_t lost_at = dp8390_lost_at(&((struct ne2000_link *)link)->chip);

  (void)set;
  /* Should the interrupt for which a frame waits not come, dp8390_send() has to look. */
  if (want_send && lost_at < *deadline) {
    *deadline = lost_at + 1;
  }
}

bool
link_ne2000_is_there(void)
{
  struct ne2000_link card = { .irq = 0 };

  return find_card(&card);
}

static bool
ne2000_busy(const struct bs_link *link)
{
  return dp8390_is_sending(&((const struct ne2000_link *)link)->chip);
}

static int
ne2000_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  dp8390_set_filter(&((struct ne2000_link *)link)->chip, filter);
  return 0;
}

static void
ne2000_status(const struct bs_link *link, struct bs_link_status *status)
{
  /* Reading the card's counters sets them back. */
  dp8390_status(&((struct ne2000_link *)(uintptr_t)link)->chip, status);
}

const struct bs_link_ops link_ne2000_ops = {
  .name = "ne2000",
  .usage = "ne2000[:ADDRESS,IRQ,mac=MAC]: the NE2000 network card there, or the first on the PCI or ISA bus",
  .open = ne2000_open,
  .close = ne2000_close,
  .send = ne2000_send,
  .receive = ne2000_receive,
  .prepare = ne2000_prepare,
  .busy = ne2000_busy,
  .set_filter = ne2000_set_filter,
  .status = ne2000_status,
};
