; SCREEN.COM: stays, and tells what is on the text screen, at each change, by port E9h, which DOSBox-X logs ("bochs debug
; port e9=true"). It makes no call of DOS, so that it may do this at every tick of the timer, whoever is running.
;
; The screen is a line for each row: "@", the row as two hexadecimal digits, "|", and its text; then "@@", and the cursor's
; row and column in the same way. What is no ASCII is shown as "?".

        cpu     386
        bits    16
        org     100h

ROWS            equ 25
COLUMNS         equ 80
PAGE_SIZE       equ ROWS * COLUMNS * 2
PORT            equ 0E9h

        jmp     start

old_tick        dd 0
busy            db 0
cursor          dw 0FFFFh

tick:   pushf
        call    far [cs:old_tick]
        cmp     byte [cs:busy],0
        jne     .end
        mov     byte [cs:busy],1
        pushad
        push    ds
        push    es
        push    cs
        pop     es
        cld
        mov     ax,40h
        mov     ds,ax
        mov     dx,[50h]                ; the BIOS's cursor
        mov     ax,0B800h
        mov     ds,ax
        xor     si,si
        mov     di,page_copy
        mov     cx,PAGE_SIZE / 2
        cmp     dx,[cs:cursor]
        jne     .changed
        repe    cmpsw
        je      .same
.changed:
        mov     [cs:cursor],dx
        xor     si,si
        mov     di,page_copy
        mov     cx,PAGE_SIZE / 2
        rep     movsw
        push    cs
        pop     ds
        call    tell
.same:  pop     es
        pop     ds
        popad
        mov     byte [cs:busy],0
.end:   iret

; A program may set another mode, or none of it may be a screen: what is there is told all the same.
tell:   mov     si,page_copy
        xor     bx,bx
        mov     dx,PORT
.row:   mov     al,"@"
        out     dx,al
        mov     al,bl
        call    hex
        mov     al,"|"
        out     dx,al
        mov     cx,COLUMNS
.char:  lodsw
        cmp     al,0
        je      .blank
        cmp     al," "
        jb      .odd
        cmp     al,7Eh
        jbe     .out
.odd:   mov     al,"?"
        jmp     .out
.blank: mov     al," "
.out:   out     dx,al
        loop    .char
        mov     al,10
        out     dx,al
        inc     bx
        cmp     bx,ROWS
        jb      .row
        mov     al,"@"
        out     dx,al
        out     dx,al
        mov     al,[cursor + 1]
        call    hex
        mov     al,[cursor]
        call    hex
        mov     al,10
        out     dx,al
        ret

; AL as two digits.
hex:    push    ax
        shr     al,4
        call    .digit
        pop     ax
        and     al,15
.digit: add     al,"0"
        cmp     al,"9"
        jbe     .out
        add     al,"a" - "9" - 1
.out:   out     dx,al
        ret

page_copy:
RESIDENT        equ 100h + (page_copy - $$) + PAGE_SIZE

start:  mov     ax,351Ch
        int     21h
        mov     [old_tick],bx
        mov     [old_tick + 2],es
        mov     dx,tick
        mov     ax,251Ch
        int     21h
        mov     dx,(RESIDENT + 15) / 16
        mov     ax,3100h
        int     21h
