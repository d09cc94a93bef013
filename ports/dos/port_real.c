/**
 * Calls of real mode: interrupts, DOS, far routines.
 */
#include <errno.h>

#include "dos/dos.h"
#include "i386/serial.h"

/* What the loader's service does, in AH. */
#define CALL_INTERRUPT 0x000
#define CALL_FAR       0x100
#define CALL_EXIT      0x200

#define DOS_INTERRUPT 0x21

struct dos_loader *dos_loader;

/* What INT 24h says of a drive (real.inc); the first of its errors among DOS's own. */
#define NO_DRIVE_ERROR    0xff
#define FIRST_DRIVE_ERROR 0x13

/* One place for what DOS's errors mean: its own numbers, and those of a drive, which begin at 0x13. */
static const uint8_t errors[] = {
  [0x01] = ENOSYS, [0x02] = ENOENT, [0x03] = ENOENT, [0x04] = EMFILE, [0x05] = EACCES, [0x06] = EBADF,  [0x07] = ENOMEM,
  [0x08] = ENOMEM, [0x09] = EFAULT, [0x0c] = EINVAL, [0x0d] = EINVAL, [0x0f] = ENOENT, [0x10] = EBUSY,  [0x11] = EXDEV,
  [0x12] = ENOENT, [0x13] = EROFS,  [0x14] = ENODEV, [0x15] = ENXIO,  [0x16] = EIO,    [0x17] = EIO,    [0x18] = EIO,
  [0x19] = EIO,    [0x1a] = EIO,    [0x1b] = EIO,    [0x1c] = ENOSPC, [0x1d] = EIO,    [0x1e] = EIO,    [0x1f] = EIO,
  [0x20] = EBUSY,  [0x21] = EBUSY,  [0x22] = EIO,    [0x24] = ENFILE, [0x27] = ENOSPC, [0x50] = EEXIST, [0x52] = EACCES,
  [0x57] = EINVAL, [0x6c] = EBUSY,
};

static void
call_service(uint32_t kind, struct dos_regs *regs)
{
  __asm__ volatile("lcall *%0" : : "m"(dos_loader->service), "a"(kind), "d"(regs) : "memory", "cc");
}

void
dos_interrupt(uint8_t number, struct dos_regs *regs)
{
  call_service(CALL_INTERRUPT | number, regs);
}

void
dos_far_call(struct dos_regs *regs)
{
  call_service(CALL_FAR, regs);
}

/* The negative errno for an error code of DOS, which may be "access denied" for whatever INT 24h said. */
static int
error_of(uint16_t code)
{
  if (dos_loader->error != NO_DRIVE_ERROR) {
    code = (uint16_t)(FIRST_DRIVE_ERROR + dos_loader->error);
  }
  if (code < sizeof(errors) && errors[code] != 0) {
    return -errors[code];
  }
  return -EIO;
}

static int
call_dos(struct dos_regs *regs, uint16_t flags)
{
  regs->flags = flags;
  dos_loader->error = NO_DRIVE_ERROR;
  dos_interrupt(DOS_INTERRUPT, regs);
  return (regs->flags & DOS_CARRY) ? error_of(regs->ax) : 0;
}

int
dos_call(struct dos_regs *regs)
{
  return call_dos(regs, 0);
}

/* DOS leaves carry and AH as they are at what it does not know. */
int
dos_new_call(uint16_t function, struct dos_regs *regs)
{
  int result;

  regs->ax = function;
  result = call_dos(regs, DOS_CARRY);
  return result < 0 && regs->ah == function >> 8 ? -ENOSYS : result;
}

uint16_t
dos_allocate(uint32_t bytes)
{
  struct dos_regs regs = { .ax = 0x4800, .bx = (uint16_t)((bytes + 15) / 16) };

  return dos_call(&regs) == 0 ? regs.ax : 0;
}

void
dos_free(uint16_t segment)
{
  struct dos_regs regs = { .ax = 0x4900, .es = segment };

  (void)dos_call(&regs);
}

uint32_t
dos_vector(uint8_t number)
{
  struct dos_regs regs = { .ax = (uint16_t)(0x3500 | number) };

  (void)dos_call(&regs);
  return (uint32_t)regs.es << 16 | regs.bx;
}

void
dos_set_vector(uint8_t number, uint32_t vector)
{
  struct dos_regs regs = { .ax = (uint16_t)(0x2500 | number), .dx = (uint16_t)vector, .ds = (uint16_t)(vector >> 16) };

  (void)dos_call(&regs);
}

static void (*release_at_exit)(void);

void
dos_on_exit(void (*release)(void))
{
  release_at_exit = release;
}

void
dos_exit(int status)
{
  struct dos_regs regs = { .eax = (uint32_t)status & 0xff };
  void (*release)(void) = release_at_exit;

  /* Once: it may be what fails. */
  release_at_exit = NULL;
  if (release != NULL) {
    release();
  }
  serial_close();
  dos_clock_exit();
  dos_hooks_exit();
  call_service(CALL_EXIT, &regs);
  __builtin_unreachable();
}
