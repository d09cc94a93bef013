; FAULTDRV N: a packet driver at interrupt 60h that refuses access_type() with error N (two decimal digits), and stays.
; N = 00 refuses it with BAD_TYPE when all types are asked for, and gives handles for single ones.
        bits    16
        org     100h

BAD_TYPE        equ 5
BAD_COMMAND     equ 11

        jmp     install

handler:
        jmp     short .entry
        nop
        db      "PKT DRVR",0
.entry: cmp     ah,1
        je      .info
        cmp     ah,2
        je      .access
        cmp     ah,3
        je      .good
        cmp     ah,4
        je      .good
        cmp     ah,6
        je      .address
        mov     dh,BAD_COMMAND
.bad:   push    bp
        mov     bp,sp
        or      byte [bp + 6],1
        pop     bp
        iret
.info:  mov     bx,11
        mov     ch,1
        mov     dx,1
        xor     cl,cl
        mov     al,1
.good:  push    bp
        mov     bp,sp
        and     byte [bp + 6],0FEh
        pop     bp
        iret
.access:
        mov     dh,[cs:error]
        test    dh,dh
        jnz     .bad
        mov     dh,BAD_TYPE
        jcxz    .bad
        inc     word [cs:handle]
        mov     ax,[cs:handle]
        jmp     .good
.address:
        push    si
        push    ds
        push    cs
        pop     ds
        mov     si,mac
        mov     cx,6
        cld
        rep     movsb
        sub     di,6
        mov     cx,6
        pop     ds
        pop     si
        jmp     .good

error           db 0
handle          dw 0
mac             db 2,0,0,0,0,1
resident_end:

install:
        mov     ax,[82h]                ; the two digits
        sub     ax,3030h
        xchg    al,ah
        aad
        mov     [error],al
        mov     ax,2560h
        mov     dx,handler
        int     21h
        mov     dx,(resident_end - $$ + 100h + 15) / 16
        mov     ax,3100h
        int     21h
