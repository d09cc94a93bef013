; DPMICALL.COM: a DPMI client that calls each function of a host once and says what came of it.
;
;   nasm -f bin -o DPMICALL.COM dpmicall.asm; started after DPMIHOST.COM, or any other host.
;
; A line for each check, "ok ..." or "FAIL ...", then "done"; the status is 42, or 1 after a failure. With an argument
; it does one thing that a client may not do, and that must end it: H for HLT, C to write CR0, S to load the selector of
; a free descriptor, D to divide by 0, P to read through a pointer behind the end, 4 to call INT 31h with such a one.
;
; Everything stays in the 16-bit code segment of the start; pointers and frames are those of a 32-bit client all the
; same.

        cpu     386
        org     100h
        bits    16

TICKS           equ 46Ch                ; BIOS: the timer's count, linear

struc regs
  .edi          resd 1
  .esi          resd 1
  .ebp          resd 1
                resd 1
  .ebx          resd 1
  .edx          resd 1
  .ecx          resd 1
  .eax          resd 1
  .flags        resw 1
  .es           resw 1
  .ds           resw 1
  .fs           resw 1
  .gs           resw 1
  .ip           resw 1
  .cs           resw 1
  .sp           resw 1
  .ss           resw 1
endstruc

; The line for what has just been tried: ok unless carry is set.
%macro said 1
                call    report
                db      %1, 0
%endmacro

; The same for a comparison: ok when equal.
%macro same 1
                call    report_equal
                db      %1, 0
%endmacro

; The same for a call that must be refused: with carry.
%macro refused 1
                cmc
                call    report
                db      %1, 0
%endmacro

start:          mov     sp,stack_top
                mov     ah,4Ah
                mov     bx,(stack_top + 15) / 16
                int     21h
                mov     [home],cs
                mov     ax,1687h
                int     2Fh
                mov     [entry],di
                mov     [entry + 2],es
                test    ax,ax
                same    "1687h: a host answers"
                jnz     finish
                test    bl,1
                setz    al
                cmp     al,0
                same    "1687h: 32-bit clients"
                cmp     dx,5Ah
                same    "1687h: version 0.90"
                cmp     si,1
                said    "1687h: wants private data"
                mov     bx,si
                mov     ah,48h
                int     21h
                said    "private data"
                mov     es,ax

                xor     ax,ax
                call    far [entry]
                refused "a 16-bit client is refused"

                mov     ax,1
                mov     ebx,11112222h
                mov     ecx,33334444h
                mov     edx,55556666h
                mov     esi,77778888h
                mov     edi,9999AAAAh
                mov     ebp,0BBBBCCCCh
                call    far [entry]
                jc      .lost
                mov     [was_ebx],ebx
                mov     [was_edi],edi
                mov     [was_ebp],ebp
                mov     [was_esp],esp
                jmp     protected
.lost:          said    "mode switch"
                jmp     finish

; --- protected mode ---

protected:      clc
                said    "mode switch"
                mov     ax,cs
                and     al,3
                cmp     al,3
                same    "CPL 3"
                cmp     dword [was_ebx],11112222h
                same    "EBX is kept"
                cmp     dword [was_edi],9999AAAAh
                same    "EDI is kept"
                cmp     dword [was_ebp],0BBBBCCCCh
                same    "EBP is kept"
                movzx   eax,sp
                cmp     [was_esp],eax
                same    "high word of ESP is 0"
                mov     ax,fs
                mov     bx,gs
                or      ax,bx
                same    "FS and GS are 0"
                mov     ax,cs
                lsl     eax,eax
                cmp     eax,0FFFFh
                same    "CS: limit 64 KB"
                mov     ax,ss
                lar     eax,eax
                shr     eax,8
                or      al,1
                cmp     ax,40F3h
                same    "SS: writable, big"
                mov     ax,es
                lsl     eax,eax
                cmp     eax,0FFh
                same    "ES: 100h bytes"
                cmp     word [es:0],20CDh
                same    "ES: the PSP"
                mov     ax,[es:2Ch]
                lsl     eax,eax
                same    "PSP: the environment is a selector"
                mov     ax,1686h
                int     2Fh
                test    ax,ax
                same    "1686h: protected mode"
                mov     ax,168Ah
                int     2Fh
                cmp     al,8Ah
                same    "168Ah: nothing of the vendor's"

                mov     cl,[es:81h]
                cmp     byte [es:80h],0
                je      checks
                mov     cl,[es:82h]
                jmp     misdeed

; --- descriptors ---

checks:         mov     ax,0003h
                int     31h
                said    "0003h"
                cmp     ax,8
                same    "0003h: 8"

                mov     cx,3
                mov     ax,0000h
                int     31h
                said    "0000h"
                mov     [sel],ax
                mov     bx,ax
                add     bx,16
                mov     ax,0006h
                int     31h
                said    "0006h: of the third"
                or      cx,dx
                same    "0006h: base 0"
                mov     bx,[sel]
                lsl     eax,ebx
                jnz     .limit
                test    eax,eax
.limit:         same    "0000h: limit 0"
                lar     eax,ebx
                shr     eax,8
                cmp     ax,0F2h
                same    "0000h: data"
                mov     cx,5000
                mov     ax,0000h
                int     31h
                refused "0000h: 5000 descriptors"

                mov     bx,[sel]
                movzx   edx,word [home]
                shl     edx,4
                mov     ecx,edx
                shr     ecx,16
                mov     ax,0007h
                int     31h
                said    "0007h"
                mov     ecx,0FFFF0000h
                mov     edx,0FFFF0000h
                mov     ax,0006h
                int     31h
                said    "0006h"
                shl     ecx,16
                mov     cx,dx
                movzx   eax,word [home]
                shl     eax,4
                cmp     eax,ecx
                same    "0006h: what 0007h has set"
                mov     cx,0
                mov     dx,text_mark + 3
                mov     ax,0008h
                int     31h
                said    "0008h"
                mov     es,bx
                cmp     dword [es:text_mark],"MARK"
                same    "memory of the descriptor"
                mov     cx,30h
                mov     dx,1234h
                mov     ax,0008h
                int     31h
                refused "0008h: 3 MB not in pages"
                mov     cx,30h
                mov     dx,0FFFh
                mov     ax,0008h
                int     31h
                said    "0008h: 3 MB"
                lsl     eax,ebx
                cmp     eax,300FFFh
                same    "0008h: what LSL says"
                mov     cx,40F2h
                mov     ax,0009h
                int     31h
                said    "0009h: big"
                mov     cx,0C0F2h
                mov     ax,0009h
                int     31h
                said    "0009h: big, in pages"
                mov     cx,0092h
                mov     ax,0009h
                int     31h
                refused "0009h: DPL 0"
                mov     cx,00E2h
                mov     ax,0009h
                int     31h
                refused "0009h: a system's descriptor"
                mov     bx,1234h & ~4
                mov     ax,0007h
                int     31h
                refused "0007h: not of the LDT"

; --- translation ---

                call    clear_regs
                mov     byte [call_regs + regs.eax + 1],30h
                mov     ax,0300h
                mov     bx,21h
                xor     cx,cx
                int     31h
                said    "0300h"
                mov     ah,30h
                int     21h
                cmp     [call_regs + regs.eax],ax
                same    "0300h: INT 21h/30h as by reflection"

done:           mov     ax,4C2Ah
                sub     al,[failures]
                cmp     al,2Ah
                je      .exit
                mov     al,1
.exit:          push    ax
                mov     si,text_done
                call    print
                pop     ax
                int     21h

finish:         mov     si,text_done
                call    print
                mov     ax,4C01h
                int     21h

misdeed:        hlt
                jmp     done

; ES:EDI = call_regs, all 0
clear_regs:     push    ds
                pop     es
                mov     edi,call_regs
                mov     cx,regs_size
                xor     al,al
                cld
                a32 rep stosb
                mov     edi,call_regs
                ret

; --- output, with registers only ---

report_equal:   stc
                jnz     report
                clc
report:         pop     word [line]
                pushf
                pusha
                mov     si,text_ok
                jnc     .print
                mov     si,text_fail
                inc     byte [failures]
.print:         call    print
                mov     si,[line]
                call    print
                mov     [line],si
                mov     si,text_end
                call    print
                popa
                popf
                jmp     [line]

print:          mov     dl,[si]
                inc     si
                test    dl,dl
                jz      .done
                mov     ah,2
                int     21h
                jmp     print
.done:          ret

text_ok         db "ok   ", 0
text_fail       db "FAIL ", 0
text_end        db 13, 10, 0
text_done       db "done", 13, 10, 0
text_mark       db "MARK"

                align   4
entry           dd 0
was_ebx         dd 0
was_edi         dd 0
was_ebp         dd 0
was_esp         dd 0
home            dw 0
sel             dw 0
line            dw 0
failures        db 0
                align   4
call_regs       times regs_size db 0

                absolute $ - $$ + 100h
                alignb  16
                resb    1024
stack_top:
