/**
 * ne2000: network cards with the DP8390 or one of its many clones, on ISA or PCI.
 *
 * Names of registers and bits are those of National Semiconductor's DP8390D data sheet; a number behind it is a section
 * of that, or of application note 475 (buffer overflow). The card has 16 KB of its own: two buffers for frames to be
 * sent, and a ring of pages for what comes. All of it is read and written through one port ("remote DMA"), which only
 * one may use at a time: either the interrupt handler, or send() while the card's interrupts are masked.
 *
 * The handler empties the card's ring into memory, because that ring holds no more than nine full frames. When memory has
 * no room either, frames stay on the card, which is not asked again until receive() has made room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "i386/io.h"
#include "link/args.h"
#include "link/kinds.h"
#include "link/nic.h"
#include "link/queue.h"
#include "port.h"

/* Ports, from the card's base. Page 0 unless they say otherwise. */
#define CR         0x00
#define PSTART     0x01
#define PSTOP      0x02
#define BNRY       0x03
#define TSR        0x04
#define TPSR       0x04
#define TBCR0      0x05
#define TBCR1      0x06
#define ISR        0x07
#define RSAR0      0x08
#define RSAR1      0x09
#define RBCR0      0x0a
#define RBCR1      0x0b
#define RCR        0x0c
#define TCR        0x0d
#define CNTR0      0x0d
#define DCR        0x0e
#define CNTR1      0x0e
#define IMR        0x0f
#define CNTR2      0x0f
#define PAR0_PAGE1 0x01
#define CURR_PAGE1 0x07
#define MAR0_PAGE1 0x08
#define DATA       0x10
#define RESET      0x1f

#define CR_STOP   0x21 /* STP, and no remote DMA */
#define CR_START  0x22
#define CR_TXP    0x04
#define CR_READ   0x0a
#define CR_WRITE  0x12
#define CR_PAGE1  0x40
#define ISR_PRX   0x01
#define ISR_PTX   0x02
#define ISR_RXE   0x04
#define ISR_TXE   0x08
#define ISR_OVW   0x10
#define ISR_CNT   0x20
#define ISR_RDC   0x40
#define ISR_RST   0x80
#define RCR_AB    0x04
#define RCR_AM    0x08
#define RCR_PRO   0x10
#define RCR_MON   0x20
#define TCR_LOOP  0x02
#define DCR_WORDS 0x49 /* 16 bits at a time, no loopback, FIFO threshold of 8 bytes */
#define RSR_PRX   0x01

#define PAGE       256u
#define TX_PAGES   6u
#define TX_BUFFERS 2u
#define TX_START   0x40u
#define RX_START   (TX_START + TX_BUFFERS * TX_PAGES)
#define RX_STOP    0x80u
#define FRAME_MIN  60u
#define HEADER     4u
#define PROM_SIZE  32u
#define NO_BUFFER  TX_BUFFERS

#define RESET_US 20000u
#define DMA_US   20000u
#define STOP_US  1600u   /* note 475: longer than a frame of the greatest length takes */
#define LOST_US  500000u /* after which the end of a transmission is believed to have been lost */
#define IRQ_US   20000u

struct ne2000_link {
  struct bs_link link;
  struct bs_link_status status;
  uint16_t base;
  uint8_t irq;
  uint8_t rcr;
  uint8_t mar[8];

  /* The card's ring: the page where the next frame begins. */
  uint8_t next_page;

  /* The ring in memory: the handler puts, the program gets. */
  struct link_frame *frame;
  volatile unsigned put, got;
  volatile bool stalled; /**< frames stay on the card until there is room */

  /* Frames to be sent: their lengths, 0 where there is none, and which one is under way. */
  unsigned tx_len[TX_BUFFERS];
  unsigned tx_active;
  bs_time_t tx_since;

  volatile bool dma_taken; /**< send() uses the remote DMA */
};

static uint8_t
get(const struct ne2000_link *card, uint16_t reg)
{
  return io_in8((uint16_t)(card->base + reg));
}

static void
set(const struct ne2000_link *card, uint16_t reg, uint8_t value)
{
  io_out8((uint16_t)(card->base + reg), value);
}

static bool
wait_for(const struct ne2000_link *card, uint8_t isr, uint32_t us)
{
  bs_time_t deadline = port_clock() + us;

  while ((get(card, ISR) & isr) == 0) {
    if (port_clock() > deadline) {
      return false;
    }
  }
  return true;
}

/* --- remote DMA (section 10.2) --- */

static void
begin_dma(const struct ne2000_link *card, unsigned address, size_t len, uint8_t command)
{
  set(card, CR, CR_START);
  set(card, ISR, ISR_RDC);
  set(card, RBCR0, (uint8_t)len);
  set(card, RBCR1, (uint8_t)(len >> 8));
  set(card, RSAR0, (uint8_t)address);
  set(card, RSAR1, (uint8_t)(address >> 8));
  set(card, CR, command);
}

static void
end_dma(const struct ne2000_link *card)
{
  /* One that does not end is ended, so that the next one can begin. */
  if (!wait_for(card, ISR_RDC, DMA_US)) {
    set(card, CR, CR_START);
  }
  set(card, ISR, ISR_RDC);
}

/* @p len is even; so must be the room for it. */
static void
read_card(const struct ne2000_link *card, unsigned address, void *to, size_t len)
{
  begin_dma(card, address, len, CR_READ);
  io_read16((uint16_t)(card->base + DATA), to, (unsigned)len / 2);
  end_dma(card);
}

static void
write_card(const struct ne2000_link *card, unsigned address, const void *from, size_t len)
{
  begin_dma(card, address, len, CR_WRITE);
  io_write16((uint16_t)(card->base + DATA), from, (unsigned)len / 2);
  end_dma(card);
}

/* --- the chip's start (section 11.0) --- */

static void
write_filter(const struct ne2000_link *card)
{
  unsigned i;

  set(card, CR, (uint8_t)(CR_PAGE1 | CR_START));
  for (i = 0; i < sizeof(card->mar); i++) {
    set(card, (uint16_t)(MAR0_PAGE1 + i), card->mar[i]);
  }
  set(card, CR, CR_START);
  set(card, RCR, card->rcr);
}

static uint8_t
wanted_interrupts(const struct ne2000_link *card)
{
  return card->stalled ? ISR_PTX | ISR_TXE : ISR_PRX | ISR_RXE | ISR_PTX | ISR_TXE | ISR_OVW | ISR_CNT;
}

/* From any state to one that receives. What was on the card is lost. */
static void
start_chip(struct ne2000_link *card)
{
  unsigned i;

  set(card, CR, CR_STOP);
  set(card, DCR, DCR_WORDS);
  set(card, RBCR0, 0);
  set(card, RBCR1, 0);
  set(card, RCR, RCR_MON);
  set(card, TCR, TCR_LOOP);
  set(card, PSTART, RX_START);
  set(card, PSTOP, RX_STOP);
  set(card, BNRY, RX_START);
  set(card, IMR, 0);
  set(card, ISR, 0xff);
  set(card, CR, CR_PAGE1 | CR_STOP);
  for (i = 0; i < LINK_MAC_LEN; i++) {
    set(card, (uint16_t)(PAR0_PAGE1 + i), card->status.mac[i]);
  }
  set(card, CURR_PAGE1, RX_START + 1);
  card->next_page = RX_START + 1;
  card->tx_len[0] = card->tx_len[1] = 0;
  card->tx_active = NO_BUFFER;
  set(card, CR, CR_START);
  set(card, TCR, 0);
  write_filter(card);
}

/* --- frames to be sent --- */

static void
transmit(struct ne2000_link *card, unsigned buffer)
{
  card->tx_active = buffer;
  card->tx_since = port_clock();
  set(card, TPSR, (uint8_t)(TX_START + buffer * TX_PAGES));
  set(card, TBCR0, (uint8_t)card->tx_len[buffer]);
  set(card, TBCR1, (uint8_t)(card->tx_len[buffer] >> 8));
  set(card, CR, CR_START | CR_TXP);
}

static void
end_transmit(struct ne2000_link *card, uint8_t isr)
{
  unsigned other;

  if (card->tx_active == NO_BUFFER) {
    return;
  }
  if (isr & ISR_TXE) {
    /* The FIFO ran empty, or there were 16 collisions. */
    card->status.tx_dropped++;
  } else {
    card->status.tx_frames++;
  }
  card->tx_len[card->tx_active] = 0;
  other = TX_BUFFERS - 1 - card->tx_active;
  card->tx_active = NO_BUFFER;
  if (card->tx_len[other] != 0) {
    transmit(card, other);
  }
  nic_wake();
}

/* --- frames that come --- */

static uint8_t
current_page(const struct ne2000_link *card)
{
  uint8_t page;

  set(card, CR, CR_PAGE1 | CR_START);
  page = get(card, CURR_PAGE1);
  set(card, CR, CR_START);
  return page;
}

/*
 * Empty the card's ring into memory (section 7.0). @p drop says what becomes of frames for which there is no room: they
 * are dropped, or stay.
 */
static void
drain(struct ne2000_link *card, bool drop)
{
  while (card->next_page != current_page(card)) {
    struct link_frame *frame = card->put - card->got < BS_NIC_RX ? &card->frame[card->put % BS_NIC_RX] : NULL;
    uint8_t header[HEADER] = { 0 };
    unsigned len;

    if (frame == NULL && !drop) {
      card->stalled = true;
      return;
    }
    read_card(card, card->next_page * PAGE, header, sizeof(header));
    len = (unsigned)header[2] + ((unsigned)header[3] << 8);
    len = len > HEADER ? len - HEADER : 0;
    if (header[1] < RX_START || header[1] >= RX_STOP || len > (RX_STOP - RX_START) * PAGE) {
      /* The ring is not what it should be: nothing in it can be found. */
      card->status.rx_errors++;
      start_chip(card);
      return;
    }
    if ((header[0] & RSR_PRX) == 0 || len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
      card->status.rx_errors++;
    } else if (frame == NULL) {
      card->status.rx_dropped++;
    } else {
      /* An odd last byte comes with one behind it, for which frame->data has room. */
      read_card(card, card->next_page * PAGE + HEADER, frame->data, (len + 1) & ~1u);
      frame->len = len;
      card->put++;
      card->status.rx_frames++;
    }
    card->next_page = header[1];
    set(card, BNRY, card->next_page == RX_START ? RX_STOP - 1 : (uint8_t)(card->next_page - 1));
  }
}

/* Note 475: the ring ran over, and the chip must be stopped before anything can be read. */
static void
recover(struct ne2000_link *card)
{
  bool sending = (get(card, CR) & CR_TXP) != 0;
  bs_time_t stopped = port_clock();

  set(card, CR, CR_STOP);
  while (port_clock() - stopped < STOP_US) {
  }
  set(card, RBCR0, 0);
  set(card, RBCR1, 0);
  /* What was being sent may have been cut off. */
  sending = sending && (get(card, ISR) & (ISR_PTX | ISR_TXE)) == 0;
  set(card, TCR, TCR_LOOP);
  set(card, CR, CR_START);
  drain(card, true);
  set(card, ISR, ISR_OVW);
  set(card, TCR, 0);
  card->status.rx_dropped++;
  if (sending && card->tx_active != NO_BUFFER) {
    transmit(card, card->tx_active);
  }
}

static void
read_tallies(struct ne2000_link *card)
{
  /* They begin anew when they are read (section 8.0). */
  card->status.rx_errors += (uint64_t)get(card, CNTR0) + get(card, CNTR1);
  card->status.rx_dropped += get(card, CNTR2);
}

/*
 * Do all that the card asks for. Interrupts are off, and nobody else uses the remote DMA.
 *
 * The mask is closed first and opened last: on ISA an interrupt is the line's rise, and a line that has been up all the
 * time would never be heard again.
 */
static void
service(struct ne2000_link *card)
{
  uint8_t isr;

  set(card, IMR, 0);
  isr = get(card, ISR);
  set(card, ISR, isr & (ISR_PRX | ISR_RXE | ISR_PTX | ISR_TXE | ISR_CNT));
  card->stalled = false;
  if (isr & ISR_OVW) {
    recover(card);
  }
  if (isr & (ISR_PTX | ISR_TXE)) {
    end_transmit(card, isr);
  }
  if (isr & ISR_CNT) {
    read_tallies(card);
  }
  drain(card, false);
  if (card->put != card->got) {
    nic_wake();
  }
  set(card, IMR, wanted_interrupts(card));
}

static void
on_interrupt(void *arg)
{
  struct ne2000_link *card = arg;

  /* On a shared line another device may have asked while send() is at work, which looks itself when it is done. */
  if (!card->dma_taken) {
    service(card);
  }
}

/* --- opening --- */

/* Whether something at this address behaves like the chip, and has memory where an NE2000 has it. */
static bool
find_chip(struct ne2000_link *card)
{
  static const uint16_t pattern[4] = { 0x55aa, 0x0123, 0xfedc, 0xa55a };
  uint16_t back[4] = { 0 };

  if (get(card, CR) == 0xff && get(card, ISR) == 0xff) {
    return false;
  }
  set(card, RESET, get(card, RESET));
  if (!wait_for(card, ISR_RST, RESET_US)) {
    return false;
  }
  set(card, CR, CR_STOP);
  if ((get(card, CR) & 0x3f) != CR_STOP) {
    return false;
  }
  start_chip(card);
  set(card, RCR, RCR_MON);
  write_card(card, TX_START * PAGE, pattern, sizeof(pattern));
  read_card(card, TX_START * PAGE, back, sizeof(back));
  return memcmp(pattern, back, sizeof(back)) == 0;
}

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
      card->base = (uint16_t)pci.bar0;
      card->irq = pci.irq;
      if (find_chip(card)) {
        return true;
      }
    }
  }
  card->irq = 0;
  for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
    card->base = addresses[i];
    if (find_chip(card)) {
      return true;
    }
  }
  return false;
}

static void
on_probe(void *arg)
{
  *(volatile bool *)arg = true;
}

/* Have the card raise its interrupt, and see which one comes. @return 0 when none does */
static uint8_t
find_irq(struct ne2000_link *card)
{
  static const uint8_t lines[] = { 9, 3, 5, 10, 11, 12, 15, 7 };
  volatile bool came[sizeof(lines)] = { false };
  bs_time_t deadline = port_clock() + IRQ_US;
  uint16_t word;
  uint8_t found = 0;
  unsigned i;

  for (i = 0; i < sizeof(lines); i++) {
    (void)nic_irq_attach(lines[i], on_probe, (void *)(uintptr_t)&came[i]);
  }
  set(card, IMR, ISR_RDC);
  begin_dma(card, 0, sizeof(word), CR_READ);
  io_read16((uint16_t)(card->base + DATA), &word, 1);
  while (found == 0 && port_clock() < deadline) {
    for (i = 0; i < sizeof(lines); i++) {
      found = came[i] ? lines[i] : found;
    }
  }
  set(card, IMR, 0);
  set(card, ISR, 0xff);
  for (i = 0; i < sizeof(lines); i++) {
    nic_irq_detach(lines[i], (void *)(uintptr_t)&came[i]);
  }
  return found;
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
    if (*end != '\0' || end == arg->value || number <= 0 || number > (place == 0 ? 0xffe0 : 15) ||
        (place == 0 && number % 32 != 0)) {
      return link_refuse(why, EINVAL, "%s is no %s: write ne2000:0x300,10", arg->value,
                         place == 0 ? "I/O address (a multiple of 0x20)" : "interrupt (3 to 15)");
    }
    if (place++ == 0) {
      card->base = (uint16_t)number;
    } else {
      card->irq = (uint8_t)number;
    }
  }
  return 0;
}

/* The address is in the PROM, each byte twice where the card is 16 bits wide. */
static void
read_address(struct ne2000_link *card, const uint8_t wanted[LINK_MAC_LEN])
{
  static const uint8_t none[LINK_MAC_LEN];
  uint8_t prom[PROM_SIZE] = { 0 };
  unsigned i;

  read_card(card, 0, prom, sizeof(prom));
  for (i = 0; i < LINK_MAC_LEN; i++) {
    card->status.mac[i] = prom[2 * i];
  }
  if (memcmp(wanted, none, sizeof(none)) != 0) {
    memcpy(card->status.mac, wanted, LINK_MAC_LEN);
  }
}

static int
set_up(struct ne2000_link *card, const uint8_t mac[LINK_MAC_LEN], char *why)
{
  if (card->base == 0) {
    if (!find_card(card)) {
      return link_refuse(why, ENODEV, "no NE2000 network card was found: give its address, as in ne2000:0x300,10");
    }
  } else if (!find_chip(card)) {
    return link_refuse(why, ENODEV, "there is no NE2000 network card at 0x%x", card->base);
  }
  if (card->irq == 0 && (card->irq = find_irq(card)) == 0) {
    return link_refuse(why, EIO,
                       "the network card at 0x%x gives no interrupt: name the one it is set to, as in ne2000:0x%x,10",
                       card->base, card->base);
  }
  if (nic_irq_attach(card->irq, on_interrupt, card) != 0) {
    return link_refuse(why, EINVAL, "interrupt %u can't be had", card->irq);
  }
  read_address(card, mac);
  return 0;
}

static int
ne2000_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct ne2000_link *card = calloc(1, sizeof(*card));
  uint8_t mac[LINK_MAC_LEN] = { 0 };
  uint32_t flags;
  int result;

  (void)below;
  if (card == NULL || (card->frame = calloc(BS_NIC_RX, sizeof(card->frame[0]))) == NULL) {
    free(card);
    return link_refuse(why, ENOMEM, "no memory for the frames of the network card");
  }
  card->rcr = RCR_AB;
  result = read_args(args, card, mac, why);
  if (result == 0) {
    result = set_up(card, mac, why);
  }
  if (result != 0) {
    free(card->frame);
    free(card);
    return result;
  }
  card->status.mtu = LINK_MTU;
  card->status.up = true;
  card->status.frames = true;
  flags = io_disable();
  start_chip(card);
  set(card, IMR, wanted_interrupts(card));
  io_restore(flags);
  *link = &card->link;
  return 0;
}

static void
ne2000_close(struct bs_link *link)
{
  struct ne2000_link *card = (struct ne2000_link *)link;

  nic_irq_detach(card->irq, card);
  set(card, IMR, 0);
  set(card, CR, CR_STOP);
  free(card->frame);
  free(card);
}

/* --- the link's operations --- */

static bool
is_lost(const struct ne2000_link *card)
{
  return card->tx_active != NO_BUFFER && port_clock() - card->tx_since > LOST_US;
}

static int
ne2000_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct ne2000_link *card = (struct ne2000_link *)link;
  static uint8_t whole[BS_FRAME_MAX + 1];
  size_t len = link_frame_len(iov, count), at = 0;
  unsigned buffer;
  uint32_t flags;
  int i;

  if (len > BS_FRAME_MAX) {
    card->status.tx_dropped++;
    return 0;
  }
  if (is_lost(card)) {
    flags = io_disable();
    card->status.tx_dropped += (card->tx_len[0] != 0 ? 1u : 0u) + (card->tx_len[1] != 0 ? 1u : 0u);
    start_chip(card);
    set(card, IMR, wanted_interrupts(card));
    io_restore(flags);
  }
  buffer = card->tx_len[0] == 0 ? 0 : 1;
  if (card->tx_len[buffer] != 0) {
    return -EAGAIN;
  }
  for (i = 0; i < count; i++) {
    memcpy(whole + at, iov[i].iov_base, iov[i].iov_len);
    at += iov[i].iov_len;
  }
  if (at < FRAME_MIN) {
    memset(whole + at, 0, FRAME_MIN - at);
    at = FRAME_MIN;
  }
  card->dma_taken = true;
  set(card, IMR, 0);
  write_card(card, (TX_START + buffer * TX_PAGES) * PAGE, whole, (at + 1) & ~(size_t)1);
  flags = io_disable();
  card->dma_taken = false;
  card->tx_len[buffer] = (unsigned)at;
  if (card->tx_active == NO_BUFFER) {
    transmit(card, buffer);
  }
  service(card);
  io_restore(flags);
  return 0;
}

static size_t
ne2000_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct ne2000_link *card = (struct ne2000_link *)link;
  size_t len = 0;
  uint32_t flags;

  if (card->put != card->got) {
    const struct link_frame *frame = &card->frame[card->got % BS_NIC_RX];

    len = frame->len < cap ? frame->len : cap;
    memcpy(buf, frame->data, len);
    flags = io_disable();
    card->got++;
    if (card->stalled) {
      service(card);
    }
    io_restore(flags);
  }
  return len;
}

static void
ne2000_prepare(struct bs_link *link, struct bs_waitset *set_of_sources, bool want_send, bs_time_t *deadline)
{
  struct ne2000_link *card = (struct ne2000_link *)link;

  (void)set_of_sources;
  /* Should the interrupt for which a frame waits not come, send() has to look. */
  if (want_send && card->tx_active != NO_BUFFER && card->tx_since + LOST_US < *deadline) {
    *deadline = card->tx_since + LOST_US + 1;
  }
}

static bool
ne2000_busy(const struct bs_link *link)
{
  const struct ne2000_link *card = (const struct ne2000_link *)link;

  return card->tx_active != NO_BUFFER && !is_lost(card);
}

/* The chip takes the upper six bits of the address's CRC (section 6.0, MAR). */
static unsigned
mar_bit(const uint8_t group[LINK_MAC_LEN])
{
  uint32_t crc = 0xffffffff;
  unsigned i, bit;

  for (i = 0; i < LINK_MAC_LEN; i++) {
    for (bit = 0; bit < 8; bit++) {
      uint32_t carry = (crc >> 31) ^ ((group[i] >> bit) & 1u);

      crc = (crc << 1) ^ (carry ? 0x04c11db7u : 0);
    }
  }
  return crc >> 26;
}

static int
ne2000_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  struct ne2000_link *card = (struct ne2000_link *)link;
  uint32_t flags = io_disable();
  unsigned i;

  memset(card->mar, filter->promiscuous || filter->all_multicast ? 0xff : 0, sizeof(card->mar));
  for (i = 0; i < filter->groups; i++) {
    unsigned bit = mar_bit(filter->group[i]);

    card->mar[bit / 8] = (uint8_t)(card->mar[bit / 8] | 1u << bit % 8);
  }
  card->rcr = RCR_AB | RCR_AM;
  if (filter->promiscuous) {
    card->rcr |= RCR_PRO;
  }
  write_filter(card);
  io_restore(flags);
  return 0;
}

static void
ne2000_status(const struct bs_link *link, struct bs_link_status *status)
{
  struct ne2000_link *card = (struct ne2000_link *)(uintptr_t)link;
  uint32_t flags = io_disable();

  read_tallies(card);
  *status = card->status;
  io_restore(flags);
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
