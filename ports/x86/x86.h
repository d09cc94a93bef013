/**
 * The machine without an operating system, for the files of this folder and the program on top of it.
 */
#ifndef BARESOCK_X86_H
#define BARESOCK_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "baresock/wait.h"

/* --- port_trap.c: interrupts and exceptions --- */

/** The registers that port_start.S pushes, lowest address first. */
struct x86_frame {
  uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
  uint32_t vector, error;
  uint32_t eip, cs, eflags;
};

/** Set up the interrupt controllers and the table of vectors. Interrupts stay off. */
void x86_trap_init(void);

/** Print what an exception was and where, and end the machine. */
__attribute__((noreturn)) void x86_panic(const char *what, const struct x86_frame *frame);

/* --- port_clock.c --- */

void x86_clock_init(void);

/** Have an interrupt at @p when, or earlier. Interrupts are off. */
void x86_clock_alarm(bs_time_t when);

/** The wall clock: microseconds since 1970, from the RTC (which is taken to keep UTC). */
uint64_t x86_clock_wall(void);
void x86_clock_set_wall(uint64_t us);

/** Seconds since 1970 by the RTC (port_rtc.c). */
uint64_t x86_rtc_read(void);

/** How many alarms there were. */
unsigned x86_clock_alarms(void);

/** The time-stamp counter, or the timer's count where the processor has none. */
uint32_t x86_clock_cycles(void);

/* --- port_vga.c, port_keyboard.c: the console's parts, beside the serial line; port_console.c: the whole --- */

void x86_vga_init(void);
void x86_vga_write(const char *text, size_t len);

void x86_keyboard_init(void);

/** Write to serial line and screen, as it is. */
void x86_console_write(const char *text, size_t len);

/** Write a text of lines, for which '\n' becomes "\r\n". */
void x86_console_print(const char *text);

/** Take a byte that was typed. @return -1 when there is none */
int x86_console_read(void);

bool x86_console_ready(void);

/** A device has a byte. @return false when there is no room for it */
bool x86_console_put(uint8_t byte);
bool x86_console_has_room(void);

/** Begin to use the serial line as well. */
void x86_console_open_serial(void);

/** Called for Ctrl-C, from the interrupt, instead of queueing it; NULL queues it. */
extern void (*x86_console_on_interrupt)(void);

/* --- port_memory.c --- */

/** A region of memory. */
struct x86_region {
  uintptr_t start;
  uintptr_t end;
};

/** A file that the loader put into memory, by the name it had there; its text ends with a NUL. */
struct x86_module {
  const char *name;
  const uint8_t *data;
  size_t size;
};

/* What the loader may bring and say. What is beyond is refused at the start, with a word on the console. */
#define X86_MODULES 16
#define X86_COMMAND 4096u
#define X86_WORDS   64

/** Learn what memory there is from the loader's table. */
void x86_memory_init(const void *multiboot);

/** What malloc() does not use: memory below 640 KB, free for the program. */
struct x86_region x86_memory_low(void);

/** Bytes that malloc() can still take from the machine. */
size_t x86_memory_left(void);

/** Bytes of memory that the machine has. */
size_t x86_memory_size(void);

/** The module with number @p index. @return false past the last */
bool x86_module(unsigned index, struct x86_module *module);

/** The words that the loader was given for the program, its own name left out. */
const char *x86_command_line(void);

/* --- port_power.c --- */

/** Say why the machine can't be started, and end it. */
__attribute__((noreturn)) void x86_refuse(const char *why);

/** End the machine: an emulator ends with a status, a computer is switched off, or halts. */
__attribute__((noreturn)) void x86_power_off(int status);

/** Start the machine anew. */
__attribute__((noreturn)) void x86_reboot(void);

#endif /* BARESOCK_X86_H */
