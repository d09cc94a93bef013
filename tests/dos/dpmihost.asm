; DPMIHOST.COM: a resident 32-bit DPMI 0.9 host for tests of a DPMI client, written from the specification.
;
;   nasm -f bin -o DPMIHOST.COM dpmihost.asm; started once, from real mode with an XMS driver, it stays.
;
; One client at a time, at CPL 3 with IOPL 3, without paging: CLI, STI and ports work, HLT, LGDT or CR0 fault. All the
; extended memory that XMS has is taken when a client starts, and is given back with everything else when it ends by
; INT 21h/4Ch in protected mode. A client that ends in real mode leaves the host occupied: the next one is refused.
;
; It is as strict as a host may be:
;   - descriptors come with base and limit 0; those of the PSP, of its environment, and of functions 0002h and 0100h can
;     be neither changed nor freed by functions of the descriptor; a segment register that holds a freed one becomes 0
;   - a function that is not in the table below fails with 8001h; pointers are 48 bits wide, whatever the code segment
;   - registers that a function does not document keep all their bits
;   - an exception without a handler ends the client with status 255 and a line that says where (the specification would
;     send 0-5 and 7 on to real mode, where DOS ends the program behind the host's back); CS 0008 is the host itself,
;     which was given a bad pointer or selector
;   - the segment registers of a reflected interrupt point to ROM: who has DOS print a string sees that
;
; Not there: 16-bit clients, a second client, real mode callbacks (0303h, 0304h), virtual memory, the coprocessor, V86
; mode. An interrupt that comes while real mode code runs is served in real mode, even where 0205h has set a handler;
; so are 1Ch, 23h and 24h.

        cpu     386
        org     100h
        bits    16

; Segments of the host. The private data is what the client has to give: INT 2Fh/1687h asks for it.
SEL_CODE        equ 08h                 ; this program: 32-bit code
SEL_DATA        equ 10h                 ;   its data
SEL_CODE16      equ 18h                 ;   the same two as real mode wants them
SEL_DATA16      equ 20h
SEL_FLAT        equ 28h                 ; all memory
SEL_PRIVATE     equ 30h                 ; the private data, and the stack of ring 0 at its end
SEL_TSS         equ 38h
SEL_LDT         equ 40h
SEL_TRAPS       equ 48h | 3             ; what a client may call of the host: see `traps`
SEL_LOCKED      equ 50h | 3             ; the locked protected mode stack

; The private data
LDT_ENTRIES     equ 256
LDT_SIZE        equ LDT_ENTRIES * 8
KINDS           equ LDT_SIZE            ; a byte for each descriptor: whose it is
BLOCKS          equ KINDS + LDT_ENTRIES ; memory blocks of the client: base (0: none) and size
BLOCKS_END      equ BLOCKS + 32 * 8
LOCKED_STACK    equ BLOCKS_END
LOCKED_SIZE     equ 4096
REAL_STACK      equ LOCKED_STACK + LOCKED_SIZE
REAL_STACK_TOP  equ REAL_STACK + 1024
PRIVATE_SIZE    equ REAL_STACK_TOP + 1024

KIND_FREE       equ 0
KIND_CLIENT     equ 1                   ; from function 0000h, or CS, DS, SS of the start
KIND_SEGMENT    equ 2                   ; from function 0002h
KIND_DOS_BLOCK  equ 3                   ; from function 0100h
KIND_HOST       equ 4                   ; PSP and environment
FIRST_FREE      equ 16                  ; those below are for function 000Dh

CARRY           equ 1h
TRAP            equ 100h
INTERRUPT       equ 200h
IOPL3           equ 3000h
FLAGS_RESULT    equ 0CD5h               ; the flags with which a routine answers
FLAGS_CLIENT    equ 40FD5h              ; the flags that are a client's to set

ERR_UNSUPPORTED equ 8001h
ERR_DESCRIPTOR  equ 8011h
ERR_MEMORY      equ 8013h
ERR_HANDLE_NONE equ 8016h
ERR_VALUE       equ 8021h
ERR_SELECTOR    equ 8022h
ERR_HANDLE      equ 8023h

; The real mode register data structure (0300h)
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

; The client's registers on the stack of ring 0. Ring 0 takes no interrupts and keeps no state of its own from one entry
; to the next, so they always lie at the same place, which EBP holds.
struc frame
  .gs           resd 1
  .fs           resd 1
  .es           resd 1
  .ds           resd 1
  .edi          resd 1                  ; from here to .eax as in struc regs
  .esi          resd 1
  .ebp          resd 1
                resd 1
  .ebx          resd 1
  .edx          resd 1
  .ecx          resd 1
  .eax          resd 1
  .vector       resd 1
  .error        resd 1                  ; from here to .ss as in the frame of an exception handler
  .eip          resd 1
  .cs           resd 1
  .eflags       resd 1
  .esp          resd 1
  .ss           resd 1
endstruc
FRAME           equ PRIVATE_SIZE - frame_size
NO_ERROR        equ -1                  ; the processor pushed no error code

        jmp     install

; --- data ---

        align   8
gdt             dq 0
                dq 00409A000000FFFFh    ; SEL_CODE
                dq 004092000000FFFFh    ; SEL_DATA
                dq 00009A000000FFFFh    ; SEL_CODE16
                dq 000092000000FFFFh    ; SEL_DATA16
                dq 00CF92000000FFFFh    ; SEL_FLAT
                dq 0040920000000000h + PRIVATE_SIZE - 1
                dq 0000890000000067h    ; SEL_TSS
                dq 0000820000000000h + LDT_SIZE - 1
                dq 0040FA0000000000h + TRAPS_SIZE - 1
                dq 0040F20000000000h + LOCKED_SIZE - 1
gdt_end:
gdtr            dw gdt_end - gdt - 1
                dd 0
idtr            dw 256 * 8 - 1
                dd 0
real_idtr       dw 3FFh
                dd 0

tss             dd 0, PRIVATE_SIZE, SEL_PRIVATE
                times 22 dd 0
                dw 0, 68h               ; no I/O map: IOPL 3 allows every port

host_seg        dw 0
old_2f          dd 0
active          db 0                    ; there is a client
doomed          db 0                    ; it is ended by the host, with `message`

xms             dd 0
xms_handle      dw 0
heap_start      dd 0
heap_end        dd 0
private_seg     dw 0
psp             dw 0
environment     dw 0

locked_depth    dd 0                    ; handlers that run on the locked stack
resume          dd 0                    ; where protected mode goes on when real mode is done
host_esp        dd 0
real            times regs_size db 0    ; registers on their way to or from real mode
                align 4
real_stack      dd 0                    ; SS:SP to start with

message         db "DPMIHOST: exception "
message_number  db "00 at "
message_cs      db "0000:"
message_eip     db "00000000", 13, 10
MESSAGE_SIZE    equ $ - message

; What the client may jump to or return to. HLT faults, and the offset says what is meant: up to FFh the default handler
; of an interrupt, then that of an exception, then the rest.
TRAP_EXCEPTION  equ 100h
TRAP_RETURN     equ 120h                ; a handler on the locked stack has returned
TRAP_TO_REAL    equ 121h                ; raw mode switch
TRAP_STATE      equ 122h                ; save or restore the state: there is none

traps           times TRAP_STATE hlt
                retf
TRAPS_SIZE      equ $ - traps

; --- real mode: who calls ---

int_2f:         cmp     ax,1687h
                je      .host
                jmp     far [cs:old_2f]
.host:          xor     ax,ax
                mov     bx,1
                mov     cl,3
                mov     dx,5Ah
                mov     si,(PRIVATE_SIZE + 15) / 16
                push    cs
                pop     es
                mov     di,mode_switch
                iret

; Mode switch: AX = 1, ES = segment of the private data.
mode_switch:    pushf
                pop     word [cs:real + regs.flags]
                cli
                call    store_real
                push    cs
                pop     ds
                mov     ax,ERR_VALUE
                test    byte [real + regs.eax],1
                jz      .refuse
                mov     ax,ERR_DESCRIPTOR
                cmp     byte [active],0
                jne     .refuse
                smsw    bx
                test    bl,1                    ; V86 mode
                jnz     .refuse
                call    take_memory
                mov     ax,ERR_MEMORY
                jc      .refuse
                mov     byte [active],1
                mov     byte [doomed],0
                mov     ah,51h
                int     21h
                cli
                mov     [psp],bx
                mov     es,bx
                mov     ax,[es:2Ch]
                mov     [environment],ax
                mov     ax,[real + regs.es]
                mov     [private_seg],ax
                movzx   eax,ax
                shl     eax,4
                mov     di,gdt + SEL_PRIVATE
                call    set_base16
                mov     di,gdt + SEL_LDT
                call    set_base16
                add     eax,LOCKED_STACK
                mov     di,gdt + (SEL_LOCKED & ~7)
                call    set_base16
                pop     dword [real + regs.ip]
                mov     [real + regs.sp],sp
                mov     dword [resume],start_client
                mov     dword [host_esp],FRAME
                jmp     to_protected
.refuse:        mov     es,[real + regs.es]
                mov     ebx,[real + regs.ebx]
                push    word [real + regs.flags]
                mov     ds,[real + regs.ds]
                popf
                stc
                retf

; All of XMS, locked; carry when there is none.
take_memory:    mov     ah,8
                call    far [xms]
                cmp     ax,64
                jc      .done
                mov     dx,ax
                movzx   esi,ax
                shl     esi,10
                mov     ah,9
                call    far [xms]
                cmp     ax,1                    ; carry for 0: failed
                jc      .done
                mov     [xms_handle],dx
                mov     ah,0Ch
                call    far [xms]
                shl     edx,16
                mov     dx,bx
                add     esi,edx
                and     esi,~4095
                mov     [heap_end],esi
                add     edx,4095
                and     edx,~4095
                mov     [heap_start],edx
                mov     ah,5                    ; A20 is on
                call    far [xms]
                clc
.done:          mov     esi,[real + regs.esi]
                mov     edx,[real + regs.edx]
                ret

; The client's last steps, on the host's stack: AL = status.
terminate:      push    cs
                pop     ds
                push    ax
                mov     ah,6                    ; A20
                call    far [xms]
                mov     dx,[xms_handle]
                mov     ah,0Dh                  ; unlock
                call    far [xms]
                mov     dx,[xms_handle]
                mov     ah,0Ah                  ; free
                call    far [xms]
                mov     es,[psp]
                mov     ax,[environment]
                mov     [es:2Ch],ax
                mov     byte [active],0
                sti
                cmp     byte [doomed],0
                je      .quiet
                mov     ah,40h
                mov     bx,1
                mov     cx,MESSAGE_SIZE
                mov     dx,message
                int     21h
.quiet:         pop     ax
                mov     ah,4Ch
                int     21h

raw_to_protected:
                pushf
                pop     word [cs:real + regs.flags]
                cli
                call    store_real
                mov     dword [cs:resume],start_raw
                mov     dword [cs:host_esp],FRAME
                jmp     to_protected

real_state:     retf

; --- from one mode to the other ---

real_return:    pushf
                pop     word [cs:real + regs.flags]
                cli
                call    store_real
to_protected:   lgdt    [cs:gdtr]
                lidt    [cs:idtr]
                mov     eax,cr0
                or      al,1
                mov     cr0,eax
                jmp     dword SEL_CODE:in_protected

store_real:
%macro store 1-*
  %rep %0
                mov     [cs:real + regs.%1],%1
    %rotate 1
  %endrep
%endmacro
                store   edi, esi, ebp, ebx, edx, ecx, eax, es, ds, fs, gs, ss
                ret

to_real:        mov     ax,SEL_DATA16           ; what real mode takes over are the limits
                mov     ds,ax
                mov     es,ax
                mov     fs,ax
                mov     gs,ax
                mov     ss,ax
                lidt    [real_idtr]
                mov     eax,cr0
                and     al,~1
                mov     cr0,eax
                db      0EAh                    ; jmp far
                dw      in_real
in_real_seg     dw      0

in_real:
%macro load 1-*
  %rep %0
                mov     %1,[cs:real + regs.%1]
    %rotate 1
  %endrep
%endmacro
                load    edi, esi, ebp, ebx, edx, ecx, eax, es, ds, fs, gs
                lss     sp,[cs:real_stack]
                iret

; Descriptor DI of this segment gets the base EAX.
set_base16:     mov     [di + 2],ax
                rol     eax,16
                mov     [di + 4],al
                mov     [di + 7],ah
                rol     eax,16
                ret

; --- protected mode: calls of real mode ---

                bits    32

; DS, FS and GS of the host; ES and SS are loaded where they are needed.
%macro host_segments 0
                mov     ax,SEL_DATA
                mov     ds,ax
                mov     ax,SEL_PRIVATE
                mov     fs,ax
                mov     ax,SEL_FLAT
                mov     gs,ax
                cld
%endmacro

in_protected:   host_segments
                mov     es,ax
                mov     ax,fs
                mov     ss,ax
                mov     esp,[host_esp]
                mov     ebp,FRAME
                push    dword 2                 ; IRETD wants NT clear
                popfd
                jmp     [resume]

; Calls CS:IP of `real` with the registers there. DL = 1: with flags on the stack, as an interrupt does it. ECX words of
; parameters from ES:EDI. The general registers are lost.
call_real:      movzx   ebx,word [real + regs.ss]
                movzx   esi,word [real + regs.sp]
                mov     eax,ebx
                or      eax,esi
                jnz     .stack
                mov     bx,[private_seg]
                mov     si,REAL_STACK_TOP
.stack:         mov     [real_stack + 2],bx
                shl     ebx,4
                jecxz   .frame
.copy:          sub     si,2
                mov     ax,[es:edi + ecx * 2 - 2]
                mov     [gs:ebx + esi],ax
                loop    .copy
.frame:         mov     ax,[real + regs.flags]
                and     ax,0FFFh & ~TRAP
                test    dl,dl
                jz      .far
                sub     si,2
                mov     [gs:ebx + esi],ax
                and     ax,~INTERRUPT
.far:           sub     si,4
                mov     word [gs:ebx + esi],real_return
                mov     cx,[host_seg]
                mov     [gs:ebx + esi + 2],cx
                mov     dword [resume],.back
                mov     [host_esp],esp
; AX = flags with which CS:IP of `real` begins, on the stack EBX (linear), SI.
start_real:     sub     si,6
                mov     [gs:ebx + esi + 4],ax
                mov     eax,[real + regs.ip]
                mov     [gs:ebx + esi],eax
                mov     [real_stack],si
                jmp     SEL_CODE16:to_real
call_real.back: ret

; An interrupt of the client goes to real mode with the general registers and flags; they come back. EBX = number. What
; is in the segment registers there is undefined, so it is ROM.
reflect:        mov     ecx,8
.out:           mov     eax,[ebp + frame.edi + ecx * 4 - 4]
                mov     [real + ecx * 4 - 4],eax
                loop    .out
                mov     eax,[gs:ebx * 4]
                mov     [real + regs.ip],eax
                mov     ax,[ebp + frame.eflags]
                mov     [real + regs.flags],ax
                mov     eax,0F000F000h
                mov     [real + regs.es],eax
                mov     [real + regs.fs],eax
                mov     [real + regs.sp],ecx
                mov     dl,1
                call    call_real
                mov     ecx,8
.in:            mov     eax,[real + ecx * 4 - 4]
                mov     [ebp + frame.edi + ecx * 4 - 4],eax
                loop    .in
                mov     ax,[real + regs.flags]
                and     ax,FLAGS_RESULT
                and     word [ebp + frame.eflags],~FLAGS_RESULT
                or      [ebp + frame.eflags],ax
                ret

; INT 21h for the host: AX, BX and ES of `real`; carry and AX, BX come back there.
call_dos:       mov     eax,[gs:21h * 4]
                mov     [real + regs.ip],eax
                mov     word [real + regs.flags],INTERRUPT
                xor     ecx,ecx
                mov     [real + regs.sp],ecx
                mov     dl,1
                call    call_real
                bt      word [real + regs.flags],0
                ret

; --- start and end of a client ---

start_client:   xor     eax,eax                 ; the LDT, what is known about it, and the memory blocks
                mov     edi,BLOCKS_END
.clear:         sub     edi,4
                mov     [fs:edi],eax
                jnz     .clear
                mov     [locked_depth],eax
                mov     ecx,TRAP_RETURN
.vectors:       lea     eax,[ecx - 1]
                mov     [vectors + eax * 8],eax
                mov     dword [vectors + eax * 8 + 4],SEL_TRAPS
                loop    .vectors
                mov     byte [gdt + SEL_TSS + 5],89h
                mov     ax,SEL_TSS
                ltr     ax
                mov     ax,SEL_LDT
                lldt    ax

                mov     esi,real
                lea     edi,[ebp + frame.edi]
                mov     ecx,8
.registers:     lodsd
                mov     [ss:edi],eax
                add     edi,4
                loop    .registers
                call    set_start
                movzx   eax,word [real + regs.ip]
                mov     [ebp + frame.eip],eax
                mov     ax,[real + regs.sp]
                mov     [ebp + frame.esp],eax

                mov     dl,KIND_CLIENT
                mov     bx,[real + regs.cs]
                call    map_segment
                mov     byte [fs:esi + 5],0FAh
                mov     [ebp + frame.cs],eax
                mov     bx,[real + regs.ds]
                call    map_segment
                mov     byte [fs:esi + 6],40h
                mov     [ebp + frame.ds],eax
                mov     bx,[real + regs.ss]
                call    map_segment
                mov     byte [fs:esi + 6],40h
                mov     [ebp + frame.ss],eax
                mov     dl,KIND_HOST
                mov     bx,[psp]
                call    map_segment
                mov     word [fs:esi],0FFh
                mov     [ebp + frame.es],eax
                mov     bx,[environment]
                test    bx,bx
                jz      leave_host
                call    map_segment
                movzx   ecx,word [psp]
                shl     ecx,4
                mov     [gs:ecx + 2Ch],ax
                jmp     leave_host

; FS, GS and the flags of one who comes from real mode; carry is clear.
set_start:      xor     eax,eax
                mov     [ebp + frame.fs],eax
                mov     [ebp + frame.gs],eax
                mov     ax,[real + regs.flags]
                and     eax,FLAGS_CLIENT & ~CARRY
                or      eax,IOPL3 | 2
                mov     [ebp + frame.eflags],eax
                ret

; Exception EBX at CX:EDX is the client's last.
die:            mov     byte [doomed],1
                mov     edi,message_number + 2
                mov     al,2
                call    .hex
                mov     edi,message_cs + 4
                movzx   ebx,cx
                mov     al,4
                call    .hex
                mov     edi,message_eip + 8
                mov     ebx,edx
                mov     al,8
                call    .hex
                mov     al,0FFh
; AL = status of the client that ends.
end_client:     mov     [real + regs.eax],al
                mov     word [real + regs.ip],terminate
                mov     ax,[host_seg]
                mov     [real + regs.cs],ax
                xor     ecx,ecx
                mov     [real + regs.flags],cx
                mov     [real + regs.sp],ecx
                mov     dl,0
                jmp     call_real
die.hex:        mov     ah,bl                   ; AL digits of EBX, up to EDI
                and     ah,0Fh
                add     ah,"0"
                cmp     ah,"9"
                jbe     .digit
                add     ah,"A" - "9" - 1
.digit:         dec     edi
                mov     [edi],ah
                shr     ebx,4
                dec     al
                jnz     die.hex
                ret

; Raw mode switches: AX = DS, CX = ES, DX = SS, (E)BX = (E)SP, SI:(E)DI = CS:(E)IP of the other mode.
start_raw:
%macro take 1-*
  %rep %0 / 2
                mov     eax,[real + regs.%2]
                mov     [ebp + frame.%1],eax
    %rotate 2
  %endrep
%endmacro
                take    ds,eax, es,ecx, ss,edx, esp,ebx, cs,esi, eip,edi, ebp,ebp
                call    set_start
                jmp     leave_checked

raw_to_real:    mov     [real + regs.ds],ax
                mov     [real + regs.es],cx
                mov     [real + regs.cs],si
                mov     [real + regs.ip],di
                mov     eax,[ebp + frame.ebp]
                mov     [real + regs.ebp],eax
                xor     eax,eax
                mov     [real + regs.fs],eax    ; and GS
                mov     si,bx
                and     esi,0FFFFh
                movzx   ebx,dx
                mov     [real_stack + 2],bx
                shl     ebx,4
                mov     ax,[ebp + frame.eflags]
                and     ax,0FFFh
                jmp     start_real

; --- every way into the host from protected mode ---

gates:
%assign n 0
%rep 256
                push    strict dword n
                jmp     strict near gate
%assign n n + 1
%endrep
GATE_SIZE       equ ($ - gates) / 256

gate:           cmp     esp,PRIVATE_SIZE - 6 * 4
                jne     .error                  ; the processor's error code stands below the vector
                push    dword [esp]
                mov     dword [esp + 4],NO_ERROR
.error:         pushad
                push    ds
                push    es
                push    fs
                push    gs
                host_segments
                mov     ebp,esp
                mov     eax,[ebp + frame.vector]
                test    byte [ebp + frame.cs],3
                jz      .fatal                  ; the host's own: a pointer or a selector of the client's was bad
                push    leave_host
                cmp     dword [ebp + frame.error],NO_ERROR
                jne     .fault
                cmp     eax,8
                jb      exception
                cmp     eax,10h
                jb      interrupt_hardware
                cmp     eax,70h
                jb      interrupt
                cmp     eax,78h
                jb      interrupt_hardware
                jmp     interrupt

; The gates of exceptions and hardware interrupts cannot be called, so a fault tells INT n from them.
.fault:         cmp     al,0Dh
                jne     exception
                cmp     word [ebp + frame.cs],SEL_TRAPS
                je      trap
                mov     ecx,[ebp + frame.error]
                and     cl,7
                cmp     cl,2
                jne     exception
                mov     eax,[ebp + frame.error]
                shr     eax,3
                mov     es,[ebp + frame.cs]
                mov     ecx,[ebp + frame.eip]
                inc     dword [ebp + frame.eip]
                cmp     byte [es:ecx],0CDh
                jne     exception               ; INT3, INTO
                inc     dword [ebp + frame.eip]
                jmp     interrupt

.fatal:         mov     ebx,eax
                mov     cx,[ebp + frame.cs]
                mov     edx,[ebp + frame.eip]
                jmp     die

; Back to the client. What it may not set it has not set, and what it has no more is 0.
leave_checked:  or      byte [ebp + frame.cs],3
                or      byte [ebp + frame.ss],3
                and     dword [ebp + frame.eflags],FLAGS_CLIENT
                or      dword [ebp + frame.eflags],IOPL3 | 2
leave_host:     mov     esp,ebp
                mov     ecx,4
.segment:       lar     eax,[ebp + frame.gs + ecx * 4 - 4]
                jnz     .none
                verr    [ebp + frame.gs + ecx * 4 - 4]
                jnz     .none
                test    ah,80h
                jnz     .good
.none:          mov     dword [ebp + frame.gs + ecx * 4 - 4],0
.good:          loop    .segment
                pop     gs
                pop     fs
                pop     es
                pop     ds
                popad
                add     esp,8
                iretd

; --- interrupts and exceptions to their handlers ---

; ES:EDI = the client's stack.
client_stack:   push    eax
                mov     edi,[ebp + frame.esp]
                mov     es,[ebp + frame.ss]
                lar     eax,[ebp + frame.ss]
                test    eax,400000h
                jnz     .big
                and     edi,0FFFFh
.big:           pop     eax
                ret

client_push:    call    client_stack            ; EAX
                sub     edi,4
                mov     [es:edi],eax
                mov     [ebp + frame.esp],edi
                ret

; The client goes on to the locked stack, unless it is there, with the frame of an exception from its error code on.
lock_stack:     call    client_stack
                cmp     dword [locked_depth],0
                jne     .there
                mov     di,SEL_LOCKED
                mov     es,di
                mov     edi,LOCKED_SIZE
.there:         inc     dword [locked_depth]
                sub     edi,24
                mov     ecx,6
.save:          mov     edx,[ebp + frame.error + ecx * 4 - 4]
                mov     [es:edi + ecx * 4 - 4],edx
                loop    .save
                mov     [ebp + frame.ss],es
                mov     [ebp + frame.esp],edi
                mov     dword [ebp + frame.cs],SEL_TRAPS
                mov     dword [ebp + frame.eip],TRAP_RETURN
                and     dword [ebp + frame.eflags],~(INTERRUPT | TRAP)
                ret

; EAX = number
interrupt_hardware:
                cmp     word [vectors + eax * 8 + 4],SEL_TRAPS
                je      interrupt
                call    lock_stack
interrupt:      mov     ebx,[vectors + eax * 8]
                mov     ecx,[vectors + eax * 8 + 4]
                cmp     cx,SEL_TRAPS
                je      interrupt_default
                mov     eax,[ebp + frame.eflags]
                call    client_push
.enter:         mov     eax,[ebp + frame.cs]
                call    client_push
                mov     eax,[ebp + frame.eip]
                call    client_push
                mov     [ebp + frame.cs],ecx
                mov     [ebp + frame.eip],ebx
                ret

exception:      mov     ebx,[vectors + (TRAP_EXCEPTION + eax) * 8]
                mov     ecx,[vectors + (TRAP_EXCEPTION + eax) * 8 + 4]
                cmp     cx,SEL_TRAPS
                je      .none
                push    ecx
                call    lock_stack
                pop     ecx
                jmp     interrupt.enter
.none:          mov     ebx,eax
                mov     ecx,[ebp + frame.cs]
                mov     edx,[ebp + frame.eip]
                jmp     die

trap:           call    client_stack
                mov     eax,[ebp + frame.eip]
                mov     ebx,eax
                cmp     eax,TRAP_EXCEPTION
                jb      .interrupt
                cmp     eax,TRAP_RETURN
                jb      .exception
                je      .return
                mov     ebx,[ebp + frame.ebx]
                mov     edi,[ebp + frame.edi]
                mov     ax,[ebp + frame.eax]
                jmp     raw_to_real
.interrupt:     mov     ecx,3                   ; the frame is now done with: it is as if INT were in its place
.pop:           mov     eax,[es:edi + ecx * 4 - 4]
                mov     [ebp + frame.eip + ecx * 4 - 4],eax
                loop    .pop
                add     edi,12
                mov     [ebp + frame.esp],edi
                call    interrupt_default
                jmp     leave_checked
.exception:     sub     ebx,TRAP_EXCEPTION
                mov     edx,[es:edi + 12]
                mov     ecx,[es:edi + 16]
                jmp     die
.return:        dec     dword [locked_depth]
                mov     ecx,6
.restore:       mov     eax,[es:edi + ecx * 4 - 4]
                mov     [ebp + frame.error + ecx * 4 - 4],eax
                loop    .restore
                jmp     leave_checked

; EBX = number
interrupt_default:
                cmp     bl,31h
                je      int_31
                mov     ax,[ebp + frame.eax]
                cmp     bl,21h
                jne     .multiplex
                cmp     ah,4Ch
                je      end_client
.multiplex:     cmp     bl,2Fh
                jne     reflect
                cmp     ax,168Ah                ; there is nothing of the vendor's
                je      .done
                cmp     ax,1686h
                jne     reflect
                mov     word [ebp + frame.eax],0
.done:          ret

; --- INT 31h ---

functions:
%macro function 2
                dw      %1, %2
%endmacro
        function 0000h, allocate_descriptors
        function 0001h, free_descriptor
        function 0002h, segment_to_descriptor
        function 0003h, selector_increment
        function 0006h, get_base
        function 0007h, set_base
        function 0008h, set_limit
        function 0009h, set_rights
        function 000Ah, create_alias
        function 000Bh, get_descriptor
        function 000Ch, set_descriptor
        function 0100h, allocate_dos_memory
        function 0101h, free_dos_memory
        function 0200h, get_real_vector
        function 0201h, set_real_vector
        function 0202h, get_exception
        function 0203h, set_exception
        function 0204h, get_vector
        function 0205h, set_vector
        function 0300h, simulate_interrupt
        function 0301h, call_far
        function 0302h, call_iret
        function 0305h, get_state_addresses
        function 0306h, get_raw_addresses
        function 0400h, get_version
        function 0500h, get_free_memory
        function 0501h, allocate_memory
        function 0502h, free_memory
        function 0503h, resize_memory
        function 0600h, nothing                 ; lock: nothing is ever paged
        function 0601h, nothing
        function 0800h, map_physical
        function 0900h, disable_interrupts
        function 0901h, enable_interrupts
        function 0902h, interrupt_state
functions_end:

; A function finds the client's registers as they were, but for EAX and EBP, and FS, GS and DS of the host; carry says
; that it failed, with the reason in AX.
int_31:         mov     esi,functions - 4
                mov     ax,[ebp + frame.eax]
.find:          add     esi,4
                cmp     esi,functions_end
                je      .unsupported
                cmp     [esi],ax
                jne     .find
                movzx   eax,word [esi + 2]
                mov     ebx,[ebp + frame.ebx]
                mov     ecx,[ebp + frame.ecx]
                mov     edx,[ebp + frame.edx]
                mov     esi,[ebp + frame.esi]
                mov     edi,[ebp + frame.edi]
                mov     es,[ebp + frame.es]
                and     byte [ebp + frame.eflags],~CARRY
                call    eax
                jnc     .done
.failed:        mov     [ebp + frame.eax],ax
                or      byte [ebp + frame.eflags],CARRY
.done:          ret
.unsupported:   mov     ax,ERR_UNSUPPORTED
                jmp     .failed

; --- descriptors ---

; BX = selector -> FS:ESI = its descriptor, AL = its kind
find_descriptor:
                movzx   esi,bx
                and     esi,~7
                test    bl,4
                jz      .bad
                cmp     esi,LDT_SIZE
                jae     .bad
                mov     eax,esi
                shr     eax,3
                mov     al,[fs:KINDS + eax]
                cmp     al,KIND_FREE
                je      .bad
                ret
.bad:           mov     ax,ERR_SELECTOR
                stc
                ret

; The same for one that the client may change
find_own:       call    find_descriptor
                jc      .done
                cmp     al,KIND_CLIENT
                jne     find_descriptor.bad
.done:          ret

; ECX descriptors of kind DL -> EAX = selector of the first, FS:ESI = its descriptor
allocate:       push    edi
                mov     esi,FIRST_FREE
.try:           lea     eax,[esi + ecx]
                cmp     eax,LDT_ENTRIES
                ja      .none
                mov     edi,ecx
.look:          cmp     byte [fs:KINDS + esi + edi - 1],KIND_FREE
                jne     .next
                dec     edi
                jnz     .look
.set:           dec     eax                     ; from the last to the first
                mov     [fs:KINDS + eax],dl
                mov     dword [fs:eax * 8],0
                mov     dword [fs:eax * 8 + 4],0F200h
                cmp     eax,esi
                jne     .set
                shl     esi,3
                lea     eax,[esi + 7]
                clc
                pop     edi
                ret
.next:          add     esi,edi
                jmp     .try
.none:          mov     ax,ERR_DESCRIPTOR
                stc
                pop     edi
                ret

; A descriptor of kind DL for the real mode segment BX -> EAX = selector, FS:ESI = descriptor
map_segment:    mov     ecx,1
                call    allocate
                jc      .done
                mov     word [fs:esi],0FFFFh
                movzx   ecx,bx
                shl     ecx,4
                mov     [fs:esi + 2],cx
                shr     ecx,16
                mov     [fs:esi + 4],cl         ; carry is clear
.done:          ret

allocate_descriptors:
                movzx   ecx,cx
                mov     ax,ERR_VALUE
                stc
                jecxz   .done
                mov     dl,KIND_CLIENT
                call    allocate
                jc      .done
                mov     [ebp + frame.eax],ax
.done:          ret

free_descriptor:
                call    find_own
                jc      release.done
; What FS:ESI describes is no more.
release:        mov     eax,esi
                shr     eax,3
                mov     byte [fs:KINDS + eax],KIND_FREE
                xor     eax,eax
                mov     [fs:esi],eax
                mov     [fs:esi + 4],eax
.done:          ret

; The same segment always has the same descriptor.
segment_to_descriptor:
                movzx   ecx,bx
                shl     ecx,4
                xor     edx,edx
.look:          cmp     byte [fs:KINDS + edx],KIND_SEGMENT
                jne     .next
                lea     esi,[edx * 8]
                call    base_of
                cmp     eax,ecx
                lea     eax,[esi + 7]
                je      .answer
.next:          inc     edx
                cmp     edx,LDT_ENTRIES
                jb      .look
                mov     dl,KIND_SEGMENT
                call    map_segment
                jc      .done
.answer:        mov     [ebp + frame.eax],ax
.done:          ret

selector_increment:
                mov     word [ebp + frame.eax],8
                clc
                ret

get_base:       call    find_descriptor
                jc      .done
                call    base_of
                mov     [ebp + frame.edx],ax
                shr     eax,16
                mov     [ebp + frame.ecx],ax
                clc
.done:          ret

base_of:        mov     ah,[fs:esi + 7]
                mov     al,[fs:esi + 4]
                shl     eax,16
                mov     ax,[fs:esi + 2]
                ret

set_base:       call    find_own
                jc      .done
                mov     [fs:esi + 2],dx
                mov     [fs:esi + 4],cl
                mov     [fs:esi + 7],ch
.done:          ret

set_limit:      call    find_own
                jc      limit_to.done
                shl     ecx,16
                mov     cx,dx
limit_to:       xor     al,al                   ; ECX for the descriptor FS:ESI
                cmp     ecx,0FFFFFh
                jbe     .small
                mov     eax,ecx
                not     eax
                test    eax,0FFFh
                mov     ax,ERR_VALUE
                stc
                jnz     .done
                shr     ecx,12
                mov     al,80h
.small:         mov     [fs:esi],cx
                shr     ecx,16
                or      al,cl
                and     byte [fs:esi + 6],70h
                or      [fs:esi + 6],al         ; carry is clear
.done:          ret

set_rights:     call    find_own
                jc      check_rights.done
                call    check_rights
                jc      check_rights.done
                mov     [fs:esi + 5],cl
                and     ch,0D0h
                and     byte [fs:esi + 6],0Fh
                or      [fs:esi + 6],ch
                ret

; CL = access rights/type byte, CH = extended
check_rights:   mov     al,cl
                and     al,70h
                cmp     al,70h                  ; DPL 3, and no system's descriptor
                jne     .bad
                test    ch,20h
                jnz     .bad
                test    cl,80h
                jz      .done
                test    cl,8
                jz      .done
                mov     al,cl
                and     al,6
                cmp     al,2                    ; code is readable and not conforming
                je      .done
.bad:           mov     ax,ERR_VALUE
                stc
.done:          ret

create_alias:   call    find_descriptor
                jc      .done
                mov     ebx,esi
                mov     ecx,1
                mov     dl,KIND_CLIENT
                call    allocate
                jc      .done
                mov     [ebp + frame.eax],ax
                mov     eax,[fs:ebx]
                mov     [fs:esi],eax
                mov     eax,[fs:ebx + 4]
                mov     ah,0F2h
                mov     [fs:esi + 4],eax
                clc
.done:          ret

get_descriptor: call    find_descriptor
                jc      .done
                mov     eax,[fs:esi]
                mov     [es:edi],eax
                mov     eax,[fs:esi + 4]
                mov     [es:edi + 4],eax
.done:          ret

set_descriptor: call    find_own
                jc      .done
                mov     edx,[es:edi + 4]
                mov     cx,[es:edi + 5]
                call    check_rights
                jc      .done
                mov     eax,[es:edi]
                mov     [fs:esi],eax
                mov     [fs:esi + 4],edx
.done:          ret

; --- DOS memory ---

allocate_dos_memory:
                mov     ecx,1
                mov     dl,KIND_DOS_BLOCK
                call    allocate
                jc      .done
                push    esi
                mov     byte [real + regs.eax + 1],48h
                mov     [real + regs.ebx],ebx
                call    call_dos
                pop     esi
                mov     eax,[real + regs.eax]
                mov     ecx,[real + regs.ebx]
                jc      .failed
                mov     [ebp + frame.eax],ax
                movzx   eax,ax
                shl     eax,4
                or      [fs:esi + 2],eax        ; beside the access rights
                lea     eax,[esi + 7]
                mov     [ebp + frame.edx],ax
                movzx   ecx,word [ebp + frame.ebx]
                shl     ecx,4
                sub     ecx,1
                adc     ecx,0                   ; no paragraphs: a limit of 0
                jmp     limit_to
.failed:        mov     [ebp + frame.ebx],cx
                push    eax
                call    release
                pop     eax
                stc
.done:          ret

free_dos_memory:
                mov     ebx,edx
                call    find_descriptor
                jc      .done
                cmp     al,KIND_DOS_BLOCK
                jne     find_descriptor.bad
                call    base_of
                shr     eax,4
                mov     [real + regs.es],ax
                mov     byte [real + regs.eax + 1],49h
                push    esi
                call    call_dos
                pop     esi
                mov     eax,[real + regs.eax]
                jnc     release
.done:          ret

; --- interrupts ---

get_real_vector:
                movzx   ebx,bl
                mov     eax,[gs:ebx * 4]
                mov     [ebp + frame.edx],ax
                shr     eax,16
                mov     [ebp + frame.ecx],ax
                clc
                ret

set_real_vector:
                movzx   ebx,bl
                mov     [gs:ebx * 4],dx
                mov     [gs:ebx * 4 + 2],cx
                ret

get_exception:  call    exception_number
                jc      get_vector.done
                jmp     get_vector.number
get_vector:     movzx   ebx,bl
.number:        mov     eax,[vectors + ebx * 8]
                mov     [ebp + frame.edx],eax
                mov     ax,[vectors + ebx * 8 + 4]
                mov     [ebp + frame.ecx],ax
.done:          ret

set_exception:  call    exception_number
                jc      set_vector.done
                jmp     set_vector.number
set_vector:     movzx   ebx,bl
.number:        or      cl,3
                lar     eax,ecx
                jnz     find_descriptor.bad
                test    ah,8                    ; code
                jz      find_descriptor.bad
                mov     [vectors + ebx * 8],edx
                mov     [vectors + ebx * 8 + 4],cx
.done:          ret

exception_number:
                cmp     bl,20h
                mov     ax,ERR_VALUE
                cmc
                movzx   ebx,bl
                lea     ebx,[ebx + TRAP_EXCEPTION]
                ret

; The virtual interrupt flag is the real one.
disable_interrupts:
                call    interrupt_state
                and     byte [ebp + frame.eflags + 1],~(INTERRUPT >> 8)
                ret
enable_interrupts:
                call    interrupt_state
                or      byte [ebp + frame.eflags + 1],INTERRUPT >> 8
                ret
interrupt_state:
                test    word [ebp + frame.eflags],INTERRUPT
                setnz   [ebp + frame.eax]
nothing:        ret

; --- translation ---

simulate_interrupt:
                movzx   eax,bl
                push    dword [gs:eax * 4]
                mov     dl,1
                jmp     call_client
call_iret:      mov     dl,1
                jmp     call_listed
call_far:       mov     dl,0
call_listed:    push    dword [es:edi + regs.ip]

; On the stack the address; DL as for call_real; ES:EDI = the structure, CX = words from the client's stack
call_client:    movzx   eax,cx
                mov     ecx,regs_size
.in:            mov     bl,[es:edi + ecx - 1]
                mov     [real + ecx - 1],bl
                loop    .in
                pop     dword [real + regs.ip]
                cmp     eax,100h
                mov     ecx,eax
                mov     ax,ERR_VALUE
                cmc
                jc      .done
                call    client_stack
                call    call_real
                mov     es,[ebp + frame.es]
                mov     edi,[ebp + frame.edi]
                mov     esi,real
                mov     ecx,regs.ip             ; the rest of the structure stays as it is
                rep     movsb
                clc
.done:          ret

; The host keeps no state across modes, so there is none to save.
get_state_addresses:
                mov     word [ebp + frame.eax],0
                mov     cx,real_state
                mov     edi,TRAP_STATE
                jmp     get_raw_addresses.answer
get_raw_addresses:
                mov     cx,raw_to_protected
                mov     edi,TRAP_TO_REAL
.answer:        mov     [ebp + frame.ecx],cx
                mov     [ebp + frame.edi],edi
                mov     word [ebp + frame.esi],SEL_TRAPS
                mov     ax,[host_seg]
                mov     [ebp + frame.ebx],ax
                clc
                ret

get_version:    mov     word [ebp + frame.eax],5Ah
                mov     word [ebp + frame.ebx],3        ; 32-bit; reflects to real mode, not V86
                mov     byte [ebp + frame.ecx],3
                mov     word [ebp + frame.edx],0870h
                clc
                ret

; --- memory ---

; The largest gap of the heap: EAX = where, EDX = its size; ECX = that of all gaps.
find_gap:       xor     ecx,ecx
                xor     edx,edx
                mov     esi,[heap_start]
                call    gap_at
                mov     ebx,BLOCKS
.block:         mov     esi,[fs:ebx]
                test    esi,esi
                jz      .next
                add     esi,[fs:ebx + 4]
                call    gap_at
.next:          add     ebx,8
                cmp     ebx,BLOCKS_END
                jb      .block
                ret

; What is free from ESI on: EDI; counted for find_gap.
gap_at:         mov     edi,[heap_end]
                push    ebx
                mov     ebx,BLOCKS
.block:         cmp     [fs:ebx],esi
                jb      .next
                cmp     [fs:ebx],edi
                jae     .next
                mov     edi,[fs:ebx]
.next:          add     ebx,8
                cmp     ebx,BLOCKS_END
                jb      .block
                pop     ebx
                sub     edi,esi
                add     ecx,edi
                cmp     edi,edx
                jbe     .done
                mov     edx,edi
                mov     eax,esi
.done:          ret

; BX:CX = size -> EBX in whole pages
size_asked:     shl     ebx,16
                mov     bx,cx
                dec     ebx                     ; 0 becomes too much
                or      ebx,4095
                inc     ebx
                cmp     ebx,1
                mov     ax,ERR_VALUE
                ret

; A handle is the number of the block and a mark, and no address.
HANDLE_MARK     equ 0D7E1h

allocate_memory:
                call    size_asked
                jc      .done
                push    ebx
                call    find_gap
                pop     ebx
                mov     ecx,eax
                mov     ax,ERR_MEMORY
                cmp     edx,ebx
                jb      .done
                mov     esi,BLOCKS - 8
.find:          add     esi,8
                cmp     esi,BLOCKS_END
                mov     ax,ERR_HANDLE_NONE
                cmc
                jc      .done
                cmp     dword [fs:esi],0
                jne     .find
                mov     [fs:esi],ecx
                mov     [fs:esi + 4],ebx
answer_block:   mov     ax,[fs:esi]             ; to BX:CX and SI:DI
                mov     [ebp + frame.ecx],ax
                mov     ax,[fs:esi + 2]
                mov     [ebp + frame.ebx],ax
                mov     [ebp + frame.esi],si
                mov     word [ebp + frame.edi],HANDLE_MARK
                clc
allocate_memory.done:
                ret

; SI:DI = handle -> FS:ESI = the block
find_block:     and     esi,0FFFFh
                cmp     di,HANDLE_MARK
                jne     .bad
                test    esi,7
                jnz     .bad
                cmp     esi,BLOCKS
                jb      .bad
                cmp     esi,BLOCKS_END
                jae     .bad
                cmp     dword [fs:esi],1
                jnc     .done
.bad:           mov     ax,ERR_HANDLE
                stc
.done:          ret

free_memory:    call    find_block
                jc      .done
                mov     dword [fs:esi],0
.done:          ret

; Where it is, if there is room behind it; else in the largest gap.
resize_memory:  call    size_asked
                jc      .done
                call    find_block
                jc      .done
                push    esi
                push    ebx
                mov     esi,[fs:esi]
                add     esi,1                   ; so that its own beginning does not end the gap
                xor     edx,edx
                call    gap_at
                pop     ebx
                pop     esi
                inc     edx
                cmp     edx,ebx
                jae     .set
                push    esi
                push    ebx
                call    find_gap
                pop     ebx
                pop     esi
                cmp     edx,ebx
                mov     edx,eax
                mov     ax,ERR_MEMORY
                jb      .done
                mov     ecx,[fs:esi + 4]
                xchg    [fs:esi],edx            ; of the old size: the new one is larger
                push    esi
                mov     edi,[fs:esi]
                mov     esi,edx
                push    gs
                pop     es
                es rep  movsb
                pop     esi
.set:           mov     [fs:esi + 4],ebx
                jmp     answer_block
.done:          ret

get_free_memory:
                push    edi
                mov     eax,-1
                mov     ecx,12
                rep     stosd
                call    find_gap
                pop     edi
                mov     [es:edi],edx            ; bytes; the rest is in pages
                shr     edx,12
                shr     ecx,12
                mov     [es:edi + 4h],edx       ; largest block, unlocked and locked
                mov     [es:edi + 8h],edx
                mov     [es:edi + 10h],ecx      ; unlocked
                mov     [es:edi + 14h],ecx      ; free
                mov     [es:edi + 1Ch],ecx      ; free linear space
                mov     eax,[heap_end]
                sub     eax,[heap_start]
                shr     eax,12
                mov     [es:edi + 0Ch],eax      ; linear space
                mov     [es:edi + 18h],eax      ; physical
                mov     dword [es:edi + 20h],0  ; paging file
                clc
                ret

; Without paging a physical address is a linear one.
map_physical:   mov     ax,si
                or      ax,di
                jz      .bad
                cmp     bx,10h                  ; memory below 1 MB is there already
                jb      .bad
                ret
.bad:           mov     ax,ERR_VALUE
                stc
                ret

; --- installation ---

                bits    16

install:        mov     ax,4300h
                int     2Fh
                cmp     al,80h
                mov     dx,text_no_xms
                jne     .fail
                mov     ax,4310h
                int     2Fh
                mov     [xms],bx
                mov     [xms + 2],es
                mov     [host_seg],cs
                mov     [in_real_seg],cs
                xor     eax,eax
                mov     ax,cs
                shl     eax,4
                mov     cx,4
                mov     di,gdt + SEL_CODE
.segments:      call    set_base16
                add     di,8
                loop    .segments
                mov     ebx,eax
                add     eax,tss
                mov     di,gdt + SEL_TSS
                call    set_base16
                lea     eax,[ebx + traps]
                mov     di,gdt + (SEL_TRAPS & ~7)
                call    set_base16
                lea     eax,[ebx + gdt]
                mov     [gdtr + 2],eax
                lea     eax,[ebx + idt]
                mov     [idtr + 2],eax

                mov     di,idt
                mov     ax,gates
                xor     cx,cx
.gates:         mov     [di],ax
                mov     word [di + 2],SEL_CODE
                mov     word [di + 4],8E00h
                mov     word [di + 6],0
                cmp     cx,10h
                jb      .next
                mov     bx,cx
                and     bl,~7
                cmp     bl,70h
                je      .next
                mov     byte [di + 5],0EEh      ; open to INT n
.next:          add     ax,GATE_SIZE
                add     di,8
                inc     cx
                cmp     cx,256
                jb      .gates

                mov     ax,352Fh
                int     21h
                mov     [old_2f],bx
                mov     [old_2f + 2],es
                mov     ax,252Fh
                mov     dx,int_2f
                int     21h
                mov     es,[2Ch]
                mov     ah,49h
                int     21h
                mov     dx,text_ready
                mov     ah,9
                int     21h
                mov     ax,3100h
                mov     dx,(resident_end + 15) / 16
                int     21h
.fail:          mov     ah,9
                int     21h
                mov     ax,4C01h
                int     21h

text_no_xms     db "DPMIHOST: no XMS driver", 13, 10, "$"
text_ready      db "DPMIHOST: ready", 13, 10, "$"

                absolute $ - $$ + 100h
                alignb  8
idt             resb 256 * 8
vectors         resb TRAP_RETURN * 8            ; offset and selector of handlers: interrupts, then exceptions
resident_end:
