/**
 * Files of the C library: a descriptor is DOS's handle.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dos/dos.h"

#define HANDLES 256

#define SHARE_ALL 0x40 /* others may read and write */

/* What open() does with a file that is there, and with one that is not. */
#define ACTION_OPEN     0x01
#define ACTION_TRUNCATE 0x02
#define ACTION_CREATE   0x10

#define EXTENDED_OPEN 0x6c

#define DEVICE_IS_CHARACTER 0x80

/* Descriptors that write at the end. */
static uint8_t appends[HANDLES / 8];

/* Whether standard output and standard error have something that DOS may not have put into their files yet. */
static bool unflushed[2];

static int
failed(int result)
{
  errno = -result;
  return -1;
}

/* DOS before 4.0 has two calls instead of one. */
static int
open_old(int flags, struct dos_regs *regs)
{
  struct dos_regs again = *regs;
  int result = -ENOENT;

  if (!(flags & O_TRUNC) || (flags & O_EXCL)) {
    regs->ax = (uint16_t)(0x3d00 | (regs->bx & 0xff));
    result = dos_call(regs);
    if (result == 0 && (flags & O_CREAT) && (flags & O_EXCL)) {
      (void)close(regs->ax);
      return -EEXIST;
    }
  }
  if (result == -ENOENT && (flags & O_CREAT)) {
    *regs = again;
    regs->ax = 0x3c00;
    regs->cx = 0;
    result = dos_call(regs);
  }
  return result;
}

static int
open_path(const char *path, int flags)
{
  struct dos_regs regs = { .ds = dos_loader->transfer };
  struct dos_regs again;
  struct stat status;
  int result = dos_put_path(path, 0);

  if (result < 0) {
    return result;
  }
  regs.bx = (uint16_t)(SHARE_ALL | ((flags & O_ACCMODE) == O_RDONLY ? 0 : (flags & O_ACCMODE) == O_WRONLY ? 1 : 2));
  regs.dx = (uint16_t)(((flags & O_CREAT) ? ACTION_CREATE : 0) | ((flags & O_CREAT) && (flags & O_EXCL) ? 0
                                                                  : (flags & O_TRUNC) ? ACTION_TRUNCATE
                                                                                      : ACTION_OPEN));
  again = regs;
  result = dos_path_call(EXTENDED_OPEN, &regs, NULL);
  if (result == -ENOSYS) {
    again.dx = 0;
    result = open_old(flags, &again);
    regs.ax = again.ax;
  }
  if (result == -EACCES && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
    result = -EISDIR;
  }
  return result < 0 ? result : regs.ax;
}

int
open(const char *path, int flags, ...)
{
  int fd = open_path(path, flags);

  if (fd < 0) {
    return failed(fd);
  }
  appends[fd / 8] = (uint8_t)(appends[fd / 8] & ~(1u << fd % 8));
  if (flags & O_APPEND) {
    appends[fd / 8] = (uint8_t)(appends[fd / 8] | 1u << fd % 8);
  }
  return fd;
}

int
close(int fd)
{
  struct dos_regs regs = { .ax = 0x3e00, .bx = (uint16_t)fd };
  int result = dos_call(&regs);

  return result < 0 ? failed(result) : 0;
}

/* One DOS call for each part that the transfer buffer holds. */
ssize_t
read(int fd, void *buf, size_t len)
{
  uint8_t *to = buf;
  size_t done = 0;

  while (done < len) {
    size_t part = len - done < dos_loader->transfer_size ? len - done : dos_loader->transfer_size;
    struct dos_regs regs = { .ax = 0x3f00, .bx = (uint16_t)fd, .cx = (uint16_t)part, .ds = dos_loader->transfer };
    int result = dos_call(&regs);

    if (result < 0) {
      return done > 0 ? (ssize_t)done : failed(result);
    }
    memcpy(to + done, dos_transfer(), regs.ax);
    done += regs.ax;
    if (regs.ax < part) {
      break;
    }
  }
  return (ssize_t)done;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
  const uint8_t *from = buf;
  size_t done = 0;

  if (fd >= 0 && fd < HANDLES && (appends[fd / 8] >> fd % 8) & 1) {
    (void)lseek(fd, 0, SEEK_END);
  }
  while (done < len) {
    size_t part = len - done < dos_loader->transfer_size ? len - done : dos_loader->transfer_size;
    struct dos_regs regs = { .ax = 0x4000, .bx = (uint16_t)fd, .cx = (uint16_t)part, .ds = dos_loader->transfer };
    int result;

    memcpy(dos_transfer(), from + done, part);
    result = dos_call(&regs);
    if (result == 0 && regs.ax == 0) {
      result = -ENOSPC;
    }
    if (result < 0) {
      return done > 0 ? (ssize_t)done : failed(result);
    }
    done += regs.ax;
    if (regs.ax < part) {
      break;
    }
  }
  if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
    unflushed[fd - STDOUT_FILENO] = true;
  }
  return (ssize_t)done;
}

void
dos_flush_output(void)
{
  int i;

  for (i = 0; i < 2; i++) {
    if (unflushed[i]) {
      unflushed[i] = false;
      (void)fsync(STDOUT_FILENO + i);
    }
  }
}

/* The new position, or a negative errno. */
static off_t
seek(int fd, off_t offset, int whence)
{
  struct dos_regs regs = { .ax = (uint16_t)(0x4200 | whence), .bx = (uint16_t)fd };
  int result;

  regs.cx = (uint16_t)((uint32_t)offset >> 16);
  regs.dx = (uint16_t)offset;
  result = dos_call(&regs);
  if (result == 0 && regs.dx > INT16_MAX) {
    result = -EOVERFLOW;
  }
  return result < 0 ? result : (off_t)regs.dx << 16 | regs.ax;
}

/* From where it is or ends; DOS itself goes on to before a file's beginning, which it takes for far behind its end. */
static off_t
seek_back(int fd, off_t offset, int whence)
{
  off_t at = seek(fd, 0, SEEK_CUR);
  off_t from = whence == SEEK_CUR || at < 0 ? at : seek(fd, 0, whence);

  if (from < 0) {
    return from;
  }
  if (from + offset < 0) {
    (void)seek(fd, at, SEEK_SET);
    return -EINVAL;
  }
  return seek(fd, from + offset, SEEK_SET);
}

off_t
lseek(int fd, off_t offset, int whence)
{
  off_t at;

  if (offset >= 0) {
    at = seek(fd, offset, whence);
  } else if (whence == SEEK_SET) {
    at = -EINVAL;
  } else {
    at = seek_back(fd, offset, whence);
  }
  return at < 0 ? failed((int)at) : at;
}

/* DOS ends a file where nothing is written. */
int
ftruncate(int fd, off_t len)
{
  off_t at = lseek(fd, 0, SEEK_CUR);
  struct dos_regs regs = { .ax = 0x4000, .bx = (uint16_t)fd, .ds = dos_loader->transfer };
  int result;

  if (at < 0 || lseek(fd, len, SEEK_SET) < 0) {
    return -1;
  }
  result = dos_call(&regs);
  (void)lseek(fd, at, SEEK_SET);
  return result < 0 ? failed(result) : 0;
}

static int
device_of(int fd)
{
  struct dos_regs regs = { .ax = 0x4400, .bx = (uint16_t)fd };
  int result = dos_call(&regs);

  return result < 0 ? result : regs.dx;
}

int
isatty(int fd)
{
  int device = device_of(fd);

  if (device < 0) {
    errno = -device;
    return 0;
  }
  if (!(device & DEVICE_IS_CHARACTER)) {
    errno = ENOTTY;
    return 0;
  }
  return 1;
}

int
fstat(int fd, struct stat *status)
{
  int device = device_of(fd);

  memset(status, 0, sizeof(*status));
  if (device < 0) {
    return failed(device);
  }
  if (device & DEVICE_IS_CHARACTER) {
    status->st_mode = S_IFCHR | 0666;
  } else {
    off_t at = lseek(fd, 0, SEEK_CUR);

    status->st_mode = S_IFREG | 0644;
    status->st_size = lseek(fd, 0, SEEK_END);
    (void)lseek(fd, at, SEEK_SET);
  }
  return 0;
}

int
fsync(int fd)
{
  struct dos_regs regs = { .ax = 0x6800, .bx = (uint16_t)fd };
  int result = dos_call(&regs);

  return result < 0 ? failed(result) : 0;
}
