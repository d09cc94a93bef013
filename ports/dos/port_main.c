/**
 * From the loader to main(), and what an exception of the processor comes to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dos/dos.h"

#define PSP_ENVIRONMENT 0x2c
#define PSP_TAIL        0x80 /* the command line: its length, then its text */
#define TAIL_MAX        127
#define WORDS           255
#define FILE_OF_WORDS   32767 /* bytes of it at most */

#define TRAP_STATUS  126
#define USAGE_STATUS 2
#define CALLERS      8 /* shown of an exception */

/* Vectors of exceptions that come with an error code: 8, 10 to 14, 17. For others a DPMI host gives anything. */
#define HAS_ERROR 0x00027d00u

/* The registers at an exception, as the loader has them. */
struct dos_trap {
  uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
  uint32_t vector, error;
  uint32_t eip, cs, eflags;
};

extern int main(int argc, char **argv);
extern const uint8_t dos_trap_entry[], dos_text[], dos_text_end[], dos_stack[], dos_stack_top[], dos_trap_stack_top[];
__attribute__((noreturn)) void dos_main(struct dos_loader *loader);
__attribute__((noreturn)) void dos_trap(const struct dos_trap *trap);

/* --- exceptions --- */

/* Where it was called from: what on the stack points into the program, the newest first. Not all of it need be return
 * addresses. Plain writes, as stdio may be what broke. */
void
dos_trap(const struct dos_trap *trap)
{
  static const char *const names[] = { "division by zero",
                                       "debug",
                                       "NMI",
                                       "breakpoint",
                                       "overflow",
                                       "bound",
                                       "invalid instruction",
                                       "no coprocessor",
                                       "double fault",
                                       "coprocessor overrun",
                                       "invalid TSS",
                                       "segment not present",
                                       "stack fault",
                                       "general protection fault",
                                       "page fault",
                                       "exception 15",
                                       "floating-point error" };
  const uint32_t *word = (const uint32_t *)trap->esp;
  uint32_t error = trap->vector < 32 && (HAS_ERROR >> trap->vector & 1) ? trap->error : 0;
  char text[500];
  int len;
  unsigned found = 0;

  len = snprintf(text, sizeof(text),
                 "\r\nbaresock: %s at 0x%08lx (error %lx)\r\n"
                 "eax %08lx ebx %08lx ecx %08lx edx %08lx\r\nesi %08lx edi %08lx ebp %08lx esp %08lx\r\n"
                 "called from:",
                 trap->vector < sizeof(names) / sizeof(names[0]) ? names[trap->vector] : "exception",
                 (unsigned long)trap->eip, (unsigned long)error, (unsigned long)trap->eax, (unsigned long)trap->ebx,
                 (unsigned long)trap->ecx, (unsigned long)trap->edx, (unsigned long)trap->esi, (unsigned long)trap->edi,
                 (unsigned long)trap->ebp, (unsigned long)trap->esp);
  while (found < CALLERS && (const uint8_t *)word >= dos_stack && (const uint8_t *)word < dos_stack_top) {
    if (*word >= (uint32_t)dos_text && *word < (uint32_t)dos_text_end) {
      len += snprintf(text + len, sizeof(text) - (size_t)len, " %08lx", (unsigned long)*word);
      found++;
    }
    word++;
  }
  (void)write(STDERR_FILENO, text, (size_t)len);
  (void)write(STDERR_FILENO, "\r\n", 2);
  dos_exit(TRAP_STATUS);
}

/* --- the environment and the command line --- */

static char *program;

const char *
dos_program(void)
{
  return program;
}

/* Our own copy: DOS's is given back. @return the program's name, which DOS keeps behind it */
static char *
copy_environment(void)
{
  static char none[] = "MP.EXE";
  const char *from = dos_pointer(dos_loader->environment, 0);
  const char *end = from;
  size_t len;
  char *copy;

  while (end[0] != '\0' || end[1] != '\0') {
    end++;
  }
  end += 4;
  len = (size_t)(end - from) + strlen(end) + 1;
  copy = malloc(len);
  if (copy == NULL) {
    return none;
  }
  memcpy(copy, from, len);
  end = copy + (end - from);
  for (; *copy != '\0'; copy += strlen(copy) + 1) {
    (void)putenv(copy);
  }
  /* A DPMI host has put a selector of its own there. */
  if (dos_loader->mode != DOS_DPMI) {
    *(uint16_t *)dos_pointer(dos_loader->psp, PSP_ENVIRONMENT) = 0;
    dos_free(dos_loader->environment);
  }
  return (char *)(uintptr_t)end;
}

static __attribute__((noreturn)) void
refuse(const char *what, const char *why)
{
  fprintf(stderr, "mp: %s: %s\n", what, why);
  exit(USAGE_STATUS);
}

/* The command line as words, split where they are: quotes keep blanks, and a backslash a quote behind it. */
static int
split(char *line, char **argv)
{
  static const char blanks[] = " \t\r\n";
  int argc = 0;
  char *to = line;

  for (;;) {
    bool quoted = false;

    line += strspn(line, blanks);
    if (*line == '\0') {
      break;
    }
    if (argc == WORDS) {
      refuse("more than 255 words", "leave some out");
    }
    argv[argc++] = to;
    for (; *line != '\0' && (quoted || strchr(blanks, *line) == NULL); line++) {
      if (*line == '"') {
        quoted = !quoted;
      } else {
        line += line[0] == '\\' && line[1] == '"';
        *to++ = *line;
      }
    }
    line += *line != '\0';
    *to++ = '\0';
  }
  argv[argc] = NULL;
  return argc;
}

/* The 127 characters that DOS passes on are few: @FILE stands for the words in a file. */
static char *
read_words(const char *path)
{
  int fd = open(path, O_RDONLY);
  char *text = malloc(FILE_OF_WORDS + 1);
  ssize_t len = fd >= 0 && text != NULL ? read(fd, text, FILE_OF_WORDS + 1) : -1;

  if (len < 0) {
    refuse(path, strerror(errno));
  }
  (void)close(fd);
  if (len > FILE_OF_WORDS) {
    refuse(path, "a file of words may have 32767 bytes");
  }
  text[len] = '\0';
  return text;
}

/* DOS's shell redirects only standard output: this variable does it for errors, to a file, or with "-" to where standard
 * output goes. */
static void
redirect_errors(void)
{
  const char *path = getenv("BARESOCK_STDERR");
  struct dos_regs regs = { .ax = 0x4600, .bx = STDOUT_FILENO, .cx = STDERR_FILENO };
  int fd = -1;

  if (path == NULL || path[0] == '\0') {
    return;
  }
  if (strcmp(path, "-") != 0) {
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) {
      refuse(path, strerror(errno));
    }
    regs.bx = (uint16_t)fd;
  }
  (void)dos_call(&regs);
  if (fd >= 0) {
    (void)close(fd);
  }
}

/* Called by port_start.S. */
void
dos_main(struct dos_loader *loader)
{
  static char line[TAIL_MAX + 1];
  static char *argv[WORDS + 2];
  const uint8_t *tail;
  int argc;

  dos_loader = loader;
  loader->trap_stack = (uint32_t)dos_trap_stack_top;
  loader->trap_entry = (uint32_t)dos_trap_entry;
  dos_hooks_init();
  dos_clock_init();
  dos_console_init();
  tail = dos_pointer(loader->psp, PSP_TAIL);
  memcpy(line, tail + 1, tail[0] < TAIL_MAX ? tail[0] : TAIL_MAX);
  argv[0] = program = copy_environment();
  redirect_errors();
  argc = split(line, argv + 1);
  if (argc == 1 && argv[1][0] == '@') {
    argc = split(read_words(argv[1] + 1), argv + 1);
  }
  exit(main(argc + 1, argv));
}

void
_exit(int status)
{
  dos_exit(status);
}
