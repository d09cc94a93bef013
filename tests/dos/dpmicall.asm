; DPMICALL.COM: a DPMI client that calls each function of a host once and says what came of it.
;
;   nasm -f bin -o DPMICALL.COM dpmicall.asm; started after DPMIHOST.COM, or any other host.
;
; A line for each check, "ok ..." or "FAIL ...", then "done"; the status is 42, or 1 after a failure. With an argument
; it does one thing that a client may not do, and that must end it: H for HLT, C to write CR0, S to load the selector of
; a free descriptor, D to divide by 0; R to end in real mode, which has the host refuse the next client. Not every
; emulator looks at the limits of segments, or at selector 0, when memory is read or written: DOSBox-X and QEMU do not,
; Bochs does.
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

; --- descriptors: what else can be done with them ---

                mov     bx,cs
                mov     ax,000Ah
                int     31h
                said    "000Ah"
                mov     [alias],ax
                mov     es,ax
                cmp     dword [es:text_mark],"MARK"
                same    "000Ah: the same memory"
                mov     dword [es:text_mark],"EDIT"
                cmp     dword [text_mark],"EDIT"
                same    "000Ah: can be written"
                push    ds
                pop     es
                mov     edi,descriptor
                mov     bx,cs
                mov     ax,000Bh
                int     31h
                said    "000Bh"
                mov     al,[descriptor + 5]
                or      al,1
                cmp     al,0FBh
                same    "000Bh: code, DPL 3"
                mov     byte [descriptor + 5],0F2h
                mov     bx,[alias]
                mov     ax,000Ch
                int     31h
                said    "000Ch"
                mov     byte [descriptor + 5],0F8h
                mov     ax,000Ch
                int     31h
                refused "000Ch: code that cannot be read"
                mov     byte [descriptor + 5],7Ah
                mov     ax,000Ch
                int     31h
                said    "000Ch: not present"
                mov     fs,[sel]
                mov     bx,[sel]
                mov     ax,0001h
                int     31h
                said    "0001h"
                mov     ax,fs
                test    ax,ax
                same    "0001h: FS, which held it, is 0"
                mov     ax,0001h
                int     31h
                refused "0001h: a second time"
                mov     ax,0006h
                int     31h
                refused "0006h: of a free one"

                mov     bx,0F000h
                mov     ax,0002h
                int     31h
                said    "0002h"
                mov     [sel],ax
                mov     ax,0002h
                int     31h
                cmp     ax,[sel]
                same    "0002h: the same for the same segment"
                mov     bx,40h
                mov     ax,0002h
                int     31h
                mov     es,ax
                cmp     ax,[sel]
                setne   al
                cmp     al,1
                same    "0002h: another for another"
                lsl     eax,[sel]
                cmp     eax,0FFFFh
                same    "0002h: limit 64 KB"
                mov     bx,[sel]
                mov     ax,0001h
                int     31h
                refused "0001h: of one from 0002h"

; --- DOS memory ---

                mov     bx,1001h
                mov     ax,0100h
                int     31h
                said    "0100h"
                mov     [dos_segment],ax
                mov     [dos_sel],dx
                mov     es,dx
                lsl     eax,edx
                cmp     eax,1000Fh
                same    "0100h: the whole limit"
                mov     bx,dx
                mov     ax,0006h
                int     31h
                shl     ecx,16
                mov     cx,dx
                movzx   eax,word [dos_segment]
                shl     eax,4
                cmp     eax,ecx
                same    "0100h: its base"
                mov     edi,1000Ch
                mov     dword [es:edi],0
                mov     bx,0FFFFh
                mov     ax,0100h
                int     31h
                refused "0100h: 1 MB"
                cmp     bx,1000h
                said    "0100h: how much there is"
                mov     bx,[dos_sel]
                mov     ax,0007h
                int     31h
                refused "0007h: of one from 0100h"
                mov     dx,[dos_sel]
                mov     ax,0101h
                int     31h
                said    "0101h"
                mov     ax,es
                test    ax,ax
                same    "0101h: ES, which held it, is 0"
                mov     dx,[dos_sel]
                mov     ax,0101h
                int     31h
                refused "0101h: a second time"

; --- all memory, for what follows ---

                mov     cx,1
                mov     ax,0000h
                int     31h
                mov     [flat],ax
                mov     bx,ax
                mov     cx,-1
                mov     dx,-1
                mov     ax,0008h
                int     31h
                said    "0008h: 4 GB"
                mov     gs,bx

; --- interrupts ---

                mov     bl,21h
                mov     ax,0200h
                int     31h
                said    "0200h"
                shl     ecx,16
                mov     cx,dx
                cmp     [gs:21h * 4],ecx
                same    "0200h: what stands in memory"
                mov     bl,63h
                mov     cx,[home]
                mov     dx,real_int
                mov     ax,0201h
                int     31h
                said    "0201h"
                mov     ax,[gs:63h * 4]
                cmp     ax,real_int
                same    "0201h: what stands in memory"
                mov     eax,12345678h
                stc
                int     63h
                cmp     eax,12345679h
                same    "INT 63h goes to real mode, with EAX"

                mov     bl,64h
                mov     ax,0204h
                int     31h
                said    "0204h"
                mov     [chain],edx
                mov     [chain + 4],cx
                mov     cx,cs
                mov     edx,protected_int
                mov     ax,0205h
                int     31h
                said    "0205h"
                xor     eax,eax
                mov     ax,0204h
                int     31h
                cmp     edx,protected_int
                same    "0204h: what 0205h has set"
                mov     dword [gs:64h * 4],0
                mov     eax,[gs:63h * 4]
                mov     [gs:64h * 4],eax
                mov     eax,10h
                clc
                int     64h
                said    "INT 64h goes to its handler"
                cmp     eax,111h
                same    "... and then to real mode, by a far jump"
                mov     cx,0F000h
                mov     ax,0205h
                int     31h
                refused "0205h: no selector"

                mov     bl,8
                mov     ax,0204h
                int     31h
                mov     [old_timer],edx
                mov     [old_timer + 4],cx
                mov     cx,cs
                mov     edx,timer
                mov     ax,0205h
                int     31h
                said    "0205h: the timer"
                mov     [was_esp],esp
                sti
                mov     eax,[gs:TICKS]
.ticks:         mov     edx,[gs:TICKS]
                sub     edx,eax
                cmp     edx,3
                jb      .ticks
                cmp     esp,[was_esp]
                same    "ESP after interrupts"
                cmp     word [timer_count],3
                said    "the handler is called, and real mode by a far call"
                cmp     byte [timer_if],0
                same    "... with interrupts disabled"
                mov     ax,[gs:TICKS]
                sub     ax,[timer_nested]
                cmp     ax,10
                cmc
                said    "... within itself, and with 0300h"
                mov     ax,[timer_ss]
                mov     bx,ss
                cmp     ax,bx
                setne   al
                cmp     al,1
                same    "... on another stack"
                mov     bl,8
                mov     cx,[old_timer + 4]
                mov     edx,[old_timer]
                mov     ax,0205h
                int     31h
                said    "0205h: the default again"
                mov     dx,[timer_count]
                mov     eax,[gs:TICKS]
.default:       cmp     eax,[gs:TICKS]
                je      .default
                cmp     dx,[timer_count]
                same    "... and the handler is not called"

                cli
                mov     ax,0901h
                int     31h
                cmp     ax,0900h
                same    "0901h: they were disabled"
                mov     ax,0902h
                int     31h
                cmp     ax,0901h
                same    "0902h: they are enabled"
                mov     ax,0900h
                int     31h
                cmp     ax,0901h
                same    "0900h: they were enabled"
                pushf
                pop     ax
                test    ah,2
                same    "0900h: and are disabled"
                mov     ax,0901h
                int     31h

; --- exceptions ---

                mov     bl,20h
                mov     ax,0202h
                int     31h
                refused "0202h: no such exception"
                mov     bl,0Dh
                mov     ax,0202h
                int     31h
                said    "0202h"
                lsl     eax,ecx
                cmp     eax,edx
                said    "0202h: an address of the host's"
                mov     [chain],edx
                mov     [chain + 4],cx
                mov     cx,cs
                mov     edx,fault
                mov     ax,0203h
                int     31h
                said    "0203h"
                mov     [was_esp],esp
                mov     ebx,0ABCDEF01h
.hlt:           hlt
                cmp     esp,[was_esp]
                same    "exception 0Dh: the handler skips the HLT"
                cmp     ebx,0ABCDEF01h
                same    "... EBX is kept"
                cmp     dword [fault_eip],.hlt
                same    "... EIP"
                mov     ax,cs
                cmp     [fault_cs],ax
                same    "... CS"
                mov     eax,[was_esp]
                cmp     [fault_esp],eax
                same    "... ESP"
                mov     ax,ss
                cmp     [fault_ss],ax
                same    "... SS"
                cmp     dword [fault_error],0
                same    "... error code"
                test    byte [fault_flags + 1],2
                setz    al
                cmp     al,0
                same    "... EFLAGS"
                mov     ax,ss
                cmp     [fault_on],ax
                setne   al
                cmp     al,1
                same    "... on another stack"

                mov     bl,0Dh
                mov     cx,[chain + 4]
                mov     edx,[chain]
                mov     ax,0203h
                int     31h
                said    "0203h: the default again"
                mov     bl,0
                mov     cx,cs
                mov     edx,fault
                mov     ax,0203h
                int     31h
                mov     byte [skip],2
                xor     cl,cl
.div:           div     cl
                cmp     dword [fault_eip],.div
                same    "exception 0: its handler is called"

                mov     bl,0Bh
                mov     cx,cs
                mov     edx,fault
                mov     ax,0203h
                int     31h
                mov     ax,[alias]
                push    ax
                pop     fs
                pop     ax
                mov     eax,[fault_error]
                and     al,~3
                mov     bx,[alias]
                and     bl,~3
                cmp     ax,bx
                same    "exception 0Bh: the error code is the selector"

                mov     bl,3
                mov     cx,cs
                mov     edx,breakpoint
                mov     ax,0203h
                int     31h
                mov     ecx,5
                int3
                cmp     ecx,6
                same    "exception 3: INT3"

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

                call    clear_regs
                mov     ax,[home]
                mov     [call_regs + regs.cs],ax
                mov     word [call_regs + regs.ip],real_far
                mov     word [call_regs + regs.flags],1
                mov     dword [call_regs + regs.eax],0AAAA0001h
                mov     word [call_regs + regs.ds],1111h
                mov     word [call_regs + regs.es],2222h
                mov     word [call_regs + regs.fs],3333h
                mov     word [call_regs + regs.gs],4444h
                push    word 2000h
                push    word 1000h
                mov     ecx,12340002h
                mov     ebx,56780000h
                mov     ax,0301h
                int     31h
                pop     eax
                said    "0301h"
                cmp     ecx,12340002h
                same    "0301h: ECX is kept"
                cmp     ebx,56780000h
                same    "0301h: EBX is kept"
                cmp     edi,call_regs
                same    "0301h: EDI is kept"
                cmp     dword [call_regs + regs.eax],0AAAA9AACh
                same    "0301h: words from the stack, segments, carry come and go"
                cmp     word [call_regs + regs.ds],2222h
                same    "0301h: DS comes back"
                test    byte [call_regs + regs.flags],1
                same    "0301h: flags come back"
                mov     ax,[home]
                cmp     [call_regs + regs.cs],ax
                same    "0301h: CS stays"
                mov     ax,[call_regs + regs.ss]
                or      ax,[call_regs + regs.sp]
                same    "0301h: SS:SP stay 0"

                call    clear_regs
                mov     ax,[home]
                mov     [call_regs + regs.cs],ax
                mov     word [call_regs + regs.ip],real_iret
                mov     [call_regs + regs.ss],ax
                mov     word [call_regs + regs.sp],real_stack_top
                mov     word [call_regs + regs.flags],0203h
                xor     cx,cx
                mov     ax,0302h
                int     31h
                said    "0302h"
                cmp     word [call_regs + regs.eax],real_stack_top - 6
                same    "0302h: on the stack that was given"
                cmp     word [call_regs + regs.ebx],0203h
                same    "0302h: the flags are in the frame"
                test    word [call_regs + regs.ecx],300h
                same    "0302h: IF and TF are clear"

                mov     ax,0305h
                int     31h
                said    "0305h"
                test    ax,ax
                same    "0305h: no state"
                mov     [state_real],cx
                mov     [state_real + 2],bx
                mov     [chain],edi
                mov     [chain + 4],si
                mov     al,0
                call    far dword [chain]
                said    "0305h: call in protected mode"
                mov     ax,0306h
                int     31h
                said    "0306h"
                mov     [to_protected],cx
                mov     [to_protected + 2],bx
                mov     [chain],edi
                mov     [chain + 4],si
                mov     [was_esp],esp
                mov     [pm_ss],ss
                mov     [pm_cs],cs
                mov     [pm_ds],ds
                mov     ax,[home]
                mov     cx,ax
                mov     dx,ax
                mov     si,ax
                mov     ebx,real_stack_top
                mov     edi,real_raw
                mov     ebp,0FEDCBA98h
                jmp     far dword [chain]
back_from_real: cmp     ebp,0FEDCBA98h
                same    "0306h: there and back, with EBP"
                cmp     [raw_result],bp
                same    "0306h: real mode was there"
                mov     ax,es
                mov     bx,ds
                cmp     ax,bx
                same    "0306h: ES"
                mov     eax,esp
                cmp     eax,[was_esp]
                same    "0306h: ESP"
                mov     ax,gs
                test    ax,ax
                same    "0306h: GS is 0"
                mov     gs,[flat]

; --- memory ---

                mov     ax,0400h
                int     31h
                said    "0400h"
                cmp     ax,5Ah
                same    "0400h: version 0.90"
                test    bl,1
                setz    al
                cmp     al,0
                same    "0400h: 32-bit"
                cmp     dx,0870h
                same    "0400h: interrupt controllers"

                push    ds
                pop     es
                mov     edi,free_memory
                mov     ax,0500h
                int     31h
                said    "0500h"
                mov     eax,[free_memory]
                mov     [largest],eax
                add     eax,4096
                mov     ecx,eax
                shld    ebx,eax,16
                mov     ax,0501h
                int     31h
                refused "0501h: a page more than there is"
                mov     ecx,[largest]
                shld    ebx,ecx,16
                mov     ax,0501h
                int     31h
                said    "0501h: all there is"
                mov     ax,0502h
                int     31h
                said    "0502h"
                mov     ax,0502h
                int     31h
                refused "0502h: a second time"
                xor     bx,bx
                xor     cx,cx
                mov     ax,0501h
                int     31h
                refused "0501h: nothing"

                mov     cx,1234h                ; A, then B behind it, then A grows and has to move
                mov     ax,0501h
                int     31h
                said    "0501h: A"
                mov     [block_a],cx
                mov     [block_a + 2],bx
                mov     [handle_a],di
                mov     [handle_a + 2],si
                mov     esi,[block_a]
                mov     dword [gs:esi],"MEMO"
                mov     dword [gs:esi + 1230h],"RIES"
                mov     bx,1
                mov     cx,0
                mov     ax,0501h
                int     31h
                said    "0501h: B"
                mov     [block_b],cx
                mov     [block_b + 2],bx
                mov     eax,[block_b]
                sub     eax,[block_a]
                sub     eax,1234h
                said    "0501h: B lies behind A"
                mov     edi,free_memory
                mov     ax,0500h
                int     31h
                mov     eax,[largest]
                sub     eax,[free_memory]
                cmp     eax,12000h
                same    "0500h: as much less as there was given, in pages"
                mov     esi,[handle_a + 2]
                mov     edi,[handle_a]
                mov     bx,2
                mov     cx,0
                mov     ax,0503h
                int     31h
                said    "0503h: A"
                shl     ebx,16
                mov     bx,cx
                cmp     dword [gs:ebx],"MEMO"
                same    "0503h: its first bytes"
                cmp     dword [gs:ebx + 1230h],"RIES"
                same    "0503h: its last bytes"
                shld    eax,esi,16
                mov     ebx,1
                mov     cx,0
                mov     ax,0503h
                int     31h
                said    "0503h: smaller"
                mov     di,1
                mov     ax,0502h
                int     31h
                refused "0502h: no handle"

                mov     ax,0600h
                int     31h
                said    "0600h"
                mov     ax,0601h
                int     31h
                said    "0601h"
                mov     ax,0604h
                int     31h
                refused "0604h is not there"
                cmp     ax,8001h
                same    "0604h: unsupported function"
                mov     bx,0E000h
                mov     cx,0
                mov     si,1
                mov     di,0
                mov     ax,0800h
                int     31h
                said    "0800h"
                cmp     bx,0E000h
                same    "0800h: the same address"
                mov     bx,0
                mov     ax,0800h
                int     31h
                refused "0800h: below 1 MB"

; --- what a call must leave alone ---

                mov     eax,0ABCD0003h
                mov     ebx,11112222h
                mov     ecx,33334444h
                mov     edx,55556666h
                mov     esi,77778888h
                mov     edi,9999AAAAh
                mov     ebp,0BBBBCCCCh
                std
                int     31h
                pushf
                cld
                cmp     eax,0ABCD0008h
                jne     .kept
                cmp     ebx,11112222h
                jne     .kept
                cmp     ecx,33334444h
                jne     .kept
                cmp     edx,55556666h
                jne     .kept
                cmp     esi,77778888h
                jne     .kept
                cmp     edi,9999AAAAh
                jne     .kept
                cmp     ebp,0BBBBCCCCh
.kept:          same    "INT 31h keeps registers"
                pop     ax
                and     ax,401h
                cmp     ax,400h
                same    "... and the direction flag"

; --- the end ---

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

; CL = the letter
misdeed:        xor     dx,dx
                cmp     cl,"C"
                je      .cr0
                cmp     cl,"S"
                je      .selector
                cmp     cl,"D"
                je      .divide
                cmp     cl,"R"
                je      .real
                hlt
.cr0:           mov     cr0,eax
.selector:      mov     ax,7FFh
                mov     es,ax
.divide:        div     dx
                jmp     done
.real:          call    clear_regs
                mov     word [call_regs + regs.eax],4C2Ah
                mov     bx,21h
                xor     cx,cx
                mov     ax,0300h
                int     31h
                jmp     done

; --- handlers ---

; INT 64h: adds 100h to EAX, and goes on.
protected_int:  add     eax,100h
                jmp     far dword [chain]

; The timer: calls the next handler as real mode does.
timer:          push    eax
                inc     word [timer_count]
                mov     [timer_ss],ss
                pushf
                pop     ax
                and     ah,2
                or      [timer_if],ah
                pop     eax
                pushfd
                call    far dword [old_timer]
                cmp     word [timer_count],1
                jne     .done
                sti                             ; the first one waits for the next
.next:          cmp     word [timer_count],1
                je      .next
                pushad
                push    es                      ; and calls real mode
                call    clear_regs
                mov     bx,1Ah
                xor     cx,cx
                mov     ax,0300h
                int     31h
                pop     es
                mov     eax,[call_regs + regs.edx]
                mov     [timer_nested],eax
                popad
.done:          iretd

; An exception: keeps what it finds, and goes on behind the byte.
fault:          push    ebp
                push    eax
                mov     ebp,esp
                mov     eax,[ebp + 16]
                mov     [fault_error],eax
                mov     eax,[ebp + 20]
                mov     [fault_eip],eax
                mov     ax,[ebp + 24]
                mov     [fault_cs],ax
                mov     eax,[ebp + 28]
                mov     [fault_flags],eax
                mov     eax,[ebp + 32]
                mov     [fault_esp],eax
                mov     ax,[ebp + 36]
                mov     [fault_ss],ax
                mov     [fault_on],ss
                movzx   eax,byte [skip]
                add     [ebp + 20],eax
                pop     eax
                pop     ebp
                o32 retf

breakpoint:     inc     ecx
                o32 retf

; --- real mode ---

real_int:       inc     eax
                jnc     .clear
                push    bp
                mov     bp,sp
                or      byte [bp + 6],1
                pop     bp
.clear:         iret

; AX: what came on the stack, in carry and in segment registers
real_far:       push    bp
                mov     bp,sp
                adc     ax,[bp + 6]
                sub     ax,[bp + 8]
                mov     bp,ds
                add     ax,bp
                mov     bp,es
                mov     ds,bp
                add     ax,bp
                mov     bp,fs
                add     ax,bp
                mov     bp,gs
                add     ax,bp
                pop     bp
                clc
                retf

real_iret:      mov     ax,sp
                mov     bp,sp
                mov     bx,[bp + 4]
                pushf
                pop     cx
                iret

real_raw:       call    far [state_real]
                mov     [raw_result],bp
                mov     ax,[pm_ds]
                mov     cx,ax
                mov     dx,[pm_ss]
                mov     ebx,[was_esp]
                mov     si,[pm_cs]
                mov     edi,back_from_real
                jmp     far [to_protected]

; ES:EDI = call_regs, all 0
clear_regs:     push    ds
                pop     es
                mov     edi,call_regs
                mov     ecx,regs_size
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
alias           dw 0
flat            dw 0
dos_segment     dw 0
dos_sel         dw 0
descriptor      dq 0
chain           dd 0, 0
old_timer       dd 0, 0
timer_count     dw 0
timer_ss        dw 0
timer_if        db 0
timer_nested    dd 0
skip            db 1
fault_error     dd 0
fault_eip       dd 0
fault_flags     dd 0
fault_esp       dd 0
fault_cs        dw 0
fault_ss        dw 0
fault_on        dw 0
state_real      dd 0
to_protected    dd 0
pm_cs           dw 0
pm_ds           dw 0
pm_ss           dw 0
raw_result      dw 0
free_memory     times 30h db 0
largest         dd 0
block_a         dd 0
handle_a        dd 0
block_b         dd 0
line            dw 0
failures        db 0
                align   4
call_regs       times regs_size db 0

                absolute $ - $$ + 100h
                alignb  16
                resb    512
real_stack_top: resb    1024
stack_top:
