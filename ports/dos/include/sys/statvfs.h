/**
 * How full a drive is, as POSIX has it.
 */
#ifndef BARESOCK_DOS_SYS_STATVFS_H
#define BARESOCK_DOS_SYS_STATVFS_H

#include <sys/types.h>

struct statvfs {
  unsigned long f_bsize;
  unsigned long f_frsize;
  fsblkcnt_t f_blocks;
  fsblkcnt_t f_bfree;
  fsblkcnt_t f_bavail;
  fsfilcnt_t f_files;
  fsfilcnt_t f_ffree;
  fsfilcnt_t f_favail;
  unsigned long f_flag;
  unsigned long f_namemax;
};

int statvfs(const char *path, struct statvfs *status);

#endif /* BARESOCK_DOS_SYS_STATVFS_H */
