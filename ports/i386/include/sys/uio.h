/**
 * Data in several pieces: the type of POSIX <sys/uio.h>.
 */
#ifndef BARESOCK_I386_SYS_UIO_H
#define BARESOCK_I386_SYS_UIO_H

#include <stddef.h>

struct iovec {
  void *iov_base;
  size_t iov_len;
};

#endif /* BARESOCK_I386_SYS_UIO_H */
