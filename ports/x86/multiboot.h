/**
 * What a multiboot loader and a program tell each other (Multiboot Specification 0.6.96, sections 3.1 and 3.3).
 */
#ifndef BARESOCK_X86_MULTIBOOT_H
#define BARESOCK_X86_MULTIBOOT_H

#define MULTIBOOT_MAGIC  0x1badb002
#define MULTIBOOT_LOADED 0x2badb002
/* Modules on pages of their own, and what memory there is. */
#define MULTIBOOT_WANTED 0x3

#ifndef __ASSEMBLER__
#include <stdint.h>

#define MULTIBOOT_HAS_MEMORY  0x01
#define MULTIBOOT_HAS_CMDLINE 0x04
#define MULTIBOOT_HAS_MODULES 0x08
#define MULTIBOOT_HAS_MAP     0x40
#define MULTIBOOT_HAS_LOADER  0x200

struct multiboot_info {
  uint32_t flags;
  uint32_t mem_lower; /**< KB from 0 */
  uint32_t mem_upper; /**< KB from 1 MB */
  uint32_t boot_device;
  uint32_t cmdline;
  uint32_t mods_count;
  uint32_t mods_addr;
  uint32_t syms[4];
  uint32_t mmap_length;
  uint32_t mmap_addr;
  uint32_t drives_length;
  uint32_t drives_addr;
  uint32_t config_table;
  uint32_t boot_loader_name;
};

struct multiboot_module {
  uint32_t start;
  uint32_t end;
  uint32_t string;
  uint32_t reserved;
};

struct multiboot_map {
  uint32_t size; /**< of the rest */
  uint64_t base;
  uint64_t length;
  uint32_t type; /**< 1: free memory */
} __attribute__((packed));
#endif

#endif /* BARESOCK_X86_MULTIBOOT_H */
