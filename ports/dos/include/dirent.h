/**
 * Directories, as POSIX has them.
 */
#ifndef BARESOCK_DOS_DIRENT_H
#define BARESOCK_DOS_DIRENT_H

#include <sys/types.h>

#define _DIRENT_HAVE_D_TYPE

#define DT_UNKNOWN 0
#define DT_CHR     2
#define DT_DIR     4
#define DT_REG     8

/** The d_type of a file's st_mode, and back. */
#define IFTODT(mode) (((mode)&0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

struct dirent {
  unsigned char d_type;
  char d_name[261];
};

typedef struct dos_dir DIR;

DIR *opendir(const char *path);
struct dirent *readdir(DIR *dir);
int closedir(DIR *dir);

#endif /* BARESOCK_DOS_DIRENT_H */
