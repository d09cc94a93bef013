/* Exceptions, each by a word of the command line. */
#include <stdio.h>
#include <string.h>

#include "x86/x86.h"

static volatile int zero;

int
main(int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : "";

  if (strcmp(word, "divide") == 0) {
    return 100 / zero;
  }
  if (strcmp(word, "instruction") == 0) {
    __asm__ volatile("ud2");
  }
  if (strcmp(word, "segment") == 0) {
    __asm__ volatile("int $0x80");
  }
  if (strcmp(word, "reboot") == 0) {
    puts("going");
    x86_reboot();
  }
  puts("usage: divide | instruction | segment | reboot");
  return 2;
}
