/**
 * DOS, for the files of this folder and the programs on top of it: what the loader gives, and what is made of it.
 *
 * The program runs in 32-bit protected mode, with one flat segment that begins at its own offset 0 and has no end: what
 * lies below in memory is reached by addresses that wrap around. It is never interrupted: handlers are 16-bit code in
 * the loader's segment, which leave word in struct dos_loader. All of this is the same whether the loader switches the
 * processor itself, or a VCPI server or a DPMI host does.
 */
#ifndef BARESOCK_DOS_H
#define BARESOCK_DOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How protected mode is had. */
enum dos_mode { DOS_RAW, DOS_VCPI, DOS_DPMI };

/** Interrupt lines that can be watched at once. */
#define DOS_LINES 3

/** The loader's first part (loader.asm, real.inc), in conventional memory. */
struct dos_loader {
  struct {
    uint32_t offset;
    uint32_t selector;
  } service;           /**< the far routine behind dos_interrupt() and the like */
  uint32_t base;       /**< linear address of the program's offset 0 */
  uint32_t size;       /**< bytes from there on that are the program's */
  uint32_t image_end;  /**< offset behind its code and variables */
  uint32_t trap_entry; /**< what exceptions call, with a struct dos_trap, on the stack below */
  uint32_t trap_stack;
  uint16_t segment;     /**< the loader's own, in real mode */
  uint16_t psp;         /**< the program segment prefix */
  uint16_t mode;        /**< enum dos_mode */
  uint16_t environment; /**< segment of what DOS has of variables */
  uint16_t transfer;    /**< segment of a buffer for DOS calls */
  uint16_t transfer_size;

  /* Routines of real mode: offsets in segment. */
  uint16_t idle;
  uint16_t tick;
  uint16_t key;
  uint16_t control_break;
  uint16_t receive; /**< a packet driver's receiver */
  uint16_t irq[DOS_LINES];

  /* What handlers leave. */
  volatile uint32_t ticks;
  uint32_t old_tick; /**< far pointers to the handlers before ours */
  uint32_t old_key;
  volatile uint8_t wake;
  volatile uint8_t broke;
  volatile uint8_t catch_break;
  volatile uint8_t error;
  volatile uint8_t irq_line[DOS_LINES];
  volatile uint8_t irq_count[DOS_LINES];
  uint16_t padding;

  /* The ring of received frames: slots of DOS_SLOT bytes, each with a length in front. */
  volatile uint16_t ring;
  volatile uint16_t ring_slots; /**< a power of two */
  volatile uint16_t ring_head;  /**< counted by the receiver: frames stored */
  volatile uint16_t ring_tail;  /**< counted by the program: frames read */
  volatile uint32_t ring_lost;
};

_Static_assert(offsetof(struct dos_loader, ticks) == 56 && offsetof(struct dos_loader, ring) == 80, "as in real.inc");

#define DOS_SLOT 1520u

extern struct dos_loader *dos_loader;

/** The registers of a call of real mode, as DPMI has them. */
struct dos_regs {
  union {
    struct {
      uint32_t edi, esi, ebp, reserved, ebx, edx, ecx, eax;
    };
    struct {
      uint16_t di, di_high, si, si_high, bp, bp_high, reserved16[2], bx, bx_high, dx, dx_high, cx, cx_high, ax, ax_high;
    };
    struct {
      uint8_t skipped[16];
      uint8_t bl, bh, b_high[2], dl, dh, d_high[2], cl, ch, c_high[2], al, ah, a_high[2];
    };
  };
  uint16_t flags, es, ds, fs, gs, ip, cs, sp, ss, end;
};

#define DOS_CARRY 1u /* of the flags */

/** Call a software interrupt of real mode. @p regs becomes what it leaves. */
void dos_interrupt(uint8_t number, struct dos_regs *regs);

/** Call the far routine of real mode at regs->cs:ip, which returns with RETF. */
void dos_far_call(struct dos_regs *regs);

/**
 * Call INT 21h.
 *
 * @return 0, or a negative errno for what DOS says is wrong
 */
int dos_call(struct dos_regs *regs);

/** Call a function of INT 21h that is not there in every DOS. @return as dos_call(); -ENOSYS where it is not */
int dos_new_call(uint16_t function, struct dos_regs *regs);

/** Where an address of real mode is for us. */
static inline void *
dos_linear(uint32_t address)
{
  return (void *)(address - dos_loader->base);
}

static inline void *
dos_pointer(uint16_t segment, uint16_t offset)
{
  return dos_linear((uint32_t)segment * 16 + offset);
}

/** The buffer for DOS calls, of dos_loader->transfer_size bytes: at transfer:0 for them. */
static inline void *
dos_transfer(void)
{
  return dos_pointer(dos_loader->transfer, 0);
}

/**
 * Allocate conventional memory.
 *
 * @return its segment, or 0 when DOS has not so much
 */
uint16_t dos_allocate(uint32_t bytes);
void dos_free(uint16_t segment);

/** The vector of a software interrupt, segment in the upper half. */
uint32_t dos_vector(uint8_t number);
void dos_set_vector(uint8_t number, uint32_t vector);

/** The program's own path, as DOS tells it: C:\DIR\MP.EXE. */
const char *dos_program(void);

/** End the program, whatever it was doing; DOS has its memory back. */
__attribute__((noreturn)) void dos_exit(int status);

/** Have @p release called when the program ends. There is one of these: the packet driver's. */
void dos_on_exit(void (*release)(void));

/* --- port_hooks.c: interrupts --- */

/** Take the interrupts that the program needs. They are given back when it ends. */
void dos_hooks_init(void);
void dos_hooks_exit(void);

/** What Ctrl-C calls, from dos_broke(); NULL, and it is a key as any other. */
void dos_catch_break(void (*handler)(void));

/** Whether Ctrl-C or Ctrl-Break came since the last call, which then has called their handler. */
bool dos_broke(void);

/* --- port_memory.c --- */

/** Bytes that malloc() can still take. */
size_t dos_memory_left(void);

/* --- port_clock.c --- */

void dos_clock_init(void);
void dos_clock_exit(void);

/** Whether the timer's interrupt comes before @p when (of port_clock()). */
bool dos_tick_before(uint64_t when);

/** The time of day in microseconds since 1970, of DOS's clock, which keeps local time. */
uint64_t dos_wall_clock(void);
/** Set it. @return 0, or -EINVAL for what DOS can't keep */
int dos_set_wall_clock(uint64_t us);

/* --- port_console.c --- */

void dos_console_init(void);

/** Whether standard input is the keyboard. */
bool dos_console_is_keyboard(void);

/** Whether standard output is the screen. */
bool dos_console_is_screen(void);

/** Move the screen's cursor back, over the ends of rows as well, at which a backspace would stop. */
void dos_console_move_back(unsigned count);

/** Whether a key waits, or standard input has something. */
bool dos_console_ready(void);

/** Read a byte from the keyboard or the second line, as a terminal would send it. @return -1 when there is none */
int dos_console_read(void);

/** A second line to the console brings a byte. @return false when there is no room for it */
bool dos_console_put(uint8_t byte);
bool dos_console_has_room(void);
bool dos_console_has_line(void);

/* --- port_config.c --- */

/** The link string of the packet driver that the user's configuration names, or of any. */
const char *dos_packet_driver(void);

/* --- port_files.c --- */

/** Have DOS put into their files what standard output and standard error were given. */
void dos_flush_output(void);

/* --- port_paths.c: names --- */

/** A path for DOS, at @p offset of the transfer buffer. @return 0, or -ENOENT, -ENAMETOOLONG */
int dos_put_path(const char *path, uint16_t offset);

/** Length of a path's folder, with what divides it from the name. */
size_t dos_folder_len(const char *path);

/**
 * A call that has a variant for long file names: that first, then the old one where DOS has none.
 *
 * @param old     AH of the old call
 * @param regs    the registers of both; AH is set here
 * @param is_long where to put which of them it was; or NULL
 * @return as dos_call()
 */
int dos_path_call(uint8_t old, struct dos_regs *regs, bool *is_long);

/** Whether the machine has a drive of this letter, 'A' to 'Z'. */
bool dos_drive_exists(char drive);

/** A date and time as directories have them: seconds since 1970. */
int64_t dos_file_time(uint16_t date, uint16_t time);

#endif /* BARESOCK_DOS_H */
