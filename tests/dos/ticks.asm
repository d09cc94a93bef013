; Prints how often the timer's interrupt came since midnight.
        bits    16
        org     100h

        push    es
        push    word 40h
        pop     es
        mov     eax,[es:6Ch]
        pop     es
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
        mov     ax,4C00h
        int     21h
