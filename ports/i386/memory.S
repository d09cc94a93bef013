/* memcpy(), memmove() and memset() by words of 32 bits: picolibc's take as many steps as there are bytes, and frames are
   copied more than anything else. */

        .text
        .globl  memcpy, memmove, memset

/* void *memmove(void *to, const void *from, size_t len) */
memmove:
        movl    4(%esp), %eax
        movl    8(%esp), %edx
        movl    %eax, %ecx
        subl    %edx, %ecx
        cmpl    12(%esp), %ecx          /* what overlaps from below is copied from its end on */
        jae     memcpy
        pushl   %edi
        pushl   %esi
        movl    20(%esp), %ecx
        leal    -1(%eax,%ecx), %edi
        leal    -1(%edx,%ecx), %esi
        std
        rep movsb
        cld
        popl    %esi
        popl    %edi
        ret

/* void *memcpy(void *to, const void *from, size_t len) */
memcpy:
        pushl   %edi
        pushl   %esi
        movl    12(%esp), %edi
        movl    16(%esp), %esi
        movl    20(%esp), %ecx
        movl    %edi, %eax
        movl    %ecx, %edx
        shrl    $2, %ecx
        rep movsl
        movl    %edx, %ecx
        andl    $3, %ecx
        rep movsb
        popl    %esi
        popl    %edi
        ret

/* void *memset(void *to, int byte, size_t len) */
memset:
        pushl   %edi
        movl    8(%esp), %edi
        movzbl  12(%esp), %eax
        imull   $0x01010101, %eax
        movl    16(%esp), %ecx
        movl    %ecx, %edx
        shrl    $2, %ecx
        rep stosl
        movl    %edx, %ecx
        andl    $3, %ecx
        rep stosb
        movl    8(%esp), %eax
        popl    %edi
        ret

        .section .note.GNU-stack, "", @progbits
