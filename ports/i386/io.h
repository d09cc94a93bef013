/**
 * The processor's instructions for ports and interrupts, for drivers.
 */
#ifndef BARESOCK_I386_IO_H
#define BARESOCK_I386_IO_H

#include <stdint.h>

static inline uint8_t
io_in8(uint16_t port)
{
  uint8_t value;

  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline uint16_t
io_in16(uint16_t port)
{
  uint16_t value;

  __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline uint32_t
io_in32(uint16_t port)
{
  uint32_t value;

  __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline void
io_out8(uint16_t port, uint8_t value)
{
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
io_out16(uint16_t port, uint16_t value)
{
  __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
io_out32(uint16_t port, uint32_t value)
{
  __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/** Read @p count 16-bit words from a port. */
static inline void
io_read16(uint16_t port, void *to, unsigned count)
{
  __asm__ volatile("cld; rep insw" : "+D"(to), "+c"(count) : "d"(port) : "memory", "cc");
}

/** Write @p count 16-bit words to a port. */
static inline void
io_write16(uint16_t port, const void *from, unsigned count)
{
  __asm__ volatile("cld; rep outsw" : "+S"(from), "+c"(count) : "d"(port) : "memory", "cc");
}

/** Keep interrupts out. @return what io_restore() wants, which lets them in again if they were */
static inline uint32_t
io_disable(void)
{
  uint32_t flags;

  __asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
  return flags;
}

static inline void
io_restore(uint32_t flags)
{
  if (flags & 0x200) {
    __asm__ volatile("sti" : : : "memory");
  }
}

#endif /* BARESOCK_I386_IO_H */
