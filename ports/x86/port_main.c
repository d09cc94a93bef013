/**
 * From the loader to main().
 */
#include <stdlib.h>
#include <string.h>

#include "x86/multiboot.h"
#include "x86/x86.h"

extern int main(int argc, char **argv);
__attribute__((noreturn)) void x86_main(uint32_t magic, const void *multiboot);

/*
 * The command line as words, split where they are: quotes keep blanks, and a backslash the character behind it.
 * A word NAME=VALUE in front of all others that begins with BARESOCK_ goes into the environment.
 */
static int
split(char *line, char **argv)
{
  int argc = 0;
  char *to = line;

  for (;;) {
    char quote = '\0';

    while (*line == ' ') {
      line++;
    }
    if (*line == '\0') {
      break;
    }
    if (argc == X86_WORDS) {
      x86_refuse("the boot command line has more than 64 words");
    }
    argv[argc++] = to;
    for (; *line != '\0' && (quote != '\0' || *line != ' '); line++) {
      if (*line == quote) {
        quote = '\0';
      } else if (quote == '\0' && (*line == '"' || *line == '\'')) {
        quote = *line;
      } else {
        if (*line == '\\' && quote != '\'' && line[1] != '\0') {
          line++;
        }
        *to++ = *line;
      }
    }
    line += *line == ' ';
    *to++ = '\0';
  }
  argv[argc] = NULL;
  return argc;
}

/* Called by port_start.S. */
void
x86_main(uint32_t magic, const void *multiboot)
{
  static char name[] = "baresock";
  static char *argv[X86_WORDS + 2] = { name };
  char *line;
  int argc;

  x86_trap_init();
  x86_clock_init();
  x86_vga_init();
  x86_console_open_serial();
  x86_keyboard_init();
  if (magic != MULTIBOOT_LOADED) {
    x86_refuse("a multiboot loader must start this: GRUB's 'multiboot', or qemu -kernel");
  }
  x86_memory_init(multiboot);
  __asm__ volatile("sti");
  line = strdup(x86_command_line());
  argc = line != NULL ? split(line, argv + 1) + 1 : 1;
  while (argc > 1 && strncmp(argv[1], "BARESOCK_", strlen("BARESOCK_")) == 0 && strchr(argv[1], '=') != NULL) {
    (void)putenv(argv[1]);
    argc--;
    memmove(&argv[1], &argv[2], (size_t)argc * sizeof(argv[0]));
  }
  exit(main(argc, argv));
}
