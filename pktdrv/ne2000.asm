; NE2000.COM: a packet driver for NE2000 network cards on the ISA bus of an AT, by FTP Software's Packet Driver
; Specification 1.09 with all of its basic, extended and high-performance functions.
;
; Names of registers and bits are those of National Semiconductor's DP8390D data sheet; "note 475" is its application
; note on buffer overflow. The card has 16 KB of its own: two buffers for frames to be sent, and a ring of pages for
; what comes. All of it is read and written through one port ("remote DMA"), which only one may use at a time: whoever
; has interrupts off.
;
;   nasm -f bin -o NE2000.COM pktdrv/ne2000.asm
;
; -DFAULTS adds a function 80h for the tests: what is in AL is taken for set when the ISR is next read.

        cpu     286
        bits    16
        org     100h

; --- the chip's ports, from the card's base; page 0 unless they say otherwise ---

CR              equ     00h
PSTART          equ     01h
PSTOP           equ     02h
BNRY            equ     03h
TPSR            equ     04h
TCR             equ     0Dh
CNTR0           equ     0Dh
CNTR1           equ     0Eh
CNTR2           equ     0Fh
ISR             equ     07h
RBCR0           equ     0Ah
RBCR1           equ     0Bh
RCR_PORT        equ     0Ch
DCR             equ     0Eh
IMR             equ     0Fh
PAR0_PAGE1      equ     01h
CURR_PAGE1      equ     07h
MAR0_PAGE1      equ     08h
DATA            equ     10h
RESET           equ     1Fh

CR_STOP         equ     21h             ; STP, and no remote DMA
CR_START        equ     22h
CR_TXP          equ     04h
CR_READ         equ     0Ah
CR_WRITE        equ     12h
CR_PAGE1        equ     40h
ISR_PRX         equ     01h
ISR_PTX         equ     02h
ISR_RXE         equ     04h
ISR_TXE         equ     08h
ISR_OVW         equ     10h
ISR_CNT         equ     20h
ISR_RDC         equ     40h
ISR_RST         equ     80h
RCR_AB          equ     04h
RCR_AM          equ     08h
RCR_PRO         equ     10h
RCR_MON         equ     20h
TCR_LOOP        equ     02h
DCR_WORDS       equ     49h             ; 16 bits at a time, no loopback, FIFO threshold of 8 bytes
RSR_PRX         equ     01h

WANTED          equ     ISR_PRX | ISR_PTX | ISR_RXE | ISR_TXE | ISR_OVW | ISR_CNT

; --- the card's memory, in pages of 256 bytes ---

TX_PAGES        equ     6
TX_START        equ     40h
RX_START        equ     TX_START + 2 * TX_PAGES
RX_STOP         equ     80h
RX_PAGES        equ     RX_STOP - RX_START
HEADER          equ     4               ; before each frame: status, next page, length with FCS
FCS             equ     4
NO_BUFFER       equ     0FFh

; --- Ethernet ---

ADDRESS         equ     6
TYPE_AT         equ     12
FRAME_LEAST     equ     14
FRAME_MIN       equ     60
FRAME_MAX       equ     1514

; --- the specification's numbers ---

VERSION         equ     9               ; programs compare it with revisions of the specification
CLASS_ETHERNET  equ     1
TYPE_NE2000     equ     54
TYPE_ANY        equ     0FFFFh
EVERYTHING      equ     6               ; basic, extended and high-performance functions
TYPE_MAX        equ     8               ; bytes of a type that are compared

BAD_HANDLE      equ     1
NO_CLASS        equ     2
NO_TYPE         equ     3
NO_NUMBER       equ     4
BAD_TYPE        equ     5
CANT_TERMINATE  equ     7
BAD_MODE        equ     8
NO_SPACE        equ     9
TYPE_INUSE      equ     10
BAD_COMMAND     equ     11
CANT_SEND       equ     12
CANT_SET        equ     13
BAD_ADDRESS     equ     14
CANT_RESET      equ     15

MODE_OFF        equ     1
MODE_BROADCAST  equ     3
MODE_MULTICAST  equ     4
MODE_LAST       equ     6

; --- the machine's ---

PIC             equ     20h
PIC_SLAVE       equ     0A0h
PIC_READ_IRR    equ     0Ah
EOI             equ     60h             ; of one line, which is added
CASCADE         equ     2
TIMER_COUNT     equ     40h
TIMER_COMMAND   equ     43h
FLAG_CARRY      equ     1
FLAG_INTERRUPT  equ     2               ; in the upper byte

; Elapsed counts of the timer. It counts 1193 a millisecond, or twice that in the mode that the BIOS chooses.
STOP_COUNT      equ     3820            ; 1.6 ms: note 475, longer than a frame of the greatest length takes
LOST_COUNT      equ     18              ; times 65536: half a second or a whole one; 16 collisions take 0.37 at most

HANDLES         equ     8
GROUPS          equ     16              ; multicast addresses
STACK_SIZE      equ     768             ; for receivers, and for interrupts between two frames

        struc   HANDLE
.open:          resb    1
.length:        resb    1
.type:          resb    TYPE_MAX
.receiver:      resd    1
        endstruc

; The caller's registers, from BP.
        struc   CALLER
.di:            resw    1
.si:            resw    1
.bp:            resw    1
.sp:            resw    1
.bx:            resw    1
.dl:            resb    1
.dh:            resb    1
.cx:            resw    1
.al:            resb    1
.ah:            resb    1
.es:            resw    1
.ds:            resw    1
.ip:            resw    1
.cs:            resw    1
.flags:         resw    1
        endstruc

; Write a register of the chip's; clobbers AL and DX.
        %macro  put     2
        mov     dx, [base]
        %if %1 != 0
        add     dl, %1
        %endif
        mov     al, %2
        out     dx, al
        %endmacro

; Read one into AL; clobbers DX.
        %macro  get     1
        mov     dx, [base]
        %if %1 != 0
        add     dl, %1
        %endif
        in      al, dx
        %endmacro

; One more in a counter of 32 bits.
        %macro  count   1
        add     word [%1], 1
        adc     word [%1 + 2], 0
        %endmacro

; The parts lie beside this file, wherever the assembler runs.
        %substr folder __?FILE?__ 1, -11
        %macro  part 1
        %strcat path folder, %1
        %include path
        %endmacro

start:
        jmp     install

; --- the packet interrupt ---

on_call:
        jmp     short dispatch
        nop
signature:
        db      'PKT DRVR', 0
name:
        db      'NE2000 (baresock)', 0
identity_end:

; A function finds the caller's registers at BP and, but for AH, BX and DS, in their places; DS is ours. It returns
; carry and an error in DH, or none. Interrupts are off, whichever way it was called.
dispatch:
        push    ds
        push    es
        pusha
        mov     bp, sp
        cli
        cld
        push    cs
        pop     ds
        and     byte [bp + CALLER.flags], ~FLAG_CARRY
        %ifdef  FAULTS
        cmp     ah, 80h
        jne     .real
        mov     [fault], al
        jmp     .done
.real:
        %endif
        mov     bl, FUNCTIONS
        cmp     ah, bl
        jae     .last
        mov     bl, ah
.last:
        xor     bh, bh
        shl     bx, 1
        call    [functions + bx]
        jnc     .done
        mov     [bp + CALLER.dh], dh
        or      byte [bp + CALLER.flags], FLAG_CARRY
.done:
        popa
        pop     es
        pop     ds
        iret

functions:
        dw      bad_command, driver_info, access_type, release_type, send_pkt, terminate, get_address
        dw      reset_interface, bad_command, bad_command, get_parameters, as_send_pkt
        times   8 dw bad_command
        dw      set_rcv_mode, get_rcv_mode, set_multicast_list, get_multicast_list, get_statistics, set_address
FUNCTIONS       equ     ($ - functions) / 2
        dw      bad_command

bad_command:
        mov     dh, BAD_COMMAND
fail:
        stc
        ret

ok:
        clc
        ret

        part    "calls.inc"
        part    "chip.inc"
        part    "frames.inc"
        part    "interrupt.inc"

; --- what is known of the card and its state ---

        align   2
base:           dw      0
irq:            db      0
mode:           db      MODE_BROADCAST
rcr:            db      RCR_MON
next_page:      db      0
current:        db      0               ; the page that the chip wrote to
restarted:      db      0               ; since a frame was begun
recovering:     db      0
resend:         db      0
tx_active:      db      NO_BUFFER
in_service:     db      0
may_breathe:    db      0
mask_was:       db      0               ; the line's bit in the PIC's mask, if it was set
        %ifdef  FAULTS
fault:          db      0
        %endif
address:        times ADDRESS db 0
rom_address:    times ADDRESS db 0
mar:            times 8 db 0

        align   2
tx_length:      dw      0, 0            ; 0: the buffer is free
length:         dw      0
handle:         dw      0
buffer:         dd      0
old_sp:         dw      0
old_ss:         dw      0
old_call:       dd      0
old_irq:        dd      0
call_vector:    dw      0               ; where in segment 0
irq_vector:     dw      0
mask_port:      dw      0
in_dos:         dd      0
upcall:         dd      0
wanted_type:    times TYPE_MAX db 0
HEAD            equ     HEADER + TYPE_AT + TYPE_MAX
head:           times HEAD db 0
groups_length:  dw      0
groups:         times GROUPS * ADDRESS db 0

; In the order of the specification.
statistics:
packets_in:     dd      0
packets_out:    dd      0
bytes_in:       dd      0
bytes_out:      dd      0
errors_in:      dd      0
errors_out:     dd      0
lost:           dd      0

parameters:
        db      1, 9                    ; the specification's revision
        db      14                      ; bytes of this
        db      ADDRESS
        dw      FRAME_MAX
        dw      GROUPS * ADDRESS
        dw      RX_PAGES / TX_PAGES - 1 ; frames of the greatest length that come at once, less one
        dw      2 - 1                   ; likewise to be sent
        dw      0                       ; no interrupt after EOI

        align   2
handles:        times HANDLES * HANDLE_size db 0
handles_end:
        align   2
        times STACK_SIZE db 0
stack_end:
resident_end:

        ; Thrown away.
        part    "install.inc"
        part    "find.inc"
        part    "stay.inc"
        part    "words.inc"
