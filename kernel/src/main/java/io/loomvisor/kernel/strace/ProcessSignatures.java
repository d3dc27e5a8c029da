package io.loomvisor.kernel.strace;

import static io.loomvisor.kernel.strace.Argument.ADDRESS;
import static io.loomvisor.kernel.strace.Argument.DIRECTORY;
import static io.loomvisor.kernel.strace.Argument.HEX;
import static io.loomvisor.kernel.strace.Argument.HEX_INT;
import static io.loomvisor.kernel.strace.Argument.INT;
import static io.loomvisor.kernel.strace.Argument.PATH;
import static io.loomvisor.kernel.strace.Argument.SIZE;
import static io.loomvisor.kernel.strace.Argument.STRING;
import static io.loomvisor.kernel.strace.Argument.UNSIGNED;
import static io.loomvisor.kernel.strace.Argument.in;
import static io.loomvisor.kernel.strace.Argument.named;
import static io.loomvisor.kernel.strace.Arguments.*;
import static io.loomvisor.kernel.syscall.SyscallNumber.*;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Map;

/** Signatures of memory, processes, signals, time, identity and the rest. */
final class ProcessSignatures {
  /** clone(2) prints all its arguments at once, by name. */
  private static final Argument CLONE_ALL = in((out, call, i) -> CloneText.clone(out, call));

  private ProcessSignatures() {}

  static void addTo(Map<SyscallNumber, Signature> table) {
    memory(table);
    processes(table);
    signals(table);
    time(table);
    identity(table);
    system(table);
  }

  private static void put(
      Map<SyscallNumber, Signature> table, SyscallNumber number, Argument... arguments) {
    table.put(number, Signature.of(Result.NUMBER, arguments));
  }

  private static void memory(Map<SyscallNumber, Signature> t) {
    Argument protection = named(ProcessNames.PROTECTION);
    t.put(
        MMAP,
        Signature.of(Result.ADDRESS, ADDRESS, SIZE, protection, named(ProcessNames.MAP), INT, HEX));
    t.put(BRK, Signature.of(Result.ADDRESS, ADDRESS));
    t.put(
        MREMAP,
        Signature.of(Result.ADDRESS, ADDRESS, SIZE, SIZE, named(ProcessNames.MREMAP), ADDRESS));
    put(t, MUNMAP, ADDRESS, SIZE);
    put(t, MPROTECT, ADDRESS, SIZE, protection);
    put(t, MSYNC, ADDRESS, SIZE, named(ProcessNames.MSYNC));
    put(t, MADVISE, ADDRESS, SIZE, named(ProcessNames.MADVISE));
    put(t, MINCORE, ADDRESS, SIZE, ADDRESS);
    put(t, MLOCK, ADDRESS, SIZE);
    put(t, MLOCK2, ADDRESS, SIZE, HEX_INT);
    put(t, MUNLOCK, ADDRESS, SIZE);
    put(t, MUNLOCKALL);
    put(t, FUTEX, ADDRESS, FUTEX_OPERATION, UNSIGNED, TIMESPEC, ADDRESS, HEX_INT);
    put(t, SET_ROBUST_LIST, ADDRESS, SIZE);
    put(t, GET_ROBUST_LIST, INT, ADDRESS, ADDRESS);
    put(t, RSEQ, ADDRESS, HEX_INT, HEX_INT, HEX_INT);
    put(t, PROCESS_VM_READV, INT, VECTOR_IN, SIZE, ADDRESS, SIZE, HEX);
    put(t, PROCESS_VM_WRITEV, INT, VECTOR_IN, SIZE, ADDRESS, SIZE, HEX);
  }

  private static void processes(Map<SyscallNumber, Signature> t) {
    put(t, EXECVE, PATH, STRINGS, ENVIRONMENT);
    put(t, EXECVEAT, DIRECTORY, PATH, STRINGS, ENVIRONMENT, named(FileNames.AT_FLAGS));
    put(t, SyscallNumber.CLONE, CLONE_ALL);
    put(t, CLONE3, CLONE_ARGS, SIZE);
    put(t, FORK);
    put(t, VFORK);
    put(t, EXIT, INT);
    put(t, EXIT_GROUP, INT);
    put(t, WAIT4, INT, WAIT_STATUS, named(ProcessNames.WAIT), ADDRESS);
    put(
        t,
        WAITID,
        named(ProcessNames.WAIT_ID),
        INT,
        SIGNAL_INFO_OUT,
        named(ProcessNames.WAIT),
        ADDRESS);
    for (SyscallNumber n :
        new SyscallNumber[] {GETPID, GETPPID, GETTID, GETPGRP, SETSID, PAUSE, SCHED_YIELD}) {
      put(t, n);
    }
    put(t, GETPGID, INT);
    put(t, SETPGID, INT, INT);
    put(t, GETSID, INT);
    put(t, SET_TID_ADDRESS, ADDRESS);
    put(t, ARCH_PRCTL, named(ProcessNames.ARCH), ADDRESS);
    put(t, PRCTL, named(ProcessNames.PRCTL), HEX, HEX, HEX, HEX);
    put(t, UNSHARE, named(ProcessNames.CLONE));
    put(t, SETNS, INT, HEX_INT);
    put(t, GETRLIMIT, named(ProcessNames.RESOURCE), RESOURCE_LIMIT_OUT);
    put(t, SETRLIMIT, named(ProcessNames.RESOURCE), RESOURCE_LIMIT);
    put(t, PRLIMIT64, INT, named(ProcessNames.RESOURCE), RESOURCE_LIMIT, RESOURCE_LIMIT_OUT);
    put(t, GETRUSAGE, named(ProcessNames.RUSAGE), ADDRESS);
    put(t, GETPRIORITY, named(ProcessNames.PRIORITY), INT);
    put(t, SETPRIORITY, named(ProcessNames.PRIORITY), INT, INT);
    put(t, SCHED_SETSCHEDULER, INT, named(ProcessNames.SCHEDULER), ADDRESS);
    put(t, SCHED_GETSCHEDULER, INT);
    put(t, SCHED_GETPARAM, INT, ADDRESS);
    put(t, SCHED_SETPARAM, INT, ADDRESS);
    put(t, SCHED_GETAFFINITY, INT, SIZE, ADDRESS);
    put(t, SCHED_SETAFFINITY, INT, SIZE, ADDRESS);
    put(t, PTRACE, HEX, INT, ADDRESS, ADDRESS);
  }

  private static void signals(Map<SyscallNumber, Signature> t) {
    put(t, RT_SIGACTION, SIGNAL, ACTION, ACTION_OUT, SIZE);
    put(t, RT_SIGPROCMASK, named(SignalText.HOW), SIGNAL_SET, SIGNAL_SET_OUT, SIZE);
    put(t, RT_SIGPENDING, SIGNAL_SET_OUT, SIZE);
    put(t, RT_SIGSUSPEND, SIGNAL_SET, SIZE);
    put(t, RT_SIGTIMEDWAIT, SIGNAL_SET, SIGNAL_INFO_OUT, TIMESPEC, SIZE);
    put(t, RT_SIGQUEUEINFO, INT, SIGNAL, SIGNAL_INFO);
    put(t, RT_TGSIGQUEUEINFO, INT, INT, SIGNAL, SIGNAL_INFO);
    put(t, RT_SIGRETURN);
    put(t, SIGALTSTACK, STACK, STACK_OUT);
    put(t, KILL, INT, SIGNAL);
    put(t, TKILL, INT, SIGNAL);
    put(t, TGKILL, INT, INT, SIGNAL);
  }

  private static void time(Map<SyscallNumber, Signature> t) {
    Argument clock = named(ProcessNames.CLOCK);
    put(t, CLOCK_GETTIME, clock, TIMESPEC_OUT);
    put(t, CLOCK_SETTIME, clock, TIMESPEC);
    put(t, CLOCK_GETRES, clock, TIMESPEC_OUT);
    put(t, CLOCK_NANOSLEEP, clock, named(ProcessNames.TIMER_FLAGS), TIMESPEC, REMAINING);
    put(t, NANOSLEEP, TIMESPEC, REMAINING);
    put(t, GETTIMEOFDAY, TIMEVAL_OUT, ADDRESS);
    put(t, SETTIMEOFDAY, TIMEVAL, ADDRESS);
    put(t, TIME, INT_OUT);
    put(t, TIMES, ADDRESS);
    put(t, ALARM, UNSIGNED);
    put(t, GETITIMER, named(ProcessNames.ITIMER), ITIMERVAL_OUT);
    put(t, SETITIMER, named(ProcessNames.ITIMER), ITIMERVAL, ITIMERVAL_OUT);
    put(t, TIMER_CREATE, clock, ADDRESS, INT_OUT);
    put(t, TIMER_SETTIME, INT, named(ProcessNames.TIMER_FLAGS), ITIMERSPEC, ITIMERSPEC_OUT);
    put(t, TIMER_GETTIME, INT, ITIMERSPEC_OUT);
    put(t, TIMER_GETOVERRUN, INT);
    put(t, TIMER_DELETE, INT);
    put(t, RESTART_SYSCALL);
  }

  private static void identity(Map<SyscallNumber, Signature> t) {
    for (SyscallNumber n : new SyscallNumber[] {GETUID, GETEUID, GETGID, GETEGID}) {
      put(t, n);
    }
    for (SyscallNumber n : new SyscallNumber[] {SETUID, SETGID, SETFSUID, SETFSGID}) {
      put(t, n, INT);
    }
    put(t, SETREUID, INT, INT);
    put(t, SETREGID, INT, INT);
    put(t, SETRESUID, INT, INT, INT);
    put(t, SETRESGID, INT, INT, INT);
    put(t, GETRESUID, INT_OUT, INT_OUT, INT_OUT);
    put(t, GETRESGID, INT_OUT, INT_OUT, INT_OUT);
    put(t, GETGROUPS, INT, ADDRESS);
    put(t, SETGROUPS, SIZE, ADDRESS);
    put(t, CAPGET, ADDRESS, ADDRESS);
    put(t, CAPSET, ADDRESS, ADDRESS);
  }

  private static void system(Map<SyscallNumber, Signature> t) {
    put(t, SyscallNumber.UNAME, Arguments.UNAME);
    put(t, SYSINFO, ADDRESS);
    put(t, SETHOSTNAME, STRING, SIZE);
    put(t, SETDOMAINNAME, STRING, SIZE);
    put(t, GETRANDOM, RANDOM_OUT, SIZE, named(ProcessNames.RANDOM));
    put(t, GETCPU, INT_OUT, INT_OUT, ADDRESS);
    put(t, PERSONALITY, HEX_INT);
  }
}
