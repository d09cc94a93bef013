/**
 * A hosts file of a test's own, named by BARESOCK_HOSTS.
 */
#ifndef TESTS_HOSTS_FILE_H
#define TESTS_HOSTS_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char hosts_path[] = "/tmp/baresock-hosts-XXXXXX";

static inline void
hosts_write(const char *text)
{
  FILE *file = fopen(hosts_path, "wb");

  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static inline int
hosts_setup(void **state)
{
  int fd = mkstemp(hosts_path);

  (void)state;
  assert_true(fd >= 0);
  close(fd);
  return setenv("BARESOCK_HOSTS", hosts_path, 1);
}

static inline int
hosts_teardown(void **state)
{
  (void)state;
  return unlink(hosts_path);
}

#endif /* TESTS_HOSTS_FILE_H */
