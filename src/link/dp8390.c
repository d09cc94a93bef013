/**
 * The DP8390 and its clones on NE2000 cards.
 *
 * Names of registers and bits are those of National Semiconductor's DP8390D data sheet; a number behind it is a section
 * of that, or of application note 475 (buffer overflow). The card has 16 KB of its own: two buffers for frames to be
 * sent, and a ring of pages for what comes. All of it is read and written through one port ("remote DMA"), which only
 * one may use at a time: either the interrupt handler, or dp8390_send() while the card's interrupts are masked.
 *
 * The handler empties the card's ring into memory, because that ring holds no more than nine full frames. When memory has
 * no room either, frames stay on the card, which is not asked again until dp8390_receive() has made room for half of it.
 */
#include "link/dp8390.h"

#include <errno.h>
#include <string.h>

#include "i386/io.h"
#include "link/nic.h"
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

#define PAGE      256u
#define TX_PAGES  6u
#define TX_START  0x40u
#define RX_START  (TX_START + DP8390_BUFFERS * TX_PAGES)
#define RX_STOP   0x80u
#define RX_PAGES  (RX_STOP - RX_START)
#define FRAME_MIN 60u
#define HEADER    4u
#define FCS       4u
#define NO_BUFFER DP8390_BUFFERS

#define RESET_US 20000u
#define DMA_US   20000u
#define STOP_US  1600u   /* note 475: longer than a frame of the greatest length takes */
#define LOST_US  500000u /* after which the end of a transmission is believed to have been lost */

static uint8_t
get(const struct dp8390 *chip, uint16_t reg)
{
  return io_in8((uint16_t)(chip->base + reg));
}

static void
set(const struct dp8390 *chip, uint16_t reg, uint8_t value)
{
  io_out8((uint16_t)(chip->base + reg), value);
}

static bool
wait_for(const struct dp8390 *chip, uint8_t isr, uint32_t us)
{
  bs_time_t deadline = port_clock() + us;

  while ((get(chip, ISR) & isr) == 0) {
    if (port_clock() > deadline) {
      return false;
    }
  }
  return true;
}

/* --- remote DMA (section 10.2) --- */

static void
begin_dma(const struct dp8390 *chip, unsigned address, size_t len, uint8_t command)
{
  set(chip, CR, CR_START);
  set(chip, ISR, ISR_RDC);
  set(chip, RBCR0, (uint8_t)len);
  set(chip, RBCR1, (uint8_t)(len >> 8));
  set(chip, RSAR0, (uint8_t)address);
  set(chip, RSAR1, (uint8_t)(address >> 8));
  set(chip, CR, command);
}

/* One that does not end is ended, so that the next one can begin. @return whether it ended by itself */
static bool
end_dma(const struct dp8390 *chip)
{
  bool ended = wait_for(chip, ISR_RDC, DMA_US);

  if (!ended) {
    set(chip, CR, CR_START);
  }
  set(chip, ISR, ISR_RDC);
  return ended;
}

/* @p len is even; so must be the room for it. @return false when what was read is not to be relied on */
static bool
read_card(const struct dp8390 *chip, unsigned address, void *to, size_t len)
{
  begin_dma(chip, address, len, CR_READ);
  io_read16((uint16_t)(chip->base + DATA), to, (unsigned)len / 2);
  return end_dma(chip);
}

static bool
write_card(const struct dp8390 *chip, unsigned address, const void *from, size_t len)
{
  begin_dma(chip, address, len, CR_WRITE);
  io_write16((uint16_t)(chip->base + DATA), from, (unsigned)len / 2);
  return end_dma(chip);
}

/* --- the chip's start (section 11.0) --- */

static void
write_filter(const struct dp8390 *chip)
{
  unsigned i;

  set(chip, CR, (uint8_t)(CR_PAGE1 | CR_START));
  for (i = 0; i < sizeof(chip->mar); i++) {
    set(chip, (uint16_t)(MAR0_PAGE1 + i), chip->mar[i]);
  }
  set(chip, CR, CR_START);
  set(chip, RCR, chip->rcr);
}

static uint8_t
wanted_interrupts(const struct dp8390 *chip)
{
  return chip->stalled ? ISR_PTX | ISR_TXE : ISR_PRX | ISR_RXE | ISR_PTX | ISR_TXE | ISR_OVW | ISR_CNT;
}

/* From any state to one that receives. What was on the card is lost. */
static void
start_chip(struct dp8390 *chip)
{
  unsigned i;

  set(chip, CR, CR_STOP);
  set(chip, DCR, DCR_WORDS);
  set(chip, RBCR0, 0);
  set(chip, RBCR1, 0);
  set(chip, RCR, RCR_MON);
  set(chip, TCR, TCR_LOOP);
  set(chip, PSTART, RX_START);
  set(chip, PSTOP, RX_STOP);
  set(chip, BNRY, RX_START);
  set(chip, IMR, 0);
  set(chip, ISR, 0xff);
  set(chip, CR, CR_PAGE1 | CR_STOP);
  for (i = 0; i < LINK_MAC_LEN; i++) {
    set(chip, (uint16_t)(PAR0_PAGE1 + i), chip->status.mac[i]);
  }
  set(chip, CURR_PAGE1, RX_START + 1);
  chip->next_page = RX_START + 1;
  chip->stalled = false;
  chip->tx_len[0] = chip->tx_len[1] = 0;
  chip->tx_active = NO_BUFFER;
  set(chip, CR, CR_START);
  set(chip, TCR, 0);
  write_filter(chip);
}

/* Something went wrong on the card that only a new start mends. Interrupts are off; the mask is the caller's to open. */
static void
restart_chip(struct dp8390 *chip)
{
  chip->status.tx_dropped += (chip->tx_len[0] != 0 ? 1u : 0u) + (chip->tx_len[1] != 0 ? 1u : 0u);
  start_chip(chip);
  /* Whoever waits for a buffer has one. */
  nic_wake();
}

/* --- frames to be sent --- */

static void
transmit(struct dp8390 *chip, unsigned buffer)
{
  chip->tx_active = buffer;
  chip->tx_since = port_clock();
  set(chip, TPSR, (uint8_t)(TX_START + buffer * TX_PAGES));
  set(chip, TBCR0, (uint8_t)chip->tx_len[buffer]);
  set(chip, TBCR1, (uint8_t)(chip->tx_len[buffer] >> 8));
  set(chip, CR, CR_START | CR_TXP);
}

static void
end_transmit(struct dp8390 *chip, uint8_t isr)
{
  unsigned other;

  if (chip->tx_active == NO_BUFFER) {
    return;
  }
  if (isr & ISR_TXE) {
    /* The FIFO ran empty, or there were 16 collisions. */
    chip->status.tx_dropped++;
  } else {
    chip->status.tx_frames++;
  }
  chip->tx_len[chip->tx_active] = 0;
  other = DP8390_BUFFERS - 1 - chip->tx_active;
  chip->tx_active = NO_BUFFER;
  if (chip->tx_len[other] != 0) {
    transmit(chip, other);
  }
  nic_wake();
}

/* --- frames that come --- */

static uint8_t
current_page(const struct dp8390 *chip)
{
  uint8_t page;

  set(chip, CR, CR_PAGE1 | CR_START);
  page = get(chip, CURR_PAGE1);
  set(chip, CR, CR_START);
  return page;
}

static bool
has_room(const struct dp8390 *chip)
{
  return chip->put - chip->got < BS_NIC_RX;
}

/* How far it is on the ring from one page to another. */
static unsigned
distance(unsigned from, unsigned to)
{
  return to >= from ? to - from : to + RX_PAGES - from;
}

/*
 * Whether a frame's header can be true: the next frame begins where this one's bytes end (or a page later, as they are
 * followed by the FCS), and not beyond what was received. So a walk from header to header comes to an end.
 */
static bool
is_sound(const struct dp8390 *chip, unsigned next, unsigned len, unsigned current)
{
  unsigned least = (HEADER + len + PAGE - 1) / PAGE;
  unsigned pages;

  if (next < RX_START || next >= RX_STOP || current < RX_START || current >= RX_STOP) {
    return false;
  }
  pages = distance(chip->next_page, next);
  return (pages == least || pages == least + 1) && pages <= distance(chip->next_page, current);
}

/* Take the frame at next_page, for which there is room. @return false when the card's ring is not what it should be */
static bool
take_frame(struct dp8390 *chip, unsigned current)
{
  struct link_frame *frame = &chip->frame[chip->put % BS_NIC_RX];
  uint8_t header[HEADER] = { 0 };
  unsigned len;

  if (!read_card(chip, chip->next_page * PAGE, header, sizeof(header))) {
    return false;
  }
  /* It counts the FCS, which we leave. */
  len = (unsigned)header[2] + ((unsigned)header[3] << 8);
  len = len > FCS ? len - FCS : 0;
  if (!is_sound(chip, header[1], len, current)) {
    return false;
  }
  if ((header[0] & RSR_PRX) == 0 || len < LINK_HEADER_LEN || len > BS_FRAME_MAX) {
    chip->status.rx_errors++;
  } else {
    /* An odd last byte comes with one behind it, for which frame->data has room. */
    if (!read_card(chip, chip->next_page * PAGE + HEADER, frame->data, (len + 1) & ~1u)) {
      return false;
    }
    frame->len = len;
    chip->put++;
    chip->status.rx_frames++;
  }
  chip->next_page = header[1];
  set(chip, BNRY, chip->next_page == RX_START ? RX_STOP - 1 : (uint8_t)(chip->next_page - 1));
  return true;
}

/* Empty the card's ring into memory (section 7.0). Frames for which there is no room stay. */
static void
drain(struct dp8390 *chip)
{
  uint8_t current;

  while (chip->next_page != (current = current_page(chip))) {
    if (!has_room(chip)) {
      chip->stalled = true;
      return;
    }
    if (!take_frame(chip, current)) {
      /* Nothing in the ring can be found any more. */
      chip->status.rx_errors++;
      restart_chip(chip);
      return;
    }
  }
}

/* Note 475: the ring ran over, and the chip must be stopped before anything can be read. There is room for a frame. */
static void
recover(struct dp8390 *chip)
{
  bool sending = (get(chip, CR) & CR_TXP) != 0;
  bs_time_t stopped = port_clock();

  set(chip, CR, CR_STOP);
  while (port_clock() - stopped < STOP_US) {
  }
  set(chip, RBCR0, 0);
  set(chip, RBCR1, 0);
  /* What was being sent may have been cut off. */
  sending = sending && (get(chip, ISR) & (ISR_PTX | ISR_TXE)) == 0;
  set(chip, TCR, TCR_LOOP);
  set(chip, CR, CR_START);
  drain(chip);
  set(chip, ISR, ISR_OVW);
  set(chip, TCR, 0);
  chip->status.rx_dropped++;
  if (sending && chip->tx_active != NO_BUFFER) {
    transmit(chip, chip->tx_active);
  }
}

static void
read_tallies(struct dp8390 *chip)
{
  /* They begin anew when they are read (section 8.0). */
  chip->status.rx_errors += (uint64_t)get(chip, CNTR0) + get(chip, CNTR1);
  chip->status.rx_dropped += get(chip, CNTR2);
}

/*
 * Do all that the card asks for. Interrupts are off, and nobody else uses the remote DMA.
 *
 * The mask is closed first and opened last: on ISA an interrupt is the line's rise, and a line that has been up all the
 * time would never be heard again.
 */
static void
service(struct dp8390 *chip)
{
  uint8_t isr;

  set(chip, IMR, 0);
  isr = get(chip, ISR);
  set(chip, ISR, isr & (ISR_PRX | ISR_RXE | ISR_PTX | ISR_TXE | ISR_CNT));
  chip->stalled = false;
  if ((isr & ISR_OVW) && has_room(chip)) {
    recover(chip);
  } else if (isr & ISR_OVW) {
    /* The chip may go on only when frames were taken from it: the overflow waits as they do. */
    chip->stalled = true;
  }
  if (isr & (ISR_PTX | ISR_TXE)) {
    end_transmit(chip, isr);
  }
  if (isr & ISR_CNT) {
    read_tallies(chip);
  }
  drain(chip);
  if (chip->put != chip->got) {
    nic_wake();
  }
  set(chip, IMR, wanted_interrupts(chip));
}

void
dp8390_interrupt(struct dp8390 *chip)
{
  if (chip->dma_taken) {
    /* dp8390_send() is at work, and looks itself when it is done. It may not have come to closing the mask yet, and a
     * line that stays up where its level counts would let it come no further. */
    set(chip, IMR, 0);
  } else if (get(chip, ISR) & wanted_interrupts(chip)) {
    service(chip);
  }
}

/* --- finding, starting, stopping --- */

bool
dp8390_find(struct dp8390 *chip)
{
  static const uint16_t pattern[4] = { 0x55aa, 0x0123, 0xfedc, 0xa55a };
  uint16_t back[4] = { 0 };
  bool there;

  if (get(chip, CR) == 0xff && get(chip, ISR) == 0xff) {
    return false;
  }
  set(chip, RESET, get(chip, RESET));
  if (!wait_for(chip, ISR_RST, RESET_US)) {
    return false;
  }
  set(chip, CR, CR_STOP);
  if ((get(chip, CR) & 0x3f) != CR_STOP) {
    return false;
  }
  chip->rcr = RCR_AB;
  start_chip(chip);
  set(chip, RCR, RCR_MON);
  there = write_card(chip, TX_START * PAGE, pattern, sizeof(pattern)) &&
          read_card(chip, TX_START * PAGE, back, sizeof(back)) && memcmp(pattern, back, sizeof(back)) == 0;
  dp8390_stop(chip);
  return there;
}

bool
dp8390_read_prom(struct dp8390 *chip, void *to, size_t len)
{
  bool good = read_card(chip, 0, to, len);

  dp8390_stop(chip);
  return good;
}

void
dp8390_raise(struct dp8390 *chip)
{
  uint16_t word;

  /* The end of a remote DMA is what it can be made to tell at any time. */
  set(chip, IMR, ISR_RDC);
  begin_dma(chip, 0, sizeof(word), CR_READ);
  io_read16((uint16_t)(chip->base + DATA), &word, 1);
}

void
dp8390_silence(struct dp8390 *chip)
{
  set(chip, IMR, 0);
}

void
dp8390_start(struct dp8390 *chip)
{
  uint32_t flags = io_disable();

  start_chip(chip);
  set(chip, IMR, wanted_interrupts(chip));
  io_restore(flags);
}

void
dp8390_stop(struct dp8390 *chip)
{
  set(chip, IMR, 0);
  set(chip, ISR, 0xff);
  set(chip, CR, CR_STOP);
}

/* --- the link's operations --- */

bs_time_t
dp8390_lost_at(const struct dp8390 *chip)
{
  uint32_t flags = io_disable();
  bs_time_t at = chip->tx_active == NO_BUFFER ? BS_TIME_NEVER : chip->tx_since + LOST_US;

  io_restore(flags);
  return at;
}

bool
dp8390_is_sending(const struct dp8390 *chip)
{
  bs_time_t lost_at = dp8390_lost_at(chip);

  return lost_at != BS_TIME_NEVER && port_clock() <= lost_at;
}

int
dp8390_send(struct dp8390 *chip, const struct iovec *iov, int count)
{
  static uint8_t whole[BS_FRAME_MAX + 1];
  size_t len = link_frame_len(iov, count), at = 0;
  unsigned buffer;
  uint32_t flags;
  bool written;
  int i;

  if (len > BS_FRAME_MAX) {
    chip->status.tx_dropped++;
    return 0;
  }
  if (port_clock() > dp8390_lost_at(chip)) {
    flags = io_disable();
    restart_chip(chip);
    set(chip, IMR, wanted_interrupts(chip));
    io_restore(flags);
  }
  buffer = chip->tx_len[0] == 0 ? 0 : 1;
  if (chip->tx_len[buffer] != 0) {
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
  chip->dma_taken = true;
  set(chip, IMR, 0);
  written = write_card(chip, (TX_START + buffer * TX_PAGES) * PAGE, whole, (at + 1) & ~(size_t)1);
  flags = io_disable();
  chip->dma_taken = false;
  chip->tx_len[buffer] = (unsigned)at;
  if (!written) {
    restart_chip(chip);
  } else if (chip->tx_active == NO_BUFFER) {
    transmit(chip, buffer);
  }
  service(chip);
  io_restore(flags);
  return 0;
}

size_t
dp8390_receive(struct dp8390 *chip, void *buf, size_t cap)
{
  size_t len = 0;
  uint32_t flags;

  if (chip->put != chip->got) {
    const struct link_frame *frame = &chip->frame[chip->got % BS_NIC_RX];

    len = frame->len < cap ? frame->len : cap;
    memcpy(buf, frame->data, len);
    flags = io_disable();
    chip->got++;
    /* Not for each frame: when the card's ring ran over, each time costs STOP_US. */
    if (chip->stalled && chip->put - chip->got <= BS_NIC_RX / 2) {
      service(chip);
    }
    io_restore(flags);
  }
  return len;
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

void
dp8390_set_filter(struct dp8390 *chip, const struct bs_link_filter *filter)
{
  uint32_t flags = io_disable();
  unsigned i;

  memset(chip->mar, filter->promiscuous || filter->all_multicast ? 0xff : 0, sizeof(chip->mar));
  for (i = 0; i < filter->groups; i++) {
    unsigned bit = mar_bit(filter->group[i]);

    chip->mar[bit / 8] = (uint8_t)(chip->mar[bit / 8] | 1u << bit % 8);
  }
  chip->rcr = RCR_AB | RCR_AM;
  if (filter->promiscuous) {
    chip->rcr |= RCR_PRO;
  }
  write_filter(chip);
  io_restore(flags);
}

void
dp8390_status(struct dp8390 *chip, struct bs_link_status *status)
{
  uint32_t flags = io_disable();

  read_tallies(chip);
  *status = chip->status;
  io_restore(flags);
}
