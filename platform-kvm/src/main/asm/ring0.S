# What runs in guest ring 0 besides the syscall entry (entry.S). Assembled by a test, which compares the bytes with
# Ring0.java:  as -o ring0.o ring0.S && objcopy -O binary -j .text ring0.o ring0.bin
#
# The exits are single OUT instructions: the host sees the port, RIP tells which stub it was, all general registers are
# untouched, and for exceptions the CPU's frame lies at RSP in the vCPU's kernel stack, which the host reads and writes.

        .set    PORT_EXCEPTION, 0xf1
        .text

# Layout.STUBS: one stub per exception vector, 16 bytes each, so that RIP gives the vector.
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
