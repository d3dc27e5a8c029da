package io.loomvisor.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The filters' verdicts, argument by argument. That the kernel agrees is LockedProcessTest's. */
class FilterProgramTest {
  private static final int PID = 4711;
  private static final int ALLOW = 0x7fff0000;
  private static final int KILL = 0x80000000;
  private static final int ENOSYS = 0x00050026;
  private static final int EPERM = 0x0005_0001;
  private static final BpfMachine SENTRY =
      new BpfMachine(FilterProgram.of(SentrySyscall.rules(PID, true), Verdict.KILL));
  private static final BpfMachine GOFER =
      new BpfMachine(FilterProgram.of(GoferForbidden.rules(), Verdict.ALLOW));

  /** Arguments with which a syscall with conditions is allowed. */
  private static final Map<SentrySyscall, long[]> ALLOWED =
      Map.of(
          SentrySyscall.IOCTL, new long[] {5, 0xAE80, 0},
          SentrySyscall.MMAP, new long[] {0, 4096, 3, 0x22, -1, 0},
          SentrySyscall.MPROTECT, new long[] {0, 4096, 1},
          SentrySyscall.CLONE, new long[] {0x3d0f00, 0, 0, 0, 0},
          SentrySyscall.TGKILL, new long[] {PID, 1, 40},
          SentrySyscall.PRCTL, new long[] {15, 0},
          SentrySyscall.FCNTL, new long[] {1, 1030, 10});

  @Test
  void everySyscallOfTheListPassesAndEveryOtherKills() {
    Map<SyscallNumber, SentrySyscall> listed =
        Arrays.stream(SentrySyscall.values())
            .collect(Collectors.toMap(SentrySyscall::syscall, s -> s));
    for (SyscallNumber n : SyscallNumber.values()) {
      SentrySyscall s = listed.get(n);
      int expected = s == null ? KILL : code(s.verdict());
      long[] arguments = s == null ? new long[6] : ALLOWED.getOrDefault(s, new long[6]);
      assertEquals(expected, SENTRY.run(n.number(), arguments), n.linuxName());
    }
    assertEquals(KILL, SENTRY.run(SyscallNumber.LIMIT + 100));
    assertEquals(KILL, SENTRY.run(-1));
  }

  private static int code(Verdict verdict) {
    return switch (verdict) {
      case ALLOW -> ALLOW;
      case NOT_IMPLEMENTED -> ENOSYS;
      case NOT_PERMITTED -> EPERM;
      case KILL -> KILL;
    };
  }

  @Test
  void noneThatTakesAPathMakesASocketOrStartsAProgram() {
    Set<SyscallNumber> listed =
        Arrays.stream(SentrySyscall.values())
            .map(SentrySyscall::syscall)
            .collect(Collectors.toSet());
    assertEquals(EPERM, SENTRY.run(SyscallNumber.OPENAT.number(), new long[6]));
    for (SyscallNumber n :
        List.of(
            SyscallNumber.OPEN,
            SyscallNumber.OPENAT2,
            SyscallNumber.CREAT,
            SyscallNumber.SOCKET,
            SyscallNumber.CONNECT,
            SyscallNumber.BIND,
            SyscallNumber.EXECVE,
            SyscallNumber.EXECVEAT,
            SyscallNumber.PTRACE,
            SyscallNumber.MOUNT,
            SyscallNumber.BPF)) {
      assertTrue(!listed.contains(n), n.linuxName());
    }
    assertTrue(SentrySyscall.allowed(true) < 40, "goal of docs/security.md");
  }

  @Test
  void argumentsAreChecked() {
    kills(SyscallNumber.IOCTL, 0, 0x5412, 0); // TIOCSTI: typing for the caller
    kills(SyscallNumber.IOCTL, 0, 0xAE01, 0); // KVM_CREATE_VM
    kills(SyscallNumber.MMAP, 0, 4096, 4, 0x22, -1, 0);
    kills(SyscallNumber.MMAP, 0, 4096, 7, 0x22, -1, 0);
    kills(SyscallNumber.MMAP, 0, 4096, 1L << 32, 0x22, -1, 0);
    kills(SyscallNumber.MPROTECT, 0, 4096, 5);
    kills(SyscallNumber.SCHED_SETAFFINITY, 1, 128, 0);
    kills(SyscallNumber.CLONE, 17, 0, 0, 0, 0); // fork: SIGCHLD
    kills(SyscallNumber.CLONE, 0x3d0f00 | 0x10000000, 0, 0, 0, 0); // CLONE_NEWUSER
    kills(SyscallNumber.CLONE, 0x3d0f00 | 1L << 32, 0, 0, 0, 0);
    kills(SyscallNumber.TGKILL, PID + 1, 1, 9);
    kills(SyscallNumber.PRCTL, 4, 1); // PR_SET_DUMPABLE
    kills(SyscallNumber.FCNTL, 1, 8, 1); // F_SETOWN
  }

  private static void kills(SyscallNumber n, long... arguments) {
    assertEquals(KILL, SENTRY.run(n.number(), arguments), n.linuxName());
  }

  @Test
  void theUpperHalfOfAnIntDoesNotMatter() {
    long number = SyscallNumber.IOCTL.number();
    assertEquals(ALLOW, SENTRY.run(number, 5, 0xffff_ffff_0000_AE80L, 0), "as the kernel sees it");
    assertEquals(KILL, SENTRY.run(number, 5, 0x0000_AE80_0000_0000L, 0));
  }

  @Test
  void otherArchitecturesAndX32AreKilled() {
    int read = SyscallNumber.READ.number();
    assertEquals(KILL, SENTRY.runAs(0x40000003, read)); // AUDIT_ARCH_I386
    assertEquals(KILL, SENTRY.run(0x40000000L | read));
    assertEquals(KILL, GOFER.runAs(0x40000003, SyscallNumber.OPENAT.number()));
  }

  @Test
  void theGoferServesFilesAndMakesThreadsOnly() {
    assertEquals(ALLOW, GOFER.run(SyscallNumber.OPENAT.number()));
    assertEquals(ALLOW, GOFER.run(SyscallNumber.CLONE.number(), 0x3d0f00));
    assertEquals(KILL, GOFER.run(SyscallNumber.CLONE.number(), 17));
    assertEquals(ENOSYS, GOFER.run(SyscallNumber.CLONE3.number()));
    for (GoferForbidden f : GoferForbidden.values()) {
      for (SyscallNumber n : f.syscalls()) {
        assertEquals(KILL, GOFER.run(n.number()), n.linuxName());
      }
    }
  }

  @Test
  void theSocketGoferMakesSocketsOfTheInternetAndNoOthers() {
    BpfMachine gofer =
        new BpfMachine(FilterProgram.of(SocketGoferSyscall.rules(PID), Verdict.KILL));
    assertEquals(ALLOW, gofer.run(SyscallNumber.SOCKET.number(), 2, 1, 0, 0, 0, 0));
    assertEquals(ALLOW, gofer.run(SyscallNumber.SOCKET.number(), 10, 3, 58, 0, 0, 0));
    for (int family : new int[] {1, 16, 17, 38, 40}) { // UNIX, NETLINK, PACKET, ALG, VSOCK
      assertEquals(KILL, gofer.run(SyscallNumber.SOCKET.number(), family, 1, 0, 0, 0, 0));
    }
    for (SyscallNumber n :
        List.of(
            SyscallNumber.OPEN,
            SyscallNumber.EXECVE,
            SyscallNumber.MOUNT,
            SyscallNumber.SETNS,
            SyscallNumber.UNSHARE,
            SyscallNumber.BPF,
            SyscallNumber.SOCKETPAIR)) {
      assertEquals(KILL, gofer.run(n.number(), new long[6]), n.linuxName());
    }
    assertEquals(ALLOW, gofer.run(SyscallNumber.IOCTL.number(), 5, 0x5411, 0, 0, 0, 0));
    assertEquals(KILL, gofer.run(SyscallNumber.IOCTL.number(), 5, 0xAE80, 0, 0, 0, 0)); // KVM_RUN
    assertEquals(KILL, gofer.run(SyscallNumber.IOCTL.number(), 5, 0x8914, 0, 0, 0, 0)); // SIFFLAGS
    for (FurtherSyscall s : SocketGoferSyscall.ALL) {
      long[] arguments = new long[6];
      arguments[0] = 2;
      arguments[1] = 0x8905;
      assertEquals(ALLOW, gofer.run(s.syscall().number(), arguments), s.syscall().linuxName());
    }
  }
}
