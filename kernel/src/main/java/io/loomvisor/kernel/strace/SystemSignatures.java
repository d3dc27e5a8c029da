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
import static io.loomvisor.kernel.strace.Argument.named;
import static io.loomvisor.kernel.strace.Arguments.TIMESPEC;
import static io.loomvisor.kernel.strace.Arguments.TIMESPEC_OUT;
import static io.loomvisor.kernel.syscall.SyscallNumber.*;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Map;

/** Signatures of scheduling, confinement, memory policies, newer futexes, AIO, administration. */
final class SystemSignatures {
  private SystemSignatures() {}

  static void addTo(Map<SyscallNumber, Signature> table) {
    scheduling(table);
    memory(table);
    futexes(table);
    asynchronous(table);
    attributes(table);
    administration(table);
  }

  private static void put(
      Map<SyscallNumber, Signature> table, SyscallNumber number, Argument... arguments) {
    table.put(number, Signature.of(Result.NUMBER, arguments));
  }

  private static void scheduling(Map<SyscallNumber, Signature> t) {
    Argument policy = named(ProcessNames.SCHEDULER);
    put(t, SCHED_GET_PRIORITY_MAX, policy);
    put(t, SCHED_GET_PRIORITY_MIN, policy);
    put(t, SCHED_RR_GET_INTERVAL, INT, TIMESPEC_OUT);
    put(t, SCHED_SETATTR, INT, ADDRESS, HEX_INT);
    put(t, SCHED_GETATTR, INT, ADDRESS, UNSIGNED, HEX_INT);
    put(t, IOPRIO_GET, named(SystemNames.IOPRIO_WHO), INT);
    put(t, IOPRIO_SET, named(SystemNames.IOPRIO_WHO), INT, HEX_INT);
    put(t, KCMP, INT, INT, named(SystemNames.KCMP), HEX, HEX);
    put(t, PIDFD_GETFD, INT, INT, HEX_INT);
    put(
        t,
        SyscallNumber.SECCOMP,
        named(SystemNames.SECCOMP),
        named(SystemNames.SECCOMP_FLAGS),
        ADDRESS);
  }

  private static void memory(Map<SyscallNumber, Signature> t) {
    put(t, MLOCKALL, named(SystemNames.MLOCKALL));
    put(t, MEMBARRIER, named(SystemNames.MEMBARRIER), HEX_INT);
    put(t, MSEAL, ADDRESS, SIZE, HEX);
    put(t, PROCESS_MADVISE, INT, ADDRESS, SIZE, named(ProcessNames.MADVISE), HEX_INT);
    put(t, GET_MEMPOLICY, ADDRESS, ADDRESS, SIZE, ADDRESS, named(SystemNames.MEMORY_POLICY_QUERY));
    put(t, SET_MEMPOLICY, named(SystemNames.MEMORY_POLICY), ADDRESS, SIZE);
    put(t, MBIND, ADDRESS, SIZE, named(SystemNames.MEMORY_POLICY), ADDRESS, SIZE, HEX_INT);
    put(t, MIGRATE_PAGES, INT, SIZE, ADDRESS, ADDRESS);
  }

  private static void futexes(Map<SyscallNumber, Signature> t) {
    Argument clock = named(ProcessNames.CLOCK);
    put(t, FUTEX_WAITV, ADDRESS, UNSIGNED, HEX_INT, TIMESPEC, clock);
    put(t, FUTEX_WAKE, ADDRESS, HEX, INT, HEX_INT);
    put(t, FUTEX_WAIT, ADDRESS, HEX, HEX, HEX_INT, TIMESPEC, clock);
    put(t, FUTEX_REQUEUE, ADDRESS, HEX_INT, INT, INT);
  }

  private static void asynchronous(Map<SyscallNumber, Signature> t) {
    put(t, IO_SETUP, UNSIGNED, ADDRESS);
    put(t, IO_DESTROY, ADDRESS);
    put(t, IO_SUBMIT, ADDRESS, SIZE, ADDRESS);
    put(t, IO_GETEVENTS, ADDRESS, SIZE, SIZE, ADDRESS, TIMESPEC);
    put(t, IO_PGETEVENTS, ADDRESS, SIZE, SIZE, ADDRESS, TIMESPEC, ADDRESS);
    put(t, IO_CANCEL, ADDRESS, ADDRESS, ADDRESS);
  }

  private static void attributes(Map<SyscallNumber, Signature> t) {
    Argument flags = named(FileNames.AT_FLAGS);
    put(t, SETXATTRAT, DIRECTORY, PATH, flags, STRING, ADDRESS, SIZE);
    put(t, GETXATTRAT, DIRECTORY, PATH, flags, STRING, ADDRESS, SIZE);
    put(t, LISTXATTRAT, DIRECTORY, PATH, flags, ADDRESS, SIZE);
    put(t, REMOVEXATTRAT, DIRECTORY, PATH, flags, STRING);
    put(t, USTAT, HEX, ADDRESS);
  }

  private static void administration(Map<SyscallNumber, Signature> t) {
    put(t, ADJTIMEX, ADDRESS);
    put(t, CLOCK_ADJTIME, named(ProcessNames.CLOCK), ADDRESS);
    put(t, SYSLOG, INT, ADDRESS, INT);
    put(t, VHANGUP);
    put(t, SWAPON, PATH, HEX_INT);
    put(t, SWAPOFF, PATH);
    put(t, ACCT, PATH);
    put(t, REBOOT, HEX_INT, HEX_INT, HEX_INT, ADDRESS);
    put(t, QUOTACTL, HEX_INT, PATH, INT, ADDRESS);
  }
}
