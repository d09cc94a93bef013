/* Exceptions of the processor, each by a word of the command line, after the link that a second word names was opened. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baresock/net.h"

static volatile int zero;

static void
fail(const char *word)
{
  if (strcmp(word, "divide") == 0) {
    zero = 100 / zero;
  }
  if (strcmp(word, "instruction") == 0) {
    __asm__ volatile("ud2");
  }
  if (strcmp(word, "segment") == 0) {
    __asm__ volatile("movw %w0, %%gs" : : "r"(0x7ff0));
  }
  if (strcmp(word, "stack") == 0) {
    /* What there is to tell of it is told on another one. */
    __asm__ volatile("xorl %esp, %esp; movw $0x7ff0, %ax; movw %ax, %ss");
  }
  if (strcmp(word, "null") == 0) {
    memset((void *)zero, 0xa5, 64);
    exit(5);
  }
  if (strcmp(word, "abort") == 0) {
    abort();
  }
  if (strcmp(word, "exit") == 0) {
    exit(5);
  }
}

int
main(int argc, char **argv)
{
  if (argc > 2 && bs_net_up(argv[2], NULL) < 0) {
    printf("%s: %s\n", argv[2], bs_net_why());
    return 3;
  }
  if (argc > 1) {
    fail(argv[1]);
  }
  puts("nothing came of it");
  return 2;
}
