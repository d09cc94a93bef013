/**
 * e1000: Intel's 8254x network cards, as emulators have them (82540EM) and many machines of the 2000s.
 *
 * Names of registers and bits are those of Intel's "PCI/PCI-X Family of Gigabit Ethernet Controllers Software
 * Developer's Manual". The card reads and writes frames in memory by itself, along two rings of descriptors. Its
 * interrupt only ends the program's wait: what has come is seen in the descriptors.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/args.h"
#include "link/kinds.h"
#include "link/nic.h"
#include "port.h"

/* Registers, as offsets in bytes. */
#define CTRL    0x0000
#define STATUS  0x0008
#define ICR     0x00c0
#define IMS     0x00d0
#define IMC     0x00d8
#define RCTL    0x0100
#define TCTL    0x0400
#define TIPG    0x0410
#define RDBAL   0x2800
#define RDBAH   0x2804
#define RDLEN   0x2808
#define RDH     0x2810
#define RDT     0x2818
#define TDBAL   0x3800
#define TDBAH   0x3804
#define TDLEN   0x3808
#define TDH     0x3810
#define TDT     0x3818
#define CRCERRS 0x4000
#define RXERRC  0x400c
#define MPC     0x4010
#define RUC     0x40a4
#define ROC     0x40ac
#define MTA     0x5200
#define RAL0    0x5400
#define RAH0    0x5404

#define CTRL_SLU    (1u << 6)
#define CTRL_ASDE   (1u << 5)
#define CTRL_FORCED (1u << 3 | 1u << 7 | 1u << 11 | 1u << 12) /* LRST, ILOS, FRCSPD, FRCDPX */
#define CTRL_RST    (1u << 26)
#define STATUS_LU   (1u << 1)
#define INT_TXDW    (1u << 0)
#define INT_LSC     (1u << 2)
#define INT_RXDMT0  (1u << 4)
#define INT_RXO     (1u << 6)
#define INT_RXT0    (1u << 7)
#define RCTL_EN     (1u << 1)
#define RCTL_UPE    (1u << 3)
#define RCTL_MPE    (1u << 4)
#define RCTL_BAM    (1u << 15)
#define RCTL_SECRC  (1u << 26)
#define TCTL_EN     (1u << 1)
#define TCTL_PSP    (1u << 3)
#define TCTL_CT     (0x0fu << 4)
#define TCTL_COLD   (0x40u << 12)
#define TIPG_COPPER (10u | 8u << 10 | 6u << 20)
#define RAH_AV      (1u << 31)
#define RX_DD       0x01u
#define RX_EOP      0x02u
#define TX_EOP      0x01u
#define TX_IFCS     0x02u
#define TX_RS       0x08u
#define TX_DD       0x01u

#define MTA_WORDS   128u
#define BUFFER_SIZE 2048u /* what RCTL.BSIZE is after a reset */
#define ALIGNMENT   128u  /* a ring's length is a multiple of it, and more than its address needs */
#define RESET_US    10000u
#define DESCRIPTOR  16u

struct rx_descriptor {
  uint64_t address;
  uint16_t length;
  uint16_t checksum;
  uint8_t status;
  uint8_t errors;
  uint16_t special;
};

struct tx_descriptor {
  uint64_t address;
  uint16_t length;
  uint8_t checksum_offset;
  uint8_t command;
  uint8_t status;
  uint8_t checksum_start;
  uint16_t special;
};

struct e1000_link {
  struct bs_link link;
  struct bs_link_status status;
  struct nic_pci pci;
  void *memory;
  volatile struct rx_descriptor *rx;
  volatile struct tx_descriptor *tx;
  uint8_t *rx_buffers;
  uint8_t *tx_buffers;
  unsigned rx_next;  /**< the descriptor that is filled next */
  bool rx_rest;      /**< it continues a frame that is dropped */
  unsigned tx_next;  /**< the descriptor that is free next */
  unsigned tx_first; /**< the oldest one that is not known to be sent */
};

/* The cards that are programmed alike. */
static const uint16_t devices[] = { 0x100e, 0x100f, 0x1004, 0x1008, 0x100c, 0x1015, 0x1016, 0x1017, 0x101e, 0x1026 };

/* Registers order what the compiler does with the rings and buffers before and after. */
static uint32_t
read_reg(const struct e1000_link *card, uint32_t reg)
{
  __asm__ volatile("" : : : "memory");
  return *(volatile uint32_t *)(card->pci.bar0 + reg);
}

static void
write_reg(const struct e1000_link *card, uint32_t reg, uint32_t value)
{
  __asm__ volatile("" : : : "memory");
  *(volatile uint32_t *)(card->pci.bar0 + reg) = value;
}

static void
on_interrupt(void *arg)
{
  /* Reading ICR acknowledges all of it; 0 says that another device on the line asked. */
  if (read_reg(arg, ICR) != 0) {
    nic_wake();
  }
}

/* --- opening --- */

static bool
find_card(unsigned index, struct nic_pci *pci)
{
  unsigned i, n;

  for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
    for (n = 0; nic_pci_find(0x8086, devices[i], n, pci); n++) {
      if (index-- == 0) {
        return true;
      }
    }
  }
  return false;
}

bool
link_e1000_is_there(void)
{
  struct nic_pci pci;

  return find_card(0, &pci);
}

static int
read_args(const struct bs_link_args *args, long *index, uint8_t mac[LINK_MAC_LEN], char *why)
{
  unsigned i;
  int result;

  for (i = 0; i < args->count; i++) {
    const struct bs_link_arg *arg = &args->arg[i];
    const char *end;

    if (link_arg_is(arg, "mac")) {
      result = link_read_mac(arg->value, mac, why);
      if (result != 0) {
        return result;
      }
    } else if (arg->key == NULL && (*index = link_read_number(arg->value, 0, 99, &end)) >= 0 && *end == '\0') {
      continue;
    } else {
      return link_refuse_arg(why, &link_e1000_ops, arg);
    }
  }
  return 0;
}

/* One piece of memory for both rings and all buffers. */
static int
get_memory(struct e1000_link *card)
{
  size_t rings = (BS_NIC_RX + BS_NIC_TX) * DESCRIPTOR;
  uintptr_t at;
  unsigned i;

  card->memory = calloc(1, rings + (BS_NIC_RX + BS_NIC_TX) * BUFFER_SIZE + ALIGNMENT);
  if (card->memory == NULL) {
    return -ENOMEM;
  }
  at = ((uintptr_t)card->memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
  card->rx = (volatile struct rx_descriptor *)at;
  card->tx = (volatile struct tx_descriptor *)(at + BS_NIC_RX * DESCRIPTOR);
  card->rx_buffers = (uint8_t *)(at + rings);
  card->tx_buffers = card->rx_buffers + BS_NIC_RX * BUFFER_SIZE;
  for (i = 0; i < BS_NIC_RX; i++) {
    card->rx[i].address = (uintptr_t)card->rx_buffers + i * BUFFER_SIZE;
  }
  for (i = 0; i < BS_NIC_TX; i++) {
    card->tx[i].address = (uintptr_t)card->tx_buffers + i * BUFFER_SIZE;
  }
  return 0;
}

static int
reset_card(const struct e1000_link *card)
{
  bs_time_t deadline = port_clock() + RESET_US;

  write_reg(card, IMC, ~0u);
  write_reg(card, RCTL, 0);
  write_reg(card, TCTL, 0);
  write_reg(card, CTRL, read_reg(card, CTRL) | CTRL_RST);
  /* CTRL.RST clears early, but the card then reads its EEPROM anew: only after that is RAL0 to be trusted. */
  while (port_clock() < deadline) {
  }
  if (read_reg(card, CTRL) & CTRL_RST) {
    return -EIO;
  }
  write_reg(card, IMC, ~0u);
  (void)read_reg(card, ICR);
  return 0;
}

/* After a reset the card has read its address from the EEPROM. */
static void
set_address(struct e1000_link *card, const uint8_t wanted[LINK_MAC_LEN])
{
  static const uint8_t none[LINK_MAC_LEN];
  uint32_t low = read_reg(card, RAL0), high = read_reg(card, RAH0);
  uint8_t *mac = card->status.mac;
  unsigned i;

  for (i = 0; i < LINK_MAC_LEN; i++) {
    mac[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
  }
  if (memcmp(wanted, none, sizeof(none)) != 0) {
    memcpy(mac, wanted, LINK_MAC_LEN);
  }
  write_reg(card, RAL0, mac[0] | (uint32_t)mac[1] << 8 | (uint32_t)mac[2] << 16 | (uint32_t)mac[3] << 24);
  write_reg(card, RAH0, mac[4] | (uint32_t)mac[5] << 8 | RAH_AV);
  for (i = 0; i < MTA_WORDS; i++) {
    write_reg(card, MTA + 4 * i, 0);
  }
}

static void
start(struct e1000_link *card)
{
  write_reg(card, RDBAL, (uint32_t)card->rx);
  write_reg(card, RDBAH, 0);
  write_reg(card, RDLEN, BS_NIC_RX * DESCRIPTOR);
  write_reg(card, RDH, 0);
  /* One stays with us: a tail that meets the head says that the card has none. */
  write_reg(card, RDT, BS_NIC_RX - 1);
  write_reg(card, TDBAL, (uint32_t)card->tx);
  write_reg(card, TDBAH, 0);
  write_reg(card, TDLEN, BS_NIC_TX * DESCRIPTOR);
  write_reg(card, TDH, 0);
  write_reg(card, TDT, 0);
  write_reg(card, TIPG, TIPG_COPPER);
  write_reg(card, TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD);
  write_reg(card, RCTL, RCTL_EN | RCTL_BAM | RCTL_SECRC);
  /* What the EEPROM may have set: speed and duplex are negotiated, not forced (Device Control Register). */
  write_reg(card, CTRL, (read_reg(card, CTRL) & ~CTRL_FORCED) | CTRL_SLU | CTRL_ASDE);
  write_reg(card, IMS, INT_TXDW | INT_LSC | INT_RXDMT0 | INT_RXO | INT_RXT0);
}

static void
e1000_close(struct bs_link *link)
{
  struct e1000_link *card = (struct e1000_link *)link;

  /* A card that still asked, on a line that others share, would ask for ever once nobody answers it. */
  (void)reset_card(card);
  nic_irq_detach(card->pci.irq, card);
  free(card->memory);
  free(card);
}

static int
e1000_open(const struct bs_link_args *args, struct bs_link *below, struct bs_link **link, char *why)
{
  struct e1000_link *card;
  struct nic_pci pci;
  uint8_t mac[LINK_MAC_LEN] = { 0 };
  long index = 0;
  int result = read_args(args, &index, mac, why);

  (void)below;
  if (result != 0) {
    return result;
  }
  if (!find_card((unsigned)index, &pci)) {
    return link_refuse(why, ENODEV, "there is no %s e1000 network card on this machine's PCI bus",
                       index > 0 ? "further" : "Intel");
  }
  card = calloc(1, sizeof(*card));
  if (card == NULL || get_memory(card) != 0) {
    free(card);
    return link_refuse(why, ENOMEM, "no memory for the rings of the network card");
  }
  card->pci = pci;
  nic_pci_enable(&pci);
  if (reset_card(card) != 0) {
    result = link_refuse(why, EIO, "the network card does not come out of its reset");
  } else if (nic_irq_attach(pci.irq, on_interrupt, card) != 0) {
    result =
        link_refuse(why, EIO, "the network card's interrupt %u can't be had: let the BIOS give it another", pci.irq);
  }
  if (result != 0) {
    free(card->memory);
    free(card);
    return result;
  }
  card->status.mtu = LINK_MTU;
  card->status.frames = true;
  set_address(card, mac);
  start(card);
  *link = &card->link;
  return 0;
}

/* --- frames --- */

static void
forget_sent(struct e1000_link *card)
{
  while (card->tx_first != card->tx_next && (card->tx[card->tx_first].status & TX_DD)) {
    card->tx_first = (card->tx_first + 1) % BS_NIC_TX;
  }
}

static int
e1000_send(struct bs_link *link, const struct iovec *iov, int count)
{
  struct e1000_link *card = (struct e1000_link *)link;
  volatile struct tx_descriptor *d = &card->tx[card->tx_next];
  uint8_t *to = card->tx_buffers + card->tx_next * BUFFER_SIZE;
  unsigned next = (card->tx_next + 1) % BS_NIC_TX;
  size_t len = link_frame_len(iov, count);
  int i;

  if (len > BS_FRAME_MAX) {
    card->status.tx_dropped++;
    return 0;
  }
  forget_sent(card);
  if (next == card->tx_first) {
    return -EAGAIN;
  }
  for (i = 0; i < count; i++) {
    memcpy(to, iov[i].iov_base, iov[i].iov_len);
    to += iov[i].iov_len;
  }
  d->length = (uint16_t)len;
  d->status = 0;
  d->command = TX_EOP | TX_IFCS | TX_RS;
  card->tx_next = next;
  write_reg(card, TDT, next);
  card->status.tx_frames++;
  return 0;
}

/* Give the descriptor that was read back to the card. */
static void
give_back(struct e1000_link *card)
{
  card->rx[card->rx_next].status = 0;
  write_reg(card, RDT, card->rx_next);
  card->rx_next = (card->rx_next + 1) % BS_NIC_RX;
}

static size_t
e1000_receive(struct bs_link *link, void *buf, size_t cap)
{
  struct e1000_link *card = (struct e1000_link *)link;
  volatile struct rx_descriptor *d;

  while ((d = &card->rx[card->rx_next])->status & RX_DD) {
    size_t len = d->length;
    bool ends = (d->status & RX_EOP) != 0;
    bool whole = ends && !card->rx_rest;

    /* RCTL.LPE is off, so that no frame should need two buffers. If one did, its rest would look like a frame. */
    card->rx_rest = !ends;
    if (whole && d->errors == 0 && len <= cap && len <= BS_FRAME_MAX) {
      __asm__ volatile("" : : : "memory");
      memcpy(buf, card->rx_buffers + card->rx_next * BUFFER_SIZE, len);
      give_back(card);
      card->status.rx_frames++;
      return len;
    }
    card->status.rx_errors += ends;
    give_back(card);
  }
  return 0;
}

static bool
e1000_busy(const struct bs_link *link)
{
  /* forget_sent() changes nothing that a caller could see. */
  struct e1000_link *card = (struct e1000_link *)(uintptr_t)link;

  forget_sent(card);
  return (read_reg(card, STATUS) & STATUS_LU) && card->tx_first != card->tx_next;
}

/* --- filter and status --- */

/* With RCTL.MO 0, bits 47 to 36 of the address choose the bit. */
static unsigned
mta_bit(const uint8_t group[LINK_MAC_LEN])
{
  return (group[4] >> 4 | (unsigned)group[5] << 4) & 0xfff;
}

static int
e1000_set_filter(struct bs_link *link, const struct bs_link_filter *filter)
{
  struct e1000_link *card = (struct e1000_link *)link;
  uint32_t table[MTA_WORDS] = { 0 };
  uint32_t before = read_reg(card, RCTL);
  uint32_t rctl = before & ~(RCTL_UPE | RCTL_MPE);
  unsigned i;

  for (i = 0; i < filter->groups; i++) {
    unsigned bit = mta_bit(filter->group[i]);

    table[bit / 32] |= 1u << bit % 32;
  }
  for (i = 0; i < MTA_WORDS; i++) {
    write_reg(card, MTA + 4 * i, table[i]);
  }
  rctl |= filter->promiscuous ? RCTL_UPE | RCTL_MPE : 0;
  rctl |= filter->all_multicast ? RCTL_MPE : 0;
  if (rctl != before) {
    /* QEMU receives nothing for a second after this register was written, whatever to. */
    write_reg(card, RCTL, rctl);
  }
  return 0;
}

static void
e1000_status(const struct bs_link *link, struct bs_link_status *status)
{
  /* The card's counters begin anew when they are read, so that they are added up here. */
  struct e1000_link *card = (struct e1000_link *)(uintptr_t)link;

  card->status.rx_dropped += read_reg(card, MPC);
  card->status.rx_errors +=
      read_reg(card, CRCERRS) + read_reg(card, RXERRC) + read_reg(card, RUC) + read_reg(card, ROC);
  card->status.up = (read_reg(card, STATUS) & STATUS_LU) != 0;
  *status = card->status;
}

const struct bs_link_ops link_e1000_ops = {
  .name = "e1000",
  .usage = "e1000[:N,mac=MAC]: the Intel 8254x network card number N (0) on the PCI bus",
  .open = e1000_open,
  .close = e1000_close,
  .send = e1000_send,
  .receive = e1000_receive,
  .busy = e1000_busy,
  .set_filter = e1000_set_filter,
  .status = e1000_status,
};
