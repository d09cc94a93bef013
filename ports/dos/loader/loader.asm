; The first part of a DOS program: a real-mode .EXE that takes the memory of the machine, puts the flat 32-bit image
; that stands behind it into that, and runs the image in protected mode.
;
; Three ways lead there, and what the image sees is the same on all of them (ports/dos/dos.h):
;   dpmi.inc   a DPMI host answers: Windows, CWSDPMI, HDPMI32, DOS emulators
;   vcpi.inc   the processor is in V86 mode under a memory manager (EMM386, JEMM386), which offers VCPI
;   raw.inc    nobody is in the way: the processor is switched by hand
;
; No interrupt handler runs in protected mode. What interrupts (real.inc) is 16-bit code in this segment, which fills a
; ring or sets a flag that the image reads; so interrupts are served in the same way whoever has the processor.
;
; This segment has code, data and stacks, and is the only conventional memory that stays in use. Its first part is what
; struct dos_loader describes to C.

        cpu     386
        bits    16

IMAGE_MAGIC     equ 314B5342h           ; "BSK1"
IMAGE_START     equ 1000h               ; where the image is linked to; below lies the interrupt table
IDT_OFFSET      equ 800h                ; in the image's segment: not at 0, where wrong pointers write
SPARE           equ 10000h              ; bytes that must be left for the heap

TRANSFER_SIZE   equ 4096                ; what a DOS call can carry at once
REAL_STACK_SIZE equ 4096                ; of DOS, BIOS, drivers, and what interrupts them
PROT_STACK_SIZE equ 512
SWITCH_STACK_SIZE equ 256               ; of the change to V86 mode

MODE_RAW        equ 0
MODE_VCPI       equ 1
MODE_DPMI       equ 2

; Segments of raw and VCPI mode
SEG_IMAGE_CODE  equ 08h
SEG_IMAGE_DATA  equ 10h
SEG_CODE32      equ 18h
SEG_DATA        equ 20h
SEG_CODE16      equ 28h
SEG_DATA16      equ 30h
SEG_FLAT        equ 38h
SEG_VCPI        equ 40h                 ; three, which the VCPI server fills
SEG_TSS         equ 58h

; A call of real mode, as DPMI has it (0.9, function 0300h)
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
                resw 1
endstruc

CALL_INTERRUPT  equ 0                   ; what a call is to: an interrupt by its number, a far routine, or DOS for good
CALL_FAR        equ 1
CALL_EXIT       equ 2

; --- the header of the .EXE; the image stands behind what it counts ---

section .header
        db      "MZ"
        dw      FILE_SIZE % 512
        dw      (FILE_SIZE + 511) / 512
        dw      0                       ; relocations
        dw      2                       ; paragraphs of this header
        dw      (BSS_SIZE + 15) / 16    ; paragraphs behind the code: no more are taken than needed
        dw      (BSS_SIZE + 15) / 16
        dw      0                       ; ss
        dw      real_stack_top
        dw      0
        dw      start
        dw      0                       ; cs
        dw      1Ch
        dw      0
        times 32 - ($ - $$) db 0

section .text vstart=0 follows=.header align=16

; --- what C sees: struct dos_loader ---

service         dd call_service         ; far pointer: see call_service
service_sel     dd 0
base            dd 0                    ; linear address of the image's offset 0
size            dd 0                    ; bytes from there on
image_end       dd 0                    ; offset behind the image
trap_entry      dd 0                    ; C's handler of exceptions, and its stack
trap_stack      dd 0
own_segment     dw 0
psp             dw 0
mode            dw 0
environment     dw 0
transfer_seg    dw 0
transfer_size   dw TRANSFER_SIZE
%include "real.inc"
%if ticks - service != 56 || ring_segment - service != 80
%error "struct dos_loader is not what dos.h says"
%endif

; --- start ---

        cpu     8086

start:  cld
        push    cs
        pop     ax
        mov     [cs:psp],ds
        mov     ds,ax
        mov     [own_segment],ax
        ; Bits of the flags that older processors keep set, or clear.
        pushf
        pop     ax
        and     ax,0FFFh
        push    ax
        popf
        pushf
        pop     ax
        and     ax,0F000h
        cmp     ax,0F000h
        je      .old
        mov     ax,7000h
        push    ax
        popf
        pushf
        pop     ax
        test    ax,7000h
        jz      .old
        push    cs
        pop     es
        mov     word [number],5A5Ah
        fninit
        fnstsw  [number]
        mov     dx,text_fpu
        cmp     byte [number],0
        je      start386
        jmp     refuse
.old:   mov     dx,text_cpu
        jmp     refuse

        cpu     386

start386:
        push    word 202h               ; what was tried with the flags is over
        popf
        mov     ax,ds
        add     ax,(transfer + 15) / 16
        mov     [transfer_seg],ax
        mov     es,[psp]
        mov     ax,[es:2Ch]             ; a DPMI host puts a selector there
        mov     [environment],ax
        ; From here on neither Ctrl-C nor a drive that fails may end the program, which takes memory. DOS puts these back.
        mov     dx,real_break
        mov     ax,2523h
        int     21h
        mov     dx,real_error
        mov     ax,2524h
        int     21h
        call    open_image
        mov     ax,1687h
        int     2Fh
        test    ax,ax
        jnz     .no_dpmi
        test    bl,1                    ; 32-bit programs are served
        jnz     dpmi_start
.no_dpmi:
        smsw    ax
        test    al,1
        jnz     vcpi_start
        jmp     raw_start

; Say why nothing comes of it, in real mode. DX = text
refuse: call    print
        mov     dx,text_end
        call    print
        mov     ax,4C7Fh
        int     21h

print:  mov     ah,9
        int     21h
        ret

print_number:                           ; EAX, decimal
        mov     ebx,10
        xor     cx,cx
.digit: xor     edx,edx
        div     ebx
        push    dx
        inc     cx
        test    eax,eax
        jnz     .digit
.out:   pop     dx
        add     dl,"0"
        mov     ah,2
        int     21h
        loop    .out
        ret

; Open this program's own file, whose name stands behind the environment, and read the image's header.
open_image:
        push    ds
        mov     es,[psp]
        mov     ds,[es:2Ch]
        xor     si,si
.skip:  lodsb
        test    al,al
        jnz     .skip
        cmp     byte [si],0
        jne     .skip
        lea     dx,[si + 3]
        mov     ax,3D00h
        int     21h
        pop     ds
        mov     [file],ax
        jc      .failed
        mov     bx,ax
        mov     ax,4200h
        mov     cx,FILE_SIZE >> 16
        mov     dx,FILE_SIZE & 0FFFFh
        int     21h
        mov     ah,3Fh
        mov     cx,16
        mov     dx,header
        int     21h
        jc      .failed
        cmp     dword [header],IMAGE_MAGIC
        jne     .failed
        mov     eax,[header_end]
        mov     [image_end],eax
        add     eax,SPARE + 4095
        and     eax,~4095
        mov     [wanted],eax
        ret
.failed:
        mov     dx,text_file
        jmp     refuse

%include "memory.inc"
%include "raw.inc"
%include "vcpi.inc"
%include "dpmi.inc"

; --- protected mode, the same for all ---

        bits    32

; The image is read, a piece at a time. Interrupts are off, but in real mode.
prot_start:
        mov     ax,[cs:data_sel]
        mov     ds,ax
        mov     es,ax
        mov     ss,ax
        mov     esp,prot_stack_top
        cld
        call    clear_regs
        mov     word [call_regs + regs.eax],4200h
        mov     word [call_regs + regs.ecx],FILE_SIZE >> 16
        mov     word [call_regs + regs.edx],FILE_SIZE & 0FFFFh
        call    dos_file
        mov     ebx,IMAGE_START
.read:  call    clear_regs
        mov     word [call_regs + regs.eax],3F00h
        mov     word [call_regs + regs.ecx],TRANSFER_SIZE
        mov     ax,[transfer_seg]
        mov     [call_regs + regs.ds],ax
        push    ebx
        call    dos_file
        pop     ebx
        movzx   ecx,word [call_regs + regs.eax]
        test    byte [call_regs + regs.flags],1
        jnz     .end
        jecxz   .end
        mov     esi,transfer
        mov     edi,ebx
        add     ebx,ecx
        push    es
        mov     es,[image_data_sel]
        rep     movsb
        pop     es
        jmp     .read
.end:   cmp     ebx,[header_size]
        jae     .whole
        mov     edx,text_short
        jmp     prot_refuse
.whole: call    clear_regs
        mov     word [call_regs + regs.eax],3E00h
        call    dos_file
        ; Its variables begin as zeros.
        mov     edi,[header_size]
        mov     ecx,[header_end]
        sub     ecx,edi
        push    es
        mov     es,[image_data_sel]
        xor     eax,eax
        rep     stosb
        pop     es
        cmp     word [mode],MODE_DPMI
        je      .dpmi
        call    make_idt
        jmp     .run
.dpmi:  call    dpmi_set_handlers
.run:   movzx   eax,word [data_sel + 2]
        mov     [service_sel],eax
        movzx   eax,word [own_segment]
        shl     eax,4
        sub     eax,[base]              ; where C finds struct dos_loader
        movzx   ecx,word [image_code_sel]
        mov     edx,[header_entry]
        mov     bx,[image_data_sel]
        mov     ss,bx
        mov     esp,IDT_OFFSET          ; C takes its own at once
        mov     ds,bx
        mov     es,bx
        xor     ebx,ebx
        mov     fs,bx
        mov     gs,bx
        sti
        push    ecx
        push    edx
        retf

clear_regs:
        mov     edi,call_regs
        mov     ecx,regs_size / 4
        xor     eax,eax
        rep     stosd
        ret

dos_file:                               ; INT 21h with this program's file in BX
        mov     ax,[file]
        mov     [call_regs + regs.ebx],ax
dos:    mov     word [call_kind],21h | CALL_INTERRUPT << 8
        jmp     [real_call]

; Say why nothing comes of it, in protected mode. EDX = text
prot_refuse:
        call    .print
        mov     edx,text_end
        call    .print
        mov     byte [call_regs + regs.eax],7Fh
        mov     word [call_kind],CALL_EXIT << 8
        jmp     [real_call]
.print: push    edx
        call    clear_regs
        pop     edx
        mov     [call_regs + regs.edx],edx
        mov     byte [call_regs + regs.eax + 1],9
        mov     ax,[own_segment]
        mov     [call_regs + regs.ds],ax
        jmp     dos

; A call of real mode, for C: far, AL = interrupt, AH = CALL_..., EDX = its registers, which become what the call leaves.
; CALL_EXIT has the status in EAX, and does not return.
call_service:
        pushad
        push    ds
        push    es
        mov     ebx,ds
        mov     esi,edx
        mov     es,[cs:data_sel]
        mov     edi,call_regs
        mov     ecx,regs_size / 4
        cld
        rep     movsd
        push    es
        pop     ds
        push    ebx
        push    edx
        mov     [call_kind],ax
        call    [real_call]
        pop     edi
        pop     es
        mov     esi,call_regs
        mov     ecx,regs_size / 4
        rep     movsd
        pop     es
        pop     ds
        popad
        retf

; --- data ---

text_cpu        db "MP needs a 386 or a later processor$"
text_fpu        db "MP needs a floating-point unit: a 387 beside the 386, or a 486DX or a later processor$"
text_file       db "MP can't read its own file: start it from a drive that stays in place$"
text_short      db "MP's file is cut off: copy it anew$"
text_end        db ".",13,10,"$"

                align 4
real_call       dd raw_call             ; how real mode is called: raw_call, vcpi_call or dpmi_call
image_code_sel  dw SEG_IMAGE_CODE
image_data_sel  dw SEG_IMAGE_DATA
data_sel        dw SEG_DATA             ; this segment, for data
                dw SEG_CODE32           ; and as 32-bit code
call_kind       dw 0                    ; number, and CALL_...
file            dw 0
number          dw 0
                align 4
wanted          dd 0                    ; bytes
header          dd 0                    ; of the image: magic, entry, end of what is in the file, end of its variables
header_entry    dd 0
header_size     dd 0
header_end      dd 0
call_regs       times regs_size db 0

text_end_of_file:
FILE_SIZE       equ 32 + (text_end_of_file - $$ + 15) / 16 * 16
                times (FILE_SIZE - 32) - (text_end_of_file - $$) db 0

        absolute FILE_SIZE - 32
saved_esp       resd 1
saved_ss        resd 1
trap_frame      resd 13
tss             resb 104
                alignb 16
                resb PROT_STACK_SIZE
prot_stack_top:
                resb SWITCH_STACK_SIZE
switch_stack_top:
                resb REAL_STACK_SIZE
real_stack_top:
                alignb 16
transfer        resb TRANSFER_SIZE
BSS_SIZE        equ $ - (FILE_SIZE - 32)
