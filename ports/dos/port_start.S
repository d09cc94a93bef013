/* What the loader reads of the image, and where it jumps to. */
#define STACK_SIZE      0x10000
#define TRAP_STACK_SIZE 0x2000

        .section .header, "a"
        .ascii  "BSK1"
        .long   _start, dos_data_end, dos_end

        .section .bss.stack, "aw", @nobits
        .align  16
        .globl  dos_stack, dos_stack_top, dos_trap_stack_top
dos_stack:
        .skip   STACK_SIZE
dos_stack_top:
        .skip   TRAP_STACK_SIZE
dos_trap_stack_top:

        .text
        .globl  _start
/* EAX = struct dos_loader */
_start:
        movl    $dos_stack_top, %esp
        xorl    %ebp, %ebp
        fninit
        pushl   %eax
        call    dos_main
        .globl  dos_trap_entry
/* EAX = struct dos_trap, and ESP = the trap stack's top */
dos_trap_entry:
        cld
        pushl   %eax
        call    dos_trap
        .section .note.GNU-stack, "", @progbits
