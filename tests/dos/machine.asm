; MACHINE.COM what: the machine becomes, or is asked whether it is still, one that DOSBox-X is not.
;   3   stays in memory: a DOS before 4.0, without functions 6Ch and 71h of INT 21h
;   P   stays in memory: a DOS that knows no path with two backslashes in a row, and no . in a search
;   F   stays in memory: a drive A: that is not ready, as DOS tells it: by INT 24h, and "access denied"
;   A   stays in memory: a BIOS that turns A20 off, when DOS is asked for the date
;   C   stays in memory: a DOS that sees Ctrl-C at each read
;   O   turns A20 off
;   V   puts a RAM disk of old at 1 MB
;   W   whether its table of files is whole
;   S   the processor's status word, and whether A20 is on

        cpu     386
        org     100h
        bits    16

DISK_TABLE      equ 200h                ; in the disk: behind its first sector
DISK_SIZE       equ 400h

        jmp     start

kind            db 0
old             dd 0
old_break       dd 0

dos:    cmp     byte [cs:kind],"3"
        je      .old
        cmp     byte [cs:kind],"F"
        je      .fails
        cmp     byte [cs:kind],"C"
        je      .breaks
        cmp     byte [cs:kind],"P"
        je      .paths
        cmp     ah,2Ah
        jne     .pass
        push    ax
        in      al,92h
        and     al,0FCh
        out     92h,al
        pop     ax
.pass:  jmp     far [cs:old]
; DOS 3.3 leaves the flags as they are.
.old:   cmp     ah,6Ch
        jb      .pass
        mov     al,0
        iret
.fails: cmp     ah,6Ch
        jne     .pass
        cmp     byte [si],"A"
        jne     .pass
        push    di
        mov     di,2
        int     24h
        pop     di
        mov     ax,5
        push    bp
        mov     bp,sp
        or      byte [bp + 6],1
        pop     bp
        iret
.paths: cmp     ah,4Eh
        jne     .pass
        push    ax
        push    si
        mov     si,dx
        cmp     word [si],"."
        je      .unknown
.next:  lodsb
        test    al,al
        jz      .known
        cmp     al,'\'
        jne     .next
        cmp     [si],al
        jne     .next
.unknown:
        pop     si
        pop     ax
        mov     ax,3
        stc
        retf    2
.known: pop     si
        pop     ax
        jmp     .pass
; DOS's own handler ends the program.
.breaks:
        cmp     ah,3Fh
        jne     .pass
        push    eax
        push    ds
        push    word 0
        pop     ds
        mov     eax,[23h * 4]
        cmp     eax,[cs:old_break]
        pop     ds
        pop     eax
        jne     .told
        mov     ax,4CFFh
        jmp     .pass
.told:  int     23h
        jmp     .pass
resident_end:

start:  mov     si,81h
.skip:  lodsb
        cmp     al," "
        je      .skip
        mov     [kind],al
        cmp     al,"O"
        je      a20_off
        cmp     al,"V"
        je      make_disk
        cmp     al,"W"
        je      look_at_disk
        cmp     al,"S"
        je      tell_status
        mov     ax,3521h
        int     21h
        mov     [old],bx
        mov     [old + 2],es
        mov     ax,3523h
        int     21h
        mov     [old_break],bx
        mov     [old_break + 2],es
        mov     dx,dos
        mov     ax,2521h
        int     21h
        mov     dx,(resident_end - $$ + 100h + 15) / 16
        mov     ax,3100h
        int     21h

a20_off:
        in      al,92h
        and     al,0FCh
        out     92h,al
end:    mov     ax,4C00h
        int     21h

make_disk:
        mov     cx,DISK_SIZE
        mov     di,disk
        mov     al,0F8h
        rep     stosb
        mov     di,disk + 3
        mov     si,disk_name
        mov     cx,5
        rep     movsb
        call    buffer
        mov     [source],ax
        mov     [source + 2],dl
        mov     byte [target + 2],10h
        call    move
        jmp     end

look_at_disk:
        call    buffer
        mov     [target],ax
        mov     [target + 2],dl
        mov     byte [source + 2],10h
        call    move
        mov     si,disk + DISK_TABLE
        mov     cx,DISK_SIZE - DISK_TABLE
.next:  lodsb
        cmp     al,0F8h
        loope   .next
        mov     dx,text_whole
        je      print
        mov     dx,text_broken
print:  mov     ah,9
        int     21h
        jmp     end

; DX:AX = linear address of the buffer
buffer:
        mov     ax,ds
        movzx   eax,ax
        shl     eax,4
        add     eax,disk
        mov     edx,eax
        shr     edx,16
        ret

move:   mov     ah,87h
        mov     cx,DISK_SIZE / 2
        push    ds
        pop     es
        mov     si,segments
        int     15h
        ret

tell_status:
        smsw    ax
        mov     cx,16
.bit:   rol     ax,1
        push    ax
        and     al,1
        add     al,"0"
        mov     dl,al
        mov     ah,2
        int     21h
        pop     ax
        loop    .bit
        xor     ax,ax
        mov     es,ax
        dec     ax
        mov     fs,ax
        mov     ax,[es:200h]
        mov     bx,[fs:210h]
        cli
        not     word [es:200h]
        mov     cx,[fs:210h]
        mov     [es:200h],ax
        sti
        mov     dx,text_on
        cmp     bx,cx
        je      print
        mov     dx,text_off
        jmp     print

disk_name       db "VDISK"
text_whole      db "whole",13,10,"$"
text_broken     db "broken",13,10,"$"
text_on         db " A20 on",13,10,"$"
text_off        db " A20 off",13,10,"$"

                align 8
segments        dq 0, 0
                dw 0FFFFh
source          dw 0
                db 0, 93h
                dw 0
                dw 0FFFFh
target          dw 0
                db 0, 93h
                dw 0
                dq 0, 0
disk:
