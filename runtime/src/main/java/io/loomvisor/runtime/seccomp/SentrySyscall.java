package io.loomvisor.runtime.seccomp;

import static io.loomvisor.runtime.seccomp.ArgumentCheck.isInt;
import static io.loomvisor.runtime.seccomp.ArgumentCheck.only;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All that the sentry may ask of the host once the application runs, in the order in which the
 * filter tries it. Everything else kills the sentry. docs/security.md is generated from this list
 * (SecurityDocumentationTest); a new constant needs its reason here and in review.
 */
public enum SentrySyscall {
  IOCTL("KVM: run vCPUs, make them, give them memory; the mode and size of the caller's terminal"),
  FUTEX("locks, parking and timers of the JVM"),
  SENDMSG(
      "requests to the gofer and answers to runtime verbs, on sockets made before; data on donated"
          + " sockets"),
  RECVMSG("replies of the gofer, with the descriptors that it donates; data on donated sockets"),
  PREADV2("reads of donated files and of the caller's standard streams that must not wait"),
  PWRITEV2("writes to donated files, appends to the caller's standard streams"),
  READ("the caller's standard streams; classes from jars that are open; frames of interfaces"),
  WRITE("the caller's standard streams, the log, event counters; frames of interfaces"),
  PREAD64("classes from the JDK's image, which is open; donated files"),
  LSEEK("classes from jars that are open; SEEK_DATA and SEEK_HOLE of the application"),
  PPOLL(
      "waiting for standard streams, the terminal, the gofer and interfaces; state of donated"
          + " sockets"),
  FSTAT("that a donated descriptor is a regular file or a socket; attributes of standard streams"),
  FTRUNCATE("truncate(2) of the application on donated files"),
  FALLOCATE("fallocate(2) of the application; holes in the memory file when frames are freed"),
  FSYNC("fsync(2) of the application on donated files"),
  FDATASYNC("fdatasync(2) of the application on donated files"),
  CLOSE("donated descriptors and standard streams that the application has closed"),
  FCNTL("flags of the standard streams and further descriptors of them"),
  SHUTDOWN("wakes the readers of a gofer connection that has failed; donated sockets"),
  MMAP("heap, stacks and native memory of the JVM; the memory file; never executable"),
  MUNMAP("the same"),
  MPROTECT("growing of the JVM's heap and of malloc's, guard pages; never executable"),
  MADVISE("stacks of ended threads; frames populated ahead of the application"),
  BRK("malloc(3)"),
  CLONE("threads of the JVM: exactly the flags of pthread_create(3)"),
  GETTID("a new thread asks who it is"),
  GETPID("pthread_kill(3) asks before it sends"),
  TGKILL("kicks a vCPU out of the application: a thread of this process only"),
  RT_SIGPROCMASK("creating and ending threads"),
  RT_SIGRETURN("the end of every signal handler, the JVM's safepoint polls among them"),
  RESTART_SYSCALL("the kernel's own way to go on with a sleep after SIGCONT"),
  PRCTL("names of threads: PR_SET_NAME alone"),
  SCHED_GETAFFINITY("a new thread learns its stack's bounds; the number of processors"),
  SCHED_YIELD("spinning of the JVM"),
  CLOCK_NANOSLEEP("short sleeps of the JVM"),
  CLOCK_GETTIME(
      "CPU time of threads, which the vDSO does not know; all clocks where it knows none"),
  EXIT("the end of a thread"),
  EXIT_GROUP("the end of the sandbox"),
  SCHED_SETAFFINITY(
      "the poller for calls without an exit leaves the CPU of the guest it works for, a carrier the"
          + " one of its waker; not there with -Dloomvisor.exitless=never"),
  CLONE3(
      Verdict.NOT_IMPLEMENTED,
      "its flags lie in memory, where a filter cannot look: pthread_create(3) falls back to clone"),
  OPENAT(
      Verdict.NOT_PERMITTED,
      "a tenth of a second after its start the JVM reads the JDK's file named release, for reports of"
          + " crashes (ReadReleaseFileTask): before the lock or after it"),
  MREMAP(Verdict.NOT_IMPLEMENTED, "realloc(3) tries it for large blocks, and copies them then"),
  SET_ROBUST_LIST(
      Verdict.NOT_IMPLEMENTED, "glibc sets it for every thread; the JVM has no such locks");

  private static final int PROT_READ_WRITE = 3;
  private static final int PR_SET_NAME = 15;
  private static final int F_GETFL = 3;
  private static final int F_DUPFD_CLOEXEC = 1030;

  private final Verdict verdict;
  private final String reason;

  SentrySyscall(String reason) {
    this(Verdict.ALLOW, reason);
  }

  SentrySyscall(Verdict verdict, String reason) {
    this.verdict = verdict;
    this.reason = reason;
  }

  public SyscallNumber syscall() {
    return SyscallNumber.valueOf(name());
  }

  public Verdict verdict() {
    return verdict;
  }

  /** Why the sentry cannot do without. */
  public String reason() {
    return reason;
  }

  /**
   * How many syscalls are allowed.
   *
   * @param polling calls without an exit are on (docs/exitless.md)
   */
  public static long allowed(boolean polling) {
    return Arrays.stream(values())
        .filter(s -> s.verdict == Verdict.ALLOW && s.needed(polling))
        .count();
  }

  private boolean needed(boolean polling) {
    return polling || this != SCHED_SETAFFINITY;
  }

  /**
   * The rules.
   *
   * @param pid the sentry's own, as it sees it
   * @param polling calls without an exit are on (docs/exitless.md)
   */
  public static List<SyscallRule> rules(int pid, boolean polling) {
    List<SyscallRule> rules = new ArrayList<>();
    for (SentrySyscall s : values()) {
      if (s.needed(polling)) {
        rules.add(new SyscallRule(s.syscall(), s.verdict, s.alternatives(pid)));
      }
    }
    return rules;
  }

  private List<List<ArgumentCheck>> alternatives(int pid) {
    return switch (this) {
      case IOCTL ->
          Arrays.stream(SentryIoctl.values()).map(i -> List.of(isInt(1, i.request()))).toList();
      case MMAP, MPROTECT -> List.of(List.of(only(2, PROT_READ_WRITE)));
      case CLONE -> List.of(List.of(ArgumentCheck.isThread()));
      case TGKILL -> List.of(List.of(isInt(0, pid)));
      case PRCTL -> List.of(List.of(isInt(0, PR_SET_NAME)));
      case SCHED_SETAFFINITY -> List.of(List.of(isInt(0, 0)));
      case FCNTL -> List.of(List.of(isInt(1, F_GETFL)), List.of(isInt(1, F_DUPFD_CLOEXEC)));
      default -> List.of(List.of());
    };
  }

  /** The conditions, for people. */
  public String condition() {
    return switch (this) {
      case IOCTL -> "the requests below";
      case MMAP, MPROTECT -> "protection: PROT_READ, PROT_WRITE and nothing else";
      case CLONE -> "flags: exactly those of a thread";
      case TGKILL -> "the sentry's own process";
      case PRCTL -> "PR_SET_NAME";
      case SCHED_SETAFFINITY -> "the calling thread";
      case FCNTL -> "F_GETFL, F_DUPFD_CLOEXEC";
      default ->
          switch (verdict) {
            case ALLOW -> "";
            case NOT_IMPLEMENTED -> "refused with ENOSYS";
            case NOT_PERMITTED -> "refused with EPERM";
            case KILL -> throw new IllegalStateException(name());
          };
    };
  }
}
