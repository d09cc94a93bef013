; PKTCALLS.COM: calls a packet driver in every way that the specification knows, and says what came of it: a line
; "ok NAME", or "FAIL NAME" with what was there instead, for each thing that is checked. It ends with status 1 if
; anything failed.
;
; What it is to do is its first argument's letter:
;
;   c      every call and every error, and frames by the card's own loopback
;   p      ARP and 200 pings to 10.0.2.2
;   u N    take N datagrams on port 5353, slowly: more than the ring holds come at once; then ping
;   r      make the card's ring untrue; then ping
;   o      overflows, from a driver with -DFAULTS; then ping
;   t      have the driver terminate
;   k      leave a handle open
;   h      stay, with the card's interrupt (line 10) hooked
;   x      stay, at interrupt 60h
;   y      stay, as a packet driver of another kind at interrupt 61h
;   v      show vectors, masks, and what memory is free
;
; The card is DOSBox-X's, at 300h, whose loopback (TCR) gives a frame to its own receiver, filter and all.

        cpu     386
        bits    16
        org     100h

CARD            equ     300h
CARD_IRQ        equ     72h             ; the vector of line 10
TCR             equ     CARD + 0Dh
TCR_LOOP        equ     2

DRIVER_INFO     equ     01FFh
ACCESS_TYPE     equ     0201h           ; class 1
RELEASE_TYPE    equ     0300h
SEND_PKT        equ     0400h
TERMINATE       equ     0500h
GET_ADDRESS     equ     0600h
RESET_INTERFACE equ     0700h
GET_PARAMETERS  equ     0A00h
AS_SEND_PKT     equ     0B00h
SET_RCV_MODE    equ     1400h
GET_RCV_MODE    equ     1500h
SET_MULTICAST   equ     1600h
GET_MULTICAST   equ     1700h
GET_STATISTICS  equ     1800h
SET_ADDRESS     equ     1900h
FAULT           equ     8000h

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

NO_HANDLE       equ     0FFFFh
FRAME_MAX       equ     1514
PINGS           equ     200
PING_TICKS      equ     36              ; two seconds, of the clock that makes 18 ticks in one
QUIET_TICKS     equ     2

; Make a call with AX, BX, CX, DX, SI, DI; what comes back is in out_ax and so on.
        %macro  try     1-6 0, 0, 0, 0, 0
        push    word %1
        push    word %2
        push    word %3
        push    word %4
        push    word %5
        push    word %6
        call    call_pushed
        %endmacro

; Say whether the last call did well.
        %macro  expect_ok 1
        mov     si, %%name
        call    check_ok
        jmp     %%past
%%name: db      %1, 0
%%past:
        %endmacro

; Or gave this error.
        %macro  expect_error 2
        mov     si, %%name
        mov     al, %2
        call    check_error
        jmp     %%past
%%name: db      %1, 0
%%past:
        %endmacro

; Or whether a word in memory, or a register, is as it should be.
        %macro  expect  3
        mov     ax, %2
        mov     bx, %3
        mov     si, %%name
        call    check_equal
        jmp     %%past
%%name: db      %1, 0
%%past:
        %endmacro

; Or whether CX bytes at SI are those at DI.
        %macro  expect_bytes 1
        mov     bx, %%name
        call    check_bytes
        jmp     %%past
%%name: db      %1, 0
%%past:
        %endmacro

; The parts lie beside this file, wherever the assembler runs.
        %substr folder __?FILE?__ 1, -13
        %macro  part 1
        %strcat path folder, "pktcalls/", %1
        %include path
        %endmacro

start:
        cld
        mov     si, 80h
.next:
        inc     si
        mov     al, [si]
        cmp     al, ' '
        je      .next
        mov     [task], al
        inc     si
        call    read_number
        mov     al, [task]
        cmp     al, 'x'
        je      stay_at_60
        cmp     al, 'y'
        je      stay_as_driver
        cmp     al, 'v'
        je      show_vectors
        call    find_driver
        mov     al, [task]
        mov     bx, tasks
.look:
        cmp     al, [bx]
        je      .found
        add     bx, 3
        cmp     byte [bx], 0
        jne     .look
.found:
        call    [bx + 1]
        mov     al, [failed]
        mov     ah, 4Ch
        int     21h

tasks:
        db      'c'
        dw      every_call
        db      'p'
        dw      ping_all
        db      'u'
        dw      take_datagrams
        db      'r'
        dw      untrue_ring
        db      'o'
        dw      overflows
        db      't'
        dw      terminate
        db      'k'
        dw      keep_open
        db      'h'
        dw      stay_hooked
        db      0
        dw      no_task

no_task:
        mov     byte [failed], 1
        ret

; The number at SI into [number].
read_number:
        xor     cx, cx
.next:
        lodsb
        cmp     al, ' '
        je      .next
        sub     al, '0'
        cmp     al, 10
        jae     .done
        imul    cx, 10
        mov     ah, 0
        add     cx, ax
        jmp     .next
.done:
        mov     [number], cx
        ret

        part    "rig.inc"
        part    "every.inc"
        part    "peers.inc"

; --- loading and unloading ---

terminate:
        try     ACCESS_TYPE, 0FFFFh, 0, 0, 0, receiver
        expect_ok "access_type_every"
        mov     ax, [out_ax]
        mov     [handle_a], ax
        mov     byte [drops], 1
        try     TERMINATE, [handle_a]
        expect_ok "terminate"
        ret

keep_open:
        try     ACCESS_TYPE, 0FFFFh, 2, 0, filled_type, receiver
        expect_ok "left_open"
        ret

stay_hooked:
        mov     ax, 3500h + CARD_IRQ
        int     21h
        mov     [.chain + 1], bx
        mov     [.chain + 3], es
        mov     ax, 2500h + CARD_IRQ
        mov     dx, .chain
        int     21h
        jmp     stay
.chain:
        jmp     0:0

stay_at_60:
        mov     ax, 2560h
        mov     dx, .nothing
        int     21h
        jmp     stay
.nothing:
        nop
        iret

stay_as_driver:
        mov     ax, 2561h
        mov     dx, .driver
        int     21h
        jmp     stay
.driver:
        jmp     short .call
        nop
        db      'PKT DRVR', 0
.call:
        iret

stay:
        mov     dx, (end_of_program - $$ + 100h + 15) / 16
        mov     ax, 3100h
        int     21h

; Vectors of interrupts that a driver may take, both masks, and the greatest block of memory that is free.
show_vectors:
        xor     ax, ax
        mov     es, ax
        mov     si, 8 * 4
        mov     cx, 8
        call    .some
        mov     si, 60h * 4
        mov     cx, 21h
        call    .some
        in      al, 21h
        mov     bl, al
        in      al, 0A1h
        mov     bh, al
        call    print_word
        call    print_line
        mov     ah, 4Ah                 ; of what a program gets, which is all that is free
        mov     bx, 0FFFFh
        push    cs
        pop     es
        int     21h
        call    print_word
        call    print_line
        mov     ax, 4C00h
        int     21h
.some:
        push    cx
        push    si
        mov     bx, [es:si + 2]
        call    print_word
        mov     al, ':'
        call    print_character
        pop     si
        push    si
        mov     bx, [es:si]
        call    print_word
        call    print_line
        pop     si
        pop     cx
        add     si, 4
        loop    .some
        ret

        part    "data.inc"
