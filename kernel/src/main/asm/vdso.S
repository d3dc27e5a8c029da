# The code of the vDSO (vdso(7)). Assembled by a test, which compares the bytes with VdsoCode.java:
#     as -o vdso.o vdso.S && objcopy -O binary -j .text vdso.o vdso.bin
# It is placed at TEXT_OFFSET of the image. The page below the image is the time page (TimePage.java), which the sentry
# writes under a sequence count: odd while it writes. No function moves the stack pointer, so one rule for unwinding
# holds everywhere.

        .set    TEXT_OFFSET, 0x800
        .set    PAGE_SIZE, 4096

# The time page.
        .set    SEQUENCE, 0             # u32
        .set    CLOCK_MODE, 4           # u32: 0 the counter cannot be used, 1 it can
        .set    BASE_TICKS, 8           # u64: the counter at the base
        .set    MULTIPLIER, 16          # u64: ns per tick, times 2^shift
        .set    SHIFT, 24               # u32
        .set    CPU_MODE, 28            # u32: 0 ask the kernel, 1 RDTSCP tells the CPU's number
        .set    REALTIME, 32            # u64: ns at the base
        .set    MONOTONIC, 40
        .set    BOOTTIME, 48

        .set    SYS_gettimeofday, 96
        .set    SYS_time, 201
        .set    SYS_clock_gettime, 228
        .set    SYS_clock_getres, 229
        .set    SYS_getcpu, 309
        .set    CLOCKS, 12
        .set    NANOSECONDS, 1000000000
        .set    CPU_MASK, 0xfff

# rax: ns. Returns rax: s, rdx: the ns that are left. A 64-bit DIV takes several times as long. Clobbers rcx, r10.
        .macro  seconds
        movq    %rax, %r10
        shrq    $9, %rax                # NANOSECONDS is 2^9 times 1953125
        movabsq $0x44b82fa09b5a53, %rcx # 2^75 / 1953125, rounded up: right for every u64
        mulq    %rcx
        shrq    $11, %rdx
        movq    %rdx, %rax
        imulq   $NANOSECONDS, %rdx, %rcx
        movq    %r10, %rdx
        subq    %rcx, %rdx
        .endm

        .text
text:
        .set    time_page, text - TEXT_OFFSET - PAGE_SIZE

# Where the time page has the base of each clock id; 0 for those that only the kernel knows.
bases:
        .byte   REALTIME, MONOTONIC, 0, 0, MONOTONIC, REALTIME, MONOTONIC, BOOTTIME, 0, 0, 0, REALTIME
        .balign 16, 0

# r8: offset of the clock's base, r9: the time page. Returns rax: ns. Clobbers rcx, rdx, r10.
read_clock:
        movl    SEQUENCE(%r9), %r10d
        testb   $1, %r10b
        jnz     2f
        lfence                          # not before the sequence count has been read; if it is read some ticks after the
        rdtsc                           # second time, the line that has just ended is still right
        shlq    $32, %rdx
        orq     %rdx, %rax
        xorl    %ecx, %ecx
        subq    BASE_TICKS(%r9), %rax
        cmovbq  %rcx, %rax              # read just before the base was set: no time has passed since
        mulq    MULTIPLIER(%r9)
        movl    SHIFT(%r9), %ecx
        shrdq   %cl, %rdx, %rax
        addq    (%r9,%r8), %rax
        cmpl    SEQUENCE(%r9), %r10d
        jne     read_clock
        ret
2:      pause
        jmp     read_clock

        .balign 16, 0xcc
        .globl  __vdso_clock_gettime
__vdso_clock_gettime:                   # edi: clock, rsi: struct timespec
        cmpl    $CLOCKS, %edi
        jae     1f
        movl    %edi, %edi
        leaq    bases(%rip), %rax
        movzbl  (%rax,%rdi), %r8d
        testl   %r8d, %r8d
        jz      1f
        leaq    time_page(%rip), %r9
        cmpl    $0, CLOCK_MODE(%r9)
        je      1f
        call    read_clock
        seconds
        movq    %rax, (%rsi)
        movq    %rdx, 8(%rsi)
        xorl    %eax, %eax
        ret
1:      movl    $SYS_clock_gettime, %eax
        syscall
        ret

        .balign 16, 0xcc
        .globl  __vdso_gettimeofday
__vdso_gettimeofday:                    # rdi: struct timeval or null, rsi: struct timezone or null
        leaq    time_page(%rip), %r9
        cmpl    $0, CLOCK_MODE(%r9)
        je      1f
        testq   %rsi, %rsi
        jz      2f
        movq    $0, (%rsi)              # UTC
2:      testq   %rdi, %rdi
        jz      3f
        movl    $REALTIME, %r8d
        call    read_clock
        seconds
        movq    %rax, (%rdi)
        movl    %edx, %eax
        xorl    %edx, %edx
        movl    $1000, %ecx
        divl    %ecx
        movq    %rax, 8(%rdi)
3:      xorl    %eax, %eax
        ret
1:      movl    $SYS_gettimeofday, %eax
        syscall
        ret

        .balign 16, 0xcc
        .globl  __vdso_time
__vdso_time:                            # rdi: time_t or null
        leaq    time_page(%rip), %r9
        cmpl    $0, CLOCK_MODE(%r9)
        je      1f
        movl    $REALTIME, %r8d
        call    read_clock
        seconds
        testq   %rdi, %rdi
        jz      2f
        movq    %rax, (%rdi)
2:      ret
1:      movl    $SYS_time, %eax
        syscall
        ret

        .balign 16, 0xcc
        .globl  __vdso_clock_getres
__vdso_clock_getres:                    # edi: clock, rsi: struct timespec or null
        cmpl    $CLOCKS, %edi
        jae     1f
        cmpl    $5, %edi                # the coarse clocks' resolution is for the kernel to tell
        je      1f
        cmpl    $6, %edi
        je      1f
        movl    %edi, %edi
        leaq    bases(%rip), %rax
        cmpb    $0, (%rax,%rdi)
        je      1f
        testq   %rsi, %rsi
        jz      2f
        movq    $0, (%rsi)
        movq    $1, 8(%rsi)
2:      xorl    %eax, %eax
        ret
1:      movl    $SYS_clock_getres, %eax
        syscall
        ret

        .balign 16, 0xcc
        .globl  __vdso_getcpu
__vdso_getcpu:                          # rdi: unsigned or null for the CPU, rsi: the same for the node
        leaq    time_page(%rip), %r9
        cmpl    $0, CPU_MODE(%r9)
        je      1f
        rdtscp
        andl    $CPU_MASK, %ecx
        testq   %rdi, %rdi
        jz      2f
        movl    %ecx, (%rdi)
2:      testq   %rsi, %rsi
        jz      3f
        movl    $0, (%rsi)
3:      xorl    %eax, %eax
        ret
1:      movl    $SYS_getcpu, %eax
        syscall
        ret
        .balign 16, 0xcc
