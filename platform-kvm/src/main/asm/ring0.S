# Everything that runs in guest ring 0 or at the syscall entry. Assembled by a test, which compares the bytes with
# Ring0.java:  as -o ring0.o ring0.S && objcopy -O binary -j .text ring0.o ring0.bin
#
# The exits are single OUT instructions: the host sees the port, RIP tells which stub it was, all general registers are
# untouched, and for exceptions the CPU's frame lies at RSP in the vCPU's kernel stack, which the host reads and writes.

        .set    PORT_SYSCALL, 0xf0
        .set    PORT_EXCEPTION, 0xf1
        .text

# Page 0 (Layout.ENTRY): the target of LSTAR, alone on its page, because a host whose SYSCALL stays in ring 3 needs the
# page user-accessible. There the OUT is allowed by the TSS's I/O bitmap and the SYSRET is never reached (it would be
# #GP or #UD in ring 3). Otherwise the OUT runs in ring 0, and the host resumes at the SYSRET or at resume_iret.
syscall_entry:
        outb    %al, $PORT_SYSCALL
syscall_return:
        sysretq
        .balign 4096, 0xf4

# Page 1 (Layout.STUBS): one stub per exception vector, 16 bytes each, so that RIP gives the vector.
exceptions:
        .rept   32
        outb    %al, $PORT_EXCEPTION
        hlt
        .balign 16, 0xf4
        .endr

# Returns to ring 3 with the frame at RSP: rip, cs, rflags, rsp, ss.
resume_iret:
        iretq
        .balign 16, 0xf4
