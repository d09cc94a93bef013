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
LOST_COUNT      equ     10              ; times 65536: from a quarter to half a second, far more than 16 collisions take

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

; --- who receives what ---

driver_info:
        mov     dh, BAD_COMMAND
        cmp     al, 0FFh
        jne     fail
        mov     word [bp + CALLER.bx], VERSION
        mov     word [bp + CALLER.cx], CLASS_ETHERNET << 8
        mov     word [bp + CALLER.dl], TYPE_NE2000
        mov     byte [bp + CALLER.al], EVERYTHING
        mov     word [bp + CALLER.si], name
        mov     [bp + CALLER.ds], cs
        jmp     ok

access_type:
        mov     dh, NO_CLASS
        cmp     al, CLASS_ETHERNET
        jne     fail
        mov     dh, NO_TYPE
        cmp     word [bp + CALLER.bx], TYPE_ANY
        je      .type_known
        cmp     word [bp + CALLER.bx], TYPE_NE2000
        jne     fail
.type_known:
        mov     dh, NO_NUMBER
        cmp     dl, 0
        jne     fail
        mov     dh, BAD_TYPE
        cmp     cx, TYPE_MAX
        ja      fail
        push    cx
        push    cs
        pop     es
        mov     di, wanted_type
        mov     ds, [bp + CALLER.ds]
        rep     movsb
        push    cs
        pop     ds
        pop     cx
        ; A frame goes to one handle only: two types may not be the beginning of one another.
        xor     ax, ax                  ; a free handle
        mov     bx, handles
.next:
        cmp     byte [bx + HANDLE.open], 0
        jne     .compare
        mov     ax, bx
        jmp     .step
.compare:
        push    cx
        cmp     cl, [bx + HANDLE.length]
        jbe     .shorter
        mov     cl, [bx + HANDLE.length]
.shorter:
        lea     si, [bx + HANDLE.type]
        mov     di, wanted_type
        cmp     al, al                  ; nothing to compare is equal
        repe    cmpsb
        pop     cx
        mov     dh, TYPE_INUSE
        je      fail
.step:
        add     bx, HANDLE_size
        cmp     bx, handles_end
        jb      .next
        mov     dh, NO_SPACE
        mov     bx, ax
        or      bx, bx
        jz      fail
        mov     [bx + HANDLE.length], cl
        lea     di, [bx + HANDLE.type]
        mov     si, wanted_type
        mov     cx, TYPE_MAX / 2
        rep     movsw
        mov     ax, [bp + CALLER.di]
        mov     [bx + HANDLE.receiver], ax
        mov     ax, [bp + CALLER.es]
        mov     [bx + HANDLE.receiver + 2], ax
        mov     byte [bx + HANDLE.open], 1
        mov     [bp + CALLER.al], bx
        jmp     ok

; The caller's handle into BX, or carry and the error.
find_handle:
        mov     bx, handles
.next:
        cmp     bx, [bp + CALLER.bx]
        je      .found
        add     bx, HANDLE_size
        cmp     bx, handles_end
        jb      .next
.bad:
        mov     dh, BAD_HANDLE
        stc
        ret
.found:
        cmp     byte [bx + HANDLE.open], 0
        je      .bad
        clc
        ret

; Whether BX, an open handle, is not the only one: then above.
others_open:
        mov     al, 0
        mov     si, handles
.next:
        add     al, [si + HANDLE.open]
        add     si, HANDLE_size
        cmp     si, handles_end
        jb      .next
        cmp     al, 1
        ret

release_type:
        call    find_handle
        jc      .done
        mov     byte [bx + HANDLE.open], 0
.done:
        ret

; --- what is told ---

get_address:
        call    find_handle
        jc      .done
        mov     dh, NO_SPACE
        cmp     cx, ADDRESS
        jb      .done
        mov     si, address
        mov     cx, ADDRESS
        mov     [bp + CALLER.cx], cx
        rep     movsb
        clc
.done:
        ret

get_parameters:
        mov     word [bp + CALLER.di], parameters
        mov     [bp + CALLER.es], cs
        jmp     ok

get_statistics:
        call    find_handle
        jc      .done
        call    read_tallies
        mov     word [bp + CALLER.si], statistics
        mov     [bp + CALLER.ds], cs
        clc
.done:
        ret

get_rcv_mode:
        call    find_handle
        jc      .done
        mov     al, [mode]
        mov     ah, 0
        mov     [bp + CALLER.al], ax
        clc
.done:
        ret

get_multicast_list:
        mov     ax, [groups_length]
        mov     [bp + CALLER.cx], ax
        mov     word [bp + CALLER.di], groups
        mov     [bp + CALLER.es], cs
        jmp     ok

; --- what is set ---

set_rcv_mode:
        call    find_handle
        jc      .done
        mov     dh, BAD_MODE
        cmp     cx, MODE_OFF
        jb      .done
        cmp     cx, MODE_LAST + 1
        cmc
        jc      .done
        mov     [mode], cl
        call    set_filter
        clc
.done:
        ret

set_multicast_list:
        mov     dh, NO_SPACE
        cmp     cx, GROUPS * ADDRESS
        ja      .fail
        mov     dh, BAD_ADDRESS
        mov     ax, cx
        mov     bl, ADDRESS
        div     bl
        or      ah, ah                  ; whole addresses only
        jnz     .fail
        mov     ah, al
        mov     si, di
.check:
        sub     ah, 1
        jb      .take
        test    byte [es:si], 1
        jz      .fail
        add     si, ADDRESS
        jmp     .check
.take:
        mov     [groups_length], cx
        push    es
        push    cs
        pop     es
        pop     ds
        mov     si, di
        mov     di, groups
        rep     movsb
        push    cs
        pop     ds
        call    set_filter
        clc
        ret
.fail:
        stc
        ret

set_address:
        mov     dh, BAD_ADDRESS
        cmp     cx, ADDRESS
        jne     .fail
        test    byte [es:di], 1
        jnz     .fail
        mov     ax, [es:di]
        or      ax, [es:di + 2]
        or      ax, [es:di + 4]
        jz      .fail
        mov     dh, CANT_SET
        call    others_open
        ja      .fail
        push    es
        pop     ds
        push    cs
        pop     es
        mov     si, di
        mov     di, address
        rep     movsb
        push    cs
        pop     ds
        put     CR, CR_PAGE1 | CR_START
        call    write_address
        put     CR, CR_START
        clc
        ret
.fail:
        stc
        ret

reset_interface:
        call    find_handle
        jc      .done
        mov     dh, CANT_RESET
        call    others_open
        ja      .fail
        push    cs
        pop     es
        mov     si, rom_address
        mov     di, address
        mov     cx, ADDRESS / 2
        rep     movsw
        mov     word [groups_length], 0
        mov     byte [mode], MODE_BROADCAST
        call    reset_chip
        mov     dh, CANT_RESET
        jc      .done
        call    set_filter
        call    restart_chip
        clc
.done:
        ret
.fail:
        stc
        ret

; The only one who has the driver open ends it. It must be the last that was put into the two vectors.
terminate:
        call    find_handle
        jc      .done
        mov     dh, CANT_TERMINATE
        call    others_open
        ja      .fail
        cmp     byte [in_service], 0    ; not from a receiver
        jne     .fail
        les     di, [in_dos]
        cmp     byte [es:di], 0
        jne     .fail
        xor     ax, ax
        mov     es, ax
        mov     ax, cs
        mov     di, [call_vector]
        mov     si, [irq_vector]
        cmp     word [es:di], on_call
        jne     .fail
        cmp     [es:di + 2], ax
        jne     .fail
        cmp     word [es:si], on_irq
        jne     .fail
        cmp     [es:si + 2], ax
        jne     .fail
        mov     byte [bx + HANDLE.open], 0
        call    stop_chip
        mov     dx, [mask_port]
        in      al, dx
        or      al, [mask_was]
        out     dx, al
        mov     ax, [old_call]
        mov     [es:di], ax
        mov     ax, [old_call + 2]
        mov     [es:di + 2], ax
        mov     ax, [old_irq]
        mov     [es:si], ax
        mov     ax, [old_irq + 2]
        mov     [es:si + 2], ax
        mov     ax, cs
        mov     es, ax
        mov     ah, 49h                 ; free memory: ours, which stays as it is until somebody takes it
        int     21h
        clc
.done:
        ret
.fail:
        stc
        ret

; --- time ---

; The count of the machine's timer, which goes down, into AX.
read_timer:
        mov     al, 0                   ; latch
        out     TIMER_COMMAND, al
        in      al, TIMER_COUNT
        mov     ah, al
        in      al, TIMER_COUNT
        xchg    al, ah
        ret

; Begin to wait: CX is the last count, DI:SI what has elapsed.
start_wait:
        call    read_timer
        mov     cx, ax
        xor     si, si
        xor     di, di
        ret

; Where the count began anew, from whatever number, the time is not counted: a wait is never too short.
wait_more:
        call    read_timer
        xchg    ax, cx
        sub     ax, cx
        jb      .anew
        add     si, ax
        adc     di, 0
.anew:
        ret

; --- remote DMA (section 10.2) ---

; From AX, an address on the card, CX bytes, an even number, by the command in BL. DX is then the port of the data.
begin_dma:
        push    ax
        put     CR, CR_START
        add     dl, ISR
        mov     al, ISR_RDC
        out     dx, al
        pop     ax
        inc     dx                      ; RSAR0
        out     dx, al
        inc     dx
        mov     al, ah
        out     dx, al
        inc     dx                      ; RBCR0
        mov     al, cl
        out     dx, al
        inc     dx
        mov     al, ch
        out     dx, al
        sub     dl, RBCR1
        mov     al, bl
        out     dx, al
        add     dl, DATA
        ret

; Carry when it did not end by itself: then it is ended, and what was read is not to be relied on.
end_dma:
        push    cx
        xor     cx, cx
        mov     dx, [base]
        add     dl, ISR
.wait:
        in      al, dx
        test    al, ISR_RDC
        loopz   .wait
        pop     cx
        jz      .stuck
        mov     al, ISR_RDC
        out     dx, al
        clc
        ret
.stuck:
        put     CR, CR_START
        stc
        ret

; CX bytes from AX on the card to ES:DI.
read_card:
        push    cx
        inc     cx
        and     cl, ~1
        mov     bl, CR_READ
        call    begin_dma
        pop     cx
        shr     cx, 1
        rep     insw
        jnc     end_dma
        in      ax, dx                  ; an odd last byte comes with another
        stosb
        jmp     end_dma

; --- the chip's start and stop (section 11.0) ---

; Write pairs of register and value from SI on.
write_list:
        lodsb
        cmp     al, LIST_END
        je      .done
        mov     dx, [base]
        add     dl, al
        lodsb
        out     dx, al
        jmp     write_list
.done:
        ret

LIST_END        equ     0FFh

stopped_list:
        db      CR, CR_STOP, DCR, DCR_WORDS, RBCR0, 0, RBCR1, 0, RCR_PORT, RCR_MON, TCR, TCR_LOOP
        db      PSTART, RX_START, PSTOP, RX_STOP, BNRY, RX_START, IMR, 0, ISR, 0FFh, CR, CR_PAGE1 | CR_STOP
        db      CURR_PAGE1, RX_START + 1, LIST_END

stop_list:
        db      IMR, 0, ISR, 0FFh, CR, CR_STOP, LIST_END

stop_chip:
        push    si
        mov     si, stop_list
        call    write_list
        pop     si
        ret

; Stop it and wait until it has: what it is sending or receiving it first ends.
halt_chip:
        put     CR, CR_STOP
        call    start_wait
.wait:
        call    wait_more
        or      di, di
        jnz     .done
        cmp     si, STOP_COUNT
        jb      .wait
.done:
        ret

; Carry when the card does not say that it was reset.
reset_chip:
        get     RESET
        out     dx, al
        mov     dx, [base]
        add     dl, ISR
        xor     cx, cx
.wait:
        in      al, dx
        test    al, ISR_RST
        loopz   .wait
        jz      .stuck
        clc
        ret
.stuck:
        stc
        ret

; From any state to one that receives; what was on the card is lost. The mask stays closed.
start_chip:
        mov     si, stopped_list
        call    write_list
        call    write_address
        mov     byte [next_page], RX_START + 1
        mov     byte [restarted], 1
        mov     byte [tx_active], NO_BUFFER
        xor     ax, ax
        mov     [tx_length], ax
        mov     [tx_length + 2], ax
        mov     [recovering], al
        mov     [resend], al
        put     CR, CR_START
        put     TCR, 0
        jmp     write_filter

; With page 1 chosen.
write_address:
        mov     si, address
        mov     cx, ADDRESS
        mov     dx, [base]
        add     dl, PAR0_PAGE1
        jmp     write_bytes

; MAR, and what RCR the receive mode wants.
write_filter:
        put     CR, CR_PAGE1 | CR_START
        mov     si, mar
        mov     cx, 8
        mov     dx, [base]
        add     dl, MAR0_PAGE1
        call    write_bytes
        put     CR, CR_START
        put     RCR_PORT, [rcr]
        ret

; CX bytes from SI into registers from DX on.
write_bytes:
        lodsb
        out     dx, al
        inc     dx
        loop    write_bytes
        ret

; Something went wrong on the card that only a new start mends.
restart_chip:
        cmp     word [tx_length], 0
        je      .first_empty
        count   errors_out
.first_empty:
        cmp     word [tx_length + 2], 0
        je      .second_empty
        count   errors_out
.second_empty:
        call    halt_chip
        call    start_chip
        ; fall through

; The interrupt handler opens the mask when it is done.
open_mask:
        cmp     byte [in_service], 0
        jne     .done
        put     IMR, WANTED
.done:
        ret

; --- receive modes ---

mode_rcr:
        db      RCR_MON, 0, RCR_AB, RCR_AB | RCR_AM, RCR_AB | RCR_AM, RCR_AB | RCR_AM | RCR_PRO

; RCR and MAR from the mode and the list of multicast addresses.
set_filter:
        mov     bl, [mode]
        xor     bh, bh
        mov     al, [bx + mode_rcr - 1]
        mov     [rcr], al
        push    cs
        pop     es
        mov     di, mar
        mov     cx, 4
        xor     ax, ax
        cmp     bl, MODE_MULTICAST
        jbe     .fill
        dec     ax                      ; every group
.fill:
        rep     stosw
        jne     .done
        mov     si, groups
        mov     di, si
        add     di, [groups_length]
.group:
        cmp     si, di
        jae     .done
        call    hash
        mov     bl, al
        shr     bx, 3
        and     al, 7
        mov     cl, al
        mov     al, 1
        shl     al, cl
        or      [bx + mar], al
        jmp     .group
.done:
        jmp     write_filter

; The bit in MAR of the address at SI, which is passed: the upper six bits of its CRC. Into AL; BX is then below 256.
hash:
        mov     ax, 0FFFFh
        mov     dx, ax
        mov     ch, ADDRESS
.byte:
        mov     bl, [si]
        inc     si
        mov     cl, 8
.bit:
        shl     ax, 1
        rcl     dx, 1
        sbb     bh, bh
        xor     bh, bl
        shr     bl, 1
        test    bh, 1
        jz      .next
        xor     ax, 1DB7h
        xor     dx, 04C1h
.next:
        dec     cl
        jnz     .bit
        dec     ch
        jnz     .byte
        mov     al, dh
        shr     al, 2
        xor     bh, bh
        ret

; --- frames to be sent ---

send_pkt:
        mov     dh, CANT_SEND
        cmp     cx, FRAME_LEAST
        jb      .done
        cmp     cx, FRAME_MAX + 1
        cmc
        jc      .done
        call    free_buffer
        jnc     .free
        call    wait_for_buffer
        mov     dh, CANT_SEND
        jc      .done
.free:
        push    bx
        mov     al, TX_PAGES
        mul     bl
        add     al, TX_START
        mov     ah, al
        mov     al, 0
        mov     cx, [bp + CALLER.cx]
        cmp     cx, FRAME_MIN
        jae     .long
        mov     cx, FRAME_MIN
.long:
        push    cx
        inc     cx
        and     cl, ~1
        mov     bl, CR_WRITE
        call    begin_dma
        mov     si, [bp + CALLER.si]
        mov     cx, [bp + CALLER.cx]
        mov     bx, FRAME_MIN
        sub     bx, cx                  ; so much is missing
        mov     ds, [bp + CALLER.ds]
        shr     cx, 1
        rep     outsw
        jnc     .even
        lodsb
        mov     ah, 0
        out     dx, ax
.even:
        push    cs
        pop     ds
        cmp     bx, 2
        jl      .padded
        mov     cx, bx
        shr     cx, 1
        xor     ax, ax
.pad:
        out     dx, ax
        loop    .pad
.padded:
        call    end_dma
        pop     cx
        pop     bx
        jc      .stuck
        mov     si, bx
        shl     si, 1
        mov     [si + tx_length], cx
        cmp     byte [tx_active], NO_BUFFER
        jne     .done_ok                ; it goes out after the other
        call    transmit
.done_ok:
        clc
        ret
.stuck:
        count   errors_out
        call    restart_chip
        mov     dh, CANT_SEND
        stc
.done:
        ret

; The frame is on the card when send_pkt() returns, so that the buffer is given back at once: the specification allows
; it before the call's end.
as_send_pkt:
        call    send_pkt
        jc      .done
        mov     ax, [bp + CALLER.di]
        mov     [upcall], ax
        mov     ax, [bp + CALLER.es]
        mov     [upcall + 2], ax
        push    bp
        mov     di, [bp + CALLER.si]
        mov     es, [bp + CALLER.ds]
        xor     ax, ax                  ; copied
        call    far [upcall]
        cli
        cld
        pop     bp
        push    cs
        pop     ds
        clc
.done:
        ret

; The number of a buffer that is free into BX, or carry.
free_buffer:
        xor     bx, bx
        cmp     word [tx_length], bx
        je      .found
        inc     bx
        cmp     word [tx_length + 2], 1
        cmc
        ret
.found:
        clc
        ret

; Wait for the end of a transmission, with interrupts on if the caller had them on. Carry when none comes: then the card
; is started anew.
wait_for_buffer:
        cmp     byte [recovering], 0    ; nothing goes out before the ring is read
        jne     .never
        call    start_wait
.wait:
        test    byte [bp + CALLER.flags + 1], FLAG_INTERRUPT
        jz      .off
        sti
        nop
        cli
.off:
        get     ISR
        and     al, ISR_PTX | ISR_TXE
        jz      .look
        out     dx, al
        call    end_transmit
.look:
        call    free_buffer
        jnc     .done
        call    wait_more
        cmp     di, LOST_COUNT
        jb      .wait
        call    restart_chip
.never:
        stc
.done:
        ret

; Send the buffer BX.
transmit:
        mov     [tx_active], bl
        cmp     byte [recovering], 0
        jne     .later
        mov     al, TX_PAGES
        mul     bl
        add     al, TX_START
        mov     dx, [base]
        add     dl, TPSR
        out     dx, al
        shl     bx, 1
        mov     ax, [bx + tx_length]
        inc     dx                      ; TBCR0
        out     dx, al
        inc     dx
        mov     al, ah
        out     dx, al
        put     CR, CR_START | CR_TXP
        ret
.later:
        mov     byte [resend], 1
        ret

; AL has PTX or TXE set.
end_transmit:
        mov     bl, [tx_active]
        cmp     bl, NO_BUFFER
        je      .done
        xor     bh, bh
        push    bx
        shl     bx, 1
        xor     cx, cx
        xchg    cx, [bx + tx_length]
        pop     bx
        test    al, ISR_TXE             ; the FIFO ran empty, or there were 16 collisions
        jz      .sent
        count   errors_out
        jmp     .other
.sent:
        count   packets_out
        add     [bytes_out], cx
        adc     word [bytes_out + 2], 0
.other:
        mov     byte [tx_active], NO_BUFFER
        xor     bl, 1
        mov     si, bx
        shl     si, 1
        cmp     word [si + tx_length], 0
        jne     transmit
.done:
        ret

; --- frames that come ---

; The page that the chip writes to next, into AL.
current_page:
        put     CR, CR_PAGE1 | CR_START
        get     CURR_PAGE1
        push    ax
        put     CR, CR_START
        pop     ax
        ret

; Give the frames in the ring to their receivers (section 7.0).
drain:
        call    current_page
        cmp     al, [next_page]
        je      .done
        mov     [current], al
        call    take_frame
        jc      .broken
        call    breathe
        jmp     drain
.broken:
        ; Nothing in the ring can be found any more.
        count   errors_in
        call    restart_chip
.done:
        ret

; Let other interrupts come between two frames, where they were on when ours came.
breathe:
        cmp     byte [may_breathe], 0
        je      .done
        sti
        nop
        cli
.done:
        ret

; The frame at next_page. Carry when the ring is not what it should be.
take_frame:
        mov     byte [restarted], 0
        mov     ah, [next_page]
        mov     al, 0
        mov     cx, HEAD
        push    cs
        pop     es
        mov     di, head
        call    read_card
        jc      .done
        call    is_sound
        jc      .done
        test    byte [head], RSR_PRX
        jz      .bad
        mov     ax, [length]
        cmp     ax, FRAME_LEAST
        jb      .bad
        cmp     ax, FRAME_MAX
        ja      .bad
        count   packets_in
        add     [bytes_in], ax
        adc     word [bytes_in + 2], 0
        call    deliver
        jc      .done
        cmp     byte [restarted], 0     ; by what the receiver did
        jne     .done
        jmp     .next
.bad:
        count   errors_in
.next:
        mov     al, [head + 1]
        mov     [next_page], al
        dec     ax
        cmp     al, RX_START
        jae     .inside
        mov     al, RX_STOP - 1
.inside:
        mov     dx, [base]
        add     dl, BNRY
        out     dx, al
        clc
.done:
        ret

; Whether the frame's header can be true: the next frame begins where this one's bytes end (or a page later, as they are
; followed by the FCS), and not beyond what was received. So a walk from header to header comes to an end.
is_sound:
        mov     ax, [head + 2]
        sub     ax, FCS
        jae     .counted
        xor     ax, ax
.counted:
        mov     [length], ax
        add     ax, HEADER + 255
        jc      .done
        mov     bl, [head + 1]
        call    distance
        jc      .done
        mov     bh, bl
        mov     bl, [current]
        call    distance
        jc      .done
        cmp     bl, bh
        jb      .done
        cmp     bh, ah
        je      .done
        dec     bh
        cmp     bh, ah
        je      .done
        stc
.done:
        ret

; How far it is on the ring from next_page to BL, into BL; carry when BL is not on the ring.
distance:
        cmp     bl, RX_START
        jb      .done
        cmp     bl, RX_STOP
        cmc
        jc      .done
        sub     bl, [next_page]
        jae     .done
        add     bl, RX_PAGES
        clc
.done:
        ret

; The frame's first receiver gives a buffer and is told when it is filled. It may clobber every register but SS and SP.
; Carry when the card does not give the frame.
deliver:
        cmp     byte [mode], MODE_OFF
        je      .done
        mov     bx, handles
.next:
        cmp     byte [bx + HANDLE.open], 0
        je      .step
        xor     cx, cx
        mov     cl, [bx + HANDLE.length]
        lea     si, [bx + HANDLE.type]
        mov     di, head + HEADER + TYPE_AT
        cmp     al, al                  ; nothing to compare is equal
        repe    cmpsb
        je      .found
.step:
        add     bx, HANDLE_size
        cmp     bx, handles_end
        jb      .next
        clc
        ret
.found:
        mov     [handle], bx
        xor     ax, ax
        mov     dx, ax
        mov     si, ax
        mov     di, ax
        mov     cx, [length]
        call    far [bx + HANDLE.receiver]
        cli
        cld
        push    cs
        pop     ds
        mov     ax, es
        or      ax, di
        jz      .lost
        cmp     byte [restarted], 0
        jne     .lost
        mov     [buffer], di
        mov     [buffer + 2], es
        mov     ah, [next_page]
        mov     al, HEADER
        mov     cx, [length]
        call    read_card
        jc      .done
        mov     bx, [handle]
        mov     cx, [length]
        mov     ax, 1
        lds     si, [buffer]
        les     di, [cs:buffer]
        call    far [cs:bx + HANDLE.receiver]
        cli
        cld
        push    cs
        pop     ds
        clc
        ret
.lost:
        count   lost
        clc
.done:
        ret

; --- overflow of the ring ---

; Note 475: the chip must be stopped before anything can be read.
recover:
        count   lost
        get     CR
        and     al, CR_TXP
        mov     [resend], al
        call    halt_chip
        put     RBCR0, 0
        put     RBCR1, 0
        get     ISR
        test    al, ISR_PTX | ISR_TXE
        jz      .cut_off
        mov     byte [resend], 0
.cut_off:
        put     TCR, TCR_LOOP
        put     CR, CR_START
        mov     byte [recovering], 1
        call    drain
        put     ISR, ISR_OVW
        put     TCR, 0
        mov     byte [recovering], 0
        cmp     byte [resend], 0
        je      .done
        mov     bl, [tx_active]
        xor     bh, bh
        cmp     bl, NO_BUFFER
        jne     transmit
.done:
        ret

; They begin anew when they are read (section 8.0). What is missed in mode 1 is not wanted.
read_tallies:
        get     CNTR0
        mov     ah, 0
        mov     cx, ax
        get     CNTR1
        add     cx, ax
        add     [errors_in], cx
        adc     word [errors_in + 2], 0
        get     CNTR2
        cmp     byte [mode], MODE_OFF
        je      .done
        add     [lost], ax
        adc     word [lost + 2], 0
.done:
        ret

; --- the card's interrupt ---

; On a 386 all of every register is kept, as receivers may use it: see save_all.
on_irq:
        push    ax
        push    ds
        push    bp
        mov     bp, sp
        mov     ax, cs
        mov     ds, ax
        cmp     byte [in_service], 0
        jne     .again
        mov     byte [in_service], 1
        mov     al, [bp + 11]           ; the upper byte of the flags
        and     al, FLAG_INTERRUPT
        mov     [may_breathe], al
        mov     [old_sp], sp
        mov     [old_ss], ss
        mov     ax, cs
        mov     ss, ax
        mov     sp, stack_end
save_all:
        nop
        pusha
        nop
        nop
        nop
        nop
        push    es
        cld
        put     IMR, 0
        call    end_of_interrupt
        call    service
        cli
        pop     es
restore_all:
        nop
        nop
        nop
        nop
        nop
        popa
        mov     ss, [old_ss]
        mov     sp, [old_sp]
        mov     byte [in_service], 0
        pop     bp
        pop     ds
        pop     ax
        iret
on_irq.again:
        ; The line is shared, or it came late. The handler that was interrupted looks itself when it is done.
        call    end_of_interrupt
        pop     bp
        pop     ds
        pop     ax
        iret

end_of_interrupt:
        mov     al, [irq]
        sub     al, 8
        jae     .slave
        add     al, EOI + 8
        out     PIC, al
        ret
.slave:
        add     al, EOI
        out     PIC_SLAVE, al
        mov     al, EOI + CASCADE
        out     PIC, al
        ret

; Do all that the card asks for. The mask was closed and is opened last: on ISA an interrupt is the line's rise, and a
; line that has been up all the time would never be heard again.
service:
        get     ISR
        %ifdef  FAULTS
        or      al, [fault]
        mov     byte [fault], 0
        %endif
        mov     ah, al
        and     al, WANTED & ~ISR_OVW
        out     dx, al
        push    ax
        test    ah, ISR_OVW
        jz      .no_overflow
        call    recover
.no_overflow:
        pop     ax
        push    ax
        mov     al, ah
        test    al, ISR_PTX | ISR_TXE
        jz      .not_sent
        call    end_transmit
.not_sent:
        pop     ax
        test    ah, ISR_CNT
        jz      .no_tallies
        call    read_tallies
.no_tallies:
        call    drain
        get     ISR
        test    al, WANTED
        jnz     service
        put     IMR, WANTED
        ; Some emulated cards raise no interrupt for what came before the mask was opened.
        get     ISR
        test    al, WANTED
        jz      .done
        put     IMR, 0
        jmp     service
.done:
        ret

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

        ; Beside this file, wherever the assembler runs.
        %substr folder __?FILE?__ 1, -11
        %strcat part folder, "install.inc"
        %include part
