/**
 * What is known of files: stat(), directories, drives.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "dos/dos.h"

#define FOUND     1024u /* where in the transfer buffer an entry is told */
#define WANTED    0x16  /* besides files: hidden, system, directories */
#define NO_HANDLE 0xffffu

#define ATTR_READ_ONLY 0x01
#define ATTR_DIRECTORY 0x10
#define ATTR_DEVICE    0x40

/* An entry as the old calls tell it: what DOS needs to go on, then the file. */
struct old_entry {
  uint8_t state[21];
  uint8_t attributes;
  uint16_t time;
  uint16_t date;
  uint32_t size;
  char name[13];
} __attribute__((packed));

/* As the calls for long names tell it. */
struct long_entry {
  uint32_t attributes;
  uint64_t created, accessed;
  uint16_t time; /* of the last change, as DOS writes it (SI = 1) */
  uint16_t date;
  uint32_t unused;
  uint32_t size_high, size;
  uint8_t reserved[8];
  char name[260];
  char alias[14];
} __attribute__((packed));

struct dos_dir {
  uint16_t handle; /* of a search for long names, or NO_HANDLE */
  bool first;      /* the entry below was not given yet */
  uint32_t attributes;
  int64_t time;
  uint32_t size;
  struct old_entry old;
  struct dirent entry;
};

static void *
found(void)
{
  return (uint8_t *)dos_transfer() + FOUND;
}

/* The entry that a search left. */
static void
take_entry(struct dos_dir *dir)
{
  if (dir->handle != NO_HANDLE) {
    const struct long_entry *entry = found();

    dir->attributes = entry->attributes;
    dir->time = dos_file_time(entry->date, entry->time);
    dir->size = entry->size;
    strlcpy(dir->entry.d_name, entry->name, sizeof(dir->entry.d_name));
  } else {
    memcpy(&dir->old, found(), sizeof(dir->old));
    dir->attributes = dir->old.attributes;
    dir->time = dos_file_time(dir->old.date, dir->old.time);
    dir->size = dir->old.size;
    strlcpy(dir->entry.d_name, dir->old.name, sizeof(dir->entry.d_name));
  }
  dir->entry.d_type = dir->attributes & ATTR_DIRECTORY ? DT_DIR : dir->attributes & ATTR_DEVICE ? DT_CHR : DT_REG;
}

static void
set_transfer_address(void)
{
  struct dos_regs regs = { .ax = 0x1a00, .dx = FOUND, .ds = dos_loader->transfer };

  (void)dos_call(&regs);
}

/* Search for the name in the transfer buffer. */
static int
find_first(struct dos_dir *dir)
{
  struct dos_regs regs = {
    .ecx = WANTED, .esi = 1, .edi = FOUND, .ds = dos_loader->transfer, .es = dos_loader->transfer
  };
  bool is_long;
  int result;

  set_transfer_address();
  result = dos_path_call(0x4e, &regs, &is_long);
  if (result < 0) {
    return result;
  }
  dir->handle = is_long ? regs.ax : NO_HANDLE;
  take_entry(dir);
  return 0;
}

static int
find_next(struct dos_dir *dir)
{
  struct dos_regs regs = { .ds = dos_loader->transfer, .es = dos_loader->transfer };
  int result;

  if (dir->handle != NO_HANDLE) {
    regs.ax = 0x714f;
    regs.bx = dir->handle;
    regs.si = 1;
    regs.di = FOUND;
  } else {
    memcpy(found(), &dir->old, sizeof(dir->old));
    set_transfer_address();
    regs.ax = 0x4f00;
  }
  result = dos_call(&regs);
  if (result == 0) {
    take_entry(dir);
  }
  return result;
}

static void
find_end(struct dos_dir *dir)
{
  if (dir->handle != NO_HANDLE) {
    struct dos_regs regs = { .ax = 0x71a1, .bx = dir->handle };

    (void)dos_call(&regs);
  }
}

/* --- stat() --- */

/* A root, or the directory that a drive is in: no DOS finds an entry for the first, not all do for the other. */
static bool
is_always_there(const char *path)
{
  bool has_drive = path[0] != '\0' && path[1] == ':';

  path += has_drive ? 2 : 0;
  if (path[0] == '\0') {
    return has_drive;
  }
  return strcmp(path, "/") == 0 || strcmp(path, "\\") == 0 || strcmp(path, ".") == 0;
}

/* Whether DOS has a directory where no search finds an entry. */
static int
stat_directory(const char *path, struct stat *status)
{
  struct dos_regs regs = { .ds = dos_loader->transfer };
  int result = dos_put_path(path, 0);

  if (is_always_there(path)) {
    result = path[1] != ':' || dos_drive_exists((char)(path[0] & ~0x20)) ? 0 : -ENOENT;
    regs.cx = ATTR_DIRECTORY;
  } else if (result == 0) {
    result = dos_path_call(0x43, &regs, NULL);
  }
  if (result == 0 && !(regs.cx & ATTR_DIRECTORY)) {
    result = -ENOENT;
  }
  status->st_mode = S_IFDIR | 0755;
  return result;
}

static bool
has_wildcard(const char *path)
{
  return strpbrk(path, "*?") != NULL;
}

static int
stat_path(const char *path, struct stat *status)
{
  static struct dos_dir dir;
  int result;

  memset(status, 0, sizeof(*status));
  if (has_wildcard(path)) {
    return -ENOENT;
  }
  result = dos_put_path(path, 0);
  if (result < 0) {
    return result;
  }
  if (is_always_there(path) || find_first(&dir) < 0) {
    return stat_directory(path, status);
  }
  find_end(&dir);
  status->st_mode = dir.attributes & ATTR_DIRECTORY ? S_IFDIR | 0755
                    : dir.attributes & ATTR_DEVICE  ? S_IFCHR | 0666
                                                    : S_IFREG | 0644;
  if (dir.attributes & ATTR_READ_ONLY) {
    status->st_mode &= ~(mode_t)0222;
  }
  status->st_size = (off_t)dir.size;
  status->st_nlink = 1;
  status->st_mtime = status->st_atime = status->st_ctime = (time_t)dir.time;
  return 0;
}

static int
with_errno(int result)
{
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return 0;
}

int
stat(const char *path, struct stat *status)
{
  return with_errno(stat_path(path, status));
}

/* Whether something is there; that it may be read or written is not asked. */
int
access(const char *path, int mode)
{
  struct stat status;

  (void)mode;
  return stat(path, &status);
}

/* --- directories --- */

DIR *
opendir(const char *path)
{
  struct dos_dir *dir;
  struct stat status;
  char pattern[264];
  int result = stat_path(path, &status);

  if (result == 0 && !S_ISDIR(status.st_mode)) {
    result = -ENOTDIR;
  }
  if (with_errno(result) < 0) {
    return NULL;
  }
  dir = calloc(1, sizeof(*dir));
  if (dir == NULL) {
    errno = ENOMEM;
    return NULL;
  }
  strlcpy(pattern, path, sizeof(pattern) - 4);
  if (dos_folder_len(path) != strlen(path)) {
    strlcat(pattern, "/", sizeof(pattern));
  }
  strlcat(pattern, "*.*", sizeof(pattern));
  result = dos_put_path(pattern, 0);
  if (result == 0) {
    result = find_first(dir);
  }
  dir->first = result == 0;
  /* A root may be empty. */
  if (result < 0 && result != -ENOENT) {
    free(dir);
    errno = -result;
    return NULL;
  }
  if (result < 0) {
    dir->handle = NO_HANDLE;
    dir->entry.d_name[0] = '\0';
  }
  return dir;
}

struct dirent *
readdir(DIR *dir)
{
  if (dir->first) {
    dir->first = false;
    return &dir->entry;
  }
  return dir->entry.d_name[0] != '\0' && find_next(dir) == 0 ? &dir->entry : NULL;
}

int
closedir(DIR *dir)
{
  find_end(dir);
  free(dir);
  return 0;
}

/* --- drives --- */

int
statvfs(const char *path, struct statvfs *status)
{
  struct dos_regs regs = { .ax = 0x3600 };
  struct stat file;

  if (stat(path, &file) < 0) {
    return -1;
  }
  memset(status, 0, sizeof(*status));
  if (path[1] == ':') {
    regs.dl = (uint8_t)((path[0] & ~0x20) - 'A' + 1);
  }
  (void)dos_call(&regs);
  if (regs.ax == 0xffff) {
    errno = ENODEV;
    return -1;
  }
  status->f_bsize = status->f_frsize = (unsigned long)regs.ax * regs.cx;
  status->f_blocks = regs.dx;
  status->f_bfree = status->f_bavail = regs.bx;
  status->f_namemax = 255;
  return 0;
}
