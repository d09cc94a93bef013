/* Where the loader jumps to, and where interrupts and exceptions arrive. */
#include "multiboot.h"

#define STACK_SIZE 0x10000

        .section .multiboot, "a"
        .align  4
        .long   MULTIBOOT_MAGIC, MULTIBOOT_WANTED, -(MULTIBOOT_MAGIC + MULTIBOOT_WANTED)

        .section .bss.stack, "aw", @nobits
        .align  16
        .globl  x86_stack, x86_stack_top
x86_stack:
        .skip   STACK_SIZE
x86_stack_top:

        .text
        .globl  _start
_start:
        cli
        cld
        movl    $x86_stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $8, $1f
1:      movw    $16, %cx
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %ss
        movw    %cx, %fs
        movw    %cx, %gs
        /* The x87 as a 486 has it: errors by exception 16, no emulation. */
        movl    %cr0, %ecx
        andl    $~0xc, %ecx
        orl     $0x22, %ecx
        movl    %ecx, %cr0
        fninit
        xorl    %ebp, %ebp
        pushl   %ebx
        pushl   %eax
        call    x86_main

/* One entry for each vector; those with an error code of their own push no zero. */
        .altmacro
        .macro  entry number
        .align  16
        .if (\number == 8) || ((\number >= 10) && (\number <= 14)) || (\number == 17)
        .else
        pushl   $0
        .endif
        pushl   $\number
        jmp     common
        .endm

        .align  16
        .globl  x86_entries
x86_entries:
        .set    i, 0
        .rept   48
        entry   %i
        .set    i, i + 1
        .endr

common:
        pushal
        cld
        pushl   %esp
        call    x86_trap
        addl    $4, %esp
        popal
        addl    $8, %esp
        iretl

        .section .rodata
        .align  8
gdt:
        .quad   0
        .quad   0x00cf9b000000ffff      /* code: all of memory */
        .quad   0x00cf93000000ffff      /* data: all of memory */
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt
        .section .note.GNU-stack, "", @progbits
