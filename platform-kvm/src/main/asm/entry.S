# The entry of system calls, where LSTAR points: each vCPU has a copy, with its desk (Layout) on the page behind. Assembled
# by a test, which compares the bytes with EntryCode.java, without a symbol for hosts whose SYSCALL enters ring 0, and with
# RING3 for those where it stays in ring 3:
#     as [--defsym RING3=1] -o entry.o entry.S && objcopy -O binary -j .text entry.o entry.bin
#
# Most calls leave the guest by OUT, all registers but the flags as SYSCALL left them. A few are answered here, from what
# the sentry keeps in memory that the application cannot write: the desk of the vCPU points to the slot of the task that
# runs on it. The application has saved its return address in RCX and its flags in R11 by SYSCALL, so there is no register
# to spare but RAX, and that is enough: the number that it held is known from where we are. The sentry relies on this when
# it interrupts the vCPU here: before an answer's last instruction nothing has happened, so the call begins anew, and each
# answer has ANSWER_SIZE bytes, so RIP tells which it was (VCpu.entered).

        .set    PORT_SYSCALL, 0xf0
        .set    ANSWERS, 0x80
        .set    POST, 0x480
        .set    ANSWER_SIZE, 128
        .set    TRAP_FLAG, 0x100

        .set    CURRENT, entry + 4096   # in the desk: u64, address of the slot of the task that runs
        .set    SPINS, entry + 4096 + 8         # in the desk: u32, how often to look for an answer; 0: nothing is posted
        .set    AWAITED, entry + 4096 + 12      # in the desk: u32, the call with which the task stands by; 0xffffffff: none
        .set    AREA, entry + 4096 + 16         # in the desk: u64, address of the area of the task that runs
        .set    SCRATCH_AT, entry + 4096 + 24   # in the desk: u64, address of the vCPU's scratch word
        .set    AWAITED_ARGUMENT, entry + 4096 + 32     # in the desk: u32, the same with EDI, or ESI of futex(2)
        .set    PATIENCE, entry + 4096 + 36     # in the desk: u32, how often to look while the task stands by
        .set    SEEN, entry + 4096 + 40         # in the desk: u32, what HAPPENED said when the awaited call was last tried
        .set    WAITING, 0xffffffff80009000     # in the machine's page: u32, tasks that wait for a vCPU
        .set    HAPPENED, WAITING + 4           # in the machine's page: u32, changes when somebody may have been woken
        .set    POSTABLE, WAITING + 64          # in the machine's page: 512 bits, the calls that may be posted
        .set    POSTABLE_LIMIT, 512

# The call page of the address space (CallPage.java), which the application can write: scratch words of the vCPUs, this is
# vCPU 0's; and an area for each task.
        .set    SCRATCH, 0x7ffffffffe00
        .set    STATE, 0                # u32
        .set    LEFT, 4                 # u32, how many looks are left
        .set    NUMBER, 8               # u64; later the result
        .set    RDI, 16
        .set    RSI, 24
        .set    RDX, 32
        .set    R10, 40
        .set    R8, 48
        .set    R9, 56
        .set    POSTED, 1
        .set    DONE, 2

# A slot (AnswerSlots.java): eight u32.
        .set    ALLOWED, 0              # whether anything may be answered here
        .set    PID, 4
        .set    TID, 8
        .set    UID, 12
        .set    EUID, 16
        .set    GID, 20
        .set    EGID, 24
        .set    PPID, 28

        .set    SYS_sched_yield, 24
        .set    SYS_getpid, 39
        .set    SYS_getuid, 102
        .set    SYS_getgid, 104
        .set    SYS_geteuid, 107
        .set    SYS_getegid, 108
        .set    SYS_getppid, 110
        .set    SYS_futex, 202
        .set    SYS_gettid, 186

# Answers are refused to a task whose calls somebody watches, and in ring 3 to one that single-steps, since only SYSRET
# and IRET set the trap flag so that it traps behind the right instruction.
        .macro  begin number
        .balign ANSWER_SIZE, 0xf4
answer_\number:
        .ifdef  RING3
        testl   $TRAP_FLAG, %r11d
        jne     1f
        .endif
        movq    CURRENT(%rip), %rax
        cmpb    $0, ALLOWED(%rax)
        je      1f
        .endm

# Back to the flags of the application: SYSRET takes them from R11. In ring 3 the host's SYSCALL has masked only the trap
# flag (Layout.RING3_SYSCALL_MASK); what the comparisons have changed is put back: OF, bit 11, by an addition that
# overflows if it was set, then SF ZF AF PF CF by SAHF, which every CPU with VT-x or SVM has in 64-bit mode.
        .macro  flags
        .ifdef  RING3
        movl    %r11d, %eax
        shrl    $11, %eax
        andl    $1, %eax
        addb    $0x7f, %al
        movl    %r11d, %eax
        xchgb   %al, %ah
        sahf
        .endif
        .endm

        .macro  return number
        .ifdef  RING3
        jmp     *%rcx
        .else
        sysretq
        .endif
1:      movl    $\number, %eax
        jmp     leave
        .endm

        .macro  field number, at
        begin   \number
        flags
        movq    CURRENT(%rip), %rax
        movl    \at(%rax), %eax
        return  \number
        .endm

        .macro  on number
        cmpl    $\number, %eax
        je      answer_\number
        .endm

        .text
entry:
        on      SYS_gettid
        on      SYS_getpid
        on      SYS_sched_yield
        on      SYS_getppid
        on      SYS_getuid
        on      SYS_geteuid
        on      SYS_getgid
        on      SYS_getegid
        cmpl    $0, SPINS(%rip)
        jne     post
        cmpl    AWAITED(%rip), %eax
        je      await
        .globl  leave
leave:                                  # KVM reports RIP at the OUT or behind it
        outb    %al, $PORT_SYSCALL
        .globl  resume_sysret
resume_sysret:                          # not in ring 3: there the host sets RIP itself
        sysretq

        .org    ANSWERS, 0xf4
        field   SYS_getpid, PID
        field   SYS_gettid, TID
        field   SYS_getuid, UID
        field   SYS_geteuid, EUID
        field   SYS_getgid, GID
        field   SYS_getegid, EGID
        field   SYS_getppid, PPID

        begin   SYS_sched_yield         # nobody waits for a vCPU: there is nobody to yield to
        cmpl    $0, WAITING
        jne     1f
        flags
        movl    $0, %eax                # not XOR: flags
        return  SYS_sched_yield
        .balign ANSWER_SIZE, 0xf4

# A call that the sentry may answer while we wait: its poller, if one looks (docs/exitless.md), or whoever comes out of
# the guest on another CPU and has done what the call awaits (docs/standby.md). The vCPU's scratch word keeps RAX until
# there is an answer, the area RDX, which counts or compares. Up to post_posted nothing has happened (VCpu.interruptedEntry).
        .org    POST, 0xf4
post:
        cmpl    $POSTABLE_LIMIT, %eax
        jae     leave
        btl     %eax, POSTABLE
        jc      save
        jmp     leave
await:
        cmpl    $SYS_futex, %eax
        je      1f
        cmpl    AWAITED_ARGUMENT(%rip), %edi
        je      save
        jmp     leave
1:      cmpl    AWAITED_ARGUMENT(%rip), %esi
        jne     leave
save:
        .ifdef  RING3
        testl   $TRAP_FLAG, %r11d
        jne     leave
        .endif
        movabsq %rax, SCRATCH           # the vCPU's own: Ring0.writeVcpu
        .globl  post_saved
post_saved:
        movq    AREA(%rip), %rax
        movq    %rdx, RDX(%rax)
        .globl  post_counting
post_counting:
        movq    SCRATCH_AT(%rip), %rdx
        movq    (%rdx), %rdx
        movq    %rdx, NUMBER(%rax)
        movq    %rdi, RDI(%rax)
        movq    %rsi, RSI(%rax)
        movq    %r10, R10(%rax)
        movq    %r8, R8(%rax)
        movq    %r9, R9(%rax)
        movl    PATIENCE(%rip), %edx
        movl    %edx, LEFT(%rax)
        movl    $POSTED, %edx
        xchgl   %edx, STATE(%rax)       # before HAPPENED is looked at
        .globl  post_posted
post_posted:
        movl    SPINS(%rip), %edx
        testl   %edx, %edx
        jz      5f
4:      cmpl    $POSTED, STATE(%rax)
        jne     2f
        pause
        decl    %edx
        jne     4b
        jmp     3f

# Nobody looks all the time. Who comes out looks, and leaves in SEEN that he has; what has happened since then is for us to
# find out.
5:      cmpl    $POSTED, STATE(%rax)
        jne     2f
        movl    SEEN(%rip), %edx
        subl    HAPPENED, %edx          # who serves is ahead: it stores SEEN first
        js      3f
        pause
        decl    LEFT(%rax)
        jne     5b
        jmp     3f

2:      cmpl    $DONE, STATE(%rax)
        jne     3f
        movq    RDX(%rax), %rdx
        flags
        movq    AREA(%rip), %rax
        movq    NUMBER(%rax), %rax
        .ifdef  RING3
        jmp     *%rcx
        .else
        sysretq
        .endif
3:      movq    RDX(%rax), %rdx
        movq    SCRATCH_AT(%rip), %rax
        movq    (%rax), %rax
        .globl  leave_posted
leave_posted:
        outb    %al, $PORT_SYSCALL
        .globl  post_end
post_end:
        hlt
