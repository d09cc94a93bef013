/**
 * What the drivers of network cards ask of a machine with ports, interrupts and perhaps PCI.
 */
#ifndef BARESOCK_LINK_NIC_H
#define BARESOCK_LINK_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Call @p handler at each interrupt on @p irq (0 to 15), with interrupts off, or from nic_poll() where no handler can run
 * by itself. Several may share one. The handler may fill a ring or set a flag; it never touches lwIP.
 *
 * @return 0; -EINVAL (no such line), -ENOBUFS (too many handlers)
 */
int nic_irq_attach(unsigned irq, void (*handler)(void *arg), void *arg);

/** Call it no more. */
void nic_irq_detach(unsigned irq, void *arg);

/** Where handlers don't run by themselves, call those whose interrupts came. To be called before frames are asked for. */
void nic_poll(void);

/** A handler has something for the program: the wait that is going on ends, or else the next one. */
void nic_wake(void);

/** One function of a PCI device. */
struct nic_pci {
  uint32_t address; /**< as the configuration port wants it */
  uint32_t bar0;    /**< first base address, without its flags */
  uint8_t irq;
};

/** Find the PCI device number @p index of those with this vendor and device. @return false when there is none */
bool nic_pci_find(uint16_t vendor, uint16_t device, unsigned index, struct nic_pci *pci);

/** Let a PCI device answer at its addresses, and read and write memory by itself. */
void nic_pci_enable(const struct nic_pci *pci);

#endif /* BARESOCK_LINK_NIC_H */
