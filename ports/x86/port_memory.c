/**
 * What memory there is, who has it, and what the loader said and brought.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "x86/multiboot.h"
#include "x86/x86.h"

#define LOW_END    0xa0000u /* at most: here the screen's memory begins */
#define HIGH_START 0x100000u

#define NAME_MAX_LEN 64u /* of a module */

extern uint8_t x86_low_end[], x86_end[];

static struct x86_region low = { (uintptr_t)x86_low_end, 0 };
static struct x86_region high = { HIGH_START, HIGH_START };
static uintptr_t taken;
static size_t size;
static char command_line[X86_COMMAND];
static struct x86_module modules[X86_MODULES];
static char names[X86_MODULES][NAME_MAX_LEN];
static unsigned module_count;

static void
add_region(uint64_t start, uint64_t end)
{
  size += (size_t)(end - start);
  if (start <= HIGH_START && end > HIGH_START) {
    high.end = end > UINT32_MAX ? UINT32_MAX : (uintptr_t)end;
  } else if (start < LOW_END && end > low.end) {
    low.end = end > LOW_END ? LOW_END : (uintptr_t)end;
  }
}

static void
find_memory(const struct multiboot_info *info)
{
  uint32_t at;

  if (info->flags & MULTIBOOT_HAS_MAP) {
    for (at = info->mmap_addr; at < info->mmap_addr + info->mmap_length;) {
      const struct multiboot_map *map = (const struct multiboot_map *)at;

      if (map->type == 1) {
        add_region(map->base, map->base + map->length);
      }
      at += map->size + sizeof(map->size);
    }
  } else if (info->flags & MULTIBOOT_HAS_MEMORY) {
    add_region(0, info->mem_lower * 1024ull);
    add_region(HIGH_START, HIGH_START + info->mem_upper * 1024ull);
  }
}

/* A module near the program is in front of what malloc() takes; one that a loader put far up is behind it. */
static void
keep(const struct multiboot_module *module)
{
  if (module->start < taken || module->end > high.end) {
    return;
  }
  if (module->start - taken < (high.end - taken) / 2) {
    taken = module->end;
  } else {
    high.end = module->start;
  }
}

static void
copy_text(char *to, size_t room, uint32_t from)
{
  to[0] = '\0';
  if (from != 0) {
    strncat(to, (const char *)from, room - 1);
  }
}

/* GRUB 2 gives the words behind the image's name, other loaders the name too. */
static bool
is_grub2(const struct multiboot_info *info)
{
  return (info->flags & MULTIBOOT_HAS_LOADER) && strncmp((const char *)info->boot_loader_name, "GRUB 2", 6) == 0;
}

static void
drop_first_word(char *line)
{
  const char *rest = line + strcspn(line, " ");

  rest += strspn(rest, " ");
  memmove(line, rest, strlen(rest) + 1);
}

/* Everything is copied before the first malloc(): what the loader wrote may lie where that takes memory. */
void
x86_memory_init(const void *multiboot)
{
  const struct multiboot_info *info = multiboot;
  const struct multiboot_module *module = (const struct multiboot_module *)info->mods_addr;

  find_memory(info);
  taken = (uintptr_t)x86_end;
  if (low.end < low.start || high.end < taken) {
    x86_refuse("there is too little memory: 640 KB and 1 MB are needed");
  }
  if (info->flags & MULTIBOOT_HAS_CMDLINE) {
    if (strlen((const char *)info->cmdline) >= sizeof(command_line)) {
      x86_refuse("the boot command line has more than 4095 characters");
    }
    copy_text(command_line, sizeof(command_line), info->cmdline);
    if (!is_grub2(info)) {
      drop_first_word(command_line);
    }
  }
  if ((info->flags & MULTIBOOT_HAS_MODULES) == 0) {
    return;
  }
  if (info->mods_count > X86_MODULES) {
    x86_refuse("the loader brings more than 16 modules");
  }
  for (module_count = 0; module_count < info->mods_count; module_count++, module++) {
    modules[module_count].data = (const uint8_t *)module->start;
    modules[module_count].size = module->end - module->start;
    copy_text(names[module_count], sizeof(names[0]), module->string);
    keep(module);
  }
}

/* malloc() joins what it gets with what it has: two calls must give memory side by side. */
void *
sbrk(ptrdiff_t increment)
{
  uintptr_t before = taken;

  if (increment > (ptrdiff_t)(high.end - taken)) {
    errno = ENOMEM;
    return (void *)-1;
  }
  taken += (uintptr_t)increment;
  return (void *)before;
}

struct x86_region
x86_memory_low(void)
{
  return low;
}

size_t
x86_memory_left(void)
{
  return high.end - taken;
}

size_t
x86_memory_size(void)
{
  return size;
}

bool
x86_module(unsigned index, struct x86_module *module)
{
  if (index >= module_count) {
    return false;
  }
  *module = modules[index];
  module->name = names[index];
  return true;
}

const char *
x86_command_line(void)
{
  return command_line;
}
