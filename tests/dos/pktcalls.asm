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

; --- the driver ---

find_driver:
        mov     byte [call_instruction + 1], 60h
.next:
        mov     ah, 35h
        mov     al, [call_instruction + 1]
        int     21h
        lea     di, [bx + 3]
        mov     si, signature
        mov     cx, 9
        repe    cmpsb
        je      .found
        inc     byte [call_instruction + 1]
        cmp     byte [call_instruction + 1], 80h
        jbe     .next
.found:
        push    cs
        pop     es
        pushf
        pop     ax
        shr     ax, 6
        and     ax, 1
        expect  "found", ax, 1
        cmp     byte [failed], 0
        je      .done
        mov     ax, 4C01h
        int     21h
.done:
        ret

call_pushed:
        pop     ax
        pop     word [in_di]
        pop     word [in_si]
        pop     word [in_dx]
        pop     word [in_cx]
        pop     word [in_bx]
        pop     word [in_ax]
        push    ax
call_driver:
        pushf
        pop     word [in_flags]
        mov     [in_ds], ds
        mov     [in_es], es
        mov     ax, [in_ax]
        mov     bx, [in_bx]
        mov     cx, [in_cx]
        mov     dx, [in_dx]
        mov     si, [in_si]
        mov     di, [in_di]
        mov     bp, 1234h
call_instruction:
        int     60h
        cld
        mov     [cs:out_ds], ds
        push    cs
        pop     ds
        mov     [out_es], es
        push    cs
        pop     es
        mov     [out_ax], ax
        mov     [out_bx], bx
        mov     [out_cx], cx
        mov     [out_dx], dx
        mov     [out_si], si
        mov     [out_di], di
        pushf
        pop     word [out_flags]
        cmp     bp, 1234h
        je      check_kept
        mov     word [not_kept], -1
        ; fall through

; Every register that the specification does not name for the call is as it was.
check_kept:
        test    byte [out_flags], 1
        mov     cx, FAILED_MAY
        jnz     .compare
        mov     bl, [in_ax + 1]
        mov     bh, 0
        cmp     bl, 1Ah
        jae     .done
        mov     cl, [bx + may_change]
.compare:
        mov     si, in_ax
        mov     di, out_ax
.next:
        shr     cx, 1
        jc      .step
        mov     ax, [si]
        cmp     ax, [di]
        je      .step
        mov     ax, [in_ax]
        mov     [not_kept], ax
.step:
        add     si, 2
        add     di, 2
        cmp     si, in_es + 2
        jb      .next
        mov     al, [out_flags + 1]
        xor     al, [in_flags + 1]
        test    al, 2                   ; interrupts are on, or off, as they were
        jz      .done
        mov     ax, [in_ax]
        mov     [not_kept], ax
.done:
        ret

MAY_AX          equ     1
MAY_BX          equ     2
MAY_CX          equ     4
MAY_DX          equ     8
MAY_SI          equ     10h
MAY_DS          equ     20h
MAY_DI          equ     40h
MAY_ES          equ     80h
FAILED_MAY      equ     MAY_DX

; By AH.
may_change:
        db      0, MAY_AX | MAY_BX | MAY_CX | MAY_DX | MAY_DS | MAY_SI, MAY_AX, 0, 0, 0, MAY_CX, 0
        db      0, 0, MAY_ES | MAY_DI, 0, 0, 0, 0, 0, 0, 0, 0, 0
        db      0, MAY_AX, 0, MAY_ES | MAY_DI | MAY_CX, MAY_DS | MAY_SI, MAY_CX

; --- saying what came of it ---

check_ok:
        mov     bx, [out_dx]
        shr     bx, 8
        test    byte [out_flags], 1
        jz      say_ok
        jmp     say_failed

check_error:
        mov     bx, 0FFFFh
        test    byte [out_flags], 1
        jz      say_failed
        mov     bl, [out_dx + 1]
        mov     bh, 0
        cmp     bl, al
        je      say_ok
        jmp     say_failed

check_equal:
        cmp     ax, bx
        je      say_ok
        mov     bx, ax
        jmp     say_failed

check_bytes:
        repe    cmpsb
        mov     si, bx
        mov     bx, cx
        je      say_ok
        ; fall through

; SI is the name, BX what was there instead.
say_failed:
        mov     byte [failed], 1
        push    bx
        push    si
        mov     si, text_failed
        call    print
        pop     si
        call    print
        mov     al, ' '
        call    print_character
        pop     bx
        call    print_word
        jmp     print_line
say_ok:
        push    si
        mov     si, text_ok
        call    print
        pop     si
        call    print
        ; fall through

print_line:
        mov     si, text_line
        ; fall through

print:
        lodsb
        or      al, al
        jz      .done
        call    print_character
        jmp     print
.done:
        ret

print_character:
        push    dx
        mov     dl, al
        mov     ah, 2
        int     21h
        pop     dx
        ret

print_word:
        mov     al, bh
        call    print_byte
        mov     al, bl
print_byte:
        push    ax
        shr     al, 4
        call    .digit
        pop     ax
        and     al, 0Fh
.digit:
        add     al, '0'
        cmp     al, '9'
        jbe     print_character
        add     al, 'A' - '0' - 10
        jmp     print_character

; --- receiving ---

; A receiver that keeps the last frame, counts, and clobbers all that it may.
receiver:
        or      al, al
        jnz     .filled
        mov     [cs:asked_handle], bx
        mov     [cs:asked_length], cx
        inc     word [cs:asked]
        cmp     byte [cs:drops], 0
        jne     .drop
        push    cs
        pop     es
        mov     di, received
        jmp     .clobber
.drop:
        xor     di, di
        mov     es, di
        jmp     .clobber
.filled:
        mov     [cs:got_handle], bx
        mov     [cs:got_length], cx
        mov     [cs:got_si], si
        mov     [cs:got_ds], ds
        cmp     byte [cs:answers], 0
        je      .counted
        ; Send from here.
        push    cs
        pop     ds
        mov     byte [answers], 0
        mov     al, [call_instruction + 1]
        mov     [.call + 1], al
        mov     si, answer
        mov     cx, [answer_length]
        mov     ax, SEND_PKT
        jmp     .call
.call:
        int     60h
        adc     word [answer_failed], 0
.counted:
        inc     word [cs:got]
.clobber:
        mov     eax, 0DEADBEEFh
        mov     ebx, eax
        mov     ecx, eax
        mov     edx, eax
        mov     esi, eax
        mov     ebp, eax
        mov     ds, ax
        mov     fs, ax
        mov     gs, ax
        movzx   edi, di                 ; the rest of it is the buffer
        or      edi, 0BEEF0000h
        std
        retf

; Every register of what is interrupted is kept while frames come: wait until one does, or [ticks] pass: then carry.
wait_for_frame:
        push    fs
        push    gs
        mov     ax, 40h
        mov     gs, ax
        mov     fs, [gs:6Ch]
        mov     [began], fs
        mov     esi, 11112222h
        mov     edi, 33334444h
        mov     ebp, 55556666h
        mov     ebx, 77778888h
        mov     ecx, 9999AAAAh
        mov     edx, 0BBBBCCCCh
        mov     eax, 0DDDDEEEEh
.wait:
        cmp     word [got], 0
        jne     .came
        mov     ax, [gs:6Ch]
        push    bx
        mov     bx, fs
        sub     ax, bx
        pop     bx
        cmp     ax, [ticks]
        mov     ax, 0EEEEh
        jb      .wait
        pop     gs
        pop     fs
        stc
        ret
.came:
        cmp     eax, 0DDDDEEEEh
        jne     .clobbered
        cmp     ebx, 77778888h
        jne     .clobbered
        cmp     ecx, 9999AAAAh
        jne     .clobbered
        cmp     edx, 0BBBBCCCCh
        jne     .clobbered
        cmp     esi, 11112222h
        jne     .clobbered
        cmp     edi, 33334444h
        jne     .clobbered
        cmp     ebp, 55556666h
        jne     .clobbered
        mov     ax, gs
        cmp     ax, 40h
        jne     .clobbered
        mov     ax, fs
        cmp     ax, [began]
        jne     .clobbered
        mov     ax, ds
        mov     bx, cs
        cmp     ax, bx
        jne     .clobbered
        mov     ax, es
        cmp     ax, bx
        je      .kept
.clobbered:
        push    cs
        push    cs
        pop     ds
        pop     es
        mov     byte [clobbered], 1
.kept:
        pop     gs
        pop     fs
        clc
        ret

; A frame of [length] bytes of type BX to the address at SI.
make_frame:
        mov     di, frame
        mov     cx, 3
        rep     movsw
        mov     si, own_address
        mov     cx, 3
        rep     movsw
        mov     ax, bx
        xchg    al, ah
        stosw
        mov     al, 0A5h
        mov     cx, FRAME_MAX - 14
.fill:
        stosb
        add     al, 7
        loop    .fill
        ret

; Loop a frame back, and see whether it comes: [got] says.
        %macro  loop_back 2-3 60
        mov     si, %1
        mov     bx, %2
        mov     word [length], %3
        call    loop_frame
        %endmacro

loop_frame:
        call    make_frame
        mov     word [got], 0
        mov     word [asked], 0
        mov     word [ticks], QUIET_TICKS
        mov     cx, [length]
        mov     word [in_ax], SEND_PKT
        mov     word [in_bx], 0
        mov     [in_cx], cx
        mov     word [in_si], frame
        call    call_driver
        jmp     wait_for_frame

; --- c: every call and every error ---

every_call:
        try     DRIVER_INFO
        expect_ok "driver_info"
        expect  "driver_info_functions", [out_ax], DRIVER_INFO & 0FF00h | 6
        expect  "driver_info_version", [out_bx], 9
        expect  "driver_info_class_and_number", [out_cx], 0100h
        expect  "driver_info_type", [out_dx], 54
        mov     es, [out_ds]
        mov     si, [out_si]
        mov     ax, [es:si]
        push    cs
        pop     es
        expect  "driver_info_name", ax, 'NE'
        try     0100h
        expect_error "driver_info_without_ff", BAD_COMMAND

        try     ACCESS_TYPE + 1, 0FFFFh, 2, 0, type_a, receiver
        expect_error "access_type_other_class", NO_CLASS
        try     ACCESS_TYPE, 53, 2, 0, type_a, receiver
        expect_error "access_type_other_type", NO_TYPE
        try     ACCESS_TYPE, 0FFFFh, 2, 1, type_a, receiver
        expect_error "access_type_other_number", NO_NUMBER
        try     ACCESS_TYPE, 0FFFFh, 9, 0, type_a, receiver
        expect_error "access_type_length_9", BAD_TYPE
        try     ACCESS_TYPE, 54, 2, 0, type_a, receiver
        expect_ok "access_type"
        mov     ax, [out_ax]
        mov     [handle_a], ax
        try     ACCESS_TYPE, 0FFFFh, 2, 0, type_a, receiver
        expect_error "access_type_same", TYPE_INUSE
        try     ACCESS_TYPE, 0FFFFh, 0, 0, 0, receiver
        expect_error "access_type_all", TYPE_INUSE
        try     ACCESS_TYPE, 0FFFFh, 1, 0, type_a, receiver
        expect_error "access_type_beginning", TYPE_INUSE
        try     ACCESS_TYPE, 0FFFFh, 8, 0, type_a, receiver
        expect_error "access_type_continuation", TYPE_INUSE
        try     ACCESS_TYPE, 0FFFFh, 8, 0, type_b, receiver
        expect_ok "access_type_length_8"
        mov     ax, [out_ax]
        mov     [handle_b], ax
        cmp     ax, [handle_a]
        setne   al
        movzx   ax, al
        expect  "access_type_gives_another_handle", ax, 1

        call    fill_handles
        expect_error "access_type_one_too_many", NO_SPACE
        expect  "access_type_handles", [filled], 6
        call    release_filled
        try     RELEASE_TYPE, [handle_b]
        expect_ok "release_type"
        try     RELEASE_TYPE, [handle_b]
        expect_error "release_type_twice", BAD_HANDLE
        try     RELEASE_TYPE, NO_HANDLE
        expect_error "release_type_no_handle", BAD_HANDLE
        mov     ax, [handle_a]
        inc     ax
        try     RELEASE_TYPE, ax
        expect_error "release_type_beside_a_handle", BAD_HANDLE

        try     GET_ADDRESS, [handle_a], 6, 0, 0, own_address
        expect_ok "get_address"
        expect  "get_address_length", [out_cx], 6
        mov     si, own_address
        mov     di, address_of_rig
        mov     cx, 6
        expect_bytes "get_address_is_the_cards"
        try     GET_ADDRESS, [handle_a], 8, 0, 0, scratch
        expect_ok "get_address_more_room"
        expect  "get_address_more_room_length", [out_cx], 6
        try     GET_ADDRESS, [handle_a], 5, 0, 0, scratch
        expect_error "get_address_length_5", NO_SPACE
        try     GET_ADDRESS, NO_HANDLE, 6, 0, 0, scratch
        expect_error "get_address_no_handle", BAD_HANDLE

        try     GET_PARAMETERS
        expect_ok "get_parameters"
        push    ds
        lds     si, [out_di_es]
        mov     di, scratch
        mov     cx, 14
        rep     movsb
        pop     ds
        expect  "get_parameters_revision", [scratch], 0901h
        expect  "get_parameters_lengths", [scratch + 2], 060Eh
        expect  "get_parameters_mtu", [scratch + 4], 1514
        expect  "get_parameters_multicast", [scratch + 6], 96
        expect  "get_parameters_interrupt", [scratch + 12], 0

        call    unknown_functions
        call    modes
        call    groups
        call    sending
        call    filters
        call    own_addresses
        call    resetting

        try     TERMINATE, NO_HANDLE
        expect_error "terminate_no_handle", BAD_HANDLE
        call    open_b
        try     TERMINATE, [handle_b]
        expect_error "terminate_others_open", CANT_TERMINATE
        try     RELEASE_TYPE, [handle_b]
        try     RELEASE_TYPE, [handle_a]
        expect_ok "release_type_last"
        expect  "registers_kept", [not_kept], 0
        mov     al, [clobbered]
        mov     ah, 0
        expect  "registers_of_the_interrupted_kept", ax, 0
        ret

open_b:
        try     ACCESS_TYPE, 0FFFFh, 8, 0, type_b, receiver
        mov     ax, [out_ax]
        mov     [handle_b], ax
        ret

; Handles for types 8000h and on, until there are no more.
fill_handles:
        mov     word [filled], 0
        mov     word [filled_type], 80h
.next:
        try     ACCESS_TYPE, 0FFFFh, 2, 0, filled_type, receiver
        test    byte [out_flags], 1
        jnz     .done
        mov     bx, [filled]
        shl     bx, 1
        mov     ax, [out_ax]
        mov     [bx + filled_handles], ax
        inc     word [filled]
        inc     byte [filled_type + 1]
        cmp     word [filled], 60
        jb      .next
.done:
        ret

release_filled:
        mov     bx, [filled]
        dec     bx
        js      .done
        mov     [filled], bx
        shl     bx, 1
        try     RELEASE_TYPE, [bx + filled_handles]
        jmp     release_filled
.done:
        ret

unknown_functions:
        mov     si, unknown
.next:
        lodsb
        or      al, al
        js      .done
        push    si
        mov     ah, al
        try     ax, [handle_a]
        mov     ax, [out_dx]
        shr     ax, 8
        test    byte [out_flags], 1
        jnz     .error
        xor     ax, ax
.error:
        expect  "unknown_function_refused", ax, BAD_COMMAND
        pop     si
        jmp     .next
.done:
        try     0FF00h, [handle_a]
        expect_error "unknown_function_ff", BAD_COMMAND
        ret

unknown:
        db      0, 8, 9, 0Ch, 0Dh, 0Eh, 13h, 1Ah, 1Bh, 7Fh, -1

; Each receive mode can be set and is told.
modes:
        try     GET_RCV_MODE, [handle_a]
        expect_ok "get_rcv_mode"
        expect  "get_rcv_mode_at_first", [out_ax], 3
        try     GET_RCV_MODE, NO_HANDLE
        expect_error "get_rcv_mode_no_handle", BAD_HANDLE
        try     SET_RCV_MODE, [handle_a], 0
        expect_error "set_rcv_mode_0", BAD_MODE
        try     SET_RCV_MODE, [handle_a], 7
        expect_error "set_rcv_mode_7", BAD_MODE
        try     SET_RCV_MODE, [handle_a], 103h
        expect_error "set_rcv_mode_259", BAD_MODE
        try     SET_RCV_MODE, NO_HANDLE, 3
        expect_error "set_rcv_mode_no_handle", BAD_HANDLE
        mov     cx, 1
.next:
        push    cx
        try     SET_RCV_MODE, [handle_a], cx
        expect_ok "set_rcv_mode"
        try     GET_RCV_MODE, [handle_a]
        pop     cx
        push    cx
        expect  "get_rcv_mode_tells", [out_ax], cx
        pop     cx
        inc     cx
        cmp     cx, 6
        jbe     .next
        ret

groups:
        try     SET_MULTICAST, 0, 5, 0, 0, group_listed
        expect_error "set_multicast_list_length_5", BAD_ADDRESS
        try     SET_MULTICAST, 0, 6, 0, 0, address_of_rig
        expect_error "set_multicast_list_no_group", BAD_ADDRESS
        try     SET_MULTICAST, 0, 17 * 6, 0, 0, many_groups
        expect_error "set_multicast_list_17", NO_SPACE
        try     SET_MULTICAST, 0, 16 * 6, 0, 0, many_groups
        expect_ok "set_multicast_list_16"
        try     GET_MULTICAST
        expect_ok "get_multicast_list"
        expect  "get_multicast_list_length", [out_cx], 96
        mov     si, many_groups
        les     di, [out_di_es]
        mov     cx, 96
        expect_bytes "get_multicast_list_same"
        push    cs
        pop     es
        try     SET_MULTICAST, 0, 0
        expect_ok "set_multicast_list_none"
        try     GET_MULTICAST
        expect  "get_multicast_list_none", [out_cx], 0
        try     SET_MULTICAST, 0, 6, 0, 0, group_listed
        expect_ok "set_multicast_list_1"
        ret

; Frames of every kind of length are looped back as they were, are counted, and go to their handle.
sending:
        call    loop_on
        try     SET_RCV_MODE, [handle_a], 3
        try     SEND_PKT, 0, 1515, 0, frame
        expect_error "send_pkt_1515", CANT_SEND
        try     SEND_PKT, 0, 13, 0, frame
        expect_error "send_pkt_13", CANT_SEND
        call    get_statistics
        mov     si, lengths
.next:
        lodsw
        or      ax, ax
        jz      .sent
        push    si
        mov     [length], ax
        mov     si, own_address
        mov     bx, 0A0Ah
        call    loop_frame
        expect  "send_pkt_loops_back", [got], 1
        mov     cx, [length]
        mov     si, received
        mov     di, frame
        expect_bytes "send_pkt_same_bytes"
        mov     ax, [length]
        cmp     ax, 60
        jae     .long
        mov     ax, 60
.long:
        mov     [length], ax
        expect  "send_pkt_length", [got_length], [length]
        expect  "asked_length", [asked_length], [length]
        expect  "receiver_asked_once", [asked], 1
        expect  "receiver_handle", [got_handle], [handle_a]
        expect  "receiver_handle_asked", [asked_handle], [handle_a]
        expect  "receiver_buffer", [got_si], received
        pop     si
        jmp     .next
.sent:
        call    statistics_change
        expect  "statistics_packets_in", [changed], 9
        expect  "statistics_packets_out", [changed + 4], 9
        expect  "statistics_bytes_in", [changed + 8], 60 + 60 + 60 + 60 + 61 + 512 + 513 + 1513 + 1514
        expect  "statistics_bytes_out", [changed + 12], 60 + 60 + 60 + 60 + 61 + 512 + 513 + 1513 + 1514
        expect  "statistics_errors_in", [changed + 16], 0
        expect  "statistics_errors_out", [changed + 20], 0
        expect  "statistics_lost", [changed + 24], 0
        try     GET_STATISTICS, NO_HANDLE
        expect_error "get_statistics_no_handle", BAD_HANDLE

        loop_back own_address, 0A0Ah, 14
        mov     si, received + 14
        mov     di, zeros
        mov     cx, 46
        expect_bytes "send_pkt_pads_with_zeros"

        mov     byte [drops], 1
        call    get_statistics
        loop_back own_address, 0A0Ah
        mov     byte [drops], 0
        expect  "receiver_drops_asked", [asked], 1
        expect  "receiver_drops_not_told", [got], 0
        call    statistics_change
        expect  "statistics_lost_dropped", [changed + 24], 1

        loop_back own_address, 0B0Bh
        expect  "other_type_not_asked", [asked], 0
        call    open_b
        loop_back own_address, 0B0Bh
        expect  "longer_type_differs_not_asked", [asked], 0
        mov     si, own_address
        mov     bx, 0B0Bh
        mov     word [length], 60
        call    make_frame
        mov     si, type_b
        mov     di, frame + 12
        mov     cx, 4
        rep     movsw
        mov     word [got], 0
        try     SEND_PKT, 0, 60, 0, frame
        call    wait_for_frame
        expect  "longer_type_received", [got], 1
        expect  "second_handle_told", [got_handle], [handle_b]
        loop_back own_address, 0A0Ah
        expect  "first_handle_told", [got_handle], [handle_a]
        try     RELEASE_TYPE, [handle_b]

        try     AS_SEND_PKT, 0, 1515, 0, frame, upcall
        expect_error "as_send_pkt_1515", CANT_SEND
        expect  "as_send_pkt_1515_no_upcall", [upcalls], 0
        mov     word [got], 0
        try     AS_SEND_PKT, 0, 60, 0, frame, upcall
        expect_ok "as_send_pkt"
        call    wait_for_frame
        expect  "as_send_pkt_sent", [got], 1
        expect  "as_send_pkt_upcalls", [upcalls], 1
        expect  "as_send_pkt_upcall_result", [upcall_ax], 0
        expect  "as_send_pkt_upcall_buffer", [upcall_di], frame
        mov     ax, cs
        expect  "as_send_pkt_upcall_segment", [upcall_es], ax

        mov     si, own_address
        mov     bx, 0A0Ah
        call    make_frame
        mov     si, frame
        mov     di, answer
        mov     cx, 30
        rep     movsw
        mov     byte [answers], 1
        loop_back own_address, 0A0Ah
        mov     word [ticks], QUIET_TICKS
.answered:
        cmp     word [got], 2
        je      .both
        dec     word [patience]
        jnz     .answered
.both:
        expect  "receiver_sends", [got], 2
        expect  "receiver_sends_well", [answer_failed], 0

        ; More than the two buffers on the card hold, one after the other.
        mov     word [got], 0
        mov     cx, 30
.burst:
        push    cx
        try     SEND_PKT, 0, 1514, 0, frame
        pop     cx
        test    byte [out_flags], 1
        jnz     .burst_end
        loop    .burst
.burst_end:
        expect  "send_pkt_burst", cx, 0
        ; With interrupts off the driver has to look for itself. Not looped back: the ring would run full.
        call    loop_off
        cli
        mov     cx, 30
.closed:
        push    cx
        mov     si, frame
        mov     cx, 1514
        mov     ax, SEND_PKT
        mov     bl, [call_instruction + 1]
        mov     [.call + 1], bl
        jmp     .call
.call:
        int     60h
        pop     cx
        jc      .closed_end
        loop    .closed
.closed_end:
        pushf
        pop     ax
        sti
        and     ax, 200h
        push    ax
        expect  "send_pkt_burst_interrupts_off", cx, 0
        pop     ax
        expect  "send_pkt_keeps_interrupts_off", ax, 0
        ret

upcall:
        mov     [cs:upcall_ax], ax
        mov     [cs:upcall_di], di
        mov     [cs:upcall_es], es
        inc     word [cs:upcalls]
        mov     ax, 0DEADh
        mov     bx, ax
        mov     cx, ax
        mov     dx, ax
        mov     si, ax
        mov     di, ax
        mov     bp, ax
        mov     ds, ax
        mov     es, ax
        retf

lengths:
        dw      14, 15, 59, 60, 61, 512, 513, 1513, 1514, 0

; What each mode receives: own address, broadcast, a group of the list, another group, another address.
filters:
        call    loop_on
        mov     byte [filter_mode], 1
        mov     si, filter_table
.mode:
        push    si
        mov     cl, [filter_mode]
        mov     ch, 0
        try     SET_RCV_MODE, [handle_a], cx
        pop     si
        mov     di, filter_addresses
.address:
        lodsb
        push    si
        push    di
        push    ax
        mov     si, [di]
        mov     bx, 0A0Ah
        mov     word [length], 60
        call    loop_frame
        pop     ax
        mov     ah, 0
        cmp     ax, [got]
        je      .same
        pop     bx
        push    bx
        sub     bx, filter_addresses
        mov     bh, [filter_mode]       ; which mode, and twice which address
        mov     si, text_filter
        call    say_failed
.same:
        pop     di
        pop     si
        add     di, 2
        cmp     di, filter_addresses + 10
        jb      .address
        inc     byte [filter_mode]
        cmp     byte [filter_mode], 6
        jbe     .mode
        mov     si, text_filter
        call    say_ok
        try     SET_RCV_MODE, [handle_a], 3
        ret

filter_addresses:
        dw      own_address, broadcast, group_listed, group_other, address_other
filter_table:
        db      0, 0, 0, 0, 0
        db      1, 0, 0, 0, 0
        db      1, 1, 0, 0, 0
        db      1, 1, 1, 0, 0
        db      1, 1, 1, 1, 0
        db      1, 1, 1, 1, 1
text_filter:
        db      "receive_modes", 0

own_addresses:
        try     SET_ADDRESS, 0, 5, 0, 0, address_set
        expect_error "set_address_length_5", BAD_ADDRESS
        try     SET_ADDRESS, 0, 7, 0, 0, address_set
        expect_error "set_address_length_7", BAD_ADDRESS
        try     SET_ADDRESS, 0, 6, 0, 0, group_listed
        expect_error "set_address_group", BAD_ADDRESS
        try     SET_ADDRESS, 0, 6, 0, 0, zeros
        expect_error "set_address_0", BAD_ADDRESS
        call    open_b
        try     SET_ADDRESS, 0, 6, 0, 0, address_set
        expect_error "set_address_two_handles", CANT_SET
        try     RELEASE_TYPE, [handle_b]
        try     SET_ADDRESS, 0, 6, 0, 0, address_set
        expect_ok "set_address"
        expect  "set_address_length", [out_cx], 6
        try     GET_ADDRESS, [handle_a], 6, 0, 0, scratch
        mov     si, scratch
        mov     di, address_set
        mov     cx, 6
        expect_bytes "get_address_is_what_was_set"
        loop_back address_set, 0A0Ah
        expect  "set_address_received", [got], 1
        loop_back address_of_rig, 0A0Ah
        expect  "set_address_former_not_received", [got], 0
        ret

resetting:
        try     RESET_INTERFACE, NO_HANDLE
        expect_error "reset_interface_no_handle", BAD_HANDLE
        call    open_b
        try     RESET_INTERFACE, [handle_a]
        expect_error "reset_interface_two_handles", CANT_RESET
        try     RELEASE_TYPE, [handle_b]
        try     SET_RCV_MODE, [handle_a], 6
        try     RESET_INTERFACE, [handle_a]
        expect_ok "reset_interface"
        try     GET_RCV_MODE, [handle_a]
        expect  "reset_interface_mode", [out_ax], 3
        try     GET_MULTICAST
        expect  "reset_interface_groups", [out_cx], 0
        try     GET_ADDRESS, [handle_a], 6, 0, 0, scratch
        mov     si, scratch
        mov     di, address_of_rig
        mov     cx, 6
        expect_bytes "reset_interface_address"
        call    loop_on
        loop_back own_address, 0A0Ah
        expect  "reset_interface_receives", [got], 1
        call    loop_off
        ret

loop_on:
        mov     al, TCR_LOOP
        jmp     write_tcr
loop_off:
        mov     al, 0
write_tcr:
        ; What is being sent ends first.
        push    ax
        mov     word [got], 0
        mov     word [ticks], QUIET_TICKS
        call    wait_for_frame
        pop     ax
        mov     dx, TCR
        out     dx, al
        ret

; The driver's counters, into former.
get_statistics:
        try     GET_STATISTICS, [handle_a]
        push    ds
        lds     si, [out_si_ds]
        mov     di, former
        mov     cx, 14
        rep     movsw
        pop     ds
        ret

; How far each is since then, into changed.
statistics_change:
        try     GET_STATISTICS, [handle_a]
        expect_ok "get_statistics"
        les     di, [out_si_ds]
        mov     si, former
        mov     bx, changed
        mov     cx, 7
.next:
        mov     eax, [es:di]
        sub     eax, [si]
        mov     [bx], eax
        add     di, 4
        add     si, 4
        add     bx, 4
        loop    .next
        push    cs
        pop     es
        ret

; --- p: peers ---

; Open a handle for every frame: then who has 10.0.2.2?
begin_peers:
        try     ACCESS_TYPE, 0FFFFh, 0, 0, 0, receiver
        expect_ok "access_type_every"
        mov     ax, [out_ax]
        mov     [handle_a], ax
        try     GET_ADDRESS, [handle_a], 6, 0, 0, own_address
        mov     si, own_address
        mov     di, arp_source
        call    copy_address
        mov     si, own_address
        mov     di, arp_sender
        call    copy_address
        mov     si, own_address
        mov     di, ping_source
        call    copy_address
        mov     word [tries], 20
.ask:
        mov     word [got], 0
        mov     word [ticks], PING_TICKS
        try     SEND_PKT, 0, 42, 0, arp
        call    wait_for_frame
        jc      .again
        cmp     word [received + 12], 0608h
        jne     .again
        cmp     word [received + 20], 0200h
        je      .answered
.again:
        dec     word [tries]
        jnz     .ask
.answered:
        expect  "arp_reply", [received + 20], 0200h
        mov     si, received + 22
        mov     di, ping
        call    copy_address
        ret

copy_address:
        mov     cx, 3
        rep     movsw
        ret

ping_all:
        call    begin_peers
        call    get_statistics
        call    ping_many
        call    statistics_change
        expect  "statistics_pings_in", [changed], PINGS
        expect  "statistics_pings_out", [changed + 4], PINGS
        jmp     end_peers

; None is lost, and each comes as it was sent.
ping_many:
        mov     word [answered], 0
        mov     word [sequence], 0
.next:
        mov     cx, [sequence]
        call    ping_one
        adc     word [answered], 0
        inc     word [sequence]
        cmp     word [sequence], PINGS
        jb      .next
        expect  "pings", [answered], PINGS
        ret

; Carry when the answer to number CX came.
ping_one:
        mov     [ping_sequence], cx
        mov     word [ping_checksum], 0
        xor     bx, bx
        mov     si, ping_icmp
        mov     cx, (ping_end - ping_icmp) / 2
        clc
.sum:
        lodsw
        adc     bx, ax
        loop    .sum
        adc     bx, 0
        not     bx
        mov     [ping_checksum], bx
        mov     word [got], 0
        mov     word [ticks], PING_TICKS
        try     SEND_PKT, 0, PING_SIZE, 0, ping
.wait:
        call    wait_for_frame
        jc      .none
        cmp     byte [received + 14 + 9], 1
        je      .compare
        mov     word [got], 0           ; something else
        jmp     .wait
.compare:
        cmp     byte [received + 34], 0
        jne     .none
        mov     si, received + 38
        mov     di, ping_icmp + 4
        mov     cx, ping_end - ping_icmp - 4
        repe    cmpsb
        jne     .none
        stc
        ret
.none:
        clc
        ret

end_peers:
        try     RELEASE_TYPE, [handle_a]
        expect_ok "release_type"
        expect  "registers_kept", [not_kept], 0
        mov     al, [clobbered]
        mov     ah, 0
        expect  "registers_of_the_interrupted_kept", ax, 0
        ret

; --- u: more than the ring holds ---

; Say that we listen, with a datagram to port [number] of 10.0.2.2; what answers comes in bursts. Interrupts are off for
; a while in the midst, so that the ring runs full. Then whether all goes on.
take_datagrams:
        call    begin_peers
        call    get_statistics
        mov     si, ping
        mov     di, datagram
        call    copy_address
        mov     si, own_address
        mov     di, datagram + 6
        call    copy_address
        mov     ax, [number]
        xchg    al, ah
        mov     [datagram_port], ax
        mov     byte [drops], 0
        mov     word [got], 0
        mov     word [ticks], 18 * 20
        try     SEND_PKT, 0, DATAGRAM_SIZE, 0, datagram
        call    wait_for_frame
        adc     word [not_heard], 0
        expect  "datagrams_come", [not_heard], 0
        ; Half a second, by the timer itself.
        cli
        mov     cx, 1000
.closed:
        push    cx
        mov     cx, 500
.wait:
        in      al, 61h
        loop    .wait
        pop     cx
        loop    .closed
        sti
        ; And until none has come for two seconds.
.more:
        mov     word [got], 0
        mov     word [ticks], 36
        call    wait_for_frame
        jnc     .more
        call    statistics_change
        mov     si, text_taken
        call    print
        mov     bx, [changed]
        call    print_word
        call    print_line
        call    ping_many
        jmp     end_peers

; --- r: a ring that is not true ---

; Let the chip write elsewhere than the driver reads: what is there is no header.
untrue_ring:
        call    begin_peers
        call    get_statistics
        cli
        mov     dx, CARD
        mov     al, 62h                 ; page 1
        out     dx, al
        mov     dl, 7                   ; CURR
        in      al, dx
        add     al, 9
        cmp     al, 80h
        jb      .inside
        sub     al, 80h - 4Ch
.inside:
        out     dx, al
        mov     dl, 0
        mov     al, 22h
        out     dx, al
        sti
        mov     cx, 1000                ; it is found when the next frame comes, which is lost
        call    ping_one
        call    statistics_change
        expect  "untrue_ring_counted", [changed + 16], 1
        call    ping_many
        jmp     end_peers

; --- o: overflows ---

; The driver takes the card for overflown: it must stop, read and start it. What comes while it is stopped is lost, as
; on any card; all that comes afterwards is received.
overflows:
        call    begin_peers
        call    get_statistics
        mov     word [answered], 0
        mov     word [sequence], 0
.next:
        try     FAULT | 10h             ; OVW
        mov     cx, 1000
        call    ping_one
        mov     cx, [sequence]
        call    ping_one
        adc     word [answered], 0
        inc     word [sequence]
        cmp     word [sequence], 50
        jb      .next
        expect  "overflow_pings", [answered], 50
        call    statistics_change
        expect  "overflow_counted", [changed + 24], 50
        expect  "overflow_out", [changed + 4], 100
        expect  "overflow_errors_in", [changed + 16], 0
        expect  "overflow_errors_out", [changed + 20], 0
        ; What a receiver sends while the ring is read waits until the chip is started: an answer to it comes.
        call    ping_one
        mov     si, ping
        mov     di, answer
        mov     cx, PING_SIZE
        rep     movsb
        mov     word [answer_length], PING_SIZE
        mov     byte [answers], 1
        mov     word [answer_failed], 0
        call    loop_on
        mov     si, own_address
        mov     bx, 0A0Ah
        call    make_frame
        cli
        try     SEND_PKT, 0, 60, 0, frame
        try     FAULT | 10h
        mov     word [got], 0
        mov     word [ticks], PING_TICKS
        sti
.answer:
        call    wait_for_frame
        jc      .answered
        cmp     word [received + 12], 8
        je      .answered
        mov     word [got], 0
        jmp     .answer
.answered:
        expect  "overflow_receiver_sends", [answer_failed], 0
        expect  "overflow_receiver_is_answered", [received + 12], 8
        ; A transmission that failed is counted, and the next one goes out.
        call    get_statistics
        try     FAULT | 8               ; TXE
        mov     cx, 1000
        call    ping_one
        call    statistics_change
        expect  "transmit_error_counted", [changed + 20], 1
        call    ping_many
        jmp     end_peers

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

; --- data ---

signature:      db      'PKT DRVR', 0
text_ok:        db      'ok ', 0
text_failed:    db      'FAIL ', 0
text_taken:     db      'taken ', 0
text_line:      db      13, 10, 0

address_of_rig: db      0ACh, 0DEh, 48h, 88h, 99h, 0ABh
address_set:    db      02h, 01h, 02h, 03h, 04h, 05h
address_other:  db      02h, 0A1h, 0A2h, 0A3h, 0A4h, 0A5h
broadcast:      times 6 db 0FFh
zeros:          times 60 db 0
group_listed:   db      01h, 00h, 5Eh, 00h, 00h, 0FBh
group_other:    db      33h, 33h, 00h, 00h, 00h, 01h
many_groups:
        %assign n 0
        %rep    17
        db      01h, 00h, 5Eh, 01h, 02h, n
        %assign n n + 1
        %endrep
type_a:         db      0Ah, 0Ah, 0A5h, 0ACh, 1, 2, 3, 4
type_b:         db      0Bh, 0Bh, 1, 2, 3, 4, 5, 6
filled_type:    dw      80h

arp:
        times   6 db 0FFh
arp_source:
        times   6 db 0
        db      08h, 06h, 0, 1, 8, 0, 6, 4, 0, 1
arp_sender:
        times   6 db 0
        db      10, 0, 2, 15
        times   6 db 0
        db      10, 0, 2, 2

ping:
        times   6 db 0
ping_source:
        times   6 db 0
        db      08h, 00h
        db      45h, 0, 0, PING_SIZE - 14, 0, 1, 0, 0, 64, 1
        db      PING_SUM >> 8, PING_SUM & 0FFh
        db      10, 0, 2, 15, 10, 0, 2, 2
ping_icmp:
        db      8, 0
ping_checksum:
        dw      0
        db      12h, 34h
ping_sequence:
        dw      0
        %assign n 0
        %rep    48
        db      n * 5 & 0FFh
        %assign n n + 1
        %endrep
ping_end:
PING_SIZE       equ     $ - ping
PING_RAW        equ     4500h + (PING_SIZE - 14) + 1 + 4001h + 0A00h + 020Fh + 0A00h + 0202h
PING_SUM        equ     (~((PING_RAW & 0FFFFh) + (PING_RAW >> 16))) & 0FFFFh

datagram:
        times   12 db 0
        db      08h, 00h
        db      45h, 0, 0, DATAGRAM_SIZE - 14, 0, 1, 0, 0, 64, 17
        db      DATAGRAM_SUM >> 8, DATAGRAM_SUM & 0FFh
        db      10, 0, 2, 15, 10, 0, 2, 2
        db      5353 >> 8, 5353 & 0FFh
datagram_port:
        dw      0
        db      0, DATAGRAM_SIZE - 34, 0, 0
        db      'here'
DATAGRAM_SIZE   equ     $ - datagram
DATAGRAM_RAW    equ     4500h + (DATAGRAM_SIZE - 14) + 1 + 4011h + 0A00h + 020Fh + 0A00h + 0202h
DATAGRAM_SUM    equ     (~((DATAGRAM_RAW & 0FFFFh) + (DATAGRAM_RAW >> 16))) & 0FFFFh

in_ax:          dw      0
in_bx:          dw      0
in_cx:          dw      0
in_dx:          dw      0
in_si:          dw      0
in_ds:          dw      0
in_di:          dw      0
in_es:          dw      0
in_flags:       dw      0
out_ax:         dw      0
out_bx:         dw      0
out_cx:         dw      0
out_dx:         dw      0
out_si_ds:
out_si:         dw      0
out_ds:         dw      0
out_di_es:
out_di:         dw      0
out_es:         dw      0
out_flags:      dw      0

number:         dw      0
not_kept:       dw      0
failed:         db      0
clobbered:      db      0
task:           db      0
drops:          db      0
answers:        db      0
filter_mode:    db      0
patience:       dw      0
handle_a:       dw      0
handle_b:       dw      0
filled:         dw      0
filled_handles: times 60 dw 0
length:         dw      0
ticks:          dw      0
began:          dw      0
tries:          dw      0
sequence:       dw      0
answered:       dw      0
not_heard:      dw      0
asked:          dw      0
asked_handle:   dw      0
asked_length:   dw      0
got:            dw      0
got_handle:     dw      0
got_length:     dw      0
got_si:         dw      0
got_ds:         dw      0
answer_failed:  dw      0
upcalls:        dw      0
upcall_ax:      dw      0
upcall_di:      dw      0
upcall_es:      dw      0
own_address:    times 6 db 0
former:         times 7 dd 0
changed:        times 7 dd 0
answer_length:  dw      60
answer:         times PING_SIZE db 0
scratch:        times 128 db 0
frame:          times FRAME_MAX + 2 db 0
received:       times FRAME_MAX + 2 db 0
end_of_program:
