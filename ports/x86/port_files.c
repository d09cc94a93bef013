/**
 * Files of the C library: the modules that the loader brought, by the last part of their names, to be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "x86/x86.h"

#define FIRST_FD 3
#define FILES    8

static struct file {
  bool open;
  struct x86_module module;
  size_t at;
} files[FILES];

static const char *
base_name(const char *path)
{
  const char *slash = strrchr(path, '/');

  return slash != NULL ? slash + 1 : path;
}

static bool
find_module(const char *name, struct x86_module *module)
{
  unsigned i;

  for (i = 0; x86_module(i, module); i++) {
    if (strcmp(base_name(module->name), base_name(name)) == 0) {
      return true;
    }
  }
  return false;
}

static struct file *
file_of(int fd)
{
  if (fd < FIRST_FD || fd >= FIRST_FD + FILES || !files[fd - FIRST_FD].open) {
    errno = EBADF;
    return NULL;
  }
  return &files[fd - FIRST_FD];
}

int
open(const char *path, int flags, ...)
{
  struct x86_module module;
  int i;

  if (!find_module(path, &module)) {
    errno = ENOENT;
    return -1;
  }
  if ((flags & O_ACCMODE) != O_RDONLY) {
    errno = EROFS;
    return -1;
  }
  for (i = 0; i < FILES; i++) {
    if (!files[i].open) {
      files[i] = (struct file){ true, module, 0 };
      return FIRST_FD + i;
    }
  }
  errno = EMFILE;
  return -1;
}

ssize_t
read(int fd, void *buf, size_t len)
{
  struct file *file = file_of(fd);
  size_t left;

  if (file == NULL) {
    return -1;
  }
  left = file->module.size - file->at;
  len = len < left ? len : left;
  memcpy(buf, file->module.data + file->at, len);
  file->at += len;
  return (ssize_t)len;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
  if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
    x86_console_write(buf, len);
    return (ssize_t)len;
  }
  errno = EBADF;
  return -1;
}

off_t
lseek(int fd, off_t offset, int whence)
{
  struct file *file = file_of(fd);
  off_t base;

  if (file == NULL) {
    return -1;
  }
  base = whence == SEEK_SET ? 0 : (off_t)(whence == SEEK_CUR ? file->at : file->module.size);
  if (base + offset < 0 || base + offset > (off_t)file->module.size) {
    errno = EINVAL;
    return -1;
  }
  file->at = (size_t)(base + offset);
  return base + offset;
}

int
close(int fd)
{
  struct file *file = file_of(fd);

  if (file == NULL) {
    return -1;
  }
  file->open = false;
  return 0;
}
