/**
 * PCI configuration space by its two ports (PCI Local Bus 3.0, section 3.2.2.3.2).
 */
#include "i386/io.h"
#include "link/nic.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define ENABLE         0x80000000u

#define REG_ID      0x00
#define REG_COMMAND 0x04
#define REG_HEADER  0x0c
#define REG_BAR0    0x10
#define REG_IRQ     0x3c

#define COMMAND_IO     0x1
#define COMMAND_MEMORY 0x2
#define COMMAND_MASTER 0x4

#define NOBODY            0xffffffffu
#define SEVERAL_FUNCTIONS 0x800000u /* of REG_HEADER */

#define BUSES   256u
#define DEVICES 32u

static uint32_t
pci_read(uint32_t address, uint32_t reg)
{
  io_out32(CONFIG_ADDRESS, address | reg);
  return io_in32(CONFIG_DATA);
}

static bool
is_there(void)
{
  uint32_t before = io_in32(CONFIG_ADDRESS);
  bool there;

  io_out32(CONFIG_ADDRESS, ENABLE);
  there = io_in32(CONFIG_ADDRESS) == ENABLE;
  io_out32(CONFIG_ADDRESS, before);
  return there;
}

/* Functions of a device. One that has a single function answers for all eight on some boards. */
static uint32_t
functions_of(uint32_t device)
{
  if (pci_read(device, REG_ID) == NOBODY) {
    return 0;
  }
  return (pci_read(device, REG_HEADER) & SEVERAL_FUNCTIONS) ? 8 : 1;
}

bool
nic_pci_find(uint16_t vendor, uint16_t device_id, unsigned index, struct nic_pci *pci)
{
  uint32_t bus, device, function;

  if (!is_there()) {
    return false;
  }
  for (bus = 0; bus < BUSES; bus++) {
    for (device = 0; device < DEVICES; device++) {
      uint32_t first = ENABLE | bus << 16 | device << 11;
      uint32_t functions = functions_of(first);

      for (function = 0; function < functions; function++) {
        uint32_t address = first | function << 8;
        uint32_t bar;

        if (pci_read(address, REG_ID) != ((uint32_t)device_id << 16 | vendor) || index-- > 0) {
          continue;
        }
        bar = pci_read(address, REG_BAR0);
        pci->address = address;
        pci->bar0 = bar & ((bar & 1) ? ~3u : ~15u);
        pci->irq = (uint8_t)pci_read(address, REG_IRQ);
        return true;
      }
    }
  }
  return false;
}

void
nic_pci_enable(const struct nic_pci *pci)
{
  uint32_t command = pci_read(pci->address, REG_COMMAND) & 0xffff;

  io_out32(CONFIG_ADDRESS, pci->address | REG_COMMAND);
  io_out32(CONFIG_DATA, command | COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
}
