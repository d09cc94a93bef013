/**
 * Names of files, and what DOS does with a name: long ones where it knows them (INT 21h/71xxh, of Windows 95 and later),
 * else 8.3.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dos/dos.h"

#define PATH_SIZE  260u
#define LONG_NAMES 0x7100

#define KEPT_NAME "~RENAME~.TMP" /* of a file that is being replaced */

int
dos_put_path(const char *path, uint16_t offset)
{
  char *start = (char *)dos_transfer() + offset;
  char *to = start;
  size_t len = strlen(path);

  if (len == 0) {
    return -ENOENT;
  }
  if (len >= PATH_SIZE) {
    return -ENAMETOOLONG;
  }
  for (; *path != '\0'; path++) {
    char c = *path == '/' ? '\\' : *path;

    /* Not all of DOS takes two in a row, but for those in front of a server's name. */
    if (c != '\\' || to < start + 2 || to[-1] != '\\') {
      *to++ = c;
    }
  }
  /* DOS takes no backslash at the end, but for a root. */
  if (to > start + 1 && to[-1] == '\\' && to[-2] != ':') {
    to--;
  }
  *to = '\0';
  return 0;
}

int
dos_path_call(uint8_t old, struct dos_regs *regs, bool *is_long)
{
  struct dos_regs again = *regs;
  int result = dos_new_call((uint16_t)(LONG_NAMES | old), regs);

  if (is_long != NULL) {
    *is_long = result != -ENOSYS;
  }
  if (result == -ENOSYS) {
    *regs = again;
    result = dos_new_call((uint16_t)(old << 8), regs);
  }
  return result;
}

int64_t
dos_file_time(uint16_t date, uint16_t time)
{
  struct tm tm = {
    .tm_year = (date >> 9) + 80,
    .tm_mon = ((date >> 5) & 15) - 1,
    .tm_mday = date & 31,
    .tm_hour = time >> 11,
    .tm_min = (time >> 5) & 63,
    .tm_sec = (time & 31) * 2,
    .tm_isdst = -1,
  };

  return date == 0 ? 0 : mktime(&tm);
}

size_t
dos_folder_len(const char *path)
{
  size_t len = strlen(path);

  while (len > 0 && strchr("\\/:", path[len - 1]) == NULL) {
    len--;
  }
  return len;
}

/* What DOS does with one path. */
static int
call_with_path(uint8_t old, const char *path)
{
  struct dos_regs regs = { .ds = dos_loader->transfer };
  int result = dos_put_path(path, 0);

  if (result == 0) {
    result = dos_path_call(old, &regs, NULL);
  }
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return 0;
}

static bool
is_directory(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int
mkdir(const char *path, mode_t mode)
{
  (void)mode;
  if (call_with_path(0x39, path) == 0) {
    return 0;
  }
  if (errno == EACCES && access(path, 0) == 0) {
    errno = EEXIST;
  }
  return -1;
}

int
rmdir(const char *path)
{
  if (call_with_path(0x3a, path) == 0) {
    return 0;
  }
  if (errno == EACCES && is_directory(path)) {
    errno = ENOTEMPTY;
  }
  return -1;
}

int
unlink(const char *path)
{
  if (call_with_path(0x41, path) == 0) {
    return 0;
  }
  if (errno == EACCES && is_directory(path)) {
    errno = EISDIR;
  }
  return -1;
}

/* As DOS has it: nothing may have the new name. */
static int
rename_new(const char *from, const char *to)
{
  struct dos_regs regs = { .ds = dos_loader->transfer, .es = dos_loader->transfer, .di = PATH_SIZE };
  int result = dos_put_path(from, 0);

  if (result == 0) {
    result = dos_put_path(to, PATH_SIZE);
  }
  return result < 0 ? result : dos_path_call(0x56, &regs, NULL);
}

/* What has the new name is kept under another one beside it until the rename has succeeded. */
static int
rename_over(const char *from, const char *to)
{
  char kept[PATH_SIZE + sizeof(KEPT_NAME)];
  int result;

  strcpy(kept, to);
  strcpy(kept + dos_folder_len(to), KEPT_NAME);
  (void)unlink(kept);
  result = rename_new(to, kept);
  if (result < 0) {
    return result;
  }
  result = rename_new(from, to);
  if (result == 0) {
    (void)unlink(kept);
    return 0;
  }
  /* They may be two names of one file, which has nothing to be done to it. */
  return rename_new(kept, to) == 0 && result == -ENOENT && access(from, 0) == 0 ? 0 : result;
}

/* POSIX replaces what has the new name; DOS refuses. */
int
rename(const char *from, const char *to)
{
  int result = rename_new(from, to);

  if ((result == -EACCES || result == -EEXIST) && access(from, 0) == 0 && access(to, 0) == 0 && !is_directory(to) &&
      !is_directory(from)) {
    result = rename_over(from, to);
  }
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return 0;
}

/* --- drives and directories --- */

static char
current_drive(void)
{
  struct dos_regs regs = { .ax = 0x1900 };

  (void)dos_call(&regs);
  return (char)('A' + regs.al);
}

/* Make a path's drive the current one. */
static int
set_drive(const char *path)
{
  struct dos_regs regs = { .ax = 0x0e00, .dx = (uint16_t)((path[0] & ~0x20) - 'A') };

  if (!dos_drive_exists((char)(path[0] & ~0x20))) {
    errno = ENOENT;
    return -1;
  }
  (void)dos_call(&regs);
  return 0;
}

int
chdir(const char *path)
{
  bool has_drive = path[0] != '\0' && path[1] == ':';

  if (has_drive && path[2] == '\0') {
    return set_drive(path);
  }
  if (call_with_path(0x3b, path) != 0) {
    if (errno == EACCES || errno == ENOENT) {
      struct stat status;

      errno = stat(path, &status) == 0 ? ENOTDIR : ENOENT;
    }
    return -1;
  }
  return has_drive ? set_drive(path) : 0;
}

char *
getcwd(char *buf, size_t size)
{
  struct dos_regs regs = { .ds = dos_loader->transfer };
  const char *path = dos_transfer();
  int result;

  result = dos_path_call(0x47, &regs, NULL);
  if (result == 0 && strlen(path) + 4 > size) {
    result = -ERANGE;
  }
  if (result < 0) {
    errno = -result;
    return NULL;
  }
  sprintf(buf, "%c:\\%s", current_drive(), path);
  return buf;
}

bool
dos_drive_exists(char drive)
{
  struct dos_regs regs = { .ax = 0x4409, .bx = (uint16_t)(drive - 'A' + 1) };

  return dos_call(&regs) == 0;
}
