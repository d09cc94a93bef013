; STATE.COM: writes to standard output what a program has to leave as it found it:
;
;   1024 bytes   the interrupt vectors
;   word         the largest free block of conventional memory, in paragraphs
;   word         segments of conventional memory that are in use, as a sum that tells one set from another
;   dword        the largest free block of extended memory, in KB, by XMS (0 without a driver)
;   dword        all free extended memory
;   byte         whether address line A20 is on, by XMS
;   word         the masks of the two interrupt controllers

        cpu     386
        bits    16
        org     100h

        mov     sp,stack_top
        mov     bx,(stack_top - $$ + 100h + 15) / 16
        mov     ah,4Ah                  ; the rest is free, as it is for the next program
        int     21h

        xor     ax,ax
        mov     ds,ax
        xor     si,si
        mov     di,vectors
        mov     cx,1024 / 4
        cld
        rep     movsd
        push    cs
        pop     ds
        mov     bx,0FFFFh
        mov     ah,48h
        int     21h
        mov     [largest],bx
        call    sum_blocks

        mov     ax,4300h
        int     2Fh
        cmp     al,80h
        jne     .no_xms
        mov     ax,4310h
        int     2Fh
        mov     [xms],bx
        mov     [xms + 2],es
        push    cs
        pop     es
        mov     ah,88h
        xor     bl,bl
        call    far [xms]
        test    bl,bl
        jz      .count
        mov     ah,8
        xor     bl,bl
        call    far [xms]
        movzx   eax,ax
        movzx   edx,dx
.count: mov     [xms_largest],eax
        mov     [xms_free],edx
        mov     ah,7
        call    far [xms]
        mov     [a20],al
.no_xms:
        in      al,21h
        mov     [masks],al
        in      al,0A1h
        mov     [masks + 1],al

        mov     ah,40h
        mov     bx,1
        mov     cx,state_end - vectors
        mov     dx,vectors
        int     21h
        mov     ax,4C00h
        int     21h

; The chain of DOS's memory blocks: where each begins, whose it is, how large it is.
sum_blocks:
        mov     ah,52h
        int     21h
        mov     es,[es:bx - 2]
        xor     dx,dx
.block: mov     ax,es
        cmp     word [es:1],0           ; free
        je      .free
        mov     bx,cs
        cmp     [es:1],bx               ; this program
        je      .free
        add     dx,ax
        rol     dx,3
        add     dx,[es:1]
        rol     dx,3
        add     dx,[es:3]
.free:  cmp     byte [es:0],"Z"
        je      .end
        add     ax,[es:3]
        inc     ax
        mov     es,ax
        jmp     .block
.end:   mov     [blocks],dx
        push    cs
        pop     es
        ret

        align   4
xms             dd 0
vectors         times 1024 db 0
largest         dw 0
blocks          dw 0
xms_largest     dd 0
xms_free        dd 0
a20             db 0
masks           dw 0
state_end:
        align   16
                times 512 db 0
stack_top:
